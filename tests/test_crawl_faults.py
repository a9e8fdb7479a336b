from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from newssite import (
    Here,
    Reply,
    Site,
    config,
    headline,
    headlines,
    last_run,
    paper,
    rss,
    serving,
    story,
    subscribed,
)

from scraper import crawl
from scraper import feed as feeds
from scraper.crawl import Options
from scraper.errors import CleanError, LockedError, StoreError
from scraper.model import Article, Entry, Feed, Page, Report
from scraper.store import Store

NOW_ALL = Options(every_feed=True)


def links(store: Store, site: Site) -> dict[str, tuple[str, str | None, str | None]]:
    """path -> state, outcome, error of each link."""
    found = store.rows("SELECT url, state, outcome, last_error FROM links")
    return {row[0].removeprefix(site.base): (row[1], row[2], row[3]) for row in found}


@pytest.mark.usefixtures("quick")
def test_entries_are_kept_before_the_validators(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = Store._insert_link

    def full(self: Store, key: str, feed_id: int | None, entry: Entry | None, now: datetime) -> int:
        if key.endswith("/3.html"):
            raise self.error("cannot be written: the disk is full")
        return insert(self, key, feed_id, entry, now)

    with serving(paper(range(5))) as site:
        subscribed(store, site.url("/rss.xml"))
        with monkeypatch.context() as patch:
            patch.setattr(Store, "_insert_link", full)
            with pytest.raises(StoreError, match="the disk is full"):
                crawl(store, config())
        assert (store.feeds()[0].etag, store.counts()["links"]) == (None, 0)
        assert last_run(store) == (
            "failed", f"{store.path}: cannot be written: the disk is full", 0
        )  # fmt: skip
        assert crawl(store, config(), NOW_ALL).tally.articles_new == 5
        assert store.feeds()[0].etag
        assert ("/rss.xml", 304) not in site.served


@pytest.mark.usefixtures("quick")
def test_a_database_that_fails_ends_the_run_and_keeps_what_is_committed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Store.save_article

    def failing(self: Store, link_id: int, *args: object, **named: object) -> object:
        if store.counts()["articles"] == 2:
            raise self.error("is locked by another process")
        return save(self, link_id, *args, **named)  # type: ignore[arg-type]

    with serving(paper(range(5))) as site:
        subscribed(store, site.url("/rss.xml"))
        with monkeypatch.context() as patch:
            patch.setattr(Store, "save_article", failing)
            with pytest.raises(StoreError, match="is locked"):
                crawl(store, config())
        assert last_run(store) == ("failed", f"{store.path}: is locked by another process", 2)
        assert store.counts()["articles"] == 2
        site.served.clear()
        site.answers["/rss.xml"] = rss(*(f"/{n}.html" for n in range(6)))
        assert crawl(store, config(), NOW_ALL).tally.articles_new == 3
        assert set(site.asked().values()) == {1}


@pytest.mark.usefixtures("quick")
def test_a_fault_of_ours_harms_one_feed_and_one_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse, clean = feeds.parse, Here.clean

    def faulty_parse(page: Page) -> Feed:
        if page.url.endswith("/b.xml"):
            raise RecursionError("too deep")
        return parse(page)

    async def faulty_clean(self: Here, page: Page) -> Article:
        if page.url.endswith("/2.html"):
            raise ZeroDivisionError("by\nzero")
        return await clean(self, page)

    monkeypatch.setattr(feeds, "parse", faulty_parse)
    monkeypatch.setattr(Here, "clean", faulty_clean)
    with serving({**paper([1, 2, 3]), "/b.xml": rss()}) as site:
        subscribed(store, site.url("/b.xml"), site.url("/rss.xml"))
        report = crawl(store, config())
        state, outcome, error = links(store, site)["/2.html"]
    assert report.ended == "ok"
    assert len(report.worse) == 1
    assert "/b.xml: RecursionError: too deep (faulty_parse, line " in report.worse[0]
    assert headlines(store) == sorted([headline(1), headline(3)])
    assert (state, outcome) == ("failed", "clean_failed")
    assert error is not None
    assert error.startswith("ZeroDivisionError: by")


@pytest.mark.usefixtures("quick")
def test_a_stopped_run_keeps_what_it_has_and_says_what_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(self: Here, page: Page) -> Article:
        raise CleanError(page.url, "the cleaning process died")

    def stopping(report: Report) -> None:
        if report.tally.articles_new == 2:
            os.kill(os.getpid(), signal.SIGTERM)
            monkeypatch.setattr(Here, "clean", killed)  # a signal to the group reaches both

    with serving(paper(range(6))) as site, serving(paper([7, 8]), "127.0.0.2") as slow:
        slow.answers["/7.html"] = Reply(story(7), wait=0.5)
        subscribed(store, site.url("/rss.xml"), slow.url("/rss.xml"))
        with monkeypatch.context():
            report = crawl(store, config(), progress=stopping)
        assert (report.ended, report.tally.failed) == ("interrupted", 0)
        assert (store.counts()["articles"], report.waiting) == (2, 6)
        assert last_run(store) == ("interrupted", None, 2)
        assert store.refused() == []
        monkeypatch.undo()
        monkeypatch.setattr(sys.modules["scraper.crawl"], "Workers", Here)
        assert crawl(store, config()).tally.articles_new == 6


@pytest.mark.usefixtures("quick")
def test_a_run_that_may_not_begin_asks_for_nothing(store: Store) -> None:
    with serving(paper([1])) as site:
        subscribed(store, site.url("/rss.xml"))
        with pytest.raises(StoreError, match=r"MB are free on its disk; .*\(min_free_mb\)"):
            crawl(store, config(min_free_mb=1 << 40))
        with Store(store.path) as other, other.run_lock(), pytest.raises(LockedError):
            crawl(store, config())
        assert site.served == []
        assert store.counts()["runs"] == 0


@pytest.mark.usefixtures("quick")
def test_a_stop_that_hits_the_readers_too_fails_no_feed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(self: Here, page: Page) -> Feed:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.1)
        raise CleanError(page.url, "the process that read it died")

    monkeypatch.setattr(Here, "parse", killed)
    with serving(paper([1])) as site:
        subscribed(store, site.url("/rss.xml"))
        report = crawl(store, config())
    assert (report.ended, report.worse, store.feeds()[0].failures) == ("interrupted", [], 0)


@pytest.mark.usefixtures("quick")
def test_what_hangs_while_the_run_is_stopped_is_abandoned(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["scraper.crawl"], "GRACE", 0.3)
    begun = time.monotonic()

    def interrupt() -> None:
        while not site.asked()["/1.html"]:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    with serving({"/rss.xml": rss("/1.html"), "/1.html": Reply(story(1), wait=20)}) as site:
        subscribed(store, site.url("/rss.xml"))
        threading.Thread(target=interrupt, daemon=True).start()
        report = crawl(store, config())
    assert time.monotonic() - begun < 5
    assert (report.ended, report.waiting) == ("interrupted", 1)
    assert [link.attempts for link in store.due_links(datetime.now(UTC))] == [0]
