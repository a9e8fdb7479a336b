"""Article -> its row, its revisions, its cuts and its words in the index."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from sqlite3 import Row
from typing import Any
from urllib.parse import urlsplit

from scraper.config import VERSION
from scraper.model import Article, Page, Verdict
from scraper.store.frontier import Frontier
from scraper.store.pages import Pages
from scraper.store.search import Search, count_words
from scraper.store.syndication import Syndication
from scraper.store.values import fits, json_text, mend, split_moment, utc_text
from scraper.urls import normalise, site

TEXTS = ("headline", "body")  # a change in one of them is a revision
INDEXED = ("headline", "standfirst", "body")
NOTED = (  # what a revision says of the rest
    *INDEXED,
    "authors",
    "published",
    "modified",
    "section",
    "tags",
    "language",
    "canonical_url",
    "image_url",
    "captions",
    "credits",
    "free_access",
)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an article. `merged`: its link led to an article that another link brought."""

    article_id: int
    new: bool
    revised: bool
    merged: bool


class Articles(Frontier, Pages, Search, Syndication):
    """The tables `articles`, `revisions` and `cuts`, as they are written."""

    def save_article(
        self,
        link_id: int,
        page: Page | None,
        article: Article,
        *,
        now: datetime,
        next_try: datetime | None = None,
    ) -> Saved:
        """Stores what a link led to, all of it in one transaction.

        `page` None: it is not kept. `next_try`: when the link is visited again: a stub may open.

        A link of a known article, or of one with its canonical URL on its site, brings that up to
        date; only a changed headline or body is a revision, and a stub leaves a whole article as
        it is. StoreError also for an unknown link.
        """
        with self.transaction():
            link = self._link(link_id)
            record = mend(article_columns(article))
            record |= {"cleaner_version": VERSION, "last_seen": utc_text(now)}
            record["canonical_key"] = canonical_key(article, link["url"])
            known = self._known(link, record)
            if known is not None and worse(known, article):
                self._led_to(link_id, known["id"], page, article, (now, next_try))
                return Saved(known["id"], False, False, link["article_id"] is None)
            article_id, revised = self._written(link_id, record, known, now)
            self._replace_cuts(article_id, article)
            self._led_to(link_id, article_id, page, article, (now, next_try))
        merged = known is not None and link["article_id"] is None
        return Saved(article_id, known is None, revised, merged)

    def _written(
        self, link_id: int, record: dict[str, Any], known: Row | None, now: datetime
    ) -> tuple[int, bool]:
        """Writes an article's row, its revision and its words; its number, whether it changed."""
        if known is None:
            article_id = self._insert_article(link_id, record)
            changed: list[str] = []
        else:
            article_id = known["id"]
            changed = [name for name in NOTED if known[name] != record[name]]
        revised = any(name in changed for name in TEXTS)
        if known is not None:
            self._update_article(known, record, link_id, revised)
        if known is None or revised:
            self._add_revision(article_id, record, changed, now)
        if known is None or set(changed) & set(INDEXED):
            self._index(article_id, *(record[name] for name in INDEXED))
        self._compare(article_id, record["body"])
        return article_id, revised

    def _led_to(
        self,
        link_id: int,
        article_id: int,
        page: Page | None,
        article: Article,
        times: tuple[datetime, datetime | None],
    ) -> None:
        """Keeps which article a link led to; `times`: now, and when it is visited again."""
        self._fetched(link_id, page, article, *times)
        self.write("UPDATE links SET article_id = ? WHERE id = ?", (article_id, link_id))

    def link_refused(
        self,
        link_id: int,
        article: Article,
        page: Page | None,
        *,
        now: datetime,
        next_try: datetime | None = None,
    ) -> None:
        """Keeps that a link's page is no article, with the verdict. An article that it led to
        before stays as it is. `page` None: it is not kept. `next_try`: when it may have become one.

        Raises StoreError, also for a link that is not known.
        """
        with self.transaction():
            self._link(link_id)
            self._fetched(link_id, page, article, now, next_try)
            # one that has brought an article is not refused: its page is but closed by now
            self.write(
                "UPDATE links SET state = 'skipped' WHERE id = ? AND article_id IS NULL", (link_id,)
            )

    def _fetched(
        self,
        link_id: int,
        page: Page | None,
        article: Article,
        now: datetime,
        next_try: datetime | None,
    ) -> None:
        """Keeps that a link gave a page (None: not to be kept) and what that turned out to be."""
        if page is not None:
            self._keep_page(link_id, page)
        self.write(
            """UPDATE links SET state = 'fetched', outcome = 'ok', verdict = ?, verdict_reason = ?,
            last_error = NULL, attempts = attempts + 1, looks = looks + 1, tried_at = ?,
            next_try = ? WHERE id = ?""",
            (
                article.verdict.value,
                article.verdict_reason,
                utc_text(now),
                next_try and utc_text(next_try),
                link_id,
            ),
        )

    def _known(self, link: Row, record: dict[str, Any]) -> Row | None:
        """The article that a link's page is a version of."""
        if link["article_id"] is not None:
            return self.row("SELECT * FROM articles WHERE id = ?", (link["article_id"],))
        return self.row(
            "SELECT * FROM articles WHERE canonical_key = ? AND site = ? ORDER BY id",
            (record["canonical_key"], record["site"]),
        )

    def _insert_article(self, link_id: int, record: dict[str, Any]) -> int:
        first = {"link_id": link_id, "revision": 1, "first_seen": record["last_seen"]}
        return self.insert("articles", record | first)

    def _update_article(
        self, known: Row, record: dict[str, Any], link_id: int, revised: bool
    ) -> None:
        """Brings a row up to date; it keeps the address under which the article was found first."""
        record["revision"] = known["revision"] + revised
        if known["link_id"] != link_id:
            record |= {name: known[name] for name in ("url", "canonical_url", "canonical_key")}
        self.update("articles", known["id"], record)

    def _add_revision(
        self, article_id: int, record: dict[str, Any], changed: list[str], now: datetime
    ) -> None:
        self.insert(
            "revisions",
            {
                "article_id": article_id,
                "revision": record.get("revision", 1),
                "seen_at": utc_text(now),
                "headline": record["headline"],
                "body": record["body"],
                "changed": json_text(changed),
            },
        )

    def _replace_cuts(self, article_id: int, article: Article) -> None:
        self.write("DELETE FROM cuts WHERE article_id = ?", (article_id,))
        self.db.table("cuts").insert_all(
            {"article_id": article_id, **mend(asdict(cut)), "reason": cut.reason.value}
            for cut in article.cuts
        )


