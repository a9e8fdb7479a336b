"""The database -> what is wrong with it, row by row. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scraper.errors import StoreError
from scraper.store.search import Search, fold

BATCH = 500  # articles whose words are looked at in one read, so that the log need not grow
INDEX_CHECK = "INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')"
UNINDEXED = """
SELECT id FROM articles WHERE id NOT IN (SELECT id FROM articles_fts_docsize) ORDER BY id
"""
STRAY = """
SELECT id FROM articles_fts_docsize WHERE id NOT IN (SELECT id FROM articles) ORDER BY id
"""
WORDS = """
SELECT a.id, a.headline, a.standfirst, a.body, f.headline AS found_headline,
  f.standfirst AS found_standfirst, f.body AS found_body
FROM articles a CROSS JOIN articles_fts f ON f.rowid = a.id
WHERE a.id > ? ORDER BY a.id LIMIT ?
"""
MISCOUNTED = """
SELECT id, revision, (SELECT max(revision) FROM revisions WHERE article_id = a.id) AS latest
FROM articles a WHERE revision IS NOT latest ORDER BY id
"""
MISLED = """
SELECT a.id FROM articles a JOIN links l ON l.id = a.link_id
WHERE l.article_id IS NOT a.id ORDER BY a.id
"""
CHECKED = re.compile(r"json_valid\((\w+)\)")
EMPTY = {"array": "[]", "object": "{}"}
# What the triggers of the migration "counts ..." keep, counted anew.
SITE_COUNTS = """
SELECT site, sum(articles), sum(confidence), sum(words), sum(refused), sum(failed) FROM (
  SELECT site, count(*) AS articles, sum(confidence) AS confidence, sum(words) AS words,
    0 AS refused, 0 AS failed FROM articles GROUP BY site
  UNION ALL SELECT site, 0, 0.0, 0, sum(state = 'skipped'), sum(state <> 'skipped')
  FROM links WHERE state IN ('skipped', 'failed', 'gone', 'blocked') GROUP BY site
) GROUP BY site
"""
SITES_MISCOUNTED = f"""
WITH counted (site, articles, confidence, words, refused, failed) AS ({SITE_COUNTS})
SELECT site FROM site_counts k LEFT JOIN counted c USING (site)
WHERE (k.articles, k.words, k.refused, k.failed) IS NOT (coalesce(c.articles, 0),
    coalesce(c.words, 0), coalesce(c.refused, 0), coalesce(c.failed, 0))
  OR abs(k.confidence - coalesce(c.confidence, 0)) > 0.001
UNION SELECT site FROM counted WHERE site NOT IN (SELECT site FROM site_counts) ORDER BY site
"""  # noqa: S608 - ours
FEEDS_MISCOUNTED = """
SELECT id, articles, (SELECT count(DISTINCT article_id) FROM links WHERE feed_id = f.id) AS counted
FROM feeds f WHERE articles <> counted ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `table` is "" for the file itself, `row` None for a whole table."""

    table: str
    row: int | None
    fault: str


class Findings(Search):
    """What `scraper check` looks at."""

    def findings(self, *, alone: bool = False) -> Iterator[Finding]:
        """Everything that is wrong, the file first. Raises StoreError.

        `alone`: nobody else needs to write now, so FTS5 may be asked whether its index holds the
        words of its rows: that takes the write lock for as long as reading them all. (From SQLite
        3.44 on `integrity_check` asks too, as a reader.)
        """
        damage = list(self._damage())
        yield from damage
        try:
            yield from self._unheld()
            yield from self._misread()
            yield from self._miscounted()
            if alone and (fault := self._index_fault()):
                yield Finding("articles_fts", None, fault)
            yield from self._unfound()
        except StoreError:
            if not damage:  # else it is known, and what is damaged cannot be read
                raise

    def _damage(self) -> Iterator[Finding]:
        """What SQLite itself finds: pages, indices, NOT NULL, CHECK and STRICT columns."""
        try:
            found = [str(row[0]) for row in self.rows("PRAGMA integrity_check(1000)")]
        except StoreError as exc:
            found = [exc.reason]
        for fault in found:
            if fault != "ok":
                yield Finding("", None, fault)

    def _unheld(self) -> Iterator[Finding]:
        """Rows that point at rows which are not there, and articles whose link leads elsewhere."""
        for table, row, parent, _ in self.rows("PRAGMA foreign_key_check"):
            yield Finding(table, row, f"points at a row of {parent} that is not there")
        for row in self.rows(MISLED):
            yield Finding("articles", row["id"], "its link does not lead to it")

    def _misread(self) -> Iterator[Finding]:
        """JSON that is none, or of another kind than its column's comment says."""
        for table, column, kind in self._json_columns():
            for row in self._not_json(table, column, kind):
                yield Finding(table, row, f"{column} is no JSON {kind}")

    def _json_columns(self) -> Iterator[tuple[str, str, str]]:
        """Table, column and kind (array or object) of what the schema checks to be JSON."""
        for row in self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY 1"):
            for column in CHECKED.findall(row["sql"]):
                is_object = re.search(
                    rf"(?:^ *|, ){column} .*?JSON (?:list|(object))", row["sql"], re.M | re.S
                )
                yield row["name"], column, "object" if is_object and is_object[1] else "array"

    def _not_json(self, table: str, column: str, kind: str) -> list[int]:
        """The numbers of the rows whose column holds no JSON of a kind."""
        found = self.rows(
            f"SELECT rowid AS number FROM {table} WHERE {column} IS NOT NULL AND"  # noqa: S608
            f" CASE WHEN json_valid({column}) THEN json_type({column}) <> ? ELSE TRUE END",
            (kind,),
        )
        return [row["number"] for row in found]

    def _miscounted(self) -> Iterator[Finding]:
        """Articles whose latest revision is not the one that they name; counts that are wrong."""
        for row in self.rows(MISCOUNTED):
            latest = "there is none" if row["latest"] is None else f"the latest is {row['latest']}"
            yield Finding("articles", row["id"], f"names revision {row['revision']}, {latest}")
        for row in self.rows(SITES_MISCOUNTED):
            yield Finding("site_counts", None, f"counts of {row['site']} are wrong")
        for row in self.rows(FEEDS_MISCOUNTED):
            yield Finding(
                "feeds", row["id"], f"counts {row['articles']} articles of {row['counted']}"
            )

    def _index_fault(self) -> str:
        """What FTS5 says of its index; "" when it holds the words of its rows."""
        try:
            self.write(INDEX_CHECK)
        except StoreError as exc:
            if "is damaged" not in exc.reason:
                raise
            return "the index does not hold the words of its rows"
        return ""

    def _unfound(self) -> Iterator[Finding]:
        """Articles that a search does not find as they are, and what it finds of none."""
        for row in self.rows(UNINDEXED):
            yield Finding("articles", row["id"], "is not in the full-text index")
        for row in self.rows(STRAY):
            yield Finding("articles_fts", row["id"], "is of no article")
        last = 0
        while rows := self.rows(WORDS, (last, BATCH)):
            last = rows[-1]["id"]
            for row in rows:
                names = ("headline", "standfirst", "body")
                stale = [name for name in names if fold(row[name]) != row[f"found_{name}"]]
                if stale:
                    fault = f"has another {', '.join(stale)} than its article"
                    yield Finding("articles_fts", row["id"], fault)
