"""Due feeds -> new links -> pages -> articles: wires the stages, catches a page's failure.

for each due feed, all at once:          ask for it, unless unchanged
    one transaction:                     its new links, then its validators
    for each site, all at once:          its due links, one after the other
        page = fetch(link)               or the link's state, outcome, next try
        article = clean(page)            in a process of its own
        one transaction:                 the page, the article, its cuts, the link's state
"""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta

from scraper import urls
from scraper.clock import Clock, SystemClock
from scraper.config import Config
from scraper.errors import CleanError, FeedError, FetchError, ScraperError, StoreError
from scraper.fetch import Accept, Fetcher
from scraper.model import Outcome, Report
from scraper.retry import next_poll
from scraper.store import DueLink, FeedRow, Poll, Store
from scraper.visits import Means, Visits, fault
from scraper.workers import Workers

log = logging.getLogger("scraper")

RECHECKED = timedelta(days=7)  # publishers edit what is new
CATCH_UP, STEP = 20, 100  # transactions in a run, articles in each: 5 ms an article
GRACE = 4.0  # seconds that what is in flight gets to finish: a stopped run ends within 5


@dataclass(frozen=True, slots=True)
class Options:
    """What one run is asked to do."""

    every_feed: bool = False  # poll every feed, due or not
    recheck: bool = False  # visit the articles of the last RECHECKED again
    only: str | None = None  # a host or site: nothing else is visited
    seed: int | None = None  # of the jitter


def crawl(
    store: Store,
    config: Config,
    options: Options | None = None,
    *,
    clock: Clock | None = None,
    progress: Callable[[Report], None] = lambda report: None,
) -> Report:
    """One run over what is due. `progress` is called after each feed and link.

    Raises LockedError when another run has the database, StoreError when it can't be written or
    the disk is nearly full. What is committed stays, whatever ends the run.
    """
    with store.run_lock(), Workers(config) as workers:
        free_space(store, config)
        options = options or Options()
        jitter = random.Random(options.seed)  # noqa: S311
        means = Means(store, config, workers, clock or SystemClock(), jitter, progress)
        return asyncio.run(supervised(means, options))


def free_space(store: Store, config: Config) -> None:
    """Raises StoreError when the disk under the database is nearly full."""
    free = shutil.disk_usage(store.path.parent).free // (1024 * 1024)
    if free < config.min_free_mb:
        reason = f"only {free} MB are free on its disk; a run needs {config.min_free_mb} MB"
        raise StoreError(str(store.path), f"{reason} (min_free_mb)")


async def supervised(means: Means, options: Options) -> Report:
    """A run with its row in the ledger, stopped in good order by SIGTERM and SIGINT."""
    store, clock, report = means.store, means.clock, means.report
    run_id = store.begin_run("crawl", now=clock.now())
    report.ended, error = "failed", None
    try:
        async with Fetcher(means.config, store, clock, delays=store) as fetcher:
            run = Run(means, options, fetcher)
            for number in (signal.SIGTERM, signal.SIGINT):
                with suppress(ValueError, NotImplementedError, RuntimeError):  # no main thread
                    asyncio.get_running_loop().add_signal_handler(number, run.stop)
            await run.everything()
        report.ended = "interrupted" if run.frontier.stopping else "ok"
    except ScraperError as exc:
        error = str(exc)
        raise
    finally:
        tally = asdict(report.tally)
        store.end_run(run_id, tally, ended=report.ended, now=clock.now(), error=error)
    return report


