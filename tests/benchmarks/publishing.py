"""A seed -> feeds with a year of publications, troubles and manners of serving. Pure.

Times are seconds since the year's start, a Monday 00:00 UTC; a feed begins `WARM` before it, so
that the first poll finds a full feed. Local time is UTC plus a fixed offset (no summer time).

Where the figures come from:
- HOURS and WEEKDAYS: the publication dates of 762 labelled pages (63 of them with a local time).
- Rates: the pages have one to three dates a site, which carry no rates. A log-normal law, as the
  heavy tails of Liu, Ramasubramanian and Sirer, "Client Behavior and Feed Characteristics of RSS"
  (IMC 2005: half of the feeds change hourly, a quarter not within days), Sia, Cho and Cho,
  "Efficient Monitoring Algorithm for Fast News Alerts" (TKDE 2007: rates follow a power law and the
  hour of the day) and Hmedeh et al., "Characterizing Web Syndication Behavior and Content" (WISE
  2011: a sixth of the feeds makes nearly all items). MEDIAN and SIGMA are ours: those feeds were
  found on the open web, these are chosen for news; the fullest sixth makes three to four fifths.
- The rest (bursts, batches, shares of feeds with ttl, without ETag, dying) are assumptions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scraper.rhythm import Asks

Floats = npt.NDArray[np.float64]
HOUR, DAY = 3600.0, 86_400.0
START = 1_736_121_600.0  # POSIX: Monday, 2025-01-06 00:00 UTC
WARM = 56  # days before the year, whole weeks
SITEMAP_KEEPS = 2 * DAY  # Google's news sitemaps: the articles of two days
MEDIAN, SIGMA = 4.0, 1.7  # entries a day over all feeds: the middle, and of the logarithm
RATES = (1 / 30, 400.0)
FEW = 20.0  # entries a day that may go out together: more would not fit into the feed
HOURS = (5, 0, 1, 0, 0, 2, 1, 2, 1, 1, 3, 3, 5, 5, 3, 6, 4, 4, 5, 4, 5, 2, 1, 0)  # local
WEEKDAYS = (127, 147, 132, 136, 140, 37, 43)
WINDOWS = (10, 10, 15, 20, 20, 25, 30, 50)  # entries that a feed holds
CROWDED, WIDE = 100.0, (15, 20, 25, 30, 50, 50)  # from so many entries a day it holds more
# where publishers sit: hours from UTC
ZONES = (-8, -6, -5, -5, -5, -3, 0, 0, 1, 1, 1, 1, 2, 2, 3, 5, 8, 9, 10)
# minutes; a publisher who fills a feed within hours seldom asks to be left alone for longer
TTLS = ((5, 0.1), (10, 0.1), (15, 0.2), (30, 0.2), (60, 0.33), (120, 0.04), (1440, 0.03))
BUSY_TTLS = ((5, 0.25), (10, 0.2), (15, 0.3), (30, 0.15), (60, 0.1))
MAX_AGES = (60, 120, 300, 300, 600, 600, 900, 3600)  # seconds
Ending = Literal["", "gone", "dead", "frozen"]  # 410; 404 or nobody there; 200 for ever, no news


@dataclass(frozen=True, slots=True)
class Trouble:
    """A time in which the feed, or its whole host, answers with an error."""

    start: float
    end: float
    whole_host: bool
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class SimulatedFeed:
    """What a feed publishes and how it answers."""

    published: Floats  # sorted; before 0: what the first poll may find
    window: int
    dated: bool
    etag: bool
    restless: bool  # its bytes change with each request
    sitemap: bool
    asks: Asks
    troubles: tuple[Trouble, ...]
    moved: float | None  # from then on its old address answers 301
    silent: tuple[float, float] | None  # a month or so without an entry
    ending: Ending
    ends: float

    def trouble(self, now: float) -> Trouble | None:
        """What is wrong at a time, if something is."""
        return next((t for t in self.troubles if t.start <= now < t.end), None)


def feeds(count: int, days: int, seed: int) -> list[SimulatedFeed]:
    """`count` feeds, independent of each other: the first ones are the same for any count."""
    return [Publisher(np.random.default_rng([seed, n]), days).feed() for n in range(count)]


class Publisher:
    """Draws one feed."""

    def __init__(self, random: np.random.Generator, days: int) -> None:
        self.random = random
        self.days = days
        self.rate = float(np.clip(MEDIAN * math.exp(SIGMA * random.normal()), *RATES))

    def chance(self, share: float) -> bool:
        """True in a share of the draws."""
        return bool(self.random.random() < share)

    def moment(self) -> float:
        """Any time of the year."""
        return float(self.random.uniform(0, self.days * DAY))

    def feed(self) -> SimulatedFeed:
        """The feed."""
        draw = self.random.random()
        ending: Ending = (
            "gone" if draw < 0.03 else "dead" if draw < 0.06 else "frozen" if draw < 0.1 else ""
        )
        ends = self.moment() if ending else math.inf
        silent = None
        if self.chance(0.06):
            since = self.moment()
            silent = (since, since + float(self.random.uniform(20, 45)) * DAY)
        times = self.times()
        keep = times < ends
        if silent:
            keep &= (times < silent[0]) | (times >= silent[1])
        windows = WIDE if self.rate > CROWDED else WINDOWS
        return SimulatedFeed(
            published=times[keep], window=int(self.random.choice(windows)),
            dated=self.chance(0.9), etag=self.chance(0.75), restless=self.chance(0.1),
            sitemap=self.chance(0.5), asks=self.asks(), troubles=self.troubles(),
            moved=self.moment() if self.chance(0.06) else None,
            silent=silent, ending=ending, ends=ends,
        )  # fmt: skip

    def times(self) -> Floats:
        """When entries are published: by the hour, in batches, or at set times of the day."""
        style = self.random.random()
        set_times = style < 0.1 and self.rate < FEW
        intensity = self.intensity(at_set_times=set_times)
        size = float(self.random.uniform(2, 8)) if style > 0.85 else 1.0
        counts = self.random.poisson(intensity / size)
        hours = np.repeat(np.arange(len(counts)), counts)
        if set_times:  # the editor's queue goes out in a minute or two
            offsets = int(self.random.integers(60)) * 60 + self.random.uniform(0, 120, len(hours))
        else:
            offsets = self.random.uniform(0, HOUR, len(hours))
        times = hours * HOUR + offsets
        if size > 1:
            times = np.repeat(times, self.random.poisson(size - 1, len(times)) + 1)
            times = times + self.random.uniform(0, 60, len(times))
        return np.sort(times - WARM * DAY)

    def intensity(self, *, at_set_times: bool) -> Floats:
        """Entries expected in each hour, from `WARM` days before the year."""
        random, total = self.random, (WARM + self.days) * 24
        local = np.arange(total) + int(random.choice(ZONES))
        by_hour = smooth(np.array(HOURS, float)) ** random.uniform(0.3, 1.5)
        by_hour = np.roll(by_hour, int(random.integers(-1, 2)))
        if at_set_times:
            by_hour = np.zeros(24)
            by_hour[random.choice(range(5, 20), int(random.integers(1, 5)), replace=False)] = 1
        by_day = np.array(WEEKDAYS, float) ** random.uniform(0, 1.5)
        shape = by_hour[local % 24] / by_hour.mean() * by_day[local // 24 % 7] / by_day.mean()
        rates: Floats = self.rate / 24 * shape * self.level(total) * self.bursts(total)
        return rates

    def level(self, total: int) -> Floats:
        """How busy the weeks are: they drift, by a fifth from one to the next."""
        weeks = np.empty(total // 168 + 1)
        level = 0.0
        for week in range(len(weeks)):
            level = 0.9 * level + 0.2 * self.random.normal()
            weeks[week] = math.exp(level - 0.1)
        return np.repeat(weeks, 168)[:total]

    def bursts(self, total: int) -> Floats:
        """A dozen great stories a year: three to ten times the entries, fading within hours."""
        factor = np.ones(total)
        for start in self.random.integers(0, total, self.random.poisson(12 * total / 8760)):
            fade = float(self.random.uniform(2, 8))
            hours = np.arange(min(48, total - start))
            factor[start : start + 48] += self.random.uniform(2, 9) * np.exp(-hours / fade)
        return factor

    def asks(self) -> Asks:
        """What the feed asks of those who poll it."""
        ttls = TTLS if self.rate < FEW else BUSY_TTLS
        minutes, weights = zip(*ttls, strict=True)
        ttl = float(self.random.choice(minutes, p=weights)) * 60 if self.chance(0.3) else None
        max_age = float(self.random.choice(MAX_AGES)) if self.chance(0.4) else None
        hours = frozenset(range(1, 5)) if self.chance(0.03) else frozenset[int]()
        return Asks(ttl=ttl, max_age=max_age, skip_hours=hours)

    def troubles(self) -> tuple[Trouble, ...]:
        """Six bad times a year: minutes to a few hours for most, days for few."""
        found = []
        for _ in range(self.random.poisson(6 * self.days / 365)):
            start = self.moment()
            lasts = min(5 * DAY, float(self.random.lognormal(math.log(HOUR), 1.5)))
            asked = float(self.random.choice((60, 600, 3600))) if self.chance(0.2) else None
            found.append(Trouble(start, start + lasts, self.chance(0.5), asked))
        return tuple(sorted(found, key=lambda trouble: trouble.start))


def smooth(counts: Floats) -> Floats:
    """Counts by hour, spread over the hours beside them: 63 dates leave holes."""
    weights = (0.1, 0.2, 0.4, 0.2, 0.1)
    near = [w * np.roll(counts, n - 2) for n, w in enumerate(weights)]
    return np.asarray(np.sum(near, axis=0) + 0.2)
