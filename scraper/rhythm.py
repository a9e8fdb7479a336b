"""What a poll of a feed saw, and what the polls before it had -> when to poll it next. Pure.

A poll is due when the entries expected since the last one, times a power of the time (`WEIGHT`),
reach `PATIENCE`. Under that rule the mean of delay**WEIGHT over all entries is the least that a
number of requests can give. WEIGHT 1 polls in the root of the rate (Cho and Garcia-Molina,
"Effective Page Refresh Policies for Web Crawlers", TODS 2003), 0 after a number of entries. What is
expected follows the hour of the day and the day of the week (Sia, Cho and Cho, "Efficient
Monitoring Algorithm for Fast News Alerts", TKDE 2007), and how busy the feed was in the last hours
compared with its habit.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil, exp2, log
from typing import NamedTuple

HOUR, DAY = 3600.0, 86_400.0
SOONEST, LATEST = 300.0, DAY  # between two polls, whatever the rhythm
# Entries that may wait for an hour. In a simulated quarter (tests/benchmarks/year.py) 0.3, 0.4 and
# 0.5 made 29, 25 and 22 % of the requests of 15-minute polling at a median delay of 6.1, 7.0 and
# 7.7 minutes, against its 7.5.
PATIENCE = 0.3
# A delay of t hours counts as t**WEIGHT. At 0.5 a median of 7 minutes took 14 % more requests, with
# nine tenths found within 32 minutes instead of 38.
WEIGHT = 0.25
HABIT = 28 * DAY  # half-life of what is known of hours and days
MOOD = 6 * HOUR  # half-life of how busy the feed is now
DOUBT = 2.0  # entries that the last hours must differ by before they count
UNKNOWN = (1.0, 6 * HOUR)  # a feed of which nothing is known: an entry in six hours
LEARNED = (3 * DAY, 14 * DAY)  # after which the shapes of day and week are believed
HISTORY = 60 * DAY  # older dates of a first poll say nothing
HURRY = 3.0  # halvings of the interval, at most, after gaps
QUIET = 3.0  # days: a shorter silence is none
UNUSUAL = 6.0  # times the usual lull; at 4 there were 5 false alarms a month in 500 feeds, now one
MEMORY = 90 * DAY  # half-life of what is known of lulls
SEEN_OFTEN = 5  # publications before a silence can be unusual
YEAR = 365 * DAY  # a longer Retry-After counts as a year
WAVERING = 6 * HOUR  # between polls of a feed that fails: a day lost entries that its sitemap had
HOPE = 36  # failures, some nine days, after which it is a day


class Asks(NamedTuple):
    """What a feed asks of those who poll it. Seconds; hours 0..23 and days 0..6 (Monday 0), UTC.

    `ttl`, `skipHours` and `skipDays`: RSS 2.0. `max_age`: Cache-Control, less Age (RFC 9111, 4.2).
    """

    ttl: float | None = None
    max_age: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


class Seen(NamedTuple):
    """What a good poll saw. `entries`: how many the feed holds, 0 for a 304.

    `fresh`: the dates of those that this feed had not shown before, None for one without a date; at
    the first poll all of them. An edited entry is not fresh, nor is one that changed its place.
    """

    at: datetime
    entries: int = 0
    fresh: Sequence[datetime | None] = ()
    asks: Asks = Asks()


class Rhythm(NamedTuple):
    """What is kept of a feed between polls; times are POSIX seconds, counts decay with `HABIT`."""

    since: float  # the begin of what is known
    counted: float  # when `hours` and `days` were last decayed
    hours: tuple[float, ...]  # entries by hour of the day, UTC
    days: tuple[float, ...]  # entries by day of the week, Monday first
    at: float  # the last good poll
    recent: float  # entries lately, half of them forgotten each `MOOD`
    expected: float  # what the habit made expect in their place
    newest: float  # the last publication
    times: float  # publications at different times, counted to `SEEN_OFTEN`
    lulls: float  # days between publications, summed; forgotten with `MEMORY`
    squares: float  # the same, squared
    hurry: float  # how often the interval is halved

    def counting(self, dates: Sequence[float], now: float) -> Rhythm:
        """With the entries of some dates, in order, counted."""
        left = fading(now - self.counted, HABIT)
        hours, days = [n * left for n in self.hours], [n * left for n in self.days]
        newest, times, lulls, squares = self.newest, self.times, self.lulls, self.squares
        for date in dates:
            weight = fading(now - date, HABIT)
            hours[hour_of(date)] += weight
            days[day_of(date)] += weight
            if date > newest:
                lull, left = (date - newest) / DAY, fading(date - newest, MEMORY)
                lulls, squares = lulls * left + lull, squares * left + lull**2
                newest, times = date, min(SEEN_OFTEN, times + 1)
        return self._replace(
            counted=now, hours=tuple(hours), days=tuple(days), newest=newest, times=times,
            lulls=lulls, squares=squares,
        )  # fmt: skip

    def mean(self, now: float) -> float:
        """Entries a second, by habit."""
        lived = HABIT / log(2) * (1 - fading(now - self.since, HABIT))
        count = sum(self.days) * fading(now - self.counted, HABIT)
        return (count + UNKNOWN[0]) / (lived + UNKNOWN[1])

    def shape(self, time: float) -> float:
        """How much more than the mean is published in the hour and on the day of a time."""
        age, total = self.at - self.since, sum(self.days)
        hour = 24 * (self.hours[hour_of(time)] + 1) / (total + 24) - 1
        day = 7 * (self.days[day_of(time)] + 1) / (total + 7) - 1
        if age < LEARNED[1]:
            hour *= max(0, min(1, age / LEARNED[0]))
            day *= max(0, age / LEARNED[1])
        return (1 + hour) * (1 + day)

    def wait(self, now: float, patience: float) -> float:
        """Seconds until the entries expected by then have waited enough; a day at most."""
        mean = self.mean(now) * (self.recent + DOUBT) / (self.expected + DOUBT)
        limit: float = patience * HOUR**WEIGHT * exp2(-self.hurry * (1 + WEIGHT))
        passed = entries = load = 0.0
        while passed < LATEST:
            time = now + passed
            rate = mean * self.shape(time)
            end = passed + HOUR - time % HOUR
            more = entries + rate * (end - passed)
            loaded: float = more * end**WEIGHT
            if loaded >= limit and not passed:
                return float((limit / rate) ** (1 / (1 + WEIGHT)))
            if loaded >= limit:  # a straight line is near enough in a later hour
                return passed + (end - passed) * (limit - load) / (loaded - load)
            passed, entries, load = end, more, loaded
        return LATEST

    def silent(self, now: float) -> bool:
        """Whether nothing came for longer than is usual."""
        usual = (self.squares + QUIET**2) / (self.lulls + QUIET)  # the lull that a moment is in
        lull = (now - self.newest) / DAY
        return self.times >= SEEN_OFTEN and lull > max(QUIET, UNUSUAL * usual)

    def dumps(self) -> str:
        """JSON of some 300 bytes, for a column."""
        return json.dumps([rounded(value) for value in self])

    @classmethod
    def loads(cls, text: str) -> Rhythm:
        """What `dumps` wrote, to four digits. Raises ValueError or TypeError for anything else."""
        since, counted, hours, days, *rest = json.loads(text)
        if len(hours) != 24 or len(days) != 7:
            raise ValueError(f"not a feed's rhythm: {text[:60]!r}")
        return cls(since, counted, tuple(hours), tuple(days), *rest)


class Plan(NamedTuple):
    """When a feed is polled next, and what its last poll gave away.

    `gap`: no entry was known, so that others may have come and gone unseen; ask the news sitemap;
    `silent`: nothing for longer than is usual for this feed.
    """

    next_poll: datetime
    interval: float  # seconds
    rhythm: Rhythm
    gap: bool
    silent: bool


def after(rhythm: Rhythm | None, seen: Seen, jitter: float, patience: float = PATIENCE) -> Plan:
    """What follows from a good poll. `rhythm`: what the last plan said, None at the first poll.

    Between 5 minutes and a day, and never sooner than ttl and max-age ask, which count up to a day;
    out of the hours and days to skip, which may make it later than a day. `jitter` (0..1) takes up
    to a tenth off where that leaves what was asked for.
    """
    now = seen.at.timestamp()
    gap = rhythm is not None and 0 < seen.entries <= len(seen.fresh)
    learned = begun(seen, now) if rhythm is None else continued(rhythm, seen, now)
    asked = ceil(max(seen.asks.ttl or 0, seen.asks.max_age or 0))
    own = learned.wait(now, patience) * (1 - 0.1 * jitter)
    wait = min(LATEST, max(SOONEST, asked, own))
    wait += skipped(now + wait, seen.asks, jitter)
    then = seen.at + timedelta(seconds=wait)
    return Plan(then, wait, learned, gap, learned.silent(now))


def after_failure(
    at: datetime, interval: float, failures: int, retry_after: float | None, jitter: float
) -> tuple[datetime, bool]:
    """When a feed is polled again that failed `failures` times, and whether to ask the sitemap now.

    After its interval (an hour at most), doubled with each failure up to 6 hours, and after 36
    failures once a day; never sooner than Retry-After asks (RFC 9110, 10.2.3). `jitter` (0..1)
    moves both by a tenth. A feed that fails for hours may fail for days: the news sitemap, which
    holds two, is asked in its place.
    """
    first = min(HOUR, max(SOONEST, interval))
    wait = min(WAVERING, first * 2 ** min(failures - 1, 10))
    sitemap = wait == WAVERING
    if failures > HOPE:
        wait = LATEST
    wait *= 0.9 + 0.1 * jitter
    asked = ceil(min(retry_after or 0, YEAR) * (1 + 0.1 * jitter))
    return at + timedelta(seconds=max(SOONEST, wait, asked)), sitemap


def skipped(then: float, asks: Asks, jitter: float) -> float:
    """Seconds from `then` to the end of the hours and days to skip; when all are, none is."""
    hours, days = asks.skip_hours, asks.skip_days
    if (not hours and not days) or len(hours) >= 24 or len(days) >= 7:
        return 0.0
    end = then
    while hour_of(end) in hours or day_of(end) in days:
        end = (end // HOUR + 1) * HOUR
    return 0.0 if end == then else ceil(end - then) + 600 * jitter


def hour_of(time: float) -> int:
    """The hour of the day, UTC."""
    return int(time // HOUR) % 24


def day_of(time: float) -> int:
    """The day of the week, Monday 0, UTC; 1970 began on a Thursday."""
    return (int(time // DAY) + 3) % 7


def fading(seconds: float, half_life: float) -> float:
    """What is left of a count after some time, 0..1; a clock that was set back changes nothing."""
    return exp2(-max(0.0, seconds) / half_life)


def rounded(value: float | tuple[float, ...]) -> float | list[float]:
    """A number to four digits, a time to the second."""
    if isinstance(value, tuple):
        return [float(f"{v:.4g}") for v in value]
    return round(value) if value > 1e6 else float(f"{value:.4g}")


def begun(seen: Seen, now: float) -> Rhythm:
    """What a first poll tells: the dates of what the feed holds are its history."""
    dates = sorted(d.timestamp() for d in seen.fresh if d is not None)
    dates = [d for d in dates if now - HISTORY < d <= now]
    blank = Rhythm(
        since=min(dates, default=now), counted=now, hours=(0.0,) * 24, days=(0.0,) * 7, at=now,
        recent=0, expected=0, newest=min(dates, default=now), times=0, lulls=0,
        squares=0, hurry=0,
    )  # fmt: skip
    return blank.counting(dates, now)


def continued(rhythm: Rhythm, seen: Seen, now: float) -> Rhythm:
    """What is known after one more poll."""
    begin, count = min(rhythm.at, now), len(seen.fresh)
    middle = (begin + now) / 2
    left = fading(now - begin, MOOD)
    habit = rhythm.mean(middle) * rhythm.shape(middle) * (now - begin)
    expected = rhythm.expected * left + habit * left**0.5
    if not count:
        return rhythm._replace(at=now, recent=rhythm.recent * left, expected=expected)
    gap = 0 < seen.entries <= count
    dates = sorted(middle if d is None else min(now, max(begin, d.timestamp())) for d in seen.fresh)
    hurry = min(HURRY, rhythm.hurry + 1) if gap else max(0, rhythm.hurry - 0.25)
    return rhythm.counting(dates, now)._replace(
        at=now, recent=rhythm.recent * left + count, expected=expected, hurry=hurry
    )
