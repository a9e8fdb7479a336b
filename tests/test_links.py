from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from scraper.errors import ConfigError, StoreError
from scraper.model import Entry, Outcome
from scraper.store import Poll, Store

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = "https://news.example/feed"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as made:
        yield made


def entry(url: str, title: str = "A title", published: datetime | None = None) -> Entry:
    return Entry(url, title, published, "", FEED)


def poll(*entries: Entry, limit: int = 100, moved_to: str | None = None) -> Poll:
    return Poll(entries, "News", "rss", '"e1"', "Sun", NOW + HOUR, 3600.0, limit, moved_to)


def test_feeds_are_added_once_and_polled_when_due(store: Store) -> None:
    assert store.add_feed("https://News.example/feed?utm_source=x#top", title="Given", now=NOW)
    assert not store.add_feed(FEED, now=NOW)
    with pytest.raises(ConfigError, match="is no http or https address"):
        store.add_feed("ftp://news.example/", now=NOW)
    (feed,) = store.due_feeds(NOW)
    assert (feed.url, feed.title) == ("https://News.example/feed?utm_source=x#top", "Given")
    assert (feed.interval_s, feed.next_poll, feed.status) == (None, NOW, "active")
    store.feed_polled(feed.id, poll(), now=NOW)
    assert store.due_feeds(NOW) == []
    assert store.due_feeds(NOW, everything=True) == store.feeds() == store.due_feeds(NOW + HOUR)
    (feed,) = store.feeds()
    assert (feed.etag, feed.last_modified, feed.kind) == ('"e1"', "Sun", "rss")
    assert (feed.title, feed.interval_s) == ("News", 3600)
    store.feed_unchanged(feed.id, next_poll=NOW + 2 * HOUR, now=NOW)
    assert store.feeds()[0].next_poll == NOW + 2 * HOUR
    assert store.feeds()[0].etag == '"e1"'


def test_a_paused_feed_is_not_due(store: Store) -> None:
    store.add_feed(FEED, now=NOW)
    store.set_feed_status(FEED, "paused")
    assert store.due_feeds(NOW, everything=True) == []
    store.set_feed_status(FEED, "active")
    assert len(store.due_feeds(NOW)) == 1
    with pytest.raises(StoreError, match="has no feed"):
        store.set_feed_status("https://other.example/", "paused")


def test_a_poll_stores_new_links_up_to_its_limit(store: Store) -> None:
    store.add_feed(FEED, now=NOW)
    tokyo = datetime(2026, 11, 22, 9, 0, tzinfo=timezone(timedelta(hours=9)))
    entries = (
        entry("https://news.example/1#a", "One", tokyo),
        entry("https://news.example/1?utm_medium=rss"),
        entry("mailto:editor@news.example"),
        entry("https://news.example/2", "tit\0le \ud800"),
        entry("https://news.example/3"),
    )
    assert store.feed_polled(1, poll(*entries, limit=2), now=NOW) == 2
    assert store.feeds()[0].etag is None  # the third entry must not be hidden by a 304
    assert store.rows("SELECT bad_entries FROM feeds")[0][0] == 1
    one, two = store.due_links(NOW)
    assert (one.url, one.title, one.published) == ("https://news.example/1", "One", tokyo)
    assert one.published is not None
    assert one.published.utcoffset() == timedelta(hours=9)
    assert (two.title, two.published, two.feed_id) == ("title \ufffd", None, 1)
    assert store.feed_polled(1, poll(*entries), now=NOW) == 1
    assert store.feeds()[0].etag == '"e1"'
    assert store.due_links(NOW, limit=1) == [one]
    store.add_feed("https://other.example/feed", now=NOW)
    store.feed_polled(2, poll(*entries, entry("https://other.example/4")), now=NOW)
    assert [link.url for link in store.due_links(NOW, feed_id=2)] == ["https://other.example/4"]


def test_a_feed_that_fails_moves_or_goes(store: Store) -> None:
    for name in "abc":
        store.add_feed(f"https://{name}.example/feed", now=NOW)
    assert store.feed_failed(1, "timed out", next_poll=NOW + HOUR, now=NOW)
    assert not store.feed_failed(1, "timed out", next_poll=NOW + HOUR, now=NOW)
    assert (store.feeds()[0].failures, store.feeds()[0].last_error) == (2, "timed out")
    store.feed_unchanged(1, next_poll=NOW, now=NOW)
    assert (store.feeds()[0].failures, store.feeds()[0].last_error) == (0, None)
    assert store.feed_failed(1, "gone", next_poll=NOW, now=NOW, gone=True)
    store.feed_polled(2, poll(moved_to="https://new.example/Feed"), now=NOW)
    store.feed_polled(3, poll(moved_to="https://new.example/Feed#x"), now=NOW)
    assert [feed.status for feed in store.feeds()] == ["gone", "active", "moved"]
    assert [feed.url for feed in store.feeds()[1:]] == [
        "https://new.example/Feed",
        "https://c.example/feed",
    ]
    store.feed_polled(2, poll(moved_to="nonsense"), now=NOW)
    assert store.feeds()[1].url == "https://new.example/Feed"
    with pytest.raises(StoreError, match="has no feed 7"):
        store.feed_failed(7, "x", next_poll=NOW, now=NOW)


def test_a_failed_link_is_due_when_its_time_has_come(store: Store) -> None:
    first, second = (store.add_link(f"https://news.example/{n}", now=NOW) for n in (1, 2))
    assert store.add_link("https://NEWS.example/1#x", now=NOW) == first
    store.link_failed(first, Outcome.DEADLINE, "30 s", next_try=NOW + HOUR, state="failed", now=NOW)
    store.link_failed(
        second, Outcome.GONE, "410", next_try=None, state="gone", now=NOW + timedelta(seconds=1)
    )
    assert store.due_links(NOW) == []
    assert store.next_due() == NOW + HOUR
    (due,) = store.due_links(NOW + HOUR)
    assert (due.id, due.attempts) == (first, 1)
    gone, failed = store.refused(10)
    assert (gone.id, gone.state, gone.outcome, gone.reason) == (second, "gone", "gone", "410")
    assert (failed.outcome, failed.next_try, failed.tried_at) == ("deadline", NOW + HOUR, NOW)
    assert failed.verdict == ""
    with pytest.raises(StoreError, match="CHECK constraint"):
        store.link_failed(first, Outcome.TLS, "x", next_try=None, state="odd", now=NOW)
    with pytest.raises(StoreError, match="has no link 99"):
        store.link_failed(99, Outcome.TLS, "x", next_try=None, state="failed", now=NOW)
