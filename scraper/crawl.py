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
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta

from scraper import urls
from scraper.clock import Clock, SystemClock
from scraper.config import Config
from scraper.errors import CleanError, FeedError, FetchError, ScraperError, StoreError
from scraper.fetch import Accept, Fetcher
from scraper.frontier import Frontier
from scraper.model import Outcome, Report, Verdict
from scraper.retry import DAY, IN_RUN, IN_RUN_TRIES, fate, next_poll, second_look
from scraper.store import DueLink, FeedRow, Poll, Store
from scraper.workers import Workers

log = logging.getLogger("scraper")

GRACE = 4.0  # seconds that what is in flight gets to finish: a stopped run ends within 5


@dataclass(frozen=True, slots=True)
class Options:
    """What one run is asked to do."""

    every_feed: bool = False  # poll every feed, due or not
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
        run = Run(store, config, options or Options(), workers, clock or SystemClock())
        run.progress = progress
        return asyncio.run(run.supervised())


def free_space(store: Store, config: Config) -> None:
    """Raises StoreError when the disk under the database is nearly full."""
    free = shutil.disk_usage(store.path.parent).free // (1024 * 1024)
    if free < config.min_free_mb:
        reason = f"only {free} MB are free on its disk; a run needs {config.min_free_mb} MB"
        raise StoreError(str(store.path), f"{reason} (min_free_mb)")


class Run:
    """One run. The store is only touched here, on the event loop's thread: one writer."""

    def __init__(
        self, store: Store, config: Config, options: Options, workers: Workers, clock: Clock
    ) -> None:
        self.store = store
        self.config = config
        self.options = options
        self.workers = workers
        self.clock = clock
        self.random = random.Random(options.seed)  # noqa: S311
        self.stored = {Verdict.ARTICLE, *map(Verdict, config.also_store)}
        self.report = Report()
        self.progress: Callable[[Report], None] = lambda report: None
        self.frontier = Frontier(self.visit_safely, clock)
        self.seen: set[int] = set()
        self.tries: dict[int, int] = {}

    async def supervised(self) -> Report:
        """The run with its row in the ledger, stopped in good order by SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(ValueError, NotImplementedError, RuntimeError):  # not the main thread
                loop.add_signal_handler(number, self.stop)
        run_id = self.store.begin_run("crawl", now=self.clock.now())
        self.report.ended, error = "failed", None
        try:
            async with Fetcher(self.config, self.store, self.clock) as fetcher:
                self.fetcher = fetcher
                await self.everything()
            self.report.ended = "interrupted" if self.frontier.stopping else "ok"
        except ScraperError as exc:
            error = str(exc)
            raise
        finally:
            ended, tally = self.report.ended, asdict(self.report.tally)
            self.store.end_run(run_id, tally, ended=ended, now=self.clock.now(), error=error)
        return self.report

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
        for row in due:
            self.frontier.start(self.poll_safely(row))
        await self.frontier.drained()
        tally = self.report.tally
        self.report.waiting = sum(self.wanted(link.url) for link in self.store.due_links(now))
        # a dead feed or two that happen to be due alone are no news: some other feed works
        active = [feed for feed in self.store.feeds() if feed.status == "active"]
        everything = tally.feeds_failed == tally.feeds_due and all(f.failures for f in active)
        if everything and tally.feeds_due > len(self.report.worse):  # each has a line
            self.report.worse.append(f"every feed that was due failed ({tally.feeds_due})")

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

    # -- links ------------------------------------------------------------------
    def schedule(self, links: Iterable[DueLink]) -> None:
        """Queues links by site, each site worked off by a task of its own."""
        for link in links:
            if link.id in self.seen or not self.wanted(link.url):
                continue
            self.seen.add(link.id)
            self.frontier.put(link)

    async def visit_safely(self, link: DueLink) -> None:
        """Visits one link; a fault of ours becomes an outcome of that link alone."""
        try:
            await self.visit(link)
        except StoreError:
            raise
        except Exception as exc:
            self.failed(link, Outcome.CLEAN_FAILED, fault(link.url, exc), None)
        self.progress(self.report)

    async def visit(self, link: DueLink) -> None:
        """Fetches one link, cleans its page, stores what it is.

        Nothing is asked of a site that asked for more patience than a run has, now or in a run
        before: its links wait.
        """
        rest = self.store.site_backoff(urls.site(link.url))
        if rest is not None and rest > self.clock.now():
            return
        try:
            page = await self.fetcher.fetch(link.url)
        except FetchError as exc:
            self.failed(link, exc.outcome, exc.reason, exc.retry_after)
            return
        self.report.tally.pages_fetched += 1
        try:
            article = await self.workers.clean(page)
        except CleanError as exc:
            if not self.frontier.stopping:  # who stops a whole group of processes stops cleaners
                self.failed(link, Outcome.CLEAN_FAILED, exc.reason, None)
            return
        now = self.clock.now()
        kept = page if self.config.keep_pages_days > 0 else None
        tried = link.attempts + self.tries.get(link.id, 0) + 1
        again = second_look(article.verdict, tried, now, self.random.random())
        if article.verdict not in self.stored:
            self.store.link_refused(link.id, article, kept, now=now, next_try=again)
            self.report.tally.refused += 1
            log.info("refused as %s: %s (%s)", article.verdict, link.url, article.verdict_reason)
            return
        saved = self.store.save_article(link.id, kept, article, now=now, next_try=again)
        self.report.tally.articles_new += saved.new
        self.report.tally.articles_revised += saved.revised

    def failed(
        self, link: DueLink, outcome: Outcome, error: str, retry_after: float | None
    ) -> None:
        """Writes down how a link failed, and tries again in this run if that is due soon."""
        now, tried = self.clock.now(), self.tries.get(link.id, 0)
        self.tries[link.id] = tried + 1
        then = fate(outcome, link.attempts + tried + 1, now, retry_after, self.random.random())
        self.store.link_failed(
            link.id, outcome, error, next_try=then.next_try, state=then.state, now=now
        )
        log.info("%s: %s (%s)", link.url, error, outcome)
        if retry_after and retry_after > IN_RUN:
            until = now + timedelta(seconds=min(retry_after, DAY))
            self.store.set_site_backoff(urls.site(link.url), until)
        wait = (then.next_try - now).total_seconds() if then.next_try else IN_RUN + 1
        if wait <= IN_RUN and tried < IN_RUN_TRIES:
            self.frontier.put_later(link, wait)
        else:
            self.report.tally.failed += 1


def fault(subject: str, exc: Exception) -> str:
    """What went wrong in our own code, in a line; the log has the traceback."""
    log.exception("failed on %s", subject)
    where = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__}: {exc} ({where.name}, line {where.lineno})"
