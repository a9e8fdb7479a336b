from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from benchmarks import year
from benchmarks.polling import BEGIN, CRON, Adaptive, Step, fixed, found, in_sitemap, polled
from benchmarks.publishing import DAY, HOUR, START, WARM, SimulatedFeed, Trouble, feeds

from scraper.rhythm import Asks, Seen

MINUTE = 60.0
DAYS = 12
HOURLY = np.arange(-DAY, DAYS * DAY, HOUR) + 5
PLAIN = SimulatedFeed(
    published=HOURLY, window=10, dated=True, etag=True, restless=False, sitemap=True, asks=Asks(),
    troubles=(), moved=None, silent=None, ending="", ends=math.inf,
)  # fmt: skip


class Regularly:
    """Polls at an interval, whatever comes; keeps what it saw."""

    def __init__(self, interval: float) -> None:
        self.interval = timedelta(seconds=interval)
        self.seen: list[Seen] = []
        self.asked: list[float | None] = []

    def good(self, seen: Seen, jitter: float) -> Step:
        self.seen.append(seen)
        return Step(seen.at + self.interval, sitemap=False)

    def failed(self, at: datetime, failures: int, retry_after: float | None, jitter: float) -> Step:
        self.asked.append(retry_after)
        return Step(at + self.interval, sitemap=failures == 3)


def none(*times: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(times, float)


def test_fixed_polling_is_what_the_crawl_makes_of_a_fixed_interval() -> None:
    endings = set()
    for feed in feeds(60, 20, seed=1):
        endings.add(feed.ending)
        for interval in (900,) if feed.ending else (3600,):
            step_by_step = polled(feed, Regularly(interval), 20, random.Random(0))
            at_once = fixed(feed, interval, 20)
            assert np.array_equal(step_by_step.good, at_once.good)
            assert step_by_step.failed == at_once.failed
            assert step_by_step.too_soon == at_once.too_soon
    assert endings == {"", "gone", "dead", "frozen"}


def test_entries_fall_off() -> None:
    feed = replace(PLAIN, published=none(*range(1, 301, 10)))
    delays, times = found(feed, none(0, 900), none(), DAYS)
    assert np.array_equal(times, feed.published)
    assert np.isinf(delays[:20]).all()
    assert np.array_equal(delays[20:], 900 - feed.published[20:])
    delays, _ = found(feed, none(0, 900), none(900), DAYS)
    assert np.array_equal(delays, 900 - feed.published)
    late, _ = found(feed, none(0, 900), none(2 * DAY + 100), DAYS)
    assert np.isinf(late[:10]).all()  # the sitemap holds two days
    assert np.isfinite(late[10:]).all()


def test_what_a_poll_sees() -> None:
    scheduler = Regularly(3 * HOUR)
    feed = replace(PLAIN, asks=Asks(ttl=60.0))
    polled(feed, scheduler, 1, random.Random(0))
    first, second = scheduler.seen[:2]
    assert (len(first.fresh), first.entries) == (10, 10)
    assert second == Seen(BEGIN + timedelta(hours=3), 10, second.fresh, feed.asks)
    seconds = [d.timestamp() - START for d in second.fresh if d]
    assert seconds == [5, HOUR + 5, 2 * HOUR + 5]
    for changed, entries in ((PLAIN, 0), (replace(PLAIN, etag=False), 10),
                             (replace(PLAIN, restless=True), 10)):  # fmt: skip
        scheduler = Regularly(10 * MINUTE)
        polled(changed, scheduler, 1, random.Random(0))
        assert [s.entries for s in scheduler.seen[1:4]] == [10, entries, entries]
        assert not scheduler.seen[2].fresh
    scheduler = Regularly(3 * HOUR)
    polled(replace(PLAIN, dated=False), scheduler, 1, random.Random(0))
    assert scheduler.seen[1].fresh == [None] * 3


def test_troubles() -> None:
    trouble = Trouble(DAY + 1, DAY + 2 * HOUR, whole_host=False, retry_after=600)
    scheduler = Regularly(HOUR / 2)
    polls = polled(replace(PLAIN, troubles=(trouble,)), scheduler, 2, random.Random(0))
    assert polls.failed == 3
    assert scheduler.asked == [600] * 3
    assert polls.sitemap == [DAY + 1.5 * HOUR]  # the third failure asked for it
    whole = replace(PLAIN, troubles=(replace(trouble, whole_host=True),))
    assert polled(whole, Regularly(HOUR / 2), 2, random.Random(0)).sitemap == []


def test_a_feed_that_is_gone_is_left_alone_and_its_sitemap_asked() -> None:
    gone = replace(PLAIN, published=HOURLY[HOURLY < DAY], ending="gone", ends=DAY)
    polls = polled(gone, Adaptive(), DAYS, random.Random(0))
    assert polls.failed == 1
    assert len(polls.sitemap) == 1
    delays, _ = found(gone, np.array(polls.good), np.array(polls.sitemap), DAYS)
    assert np.isfinite(delays).all()
    dead = replace(gone, ending="dead")
    polls = polled(dead, Adaptive(), DAYS, random.Random(0))
    assert 36 < polls.failed < 60
    assert polls.sitemap == []
    assert not in_sitemap(dead, none(DAY - HOUR)).any()
    assert in_sitemap(gone, none(DAY - HOUR)).all()


def test_crawls_come_each_five_minutes() -> None:
    for polls in (polled(feed, Adaptive(), 10, random.Random(0)) for feed in feeds(5, 10, seed=1)):
        times = np.array(polls.good)
        assert (times % CRON == 0).all()
        assert (np.diff(times) >= CRON).all()


def test_a_seed_makes_the_same_feeds() -> None:
    some, more, others = feeds(4, 30, seed=1), feeds(6, 30, seed=1), feeds(4, 30, seed=2)
    for a, b in zip(some, more[:4], strict=True):
        assert np.array_equal(a.published, b.published)
        assert a.asks == b.asks
    assert [len(f.published) for f in some] != [len(f.published) for f in others]


def test_feeds_have_rhythms() -> None:
    made = feeds(300, 60, seed=5)
    counts = sorted((len(f.published) for f in made), reverse=True)
    assert sum(counts[:50]) > 0.6 * sum(counts)  # a heavy tail
    times = np.concatenate([f.published for f in made])
    assert times.min() < -0.9 * WARM * DAY
    assert all((np.diff(f.published) >= 0).all() for f in made)
    by_day = np.bincount((times // DAY % 7).astype(int), minlength=7)
    assert by_day[5:].mean() < 0.7 * by_day[:5].mean()
    by_hour = np.bincount((times // HOUR % 24).astype(int), minlength=24)
    assert by_hour.max() > 1.5 * by_hour.min()


def test_a_tiny_year(capsys: pytest.CaptureFixture[str]) -> None:
    rows = year.year(40, 21, 1, [0.3])
    often, seldom, ours = rows
    assert year.missed(rows) == []
    assert year.missed([often, seldom, often])[0].endswith(f"a third of {often.requests:,}")
    assert year.missed([often, seldom, seldom])[-2].startswith("a median delay of")
    assert 3.9 < often.requests / seldom.requests < 4.1
    assert often.median() < 460 < seldom.median()
    assert ours.too_soon == 0 < often.too_soon
    assert ours.bodies < often.bodies
    assert year.main(["--feeds", "3", "--days", "4", "--patience", "0.0001,0.3"]) == 1
    printed = capsys.readouterr().out
    assert "MISSED:" in printed
    assert printed.count("patience") == 4