def worse(known: Row, article: Article) -> bool:
    """Whether a page holds less than the whole article that is known: a stub, a live blog's end."""
    return known["verdict"] == Verdict.ARTICLE and article.verdict is not Verdict.ARTICLE


def article_columns(article: Article) -> dict[str, Any]:
    """The columns of `articles` that an article alone determines."""
    published, published_offset = split_moment(article.published)
    modified, modified_offset = split_moment(article.modified)
    return {
        "url": article.url,
        "canonical_url": article.canonical_url,
        "site": article.site,
        "headline": article.headline,
        "standfirst": article.standfirst,
        "body": article.body,
        "blocks": json_text([asdict(block) for block in article.blocks]),
        "words": count_words(article.body),
        "authors": json_text(article.authors),
        "published": published,
        "published_offset": published_offset,
        "modified": modified,
        "modified_offset": modified_offset,
        "section": article.section,
        "tags": json_text(article.tags),
        "language": article.language,
        "image_url": article.image_url,
        "captions": json_text(article.captions),
        "credits": json_text(article.credits),
        "free_access": article.free_access,
        "site_name": article.site_name,
        "licence": article.licence,
        "reservations": json_text(article.reservations),
        "verdict": article.verdict.value,
        "verdict_reason": article.verdict_reason,
        "confidence": float(article.confidence),
        "sources": json_text(dict(article.sources)),
        "mended": json_text(mended(article)),
    }


def mended(article: Article) -> list[str]:
    """The fields of an article of which something is lost in its row."""
    names = [f.name for f in fields(article) if f.name != "evidence"]  # which is not stored
    return [
        name
        for name in names
        if not fits(value := getattr(article, name))
        or (isinstance(value, datetime) and split_moment(value)[0] is None)
    ]


def canonical_key(article: Article, link_url: str) -> str:
    """What merges links into one article: the canonical URL, else the page's, else the link's.

    A canonical URL on another site counts for nothing: a page could otherwise overwrite another's
    article. Neither does a home page, though some sites declare theirs on every page.
    """
    own = site(article.url or link_url)
    for url in (article.canonical_url, article.url):
        try:
            key = normalise(url or "")
        except ValueError:
            continue
        parts = urlsplit(key)
        if site(key) == own and (parts.path != "/" or parts.query):
            return key
    return link_url
