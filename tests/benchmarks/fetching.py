"""A web on loopback -> the seconds that our fetcher takes for its pages, beside plain httpx.

    PYTHONPATH=tests python -m benchmarks.fetching [FEEDS_URL] [--runs 3]

FEEDS_URL names a list of feeds, one a line, on loopback. Without it a web of `--sites` sites with
`--pages` pages each, which answers after `--delay` seconds, is served by a process of its own.
Three loops take turns: our fetcher, httpx with one client for all sites, httpx with one for each.
Each asks a site for its robots.txt, then for its pages one by one, 64 sites at once, without a
pause. The ideal is the greatest of what no loop can beat: the fullest site one answer after
another, all answers 64 at a time, the CPU seconds of the better httpx. Exit 1 beyond 1.3 times it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import ssl
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from urllib.parse import urlsplit

import httpx

from benchmarks.loopback import Shape, web
from benchmarks.report import table
from scraper import feed
from scraper.config import Config
from scraper.fetch import Accept, Fetcher, MemoryRobots
from scraper.fetch.mime import HEADERS

CONFIG = Config(delay=0, allow=(ipaddress.ip_network("127.0.0.0/8"),))
GOAL = 1.3  # times the ideal
SINGLE = 20  # requests, one after another, that give the time of one answer
MANY = 100_000  # links that are taken from one feed

Sites = dict[str, list[str]]  # origin -> the addresses of its pages
Loop = Callable[[Sites], Coroutine[None, None, tuple[int, int]]]  # -> pages, bytes of them


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a loop took, in seconds, and what it brought."""

    wall: float
    cpu: float
    pages: int
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """What all runs came to. Times are in seconds."""

    runs: dict[str, list[Run]]
    bounds: dict[str, float]

    def wall(self, name: str) -> float:
        """The median of a loop's runs."""
        return statistics.median(run.wall for run in self.runs[name])

    @property
    def ideal(self) -> float:
        """The greatest of the bounds."""
        return max(self.bounds.values())

    @property
    def ratio(self) -> float:
        """Our fetcher's time over the ideal."""
        return self.wall("scraper") / self.ideal


def client(tls: ssl.SSLContext) -> httpx.AsyncClient:
    """A plain client that says of itself what our fetcher does."""
    headers = {
        "User-Agent": CONFIG.user_agent,
        "Accept": HEADERS[Accept.PAGE],
        "Accept-Encoding": "gzip, deflate, br, zstd",
    }
    return httpx.AsyncClient(headers=headers, verify=tls, timeout=CONFIG.deadline, trust_env=False)


async def ours(sites: Sites) -> tuple[int, int]:
    """Fetches the pages as a crawl does: one task a site, the fetcher keeps the manners."""

    async def one(urls: list[str]) -> list[int]:
        return [len((await fetcher.fetch(url)).body) for url in urls]

    async with Fetcher(CONFIG, MemoryRobots()) as fetcher:
        sizes = [*chain(*await asyncio.gather(*map(one, sites.values())))]
    return len(sizes), sum(sizes)


async def plain(sites: Sites, *, each: bool) -> tuple[int, int]:
    """Fetches the pages with httpx alone: one client, or with `each` one for each site."""
    tls = httpx.create_ssl_context(trust_env=False)
    slots = asyncio.Semaphore(CONFIG.hosts_at_once)

    async def one(http: httpx.AsyncClient, origin: str, urls: list[str]) -> list[int]:
        sizes = []
        async with http if each else nullcontext():
            for url in [f"{origin}/robots.txt", *urls]:
                async with slots:
                    answer = await http.get(url)
                answer.raise_for_status()
                sizes.append(len(answer.content))
        return sizes[1:]

    async with client(tls) as shared:
        tasks = [one(client(tls) if each else shared, *site) for site in sites.items()]
        sizes = [*chain(*await asyncio.gather(*tasks))]
    return len(sizes), sum(sizes)


LOOPS: dict[str, Loop] = {
    "scraper": ours,
    "httpx, one client": partial(plain, each=False),
    "httpx, one a site": partial(plain, each=True),
}


