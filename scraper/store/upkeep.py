"""A database -> a whole copy of it, a repaired one; no database -> the schema."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import asdict
from typing import NamedTuple

from scraper.model import Block, Kind
from scraper.store.findings import (
    EMPTY,
    FEEDS_MISCOUNTED,
    MISCOUNTED,
    MISLED,
    SITE_COUNTS,
    SITES_MISCOUNTED,
    STRAY,
    Findings,
)
from scraper.store.schema import MIGRATIONS, statements, teach
from scraper.store.values import json_text

STEP = 2048  # pages, 8 MB: what is copied between two looks at Ctrl-C
OBJECTS = """
SELECT m.type, m.name, m.sql FROM sqlite_master m
LEFT JOIN pragma_table_list l ON l.name = m.name AND l.schema = 'main'
WHERE m.sql IS NOT NULL AND coalesce(l.type, '') <> 'shadow' ORDER BY m.rowid
"""
# What is known of a link that got lost, out of the article that it led to.
NEW_LINK = """
INSERT OR IGNORE INTO links (id, url, site, state, article_id, found_at)
SELECT link_id, canonical_key, site, 'fetched', id, first_seen FROM articles WHERE id = ?
"""
NEW_REVISION = """
INSERT INTO revisions (article_id, revision, seen_at, headline, body, changed)
SELECT id, revision, last_seen, headline, body, '[]' FROM articles WHERE id = ?
"""

SITE_COLUMNS = "(site, articles, confidence, words, refused, failed)"


class SchemaObject(NamedTuple):
    """A table, a view, an index or a trigger, with its commented SQL."""

    type: str
    name: str
    sql: str


class Upkeep(Findings):
    """Copies and repairs."""

    def copy_to(self, path: str | os.PathLike[str]) -> None:
        """Makes the file `path`, empty or new, a copy of this database as of one moment.

        By SQLite's backup API, within one read transaction: others may write meanwhile, and no
        write makes it begin anew. The copy has no log beside it, and was checked whole. Raises
        StoreError when it can't be written or is damaged.
        """
        with self.snapshot():
            self.rows("SELECT count(*) FROM sqlite_master")  # the first read takes the snapshot
            try:
                with closing(sqlite3.connect(path)) as copy:
                    self.connection.backup(copy, pages=STEP, progress=lambda *_: None)
                    copy.execute("PRAGMA journal_mode=DELETE")
                    found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            except sqlite3.Error as exc:
                raise self.error(f"cannot be copied: the copy {self._reason(exc)}") from exc
        if found != "ok":
            raise self.error(f"cannot be copied: it is damaged ({found}); see scraper check")

    def repair(self) -> None:
        """Mends what `findings` finds, as far as it can be made anew. The run lock must be held.

        No article is deleted. What points nowhere goes, indices and the words of articles are made
        anew, JSON that is none becomes empty, and its article stale: `scraper reclean` fills it
        from the stored page. Raises StoreError for pages of the file that SQLite can't read.
        """
        if list(self._damage()):
            with self.failures():
                self.connection.execute("REINDEX")
        with self.transaction():
            self._mend_references()
            self._mend_json()
            self._mend_counts()
        with self.transaction():
            if self._index_fault():
                self.write("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
            self._mend_index()

    def _mend_references(self) -> None:
        """Deletes what points nowhere, as its foreign key says; an article gets a link again."""
        for table, number, _, key in self.rows("PRAGMA foreign_key_check"):
            keys = {row["id"]: row for row in self.rows(f"PRAGMA foreign_key_list({table})")}
            column = keys[key]["from"]
            if (table, column) == ("articles", "link_id"):
                self.write(NEW_LINK, (number,))
            elif table == "articles" or keys[key]["on_delete"] == "SET NULL":
                self._set(table, column, number, None)
            else:
                self.write(f"DELETE FROM {table} WHERE rowid = ?", (number,))  # noqa: S608 - ours
        for row in self.rows(MISLED):
            self.write(
                "UPDATE links SET article_id = ?1"
                " WHERE id = (SELECT link_id FROM articles WHERE id = ?1)",
                (row["id"],),
            )

    def _set(self, table: str, column: str, number: int, value: str | int | None) -> None:
        self.write(
            f"UPDATE {table} SET {column} = ? WHERE rowid = ?",  # noqa: S608 - ours
            (value, number),
        )

    def _mend_json(self) -> None:
        """Puts empty JSON in the place of what is none, for blocks the paragraphs of the body."""
        for table, column, kind in self._json_columns():
            for number in self._not_json(table, column, kind):
                self._set(table, column, number, EMPTY[kind])
                if table == "articles":
                    self._set("articles", "cleaner_version", number, "")
                if (table, column) == ("articles", "blocks"):
                    (row,) = self.rows("SELECT body FROM articles WHERE id = ?", (number,))
                    blocks = [Block(Kind.PARAGRAPH, text) for text in row["body"].split("\n\n")]
                    self._set(table, column, number, json_text([asdict(b) for b in blocks]))

    def _mend_counts(self) -> None:
        for row in self.rows(MISCOUNTED):
            if row["latest"] is None:
                self.write(NEW_REVISION, (row["id"],))
            else:
                self._set("articles", "revision", row["id"], row["latest"])
        for row in self.rows(FEEDS_MISCOUNTED):
            self._set("feeds", "articles", row["id"], row["counted"])
        if self.rows(SITES_MISCOUNTED):
            self.write("DELETE FROM site_counts")
            self.write(f"INSERT INTO site_counts {SITE_COLUMNS} {SITE_COUNTS}")

    def _mend_index(self) -> None:
        """Makes every article found as it is, and nothing else."""
        for row in self.rows(STRAY):
            self.write("DELETE FROM articles_fts WHERE rowid = ?", (row["id"],))
        for number in sorted({found.row for found in self._unfound() if found.row is not None}):
            (row,) = self.rows(
                "SELECT headline, standfirst, body FROM articles WHERE id = ?", (number,)
            )
            self._index(number, *row)


def schema_objects() -> list[SchemaObject]:
    """The schema of a new database in the order of making, without what FTS5 keeps for itself."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        teach(fresh)
        for migration in MIGRATIONS:
            for statement in statements(migration.sql):
                fresh.execute(statement)
        return [SchemaObject(*row) for row in fresh.execute(OBJECTS)]
