"""The database -> what a reader asks for: articles, their cuts and history, counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Any

from scraper.model import Article, Block, Cut, Kind, Reason, Verdict
from scraper.store.database import DatabaseFile
from scraper.store.values import INT_MAX, moment, moment_of
from scraper.urls import normalise, site

COUNTS = """
SELECT (SELECT count(*) FROM feeds) AS feeds, (SELECT count(*) FROM links) AS links,
  (SELECT count(*) FROM links WHERE state = 'new') AS links_new,
  (SELECT count(*) FROM links WHERE state = 'skipped') AS links_skipped,
  (SELECT count(*) FROM links WHERE state IN ('failed', 'gone', 'blocked')) AS links_failed,
  (SELECT count(*) FROM pages) AS pages, (SELECT count(*) FROM articles) AS articles,
  (SELECT count(*) FROM revisions) AS revisions, (SELECT count(*) FROM cuts) AS cuts,
  (SELECT count(*) FROM runs) AS runs
"""
# The arms of a UNION ALL are run in order, and no further than LIMIT asks.
BY_URL = """
SELECT a.* FROM links l JOIN articles a ON a.id = l.article_id WHERE l.url = ?1
UNION ALL SELECT * FROM (
  SELECT * FROM articles WHERE canonical_key = ?1 ORDER BY site = ?2 DESC, id LIMIT 1)
UNION ALL SELECT * FROM (SELECT * FROM articles WHERE url = ?3 ORDER BY id LIMIT 1)
LIMIT 1
"""
LISTED = """
SELECT id, url, site, headline, published, published_offset, first_seen, language, words,
  confidence
FROM articles ORDER BY coalesce(published, first_seen) DESC LIMIT ?
"""
# The few versions that there are, hopping from one to the next: what is unequal to a version is
# found by no index, what is equal to another is.
VERSIONS = """
WITH RECURSIVE versions (version) AS (
  SELECT min(cleaner_version) FROM articles
  UNION ALL
  SELECT (SELECT min(cleaner_version) FROM articles WHERE cleaner_version > version)
  FROM versions WHERE version IS NOT NULL
)
SELECT version FROM versions WHERE version <> ?
"""
STALE = "SELECT id, link_id FROM articles WHERE cleaner_version = ? AND id > ? ORDER BY id LIMIT ?"


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with its cuts, and what the store knows of it."""

    id: int
    link_id: int
    article: Article
    words: int
    cleaner_version: str
    revision: int
    first_seen: datetime
    last_seen: datetime
    cluster_id: int | None  # the smallest id among articles that tell the same story


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article as a list shows it."""

    id: int
    url: str
    site: str
    headline: str
    published: datetime | None
    first_seen: datetime
    language: str
    words: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of an article's text. `changed` names the fields that differ from the last."""

    revision: int
    seen_at: datetime
    headline: str
    body: str
    changed: tuple[str, ...]


class Reading(DatabaseFile):
    """What is asked of the articles."""

    def article(self, key: int | str) -> StoredArticle | None:
        """The article with a number, or behind a URL: its link's, its canonical one, its own."""
        if isinstance(key, int):
            # A number that no column holds would be mended into one that it is not.
            if abs(key) > INT_MAX:
                return None
            row = self.row("SELECT * FROM articles WHERE id = ?", (key,))
        else:
            try:
                normal = normalise(key)
            except ValueError:
                normal = key
            row = self.row(BY_URL, (normal, site(key), key))
        return None if row is None else stored_article(row, self.cuts(row["id"]))

    def cuts(self, article_id: int) -> list[Cut]:
        """What was dropped from an article's page, in the page's order."""
        found = self.rows(
            "SELECT * FROM cuts WHERE article_id = ? ORDER BY position, id", (article_id,)
        )
        return [
            Cut(
                reason=Reason(row["reason"]),
                rule=row["rule"],
                text=row["text"],
                path=row["path"],
                position=row["position"],
            )
            for row in found
        ]

    def revisions(self, article_id: int) -> list[Revision]:
        """Every version of an article's text, the first one first."""
        found = self.rows(
            "SELECT * FROM revisions WHERE article_id = ? ORDER BY revision", (article_id,)
        )
        return [
            Revision(
                revision=row["revision"],
                seen_at=moment(row["seen_at"]),
                headline=row["headline"],
                body=row["body"],
                changed=tuple(json.loads(row["changed"])),
            )
            for row in found
        ]

    def recent(self, limit: int = 20) -> list[ListedArticle]:
        """The newest articles first, by the page's date, else by when we first saw them."""
        return [
            ListedArticle(
                id=row["id"],
                url=row["url"],
                site=row["site"],
                headline=row["headline"],
                published=moment_of(row["published"], row["published_offset"]),
                first_seen=moment(row["first_seen"]),
                language=row["language"],
                words=row["words"],
                confidence=row["confidence"],
            )
            for row in self.rows(LISTED, (limit,))
        ]

    def stale_articles(
        self, version: str, *, after_id: int = 0, limit: int = 1000
    ) -> list[tuple[int, int]]:
        """Article and link numbers, in the order of the former, of articles that another version
        of the cleaner than `version` made; those after `after_id`.
        """
        found = (
            (row["id"], row["link_id"])
            for other in self.rows(VERSIONS, (version,))
            for row in self.rows(STALE, (other["version"], after_id, limit))
        )
        return sorted(found)[:limit]

    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind, at one moment."""
        return dict(self.rows(COUNTS)[0])


def stored_article(row: Row, cuts: list[Cut]) -> StoredArticle:
    """A row of `articles` as the nouns it was made of."""
    article = Article(
        url=row["url"],
        canonical_url=row["canonical_url"],
        site=row["site"],
        headline=row["headline"],
        standfirst=row["standfirst"],
        blocks=tuple(block(item) for item in json.loads(row["blocks"])),
        authors=tuple(json.loads(row["authors"])),
        published=moment_of(row["published"], row["published_offset"]),
        modified=moment_of(row["modified"], row["modified_offset"]),
        section=row["section"],
        tags=tuple(json.loads(row["tags"])),
        language=row["language"],
        image_url=row["image_url"],
        captions=tuple(json.loads(row["captions"])),
        credits=tuple(json.loads(row["credits"])),
        free_access=None if row["free_access"] is None else bool(row["free_access"]),
        site_name=row["site_name"],
        licence=row["licence"],
        reservations=tuple(json.loads(row["reservations"])),
        verdict=Verdict(row["verdict"]),
        verdict_reason=row["verdict_reason"],
        confidence=row["confidence"],
        cuts=tuple(cuts),
        sources=json.loads(row["sources"]),
    )
    return StoredArticle(
        id=row["id"],
        link_id=row["link_id"],
        article=article,
        words=row["words"],
        cleaner_version=row["cleaner_version"],
        revision=row["revision"],
        first_seen=moment(row["first_seen"]),
        last_seen=moment(row["last_seen"]),
        cluster_id=row["cluster_id"],
    )


def block(item: dict[str, Any]) -> Block:
    """One item of the column `blocks`."""
    return Block(**{**item, "kind": Kind(item["kind"]), "links": tuple(item["links"])})