async def links(feeds_url: str) -> Sites:
    """The pages that the listed feeds name, by origin."""
    sites: Sites = {}
    async with Fetcher(CONFIG, MemoryRobots()) as fetcher:
        listed = await fetcher.fetch(feeds_url, accept=Accept.ANY)
        urls = listed.body.decode().split()
        pages = await asyncio.gather(*(fetcher.fetch(url, accept=Accept.FEED) for url in urls))
    for page in pages:
        for entry in feed.parse(page, limit=MANY).entries:
            parts = urlsplit(entry.url)
            sites.setdefault(f"{parts.scheme}://{parts.netloc}", []).append(entry.url)
    return sites


async def answer_time(sites: Sites) -> float:
    """Seconds that a lone request takes: the median of SINGLE on a connection that is kept."""
    url = next(iter(sites)) + "/robots.txt"
    times = []
    async with client(httpx.create_ssl_context(trust_env=False)) as http:
        for _ in range(SINGLE + 1):
            start = time.perf_counter()
            await http.get(url)
            times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def timed(loop: Loop, sites: Sites) -> Run:
    """One run of a loop, on an event loop of its own."""
    gc.collect()
    cpu, start = time.process_time(), time.perf_counter()
    pages, size = asyncio.run(loop(sites))
    return Run(time.perf_counter() - start, time.process_time() - cpu, pages, size)


def measure(feeds_url: str, count: int) -> Found:
    """Runs the loops in turn, `count` times each. Raises what they raise."""
    sites = asyncio.run(links(feeds_url))
    single = asyncio.run(answer_time(sites))
    runs: dict[str, list[Run]] = {name: [] for name in LOOPS}
    for number in range(count):
        for name in LOOPS if number % 2 == 0 else reversed(LOOPS):
            runs[name].append(timed(LOOPS[name], sites))
    asked, at_once = [1 + len(urls) for urls in sites.values()], CONFIG.hosts_at_once
    plain = statistics.median(run.cpu for run in runs["httpx, one client"])
    bounds = {
        f"fullest site, {max(asked)} x {1000 * single:.1f} ms": max(asked) * single,
        f"{sum(asked)} requests, {at_once} at once": sum(asked) * single / at_once,
        "CPU of plain httpx, one client": plain,
    }
    return Found(runs, bounds)


def shown(found: Found) -> str:
    """Two tables: the loops, the bounds."""
    rows = [["median of the runs", "wall s", "x ideal", "cpu s", "cpu ms a page", "pages", "MB"]]
    for name, runs in found.runs.items():
        cpu, last = statistics.median(run.cpu for run in runs), runs[-1]
        rows.append([
            name, f"{found.wall(name):.2f}", f"{found.wall(name) / found.ideal:.2f}", f"{cpu:.2f}",
            f"{1000 * cpu / last.pages:.2f}", f"{last.pages}", f"{last.size / 1e6:.0f}",
        ])  # fmt: skip
    bounds = [["no loop is faster than", "s"]]
    bounds += [[name, f"{seconds:.2f}"] for name, seconds in found.bounds.items()]
    return f"{table(rows)}\n\n{table(bounds)}"


def main(argv: Sequence[str] | None = None) -> int:
    """0 well, 1 when our fetcher takes more than GOAL times the ideal."""
    parser = argparse.ArgumentParser(
        "benchmarks.fetching", description=(__doc__ or "").split("\n")[0]
    )
    shape = Shape()
    add = parser.add_argument
    add("feeds", nargs="?", metavar="FEEDS_URL", help="a list of feeds on loopback")
    add("--runs", type=int, default=3, help="of each loop; %(default)s")
    add("--sites", type=int, default=shape.sites, help="of the web served here; %(default)s")
    add("--pages", type=int, default=shape.pages, help="of each of its sites; %(default)s")
    add("--delay", type=float, default=shape.delay, help="before its answers; %(default)s")
    args = parser.parse_args(argv)
    own = web(Shape(args.sites, args.pages, args.delay))
    with nullcontext(args.feeds) if args.feeds else own as feeds_url:
        found = measure(feeds_url, args.runs)
    print(shown(found))
    print(f"\nscraper: {found.ratio:.2f} times the ideal; the goal is {GOAL}")
    return 1 if found.ratio > GOAL else 0


if __name__ == "__main__":
    sys.exit(main())
