"""Articles of an older cleaner -> their pages; what a newer cleaner makes of them -> their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scraper.config import VERSION
from scraper.model import Article, Page
from scraper.store.articles import INDEXED, NOTED, TEXTS, Articles, article_columns, worse
from scraper.store.pages import FIND
from scraper.store.reading import STALE, VERSIONS
from scraper.store.values import mend


@dataclass(frozen=True, slots=True)
class Recleaned:
    """What a newer cleaner changed in an article: the fields, and the texts before and after."""

    article_id: int
    url: str
    changed: tuple[str, ...]
    headline: tuple[str, str]
    body: tuple[str, str]

    @property
    def text_changed(self) -> bool:
        """Whether a reader would see another headline or text."""
        return any(name in self.changed for name in TEXTS)


class Recleaning(Articles):
    """Articles that an older version of the cleaner made."""

    def stale(self, *, after_id: int = 0, limit: int = 100, every: bool = False) -> list[int]:
        """The numbers of articles that another version of the cleaner made, ascending.

        `every`: of all articles.
        """
        if not every:
            numbers = (
                row["id"]
                for other in self.rows(VERSIONS, (VERSION,))
                for row in self.rows(STALE, (other["version"], after_id, limit))
            )
            return sorted(numbers)[:limit]
        sql = "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?"
        return [row["id"] for row in self.rows(sql, (after_id, limit))]

    def count_stale(self, *, every: bool = False) -> int:
        """How many articles another version of the cleaner made; `every`: how many there are."""
        sql = "SELECT count(*) AS n FROM articles WHERE ? OR cleaner_version <> ?"
        return int(self.rows(sql, (every, VERSION))[0]["n"])

    def stale_article(self, link_id: int) -> int | None:
        """The number of the article of a link if another version of the cleaner made it."""
        row = self.row(
            """SELECT a.id FROM articles a JOIN links l ON l.article_id = a.id
            WHERE l.id = ? AND a.cleaner_version <> ?""",
            (link_id, VERSION),
        )
        return None if row is None else int(row["id"])

    def pages_of(self, article_id: int) -> Iterator[Page]:
        """The kept pages of an article, the latest first: that may be a stub, put up since."""
        found = self.rows(
            """SELECT p.id FROM pages p JOIN links l ON l.id = p.link_id
            WHERE l.article_id = ? ORDER BY p.fetched_at DESC, p.id DESC""",
            (article_id,),
        )
        for number in found:
            row = self.row(f"{FIND} WHERE p.id = ?", (number["id"],))
            if row is not None:  # pruned meanwhile
                yield self._page(row)

    def recleaned(
        self, article_id: int, article: Article, *, dry_run: bool = False
    ) -> Recleaned | None:
        """Puts `article` in the place of what an older cleaner made of the same page.

        The latest revision gets the new text too: it was no edit of the publisher's. Addresses and
        times of seeing stay. `dry_run` writes nothing. None when the article is gone, or was whole
        and this one is a stub.
        """
        record = mend(article_columns(article)) | {"cleaner_version": VERSION}
        for name in ("url", "canonical_url", "site"):
            record.pop(name)
        with self.transaction():
            known = self.row("SELECT * FROM articles WHERE id = ?", (article_id,))
            if known is None or worse(known, article):
                return None
            changed = tuple(
                name for name in NOTED if name in record and known[name] != record[name]
            )
            if not dry_run:
                self.update("articles", article_id, record)
                self._replace_cuts(article_id, article)
                if set(changed) & set(TEXTS):
                    self.write(
                        """UPDATE revisions SET headline = ?, body = ?
                        WHERE article_id = ? AND revision = ?""",
                        (record["headline"], record["body"], article_id, known["revision"]),
                    )
                if set(changed) & set(INDEXED):
                    self._index(article_id, *(record[name] for name in INDEXED))
                self._compare(article_id, record["body"])
        return Recleaned(
            article_id,
            known["url"],
            changed,
            (known["headline"], record["headline"]),
            (known["body"], record["body"]),
        )
