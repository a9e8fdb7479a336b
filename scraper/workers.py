"""Page -> Article, in processes that can be killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from types import TracebackType

from pebble import ProcessExpired, ProcessPool

from scraper.clean import clean
from scraper.config import Config
from scraper.errors import CleanError
from scraper.model import Article, Page


class Workers:
    """A pool of cleaning processes; a page that takes one down harms no other page.

    Lexbor is quadratic on nested elements and a thread can't be stopped, so each page is cleaned
    where a time limit and a memory limit can be enforced.
    """

    def __init__(self, config: Config) -> None:
        self.seconds = config.clean_seconds
        self.pool = ProcessPool(
            max_workers=config.workers or os.cpu_count() or 1,
            context=multiprocessing.get_context("spawn"),  # a fork would copy locked locks
            initializer=limit,
            initargs=[config.clean_memory_mb],
        )

    async def clean(self, page: Page) -> Article:
        """The article of `page`. Raises CleanError when the process dies or takes too long."""
        future: Future[Article] = self.pool.schedule(clean, args=[page], timeout=self.seconds)
        try:
            return await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeout) as exc:
            raise CleanError(page.url, f"took more than {self.seconds:g} s to clean") from exc
        except ProcessExpired as exc:
            raise CleanError(page.url, "the cleaning process died") from exc
        except MemoryError as exc:
            raise CleanError(page.url, "took more memory to clean than allowed") from exc

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.pool.stop() if exc else self.pool.close()  # type: ignore[no-untyped-call]
        self.pool.join()


def limit(memory_mb: int) -> None:
    """Makes this process killable and bounds its memory (pebble runs it first in each)."""
    # With a handler inherited, a stuck parse outlived its limit by 5 s; with the default by 0.1 s.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    size = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
