"""A simulated feed, a scheduler -> its polls of a year, and when they found each entry. Pure.

A crawl each five minutes polls what is due; no time passes in it. No sockets: the feed answers by
its calendar (publishing.py).
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.publishing import DAY, HOUR, SITEMAP_KEEPS, START, Floats, SimulatedFeed
from scraper import rhythm

CRON = 300.0  # seconds between two crawls
BEGIN = datetime.fromtimestamp(START, UTC)
LAST = 2 * DAY  # articles of the last days are not counted: the year ends before their time does


class Step(NamedTuple):
    """What a scheduler made of a poll."""

    next_poll: datetime
    sitemap: bool
    gap: bool = False
    silent: bool = False


class Scheduler(Protocol):
    """What plans the polls of one feed, from its first poll on."""

    def good(self, seen: rhythm.Seen, jitter: float) -> Step:
        """After a poll that worked."""

    def failed(self, at: datetime, failures: int, retry_after: float | None, jitter: float) -> Step:
        """After one that did not."""


@dataclass(slots=True)
class Polls:
    """What was asked of one feed and when; times in seconds since the year's begin."""

    good: Sequence[float] | Floats = ()
    sitemap: Sequence[float] = ()
    failed: int = 0
    too_soon: int = 0  # before ttl or max-age were over
    gaps: int = 0
    silent: list[float] = field(default_factory=list)  # when the flag was raised


class Adaptive:
    """The scheduler of the package; its memory goes through JSON each week."""

    def __init__(self, patience: float = rhythm.PATIENCE) -> None:
        self.patience = patience
        self.rhythm: rhythm.Rhythm | None = None
        self.interval = 0.0
        self.week = 0

    def good(self, seen: rhythm.Seen, jitter: float) -> Step:
        """After a poll that worked."""
        if self.rhythm and seen.at.day // 7 != self.week:
            self.rhythm, self.week = rhythm.Rhythm.loads(self.rhythm.dumps()), seen.at.day // 7
        plan = rhythm.after(self.rhythm, seen, jitter, self.patience)
        self.rhythm, self.interval = plan.rhythm, plan.interval
        return Step(plan.next_poll, plan.gap, plan.gap, plan.silent)

    def failed(self, at: datetime, failures: int, retry_after: float | None, jitter: float) -> Step:
        """After one that did not."""
        return Step(*rhythm.after_failure(at, self.interval, failures, retry_after, jitter))


class Site:
    """A feed as it answers over the year."""

    def __init__(self, feed: SimulatedFeed) -> None:
        self.feed = feed
        self.published = feed.published.tolist()
        self.dates = [BEGIN + timedelta(seconds=t) for t in self.published] if feed.dated else []
        self.seen = 0  # entries that were published before the last good poll
        self.calm = 0.0  # until then nothing fails, as far as was looked

    def fails(self, now: float) -> bool:
        """Whether a poll is answered with an error, or not at all."""
        if now < self.calm:
            return False
        feed = self.feed
        dies = feed.ends if feed.ending in ("gone", "dead") else math.inf
        if now >= dies or feed.trouble(now):
            return True
        self.calm = min((t.start for t in feed.troubles if t.start > now), default=dies)
        self.calm = min(self.calm, dies)
        return False

    def answer(self, now: float, at: datetime) -> rhythm.Seen:
        """What a good poll sees: nothing for a 304."""
        feed, newest = self.feed, bisect_right(self.published, now)
        oldest = max(0, newest - feed.window)
        first, self.seen = max(self.seen, oldest), newest
        if first == newest and feed.etag and not feed.restless:
            return rhythm.Seen(at, asks=feed.asks)
        fresh = self.dates[first:newest] if feed.dated else [None] * (newest - first)
        return rhythm.Seen(at, newest - oldest, fresh, feed.asks)

    def has_sitemap(self, now: float) -> bool:
        """Whether there is a sitemap that answers."""
        trouble = self.feed.trouble(now)
        there = now < self.feed.ends or self.feed.ending != "dead"
        return self.feed.sitemap and there and not (trouble and trouble.whole_host)


