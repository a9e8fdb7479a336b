"""Stale articles -> cleaned again from their stored pages, without the network, on all cores."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from scraper.clock import Clock, SystemClock
from scraper.config import Config
from scraper.errors import CleanError, ScraperError
from scraper.model import Article, Verdict
from scraper.store import Recleaned, Store
from scraper.workers import Workers

BATCH = 200  # articles that are looked up at once
AHEAD = 2  # pages for each worker that wait for it or are with it


@dataclass(slots=True)
class Recleaning:
    """How a run went. Articles without a page, and those that failed, stay as they were."""

    looked_at: int = 0
    same: int = 0  # nothing a reader sees
    changed: int = 0  # another headline or text
    no_page: int = 0  # it is not kept (any more)
    no_article: int = 0  # the page is none by today's rules
    failed: int = 0  # the cleaner died on it, or ran out of time
    ended: str = "ok"  # or interrupted
    doubtful: list[str] = field(default_factory=list)  # addresses of no_article and failed


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    every: bool = False  # also articles that today's cleaner made
    dry_run: bool = False


def reclean(
    store: Store,
    config: Config,
    wish: Wish | None = None,
    *,
    clock: Clock | None = None,
    progress: Callable[[Recleaning], None] = lambda report: None,
    changed: Callable[[Recleaned], None] = lambda change: None,
) -> Recleaning:
    """Cleans stale articles again; each is committed by itself, so a stopped run can go on.

    `progress` is called after each article, `changed` for each whose headline or text is another.
    Raises LockedError when another run has the database, StoreError when it can't be written.
    """
    with store.run_lock(), Workers(config) as workers:
        run = Run(store, workers, config, wish or Wish(), clock or SystemClock())
        run.progress, run.changed = progress, changed
        return asyncio.run(run.supervised())


class Run:
    """One run. The store is only touched on the event loop's thread: one writer."""

    def __init__(
        self, store: Store, workers: Workers, config: Config, wish: Wish, clock: Clock
    ) -> None:
        self.store = store
        self.workers = workers
        self.config = config
        self.wish = wish
        self.clock = clock
        self.report = Recleaning()
        self.progress: Callable[[Recleaning], None] = lambda report: None
        self.changed: Callable[[Recleaned], None] = lambda change: None
        self.stopping = False

    async def supervised(self) -> Recleaning:
        """The run with its row in the ledger, stopped in good order by SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(ValueError, NotImplementedError, RuntimeError):  # no main thread
                loop.add_signal_handler(number, self.stop)
        run_id = self.store.begin_run("reclean", now=self.clock.now())
        report, error, ended = self.report, None, "failed"
        try:
            todo = self.stale()
            lanes = AHEAD * (self.config.workers or os.cpu_count() or 1)
            async with asyncio.TaskGroup() as group:
                for _ in range(lanes):
                    group.create_task(self.work_off(todo))
            ended = report.ended = "interrupted" if self.stopping else "ok"
        except ExceptionGroup as several:  # of the tasks, the rest of which were cancelled
            ours, _ = several.split(ScraperError)
            if ours is None:
                raise
            error = str(ours.exceptions[0])
            raise ours.exceptions[0] from several
        finally:
            tally = {
                "articles_revised": 0 if self.wish.dry_run else report.changed,
                "refused": report.no_article,
                "failed": report.failed,
            }
            now = self.clock.now()
            self.store.end_run(run_id, tally, ended=ended, now=now, error=error)
        return report

    def stop(self) -> None:
        """Begins nothing new; what is with a worker is finished."""
        self.stopping = True

    def stale(self) -> Iterator[int]:
        """The numbers of the articles that are to be cleaned, looked up in batches."""
        last = 0
        while numbers := self.store.stale(after_id=last, limit=BATCH, every=self.wish.every):
            yield from numbers
            last = numbers[-1]

    async def work_off(self, todo: Iterator[int]) -> None:
        """Takes articles until none is left."""
        for number in todo:
            if self.stopping:
                return
            await self.one(number)
            self.report.looked_at += 1
            self.progress(self.report)

    async def one(self, number: int) -> None:
        """Cleans one article's page again, the latest that still is an article."""
        report, verdict = self.report, ""
        for page in self.store.pages_of(number):
            try:
                article = await self.workers.clean(page)
            except CleanError as exc:
                report.failed += 1
                report.doubtful.append(f"{page.url}: {exc.reason}")
                return
            if self.stored(article) and self.put(number, article):
                return
            verdict = verdict or f"{page.url}: {article.verdict}: {article.verdict_reason}"
        if verdict:
            report.no_article += 1
            report.doubtful.append(verdict)
        else:
            report.no_page += 1

    def stored(self, article: Article) -> bool:
        """Whether such a page is stored as an article."""
        return article.verdict in {Verdict.ARTICLE, *map(Verdict, self.config.also_store)}

    def put(self, number: int, article: Article) -> bool:
        """Writes down what became of an article; False when the page is less than it was."""
        change = self.store.recleaned(number, article, dry_run=self.wish.dry_run)
        if change is None:
            return False
        if change.text_changed:
            self.report.changed += 1
            self.changed(change)
        else:
            self.report.same += 1
        return True
