"""Page -> Article or Feed, in processes that can be killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import resource_tracker
from types import TracebackType
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from scraper import feed
from scraper.clean import clean
from scraper.config import Config
from scraper.errors import CleanError
from scraper.model import Article, Feed, Page

T = TypeVar("T")

POOLS = 3  # tried for one page


class Workers:
    """A pool of processes that read pages and feeds; what takes one down harms no other page.

    Lexbor is quadratic on nested elements, feedparser took 19 s for a hostile feed, and a thread
    can't be stopped: so each is read where a time and a memory limit can be enforced.
    """

    def __init__(self, config: Config) -> None:
        self.seconds = config.clean_seconds
        self.config = config
        self.pool = self.new_pool()
        self.waited: set[Future[Any]] = set()

    def new_pool(self) -> ProcessPool:
        """A pool; its processes start with the first page."""
        # the arrays are small, and numpy would reserve memory for a thread on each core
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        return ProcessPool(
            max_workers=self.config.workers or os.cpu_count() or 1,
            context=multiprocessing.get_context("spawn"),  # a fork would copy locked locks
            initializer=limit,
            initargs=[self.config.clean_memory_mb],
        )

    async def clean(self, page: Page) -> Article:
        """The article of `page`. Raises CleanError when the process dies or takes too long."""
        return await self.run(partial(clean, second_opinion=self.config.second_opinion), page)

    async def parse(self, page: Page) -> Feed:
        """The feed in `page`. Raises FeedError when it is none, CleanError as `clean` does."""
        return await self.run(feed.parse, page)

    async def run(self, work: Callable[[Page], T], page: Page) -> T:
        """What `work` makes of `page`. Raises CleanError when the process dies or takes too long.

        A process that dies before it has said which page it took breaks its pool for good: the
        pages that this hits go to a new one.
        """
        for _ in range(POOLS):
            pool = self.pool
            try:
                return await self.done(work, page)
            except RuntimeError:  # pebble's for a broken pool, or the cleaner's own
                if pool.active:
                    raise
                if self.pool is pool:
                    self.close()
                    self.pool = self.new_pool()
        raise CleanError(page.url, "the process that read it died")

    async def done(self, work: Callable[[Page], T], page: Page) -> T:
        """The same, from the present pool. Raises also RuntimeError when that breaks."""
        try:
            return await asyncio.wrap_future(self.schedule(work, page))
        except (TimeoutError, FutureTimeout) as exc:
            raise CleanError(page.url, f"took more than {self.seconds:g} s to read") from exc
        except ProcessExpired as exc:
            raise CleanError(page.url, "the process that read it died") from exc
        except MemoryError as exc:
            raise CleanError(page.url, "took more memory to read than allowed") from exc

    def schedule(self, work: Callable[[Page], T], page: Page) -> Future[T]:
        """Hands `page` to the pool.

        Ctrl-C goes to every process of a terminal. New ones inherit the mask of the thread that
        starts them; without it they died of it, with a traceback, while they were importing.
        """
        resource_tracker.ensure_running()  # it ends by unblocking SIGINT in this thread
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            future: Future[T] = self.pool.schedule(work, args=[page], timeout=self.seconds)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.waited.add(future)
        future.add_done_callback(self.waited.discard)
        return future

    def close(self) -> None:
        """Ends the pool and its processes; whoever waits for a page of it is told."""
        self.pool.stop()  # type: ignore[no-untyped-call]
        self.pool.join()
        for future in tuple(self.waited):  # pebble forgets those that it had not handed out
            if not future.done():
                future.set_exception(BrokenProcessPool("was closed"))

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()


def limit(memory_mb: int) -> None:
    """Makes this process killable and bounds its memory (pebble runs it first in each)."""
    # With a handler inherited, a stuck parse outlived its limit by 5 s; with the default by 0.1 s.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    size = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
