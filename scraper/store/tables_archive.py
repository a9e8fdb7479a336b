"""The SQL of the archive's migration: frozen. A later change is a migration of its own."""

from __future__ import annotations

ARCHIVE = """
CREATE TABLE dictionaries ( -- pages that others of their site are compressed against
  id INTEGER PRIMARY KEY, -- the dictionary's number in this file
  site TEXT NOT NULL, -- registrable domain of the page
  sha256 TEXT NOT NULL, -- of the page's whole body, in hexadecimal
  made_at TEXT NOT NULL, -- ISO 8601 UTC
  size INTEGER NOT NULL, -- bytes of the body before compression, of what is kept of it
  body BLOB NOT NULL -- zstd; decompressed it is the raw content that pages.body refers back to
) STRICT;
CREATE INDEX dictionaries_by_site ON dictionaries (site);
CREATE INDEX dictionaries_by_hash ON dictionaries (sha256);
ALTER TABLE pages ADD COLUMN dictionary_id /* what body is compressed against; NULL: nothing */
  INTEGER REFERENCES dictionaries (id);
CREATE INDEX pages_by_dictionary ON pages (dictionary_id) WHERE dictionary_id IS NOT NULL;
CREATE INDEX pages_by_hash ON pages (sha256);
"""
