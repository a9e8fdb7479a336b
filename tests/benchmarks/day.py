"""500 hosts, 50,000 pages, 24 simulated hours -> did the fetcher keep its manners and its size?

    PYTHONPATH=tests python -m benchmarks.day [--hosts 500] [--requests 50000] [--seed 7]

One fetcher for the whole day, in one process with the hosts: real sockets, simulated time. Twenty
times in the day it is given pages of every host, all at once. Exit 1 when a host was visited faster
than its limit allows, or when something the process holds grew from 10 % of the requests to 50 % or
100 % by more than growth.py allows.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulated import LoopClock, SimulatedLoop

from benchmarks.growth import MEMORY, Sizes, grown, sizes
from benchmarks.hosts import Hosts, Seen
from benchmarks.report import table
from scraper.config import Config
from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots, RobotsCache

DAY = 86_400.0  # seconds
CONFIG = Config(allow=(ipaddress.ip_network("127.0.0.0/8"),))
ROUNDS = 20
LOOKS = (2, 10, 20)  # rounds after which sizes are taken: 10, 50, 100 % of the requests
REST = 120.0  # seconds after a round: what it began has ended
TAIL = 40  # how much alike hosts are: the fullest of 500 has seven times the pages of the emptiest


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the day is."""

    hosts: int = 500
    requests: int = 50_000  # pages that are asked for; robots.txt and redirects come on top
    seed: int = 7


@dataclass(slots=True)
class Day:
    """What came of it."""

    seen: Seen
    outcomes: Counter[str] = field(default_factory=Counter)
    looks: list[Sizes] = field(default_factory=list)
    hours: float = 0.0  # simulated
    seconds: float = 0.0  # real

    def faults(self) -> list[str]:
        """What broke, a line each."""
        manners = {
            "requests came sooner after another of their site than its limit": self.seen.hurried,
            "requests came while another of their site or address was under way": self.seen.crowded,
            "requests came too soon after another of their address": self.seen.shared,
            "requests came sooner than the Retry-After": self.seen.early,
        }
        lines = [f"{count} {what}" for what, count in manners.items() if count]
        return lines + [line for look in self.looks[1:] for line in grown(self.looks[0], look)]


async def ask(fetcher: Fetcher, url: str, outcomes: Counter[str]) -> None:
    """One page, whatever comes of it."""
    try:
        await fetcher.fetch(url)
        outcomes["ok"] += 1
    except FetchError as exc:
        outcomes[exc.outcome] += 1


async def crawl(plan: Plan, config: Config, robots: RobotsCache) -> Day:
    """The day, on the running loop."""
    chance, loop = random.Random(plan.seed), asyncio.get_running_loop()
    hosts = Hosts(plan.hosts, CONFIG.delay, CONFIG.address_delay, plan.seed)
    day, every = Day(hosts.seen), list(hosts.hosts.values())
    weights = [1 / (host.number + TAIL) for host in every]
    async with hosts, Fetcher(config, robots, LoopClock(), hosts.resolve) as fetcher:
        for number in range(1, ROUNDS + 1):
            rest = max(0, plan.requests // ROUNDS - len(every))
            asked = every + chance.choices(every, weights, k=rest)
            urls = [hosts.url(host, f"/{number}/{n}") for n, host in enumerate(asked)]
            await asyncio.gather(*(ask(fetcher, url, day.outcomes) for url in urls))
            if number in LOOKS:
                await asyncio.sleep(REST)
                day.looks.append(sizes(fetcher))
            await asyncio.sleep(max(0.0, DAY * number / ROUNDS - loop.time()))
        day.hours = loop.time() / 3600
    return day


def run(plan: Plan, config: Config = CONFIG, robots: RobotsCache | None = None) -> Day:
    """The day. The hosts judge by the delays of CONFIG, whatever `config` says."""
    start = time.monotonic()
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        day = runner.run(crawl(plan, config, robots or MemoryRobots()))
    day.seconds = time.monotonic() - start
    return day


def shown(day: Day) -> str:
    """Tables: the visits, the outcomes, the sizes."""
    seen = day.seen
    manners = [
        ["visits", ""],
        ["requests", f"{seen.requests:,}"],
        ["closest to a limit, s", f"{abs(seen.least):.3f}" if not seen.hurried else "beyond"],
        ["faster than a limit", f"{seen.hurried}"],
        ["two at once", f"{seen.crowded}"],
        ["too soon at an address", f"{seen.shared}"],
        ["before the Retry-After", f"{seen.early}"],
        ["again after a reset", f"{seen.again}"],
    ]
    outcomes = [["outcomes", ""], *([name, f"{n:,}"] for name, n in day.outcomes.most_common())]
    looks = [["sizes", "10 %", "50 %", "100 %"]]
    for name in day.looks[-1]:
        digits = 1 if name == MEMORY else 0
        looks.append([name, *(f"{look.get(name, 0):,.{digits}f}" for look in day.looks)])
    return "\n\n".join(map(table, (manners, outcomes, looks)))


def main(argv: Sequence[str] | None = None) -> int:
    """0 well, 1 when a limit was broken or something grew."""
    parser = argparse.ArgumentParser("benchmarks.day", description=(__doc__ or "").split("\n")[0])
    plan = Plan()
    add = parser.add_argument
    add("--hosts", type=int, default=plan.hosts, help="%(default)s")
    add("--requests", type=int, default=plan.requests, help="%(default)s")
    add("--seed", type=int, default=plan.seed, help="%(default)s")
    args = parser.parse_args(argv)
    day = run(Plan(args.hosts, args.requests, args.seed))
    print(shown(day))
    print(f"\n{day.hours:.1f} hours in {day.seconds:.0f} s")
    for fault in (faults := day.faults()):
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
