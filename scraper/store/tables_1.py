"""The tables of migration 1: frozen SQL. A later change is a migration of its own."""

from __future__ import annotations

TABLES = """
CREATE TABLE migrations ( -- how this file got its schema
  number INTEGER PRIMARY KEY, -- the user_version that the migration led to
  name TEXT NOT NULL, -- what it did
  applied_at TEXT NOT NULL -- ISO 8601 UTC
) STRICT;

CREATE TABLE feeds ( -- what is polled
  id INTEGER PRIMARY KEY, -- the feed's number in this file
  url TEXT NOT NULL, -- as it was added, or as a permanent redirect named it
  url_key TEXT NOT NULL UNIQUE, -- the normalised url: one feed is polled once
  title TEXT NOT NULL DEFAULT '', -- as the feed says, or as it was added
  kind TEXT NOT NULL DEFAULT '', -- rss, atom, rdf, json or sitemap; '' before the first poll
  status TEXT NOT NULL DEFAULT 'active' -- only active feeds are polled; moved: its target is a feed
    CHECK (status IN ('active', 'moved', 'gone', 'silent', 'paused')),
  etag TEXT, -- validator of the last answer, sent as If-None-Match
  last_modified TEXT, -- validator of the last answer, sent as If-Modified-Since
  interval_s INTEGER, -- seconds between polls; NULL before the first one
  next_poll TEXT NOT NULL, -- ISO 8601 UTC: polled no sooner
  last_poll TEXT, -- ISO 8601 UTC of the last attempt, good or bad; NULL: never tried
  last_ok TEXT, -- ISO 8601 UTC of the last good answer, a 304 included
  failures INTEGER NOT NULL DEFAULT 0, -- failed polls since the last good one
  last_error TEXT, -- why the last poll failed; NULL when it did not
  bad_entries INTEGER NOT NULL DEFAULT 0, -- entries of the last document without a usable address
  added_at TEXT NOT NULL -- ISO 8601 UTC
) STRICT;
CREATE INDEX feeds_due ON feeds (next_poll) WHERE status = 'active';

CREATE TABLE links ( -- the frontier: every address that a feed named, and what became of it
  id INTEGER PRIMARY KEY, -- the link's number in this file, in the order of finding
  url TEXT NOT NULL UNIQUE, -- normalised
  site TEXT NOT NULL, -- registrable domain of url
  feed_id INTEGER REFERENCES feeds (id) ON DELETE SET NULL, -- who named it first; NULL: by hand
  title TEXT NOT NULL DEFAULT '', -- as the feed says
  published TEXT, -- ISO 8601 UTC, as the feed says
  published_offset INTEGER, -- minutes east of UTC that the feed's date had
  state TEXT NOT NULL DEFAULT 'new' -- skipped: came, was no article; blocked: not asked
    CHECK (state IN ('new', 'fetched', 'failed', 'gone', 'blocked', 'skipped')),
  outcome TEXT, -- how the last request ended: ok, not_found, deadline, ...; NULL before the first
  verdict TEXT, -- what the page turned out to be: article, paywall, listing, ...
  verdict_reason TEXT, -- what decided the verdict
  attempts INTEGER NOT NULL DEFAULT 0, -- requests so far
  tried_at TEXT, -- ISO 8601 UTC of the last request
  next_try TEXT, -- ISO 8601 UTC of the next one; NULL: none is planned, or the link is new
  last_error TEXT, -- why the last request failed; NULL when it did not
  article_id INTEGER REFERENCES articles (id) ON DELETE SET NULL, -- the article it led to
  found_at TEXT NOT NULL -- ISO 8601 UTC
) STRICT;
CREATE INDEX links_new ON links (id) WHERE state = 'new';
CREATE INDEX links_retry ON links (next_try) WHERE state = 'failed' AND next_try IS NOT NULL;
CREATE INDEX links_by_feed ON links (feed_id, article_id);
CREATE INDEX links_by_article ON links (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX links_refused ON links (tried_at)
  WHERE state IN ('skipped', 'failed', 'gone', 'blocked');

CREATE TABLE pages ( -- what servers sent: one row for each different body of a link
  id INTEGER PRIMARY KEY, -- the page's number in this file
  link_id INTEGER NOT NULL REFERENCES links (id) ON DELETE CASCADE, -- what was asked for
  fetched_at TEXT NOT NULL, -- ISO 8601 UTC, the last time that this body came
  final_url TEXT NOT NULL, -- the address after redirects
  status INTEGER NOT NULL, -- HTTP status
  headers TEXT NOT NULL CHECK (json_valid(headers)), -- JSON object, names in lower case
  sha256 TEXT NOT NULL, -- of the body before compression, in hexadecimal
  size INTEGER NOT NULL, -- bytes of the body before compression
  body BLOB NOT NULL, -- zstd, not decoded
  UNIQUE (link_id, sha256)
) STRICT;
CREATE INDEX pages_by_age ON pages (fetched_at);

CREATE TABLE articles ( -- one row an article, in its latest version
  id INTEGER PRIMARY KEY, -- the article's number in this file
  link_id INTEGER NOT NULL UNIQUE REFERENCES links (id), -- the link that first led to it
  url TEXT NOT NULL, -- where it was read
  canonical_url TEXT, -- as the page declares it
  canonical_key TEXT NOT NULL, -- normalised canonical_url, else url: merges links within a site
  site TEXT NOT NULL, -- registrable domain
  headline TEXT NOT NULL, -- without markup
  standfirst TEXT NOT NULL, -- the summary above the text, which body holds too; '' without one
  body TEXT NOT NULL, -- the text, a blank line between blocks, without the headline
  blocks TEXT NOT NULL CHECK (json_valid(blocks)), -- JSON list of model.Block
  words INTEGER NOT NULL, -- of body; each Chinese, Japanese, Thai ... character counts as one
  authors TEXT NOT NULL CHECK (json_valid(authors)), -- JSON list of names
  published TEXT, -- ISO 8601 UTC; NULL when the page does not say
  published_offset INTEGER, -- minutes east of UTC that the page's date had
  modified TEXT, -- ISO 8601 UTC, as the page says
  modified_offset INTEGER, -- minutes east of UTC that the page's date had
  section TEXT NOT NULL, -- of the publication; '' when unknown
  tags TEXT NOT NULL CHECK (json_valid(tags)), -- JSON list of the publisher's keywords
  language TEXT NOT NULL, -- BCP 47; '' when unknown
  image_url TEXT, -- the lead picture
  captions TEXT NOT NULL CHECK (json_valid(captions)), -- JSON list
  credits TEXT NOT NULL CHECK (json_valid(credits)), -- JSON list of picture credits
  free_access INTEGER CHECK (free_access IN (0, 1)), -- NULL: the page does not say
  verdict TEXT NOT NULL, -- what the page turned out to be
  verdict_reason TEXT NOT NULL, -- what decided the verdict
  confidence REAL NOT NULL, -- 0 to 1, how sure the cleaner is of the text
  sources TEXT NOT NULL CHECK (json_valid(sources)), -- JSON object: field to json-ld, og, meta, ...
  cleaner_version TEXT NOT NULL, -- the version of scraper that cleaned the page
  revision INTEGER NOT NULL DEFAULT 1, -- the number of the latest revision
  first_seen TEXT NOT NULL, -- ISO 8601 UTC
  last_seen TEXT NOT NULL -- ISO 8601 UTC
) STRICT;
CREATE INDEX articles_by_date ON articles (coalesce(published, first_seen));
CREATE INDEX articles_by_site ON articles (site, coalesce(published, first_seen));
CREATE INDEX articles_by_canonical ON articles (canonical_key);
CREATE INDEX articles_by_url ON articles (url);

CREATE TABLE revisions ( -- every version of an article's text, the first included
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, -- whose version
  revision INTEGER NOT NULL, -- from 1
  seen_at TEXT NOT NULL, -- ISO 8601 UTC, when this version was first seen
  headline TEXT NOT NULL, -- as in articles
  body TEXT NOT NULL, -- as in articles
  changed TEXT NOT NULL CHECK (json_valid(changed)), -- JSON list of the fields that differ
  PRIMARY KEY (article_id, revision)
) STRICT;
CREATE INDEX revisions_edits ON revisions (seen_at) WHERE revision > 1;

CREATE TABLE cuts ( -- what the cleaner dropped from an article's page, and why
  id INTEGER PRIMARY KEY, -- the cut's number in this file
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, -- whose page
  position INTEGER NOT NULL, -- of the block in the page's reading order
  reason TEXT NOT NULL, -- related_links, newsletter, caption, ...
  rule TEXT NOT NULL, -- what decided, as in cookie.fr.uses
  text TEXT NOT NULL, -- what was dropped
  path TEXT NOT NULL -- where it stood in the document
) STRICT;
CREATE INDEX cuts_by_article ON cuts (article_id, position);

CREATE TABLE sites ( -- what is remembered of a site between runs
  site TEXT PRIMARY KEY NOT NULL, -- registrable domain, or a host name
  delay_s REAL, -- seconds between two requests; NULL: the setting
  not_before TEXT -- ISO 8601 UTC: nothing is asked of it sooner; NULL: no back-off
) STRICT;

CREATE TABLE robots ( -- the robots.txt of each origin
  origin TEXT PRIMARY KEY NOT NULL, -- scheme, host and port
  status INTEGER NOT NULL, -- HTTP status; 0: the server could not be reached
  body TEXT NOT NULL, -- as decoded
  fetched_at TEXT NOT NULL, -- ISO 8601 UTC
  expires_at TEXT NOT NULL -- ISO 8601 UTC: asked for again then
) STRICT;

CREATE TABLE runs ( -- the ledger
  id INTEGER PRIMARY KEY, -- the run's number in this file
  command TEXT NOT NULL, -- crawl, reclean, ...
  started_at TEXT NOT NULL, -- ISO 8601 UTC
  ended_at TEXT, -- ISO 8601 UTC; NULL: it runs, or it died
  ended TEXT CHECK (ended IN ('ok', 'failed', 'interrupted', 'died')), -- how; NULL: it runs
  feeds_due INTEGER NOT NULL DEFAULT 0, -- feeds whose poll was due
  feeds_ok INTEGER NOT NULL DEFAULT 0, -- feeds that gave a document
  feeds_unchanged INTEGER NOT NULL DEFAULT 0, -- feeds that answered 304
  feeds_failed INTEGER NOT NULL DEFAULT 0, -- feeds that could not be had or read
  links_new INTEGER NOT NULL DEFAULT 0, -- links found for the first time
  pages_fetched INTEGER NOT NULL DEFAULT 0, -- pages that a server gave
  articles_new INTEGER NOT NULL DEFAULT 0, -- articles stored for the first time
  articles_revised INTEGER NOT NULL DEFAULT 0, -- articles whose text had changed
  refused INTEGER NOT NULL DEFAULT 0, -- pages that were no article
  failed INTEGER NOT NULL DEFAULT 0, -- links that could not be had
  error TEXT -- what stopped the run; NULL: nothing did
) STRICT;

CREATE VIRTUAL TABLE articles_fts USING fts5( -- rowid is articles.id; see scraper.store.search
  headline, -- articles.headline, folded
  standfirst, -- articles.standfirst, folded
  body, -- articles.body, folded: U+200B around each Chinese, Japanese, Thai ... character
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
INSERT INTO articles_fts (articles_fts, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0)');
CREATE TRIGGER articles_unindex AFTER DELETE ON articles BEGIN
  DELETE FROM articles_fts WHERE rowid = old.id;
END;
"""