def polled(feed: SimulatedFeed, scheduler: Scheduler, days: int, jitter: random.Random) -> Polls:
    """A year of one feed under a scheduler."""
    site, good, sitemap = Site(feed), list[float](), list[float]()
    done, failures, now, last, silent = Polls(good, sitemap), 0, 0.0, -math.inf, False
    asked = max(feed.asks.ttl or 0, feed.asks.max_age or 0)
    while now < days * DAY:
        at = BEGIN + timedelta(seconds=now)
        if site.fails(now):
            failures, done.failed = failures + 1, done.failed + 1
            gone = feed.ending == "gone" and now >= feed.ends
            trouble = feed.trouble(now)
            retry_after = trouble.retry_after if trouble else None
            step = scheduler.failed(at, failures, retry_after, jitter.random())
            ask = step.sitemap or gone  # what came after the last poll, before a feed that is gone
        else:
            gone, failures = False, 0
            step = scheduler.good(site.answer(now, at), jitter.random())
            ask = step.sitemap
            done.too_soon += now - last < asked
            done.gaps += step.gap
            good.append(now)
            last = now
            if step.silent and not silent:
                done.silent.append(now)
            silent = step.silent
        if ask and site.has_sitemap(now):
            sitemap.append(now)
        if gone:
            break
        due = (step.next_poll - BEGIN).total_seconds()
        now = max(now + CRON, math.ceil(due / CRON) * CRON)
    return done


def fixed(feed: SimulatedFeed, interval: float, days: int) -> Polls:
    """A year of one feed polled at a fixed interval, in no heed of what it asks; 410 ends it."""
    times = np.arange(0, days * DAY, interval)
    dead = feed.ending in ("gone", "dead")
    if feed.ending == "gone":
        times = times[: np.searchsorted(times, feed.ends) + 1]
    bad = times >= feed.ends if dead else np.zeros(len(times), bool)
    for trouble in feed.troubles:
        bad |= (times >= trouble.start) & (times < trouble.end)
    good = times[~bad]
    asked = max(feed.asks.ttl or 0, feed.asks.max_age or 0)
    soon = int(np.sum(np.diff(good, prepend=-math.inf) < asked))
    return Polls(good, failed=int(bad.sum()), too_soon=soon)


def found(feed: SimulatedFeed, good: Floats, asked: Floats, days: int) -> tuple[Floats, Floats]:
    """Seconds from publication to being found, infinite for what is lost; and the publications.

    An entry is seen by the first good poll after it, if it still is among the last `window`.
    """
    counted = (feed.published >= 0) & (feed.published < days * DAY - LAST)
    index, times = np.flatnonzero(counted), feed.published[counted]
    polls = np.append(good, math.inf)
    first = polls[np.searchsorted(good, times)]
    below = np.searchsorted(feed.published, first, "right") - 1 - index
    by_feed = np.where((below < feed.window) & np.isfinite(first), first - times, math.inf)
    sitemap = np.append(asked, math.inf)[np.searchsorted(asked, times)] - times
    return np.minimum(by_feed, np.where(sitemap <= SITEMAP_KEEPS, sitemap, math.inf)), times


def in_sitemap(feed: SimulatedFeed, times: Floats) -> npt.NDArray[np.bool_]:
    """Which articles a sitemap holds for those who ask four times a day.

    That is, the site answered for six hours on end in the second day after the publication: a site
    that dies takes its last articles with it.
    """
    there = np.full(len(times), feed.sitemap)
    doubtful = [t.start for t in feed.troubles if t.whole_host and t.end - t.start > HOUR]
    if feed.ending == "dead":
        doubtful.append(feed.ends)
    site = Site(feed)
    for start in doubtful if feed.sitemap else ():
        for n in np.flatnonzero((times > start - 2 * DAY) & (times < start + 5 * DAY)):
            run = longest = 0
            for hour in range(24, 49):
                run = run + 1 if site.has_sitemap(times[n] + hour * HOUR) else 0
                longest = max(longest, run)
            there[n] = longest > 6
    return there
