"""The migrations that make a database: frozen SQL, appended to and never changed.

The SQL is public API: every column carries a comment, which SQLite keeps in `sqlite_master`. A
column that a later migration adds takes its comment before the end of its definition, as in
`ALTER TABLE t ADD COLUMN c /* what it is */ TEXT`; after the end SQLite would not keep it.
"""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection, complete_statement
from typing import NamedTuple

from scraper.store.tables_1 import TABLES
from scraper.store.tables_archive import ARCHIVE
from scraper.store.tables_counts import COUNTS
from scraper.store.tables_pairs import PAIRS, pairs
from scraper.store.tables_syndication import SYNDICATION
from scraper.store.views_1 import VIEWS

APPLICATION_ID = 0x53435250  # "SCRP"


class Migration(NamedTuple):
    """One step from a schema to the next. Its number is its place in `MIGRATIONS`, from 1."""

    name: str
    sql: str


def teach(connection: Connection) -> None:
    """Gives a connection the functions that migrations call."""
    connection.create_function("pairs", 1, pairs, deterministic=True)


def statements(sql: str) -> Iterator[str]:
    """The statements of `sql`, each ending at the end of a line, comments kept.

    `executescript` would commit the transaction in which a migration stands.
    """
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if complete_statement(pending):
            yield pending.strip()
            pending = ""
    if pending.strip():
        raise ValueError(f"an unfinished statement: {pending.strip()!r}")


# A page that was no article may become one: any link may be due again, not only a failed one.
SECOND_LOOKS = """
DROP INDEX links_retry;
CREATE INDEX links_retry ON links (next_try) WHERE next_try IS NOT NULL;
"""

RIGHTS = """
ALTER TABLE articles ADD COLUMN site_name /* as the site calls itself; '' when unknown */
  TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN licence /* its address, or its words; '' when none is named */
  TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN reservations /* JSON list of rights reserved: noai, tdm, ... */
  TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(reservations));
"""

VALIDATORS = """
ALTER TABLE links ADD COLUMN etag /* of the last page that came, for a conditional request */ TEXT;
ALTER TABLE links ADD COLUMN last_modified /* likewise, as the server wrote it */ TEXT;
ALTER TABLE links ADD COLUMN looks /* times that a page came, or was what it had been */
  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN notes /* what was unusual on the way: redirected from https to http,
  the server's certificate was not checked; '' for nothing */ TEXT NOT NULL DEFAULT '';
"""

MIGRATIONS = (
    Migration("tables, search, views", TABLES + VIEWS),
    Migration("second looks", SECOND_LOOKS),
    Migration("site name, licence, reservations", RIGHTS),
    Migration("validators of pages, looks, notes", VALIDATORS),
    Migration("dictionaries of the archive", ARCHIVE),
    Migration("counts, facts of articles, what was mended", COUNTS),
    Migration("copies of a story on several sites", SYNDICATION),
    Migration("pairs of characters in the index", PAIRS),
)