class Run:
    """What one run does: polls due feeds, visits due links."""

    def __init__(self, means: Means, options: Options, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        self.store = means.store
        self.config = means.config
        self.options = options
        self.workers = means.workers
        self.clock = means.clock
        self.random = means.random
        self.report = means.report
        self.progress = means.progress
        self.frontier = Visits(means, fetcher).frontier
        self.seen: set[int] = set()

    def stop(self) -> None:
        """Begins nothing new; what is in flight has four seconds."""
        self.frontier.stopping = True
        asyncio.get_running_loop().call_later(GRACE, self.frontier.abandon)

    async def everything(self) -> None:
        """Every due feed and every due link."""
        now = self.clock.now()
        if self.config.keep_pages_days:
            self.store.prune_pages(older_than=now - timedelta(days=self.config.keep_pages_days))
        due = [
            f for f in self.store.due_feeds(now, everything=self.options.every_feed)
            if self.wanted(f.url)
        ]  # fmt: skip
        self.report.tally.feeds_due = len(due)
        self.schedule(self.store.due_links(now))
        if self.options.recheck:
            self.schedule(self.store.article_links(since=now - RECHECKED))
        for row in due:
            self.frontier.start(self.poll_safely(row))
        await self.frontier.drained()
        await self.catch_up()
        tally = self.report.tally
        self.report.waiting = sum(self.wanted(link.url) for link in self.store.due_links(now))
        # a dead feed or two that happen to be due alone are no news: some other feed works
        active = [feed for feed in self.store.feeds() if feed.status == "active"]
        everything = tally.feeds_failed == tally.feeds_due and all(f.failures for f in active)
        if everything and tally.feeds_due > len(self.report.worse):  # each has a line
            self.report.worse.append(f"every feed that was due failed ({tally.feeds_due})")

    async def catch_up(self) -> None:
        """Compares articles of before the syndication index with each other, some in each run."""
        for _ in range(CATCH_UP):
            if self.frontier.stopping or not self.store.index_syndication(STEP):
                return
            await asyncio.sleep(0)  # a signal is seen

    def wanted(self, url: str) -> bool:
        """Whether `--only` leaves the site of a URL in."""
        only, host = self.options.only, urls.host(url)
        return only is None or only in (host, host.split(":")[0], urls.site(url))

    # -- feeds ------------------------------------------------------------------
    async def poll_safely(self, row: FeedRow) -> None:
        """Polls one feed; a fault of ours becomes a failure of that feed alone."""
        try:
            if not self.frontier.stopping:
                await self.poll(row)
        except StoreError:
            raise
        except Exception as exc:
            self.poll_failed(row, FeedError(row.url, fault(row.url, exc)))

    async def poll(self, row: FeedRow) -> None:
        """Asks for one feed and schedules its new links."""
        tally, interval = self.report.tally, row.interval_s or self.config.poll_interval
        try:
            page = await self.fetcher.fetch(
                row.url, accept=Accept.FEED, etag=row.etag, last_modified=row.last_modified
            )
            found = None if page.status == 304 else await self.workers.parse(page)
        except (FetchError, FeedError, CleanError) as exc:
            if not (self.frontier.stopping and isinstance(exc, CleanError)):  # as in visit
                self.poll_failed(row, exc)
            return
        now = self.clock.now()
        when = next_poll(now, interval, 0, self.random.random())
        if found is None:
            self.store.feed_unchanged(row.id, next_poll=when, now=now)
            tally.feeds_unchanged += 1
        else:
            poll = Poll(
                entries=found.entries, title=found.title, kind=found.kind, etag=page.etag,
                last_modified=page.last_modified, moved_to=page.moved_to, next_poll=when,
                interval_s=interval, limit=self.config.max_new_links,
            )  # fmt: skip
            tally.links_new += self.store.feed_polled(row.id, poll, now=now)
            tally.feeds_ok += 1
            self.schedule(self.store.due_links(now, feed_id=row.id))
        self.progress(self.report)

    def poll_failed(self, row: FeedRow, exc: FetchError | FeedError | CleanError) -> None:
        """Writes down a poll that failed; one that worked before is worth a line to cron."""
        now = self.clock.now()
        gone = isinstance(exc, FetchError) and exc.outcome is Outcome.GONE
        interval = row.interval_s or self.config.poll_interval
        when = next_poll(now, interval, row.failures + 1, self.random.random())
        if isinstance(exc, FetchError) and exc.retry_after:
            when = max(when, now + timedelta(seconds=exc.retry_after))
        newly = self.store.feed_failed(row.id, exc.reason, next_poll=when, now=now, gone=gone)
        self.report.tally.feeds_failed += 1
        if newly:
            self.report.worse.append(f"{row.url}: {exc.reason}")
        else:
            log.info("feed failed again: %s", exc)
        self.progress(self.report)

    def schedule(self, links: Iterable[DueLink]) -> None:
        """Queues links by site, each site worked off by a task of its own."""
        for link in links:
            if link.id in self.seen or not self.wanted(link.url):
                continue
            self.seen.add(link.id)
            self.frontier.put(link)
