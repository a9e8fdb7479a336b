"""The feeds: added, due, polled, moved, gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Any

from scraper.model import Entry
from scraper.store.frontier import Frontier, key_of
from scraper.store.values import moment, utc_text
from scraper.urls import normalise


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed as it is known. `interval_s` is in seconds, None before the first poll."""

    id: int
    url: str
    title: str
    kind: str
    status: str  # active, moved, gone, silent or paused
    etag: str | None
    last_modified: str | None
    interval_s: int | None
    next_poll: datetime
    failures: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Poll:
    """What a good poll brought, and when the next is due.

    At most `limit` links that were not known are stored. `moved_to` is where permanent redirects
    led, None when there were none.
    """

    entries: tuple[Entry, ...]
    title: str
    kind: str
    etag: str | None
    last_modified: str | None
    next_poll: datetime
    interval_s: float
    limit: int
    moved_to: str | None = None


class Feeds(Frontier):
    """The table `feeds`."""

    def add_feed(self, url: str, *, title: str = "", kind: str = "", now: datetime) -> bool:
        """True when the feed was not known. It is due at once.

        Two addresses that normalise to the same are one feed; the first is kept as given. Raises
        ConfigError for what is no address.
        """
        moment_text = utc_text(now)
        values = (url.strip(), key_of(url), title, kind, moment_text, moment_text)
        added = self.write(
            """INSERT INTO feeds (url, url_key, title, kind, next_poll, added_at)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (url_key) DO NOTHING""",
            values,
        )
        return added == 1

    def feeds(self) -> list[FeedRow]:
        """Every feed, in the order of adding."""
        return [feed_row(row) for row in self.rows("SELECT * FROM feeds ORDER BY id")]

    def due_feeds(self, now: datetime, *, everything: bool = False) -> list[FeedRow]:
        """The active feeds whose poll is due, the longest due first; `everything`: all active."""
        found = self.rows(
            """SELECT * FROM feeds WHERE status = 'active' AND (next_poll <= ? OR ?)
            ORDER BY next_poll, id""",
            (utc_text(now), everything),
        )
        return [feed_row(row) for row in found]

    def feed_polled(self, feed_id: int, poll: Poll, *, now: datetime) -> int:
        """Stores a poll and the links it found, in one transaction; how many links are new.

        Entries without a usable address are counted in `feeds.bad_entries`. A feed that moved to
        another feed's address gets the status `moved`, as that one is polled anyway. A poll that
        reached its limit keeps no validators: a 304 would hide the entries that were left over.
        """
        with self.transaction():
            self._feed(feed_id)
            new, bad = self._insert_entries(feed_id, poll, now)
            whole = new < poll.limit
            self.update(
                "feeds",
                feed_id,
                {
                    "title": poll.title,
                    "kind": poll.kind,
                    "etag": poll.etag if whole else None,
                    "last_modified": poll.last_modified if whole else None,
                    "interval_s": round(poll.interval_s),
                    "next_poll": utc_text(poll.next_poll),
                    "last_poll": utc_text(now),
                    "last_ok": utc_text(now),
                    "failures": 0,
                    "last_error": None,
                    "bad_entries": bad,
                    **self._move(feed_id, poll.moved_to),
                },
            )
        return new

    def feed_unchanged(self, feed_id: int, *, next_poll: datetime, now: datetime) -> None:
        """Keeps that the server answered 304 (RFC 9110, 15.4.5)."""
        self.update(
            "feeds",
            feed_id,
            {
                "next_poll": utc_text(next_poll),
                "last_poll": utc_text(now),
                "last_ok": utc_text(now),
                "failures": 0,
                "last_error": None,
            },
        )

    def set_feed_status(self, url: str, status: str) -> None:
        """Sets `active`, `paused` or `silent`. Raises StoreError for a feed that is not known."""
        if not self.write("UPDATE feeds SET status = ? WHERE url = ?", (status, url)):
            raise self.error(f"has no feed {url}")

    def feed_failed(
        self,
        feed_id: int,
        error: str,
        *,
        next_poll: datetime,
        now: datetime,
        gone: bool = False,
    ) -> bool:
        """True when the feed was fine before. `gone`: it is never polled again (410)."""
        with self.transaction():
            known = self._feed(feed_id)
            self.update(
                "feeds",
                feed_id,
                {
                    "status": "gone" if gone else known["status"],
                    "failures": known["failures"] + 1,
                    "last_error": error,
                    "next_poll": utc_text(next_poll),
                    "last_poll": utc_text(now),
                },
            )
        return bool(known["failures"] == 0)

    def _feed(self, feed_id: int) -> Row:
        """The row of a feed. Raises StoreError when there is none."""
        found = self.row("SELECT * FROM feeds WHERE id = ?", (feed_id,))
        if found is None:
            raise self.error(f"has no feed {feed_id}")
        return found

    def _insert_entries(self, feed_id: int, poll: Poll, now: datetime) -> tuple[int, int]:
        """How many links are new, and how many entries have no usable address."""
        new = bad = 0
        for entry in poll.entries:
            try:
                key = normalise(entry.url)
            except ValueError:
                bad += 1
                continue
            if new < poll.limit:
                new += self._insert_link(key, feed_id, entry, now)
        return new, bad

    def _move(self, feed_id: int, target: str | None) -> dict[str, Any]:
        """The columns that change when a feed has moved."""
        if target is None:
            return {}
        try:
            key = normalise(target)
        except ValueError:  # a server's nonsense: the old address has just worked
            return {}
        if self.row("SELECT 1 FROM feeds WHERE url_key = ? AND id <> ?", (key, feed_id)):
            return {"status": "moved"}
        return {"url": target, "url_key": key}


def feed_row(row: Row) -> FeedRow:
    """A row of `feeds` as what the crawl needs to know."""
    return FeedRow(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        kind=row["kind"],
        status=row["status"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        interval_s=row["interval_s"],
        next_poll=moment(row["next_poll"]),
        failures=row["failures"],
        last_error=row["last_error"],
    )
