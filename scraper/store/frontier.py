"""The links: found, due, tried again, given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row

from scraper.errors import ConfigError
from scraper.model import Entry, Outcome, Page
from scraper.store.database import DatabaseFile
from scraper.store.values import moment_of, split_moment, utc_text
from scraper.urls import normalise, site


@dataclass(frozen=True, slots=True)
class DueLink:
    """A link that is to be fetched now. `url` is normalised; `title`, `published`: the feed's."""

    id: int
    url: str
    feed_id: int | None
    title: str
    published: datetime | None
    attempts: int
    looks: int = 0  # times that a page came
    etag: str | None = None  # of the page that it gave last
    last_modified: str | None = None
    verdict: str | None = None  # of that page


@dataclass(frozen=True, slots=True)
class RefusedLink:
    """A link that led to no article. `verdict` is "" when no page came, `outcome` says why then."""

    id: int
    url: str
    state: str  # skipped, failed, gone or blocked
    outcome: str
    verdict: str
    reason: str
    attempts: int
    tried_at: datetime | None
    next_try: datetime | None


def key_of(url: str) -> str:
    """The normalised `url`. Raises ConfigError when it is no http(s) address."""
    try:
        return normalise(url)
    except ValueError as exc:
        raise ConfigError(url, str(exc)) from exc


class Frontier(DatabaseFile):
    """The table `links`."""

    def add_link(self, url: str, *, now: datetime) -> int:
        """The number of the link, known or new. Raises ConfigError for what is no address."""
        key = key_of(url)
        with self.transaction():
            self._insert_link(key, None, None, now)
            found = self.rows("SELECT id FROM links WHERE url = ?", (key,))
            return int(found[0]["id"])

    def due_links(
        self, now: datetime, *, limit: int | None = None, feed_id: int | None = None
    ) -> list[DueLink]:
        """New links, and those whose next try has come; the longest known first.

        Those of a paused feed wait. `feed_id`: only those that this feed named first.
        """
        found = self.rows(
            """SELECT * FROM links WHERE id IN (SELECT id FROM links WHERE state = 'new' UNION ALL
                         SELECT id FROM links WHERE next_try <= ?1)
            AND (?2 IS NULL OR feed_id = ?2)
            AND coalesce((SELECT status FROM feeds WHERE feeds.id = feed_id), '') <> 'paused'
            ORDER BY id LIMIT ?3""",
            (utc_text(now), feed_id, -1 if limit is None else limit),
        )
        return [due_link(row) for row in found]

    def article_links(self, *, since: datetime) -> list[DueLink]:
        """The links of the articles that were first seen at `since` or later, due or not."""
        found = self.rows(
            """SELECT * FROM links
            WHERE article_id IN (SELECT id FROM articles WHERE first_seen >= ?)
            AND coalesce((SELECT status FROM feeds WHERE feeds.id = feed_id), '') <> 'paused'
            ORDER BY id""",
            (utc_text(since),),
        )
        return [due_link(row) for row in found]

    def next_due(self) -> datetime | None:
        """When the first link may be tried again, past moments included; None: never."""
        sql = "SELECT min(next_try) AS t FROM links WHERE next_try IS NOT NULL"
        return moment_of(self.rows(sql)[0]["t"])

    def link_failed(
        self,
        link_id: int,
        outcome: Outcome,
        error: str,
        *,
        next_try: datetime | None,
        state: str,
        now: datetime,
    ) -> None:
        """Keeps how asking for a link ended; `state`: failed, gone, blocked or skipped.

        `next_try` None: it is not tried again.
        """
        later = None if next_try is None else utc_text(next_try)
        done = self.write(
            """UPDATE links SET state = ?, outcome = ?, last_error = ?, next_try = ?, tried_at = ?,
            attempts = attempts + 1 WHERE id = ?""",
            (state, outcome.value, error, later, utc_text(now), link_id),
        )
        if not done:
            raise self.error(f"has no link {link_id}")

    def keep_validators(self, link_id: int, page: Page) -> None:
        """Keeps what a conditional request for the link's page needs, and what was unusual on the
        way to it. They are kept even when the page is not.
        """
        self.write(
            "UPDATE links SET etag = ?, last_modified = ?, notes = ? WHERE id = ?",
            (page.etag, page.last_modified, "; ".join(page.notes), link_id),
        )

    def link_unchanged(self, link_id: int, *, next_try: datetime | None, now: datetime) -> None:
        """Keeps that a link's page is what it was when it came last.

        `next_try` None: it is not asked for again.
        """
        later = None if next_try is None else utc_text(next_try)
        self.write(
            """UPDATE links SET outcome = 'not_modified', last_error = NULL, next_try = ?,
            tried_at = ?, attempts = attempts + 1, looks = looks + 1 WHERE id = ?""",
            (later, utc_text(now), link_id),
        )

    def refused(self, limit: int = 20) -> list[RefusedLink]:
        """Links that led to no article: their page was none or could not be had; latest first."""
        found = self.rows(
            """SELECT * FROM links WHERE state IN ('skipped', 'failed', 'gone', 'blocked')
            AND article_id IS NULL ORDER BY tried_at DESC LIMIT ?""",
            (limit,),
        )
        return [refused_link(row) for row in found]

    def _insert_link(
        self, key: str, feed_id: int | None, entry: Entry | None, now: datetime
    ) -> int:
        """1 for a link that was not known, else 0."""
        published, offset = split_moment(entry.published if entry else None)
        return self.write(
            """INSERT INTO links (url, site, feed_id, title, published, published_offset, found_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO NOTHING""",
            (
                key,
                site(key),
                feed_id,
                entry.title if entry else "",
                published,
                offset,
                utc_text(now),
            ),
        )

    def _link(self, link_id: int) -> Row:
        """The row of a link. Raises StoreError when there is none."""
        found = self.row("SELECT * FROM links WHERE id = ?", (link_id,))
        if found is None:
            raise self.error(f"has no link {link_id}")
        return found


def due_link(row: Row) -> DueLink:
    """A row of `links` as what is to be fetched."""
    return DueLink(
        id=row["id"],
        url=row["url"],
        feed_id=row["feed_id"],
        title=row["title"],
        published=moment_of(row["published"], row["published_offset"]),
        attempts=row["attempts"],
        looks=row["looks"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        verdict=row["verdict"],
    )


def refused_link(row: Row) -> RefusedLink:
    """A row of `links` as what it says of a refusal."""
    answered = row["outcome"] in ("ok", "not_modified")
    return RefusedLink(
        id=row["id"],
        url=row["url"],
        state=row["state"],
        outcome=row["outcome"] or "",
        verdict=(row["verdict"] or "") if answered else "",
        reason=(row["verdict_reason"] if answered else row["last_error"]) or "",
        attempts=row["attempts"],
        tried_at=moment_of(row["tried_at"]),
        next_try=moment_of(row["next_try"]),
    )
