"""500 feeds, a simulated year -> requests, delays and losses of the scheduler and of fixed polling.

    PYTHONPATH=tests python -m benchmarks.year [--feeds 500] [--days 365] [--seed 1]
        [--patience 0.2,0.4]

An article is stored at the crawl that finds it (polling.py). An entry is lost when it fell off its
feed before a poll that worked, and no sitemap that was asked had it. More than one `--patience`
shows the frontier of requests against delay. Exit 1 when the first misses a target: fewer than a
third of the requests of 15-minute polling, at no more than its median delay, and no entry lost
where the sitemap has it.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.polling import Adaptive, Polls, fixed, found, in_sitemap, polled
from benchmarks.publishing import DAY, Floats, SimulatedFeed, feeds
from benchmarks.report import table
from scraper import rhythm

NOTICED = 14 * DAY  # a shorter rest of the year is no silence
HEADS = (
    "", "requests", "per art.", "median", "p90", "mean min", "lost", "though in sitemap", "bodies",
    "too soon", "sitemaps", "CPU s",
)  # fmt: skip


@dataclass(slots=True)
class Figures:
    """The figures of one scheduler over all feeds."""

    name: str
    requests: int = 0
    bodies: int = 0  # answered with a body: no 304
    too_soon: int = 0
    sitemaps: int = 0
    gaps: int = 0
    lost_sitemap: int = 0  # though the sitemap has it
    with_sitemap: int = 0
    delays: list[Floats] = field(default_factory=list)  # infinite: lost
    planted: int = 0  # silences
    flagged: int = 0  # of them
    false_alarms: int = 0
    seconds: float = 0.0

    def add(self, feed: SimulatedFeed, polls: Polls, days: int) -> None:
        """With one more feed."""
        good, asked = np.asarray(polls.good), np.asarray(polls.sitemap)
        delays, counted = found(feed, good, asked, days)
        self.delays.append(delays)
        self.requests += len(good) + polls.failed + len(asked) + (feed.moved is not None)
        news = np.diff(np.searchsorted(feed.published, good, "right"), prepend=-1) > 0
        self.bodies += int(news.sum()) if feed.etag and not feed.restless else len(good)
        self.too_soon += polls.too_soon
        self.sitemaps += len(asked)
        self.gaps += polls.gaps
        held = in_sitemap(feed, counted)
        self.with_sitemap += int(held.sum())
        self.lost_sitemap += int((held & np.isinf(delays)).sum())

    def alarms(self, feed: SimulatedFeed, polls: Polls, days: int) -> None:
        """Counts the silences that were planted, those that were flagged, and what else was."""
        planted = [feed.silent] if feed.silent else []
        if feed.ending == "frozen":
            planted.append((feed.ends, math.inf))
        for begin, end in planted:
            if min(end, days * DAY) - begin < NOTICED:
                continue
            self.planted += 1
            self.flagged += any(begin <= t < end + DAY for t in polls.silent)
        spans = [(begin, end + DAY) for begin, end in planted]
        self.false_alarms += sum(not any(a <= t < b for a, b in spans) for t in polls.silent)

    def cells(self) -> list[str]:
        """A row of the table."""
        delays = np.concatenate(self.delays)
        good = delays[np.isfinite(delays)] / 60
        return [
            self.name, f"{self.requests:,}", f"{self.requests / len(good):.2f}",
            f"{np.median(good):.1f}", f"{np.quantile(good, 0.9):.1f}", f"{good.mean():.1f}",
            f"{1 - len(good) / len(delays):.3%}",
            f"{self.lost_sitemap / max(1, self.with_sitemap):.3%}", f"{self.bodies:,}",
            f"{self.too_soon:,}", f"{self.sitemaps:,}", f"{self.seconds:.0f}",
        ]  # fmt: skip

    def median(self) -> float:
        """Seconds from publication to storage."""
        delays = np.concatenate(self.delays)
        return float(np.median(delays[np.isfinite(delays)]))


def measured(
    name: str, published: Sequence[SimulatedFeed], days: int, poll: Callable[[int], Polls]
) -> Figures:
    """The figures of polling each feed by `poll`, which is given its number."""
    begun, figures = time.process_time(), Figures(name)
    for number, feed in enumerate(published):
        polls = poll(number)
        figures.add(feed, polls, days)
        figures.alarms(feed, polls, days)
    figures.seconds = time.process_time() - begun
    return figures


def year(count: int, days: int, seed: int, patience: Sequence[float]) -> list[Figures]:
    """The figures of fixed polling at 15 and at 60 minutes, and of the scheduler."""
    published = feeds(count, days, seed)
    rows = []
    for minutes in (15, 60):

        def regularly(number: int, minutes: int = minutes) -> Polls:
            return fixed(published[number], minutes * 60, days)

        rows.append(measured(f"each {minutes} min", published, days, regularly))
    for value in patience:

        def poll(number: int, value: float = value) -> Polls:
            jitter = random.Random(seed * 1_000_003 + number)
            return polled(published[number], Adaptive(value), days, jitter)

        rows.append(measured(f"patience {value:g}", published, days, poll))
    return rows


def missed(rows: Sequence[Figures]) -> list[str]:
    """The targets that the scheduler, third of the rows, missed against the first: a line each."""
    often, ours = rows[0], rows[2]
    found = []
    if ours.requests * 3 >= often.requests:
        found.append(f"{ours.requests:,} requests are no less than a third of {often.requests:,}")
    if ours.median() > often.median():
        found.append(f"a median delay of {ours.median():.0f} s is over {often.median():.0f} s")
    if ours.lost_sitemap:
        found.append(f"{ours.lost_sitemap} entries lost that the sitemap has")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 when a target is missed."""
    parser = argparse.ArgumentParser("year", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", default=f"{rhythm.PATIENCE}", help="with commas; %(default)s")
    given = parser.parse_args(argv)
    patience = [float(value) for value in given.patience.split(",")]
    rows = year(given.feeds, given.days, given.seed, patience)
    print(table([list(HEADS), *(row.cells() for row in rows)]))
    months = given.days / 30
    for row in rows[2:]:
        silent = f"{row.flagged} of {row.planted} silences flagged"
        wrong = f"{row.false_alarms / months:.1f} others a month"
        share = f"{row.requests / rows[0].requests:.3f} of the requests of 15-minute polling"
        print(f"{row.name}: {share}; {row.gaps:,} gaps; {silent}, {wrong}")
    for line in (faults := missed(rows)):
        print("MISSED:", line)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
