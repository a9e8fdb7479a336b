"""An article's text -> its cluster: the articles that tell the same story in nearly its words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from sqlite3 import Row

from scraper.fingerprint import Hashes, alike, shingles, sketch
from scraper.store.database import DatabaseFile

# How alike copies are at least. Of the pairs of 10,000 articles (tests/benchmarks/syndication.py)
# 0.4 finds 98.6 % with a precision of 0.965, 0.5 finds 97.7 % with 0.999, 0.6 95.9 % with 1.
SAME = 0.5
# Articles looked at for one key, the newest: boilerplate has its key in any number of them.
HOLDERS = 32
# Articles read for one: 99.5 % of the copies are among the first 8, 99.1 % among the first 4; of
# 100,000 articles whose sentences recur 17 times each, 96.9 % among the first 8, 97.6 % among 12.
READ = 8

HOLDING = "SELECT article_id FROM bands WHERE key = ? ORDER BY article_id DESC LIMIT ?"


class Syndication(DatabaseFile):
    """The tables `fingerprints` and `bands`, and the column `cluster_id`.

    An article joins the cluster of each that is like it, and makes one of them; so a chain of
    copies is one cluster. A changed text is compared anew. One that leaves, by a change or for
    good, does not part those that it held together.
    """

    def index_syndication(self, limit: int = 500) -> int:
        """Compares articles stored by a version that did not; how many there were, at most `limit`.

        One transaction. 0: every article has been compared. Raises StoreError.
        """
        with self.transaction():
            due = self.rows(
                """SELECT f.article_id, a.body FROM fingerprints f
                JOIN articles a ON a.id = f.article_id
                WHERE f.keys IS NULL ORDER BY f.article_id LIMIT ?""",
                (limit,),
            )
            for row in due:
                self._compare(row["article_id"], row["body"])
        return len(due)

    def _compare(self, article_id: int, body: str) -> None:
        """Finds the cluster of an article whose text is new; the same text again costs nothing."""
        runs = shingles(body)
        keys = sketch(runs)
        record = {"article_id": article_id, "keys": b"".join(keys)}
        known = self.row("SELECT keys FROM fingerprints WHERE article_id = ?", (article_id,))
        if known is not None and known["keys"] == record["keys"]:
            return
        with self.transaction():
            self.write("DELETE FROM fingerprints WHERE article_id = ?", (article_id,))
            self.write(
                "UPDATE articles SET cluster_id = NULL WHERE id = ? AND cluster_id IS NOT NULL",
                (article_id,),
            )
            self._join(article_id, self._copies(keys, runs))
            self.insert("fingerprints", record)

    def _copies(self, keys: Iterable[bytes], runs: Hashes) -> list[Row]:
        """The articles that are like a text, one of each cluster; the work has a bound.

        Most like it are those that share many of its keys, and keys that few have.
        """
        shared: defaultdict[int, float] = defaultdict(float)
        for key in keys:
            holders = self.rows(HOLDING, (key, HOLDERS))
            for holder in holders:
                shared[holder["article_id"]] += len(holders) ** -0.5
        found: dict[int, Row] = {}
        for other in sorted(shared, key=lambda other: (-shared[other], -other))[:READ]:
            row = self.row("SELECT id, cluster_id, body FROM articles WHERE id = ?", (other,))
            if row is None:
                continue
            cluster = row["cluster_id"] or row["id"]
            if cluster not in found and alike(runs, shingles(row["body"])) >= SAME:
                found[cluster] = row
        return list(found.values())

    def _join(self, article_id: int, copies: Sequence[Row]) -> None:
        """Makes one cluster of an article, its copies and theirs."""
        if not copies:
            return
        number = min(article_id, *(copy["cluster_id"] or copy["id"] for copy in copies))
        self.write("UPDATE articles SET cluster_id = ? WHERE id = ?", (number, article_id))
        for copy in copies:
            column = "id" if copy["cluster_id"] is None else "cluster_id"
            if copy["cluster_id"] != number:
                self.write(
                    f"UPDATE articles SET cluster_id = ? WHERE {column} = ?",  # noqa: S608
                    (number, copy[column]),
                )
