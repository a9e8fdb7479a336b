from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from newssite import (
    config,
    grim,
    headlines,
    paper,
    rss,
    serving,
    story,
    subscribed,
)

from scraper import crawl
from scraper.model import Page, Verdict
from scraper.store import Store
from scraper.workers import Workers


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as made:
        yield made


def test_a_page_that_kills_its_cleaner_harms_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.workers.clean", grim)
    bad = {
        "/dies.html": "the process that read it died",
        "/hangs.html": "took more than 1.5 s to read",
        "/eats.html": "took more memory to read than allowed",
    }
    with serving({**paper([1, 2]), "/bad.xml": rss(*bad)}, "127.0.0.2") as site:
        site.answers |= dict.fromkeys(bad, story(3))
        with serving(paper([4, 5])) as other:
            subscribed(store, site.url("/bad.xml"), site.url("/rss.xml"), other.url("/rss.xml"))
            report = crawl(store, config(workers=2, clean_seconds=1.5))
    good = [site.url("/1.html"), site.url("/2.html"), other.url("/4.html"), other.url("/5.html")]
    assert headlines(store) == sorted(good)
    assert (report.ended, report.tally.failed) == ("ok", 3)
    failed = {r.url: (r.state, r.outcome, r.reason) for r in store.refused()}
    assert failed == {site.url(p): ("failed", "clean_failed", why) for p, why in bad.items()}


def test_cleaners_that_die_idle_are_replaced() -> None:
    page = Page("http://x.example/", "http://x.example/", 200, {}, b"", datetime.now(UTC))

    async def twice(workers: Workers) -> None:
        await workers.clean(page)
        for process in multiprocessing.active_children():
            process.kill()
        async with asyncio.timeout(5):
            while workers.pool.active:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert (await workers.clean(page)).verdict is Verdict.EMPTY

    with Workers(config()) as workers:
        asyncio.run(twice(workers))
    assert multiprocessing.active_children() == []
