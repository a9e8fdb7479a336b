"""Links -> visits: a queue for each site, sites side by side, a site's links one by one."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from scraper import urls
from scraper.clock import Clock
from scraper.store import DueLink


class Frontier:
    """The links that a run still has to visit, and the tasks that visit them."""

    def __init__(
        self,
        visit: Callable[[DueLink], Awaitable[None]],
        clock: Clock,
        at_once: Callable[[str], int] = lambda url: 1,
    ) -> None:
        """`at_once`: how many links of the site of a URL may be visited side by side."""
        self.visit = visit
        self.clock = clock
        self.at_once = at_once
        self.queues: dict[str, deque[DueLink]] = {}
        self.working = Counter[str]()  # the tasks of each site
        self.tasks: set[asyncio.Task[None]] = set()
        self.stopping = False
        self.broken: BaseException | None = None

    def put(self, link: DueLink) -> None:
        """Puts a link at the end of its site's queue."""
        site = urls.site(link.url)
        self.queues.setdefault(site, deque()).append(link)
        if self.working[site] < self.at_once(link.url):
            self.working[site] += 1
            self.start(self.work_off(site))

    def put_later(self, link: DueLink, wait: float) -> None:
        """Puts a link into its queue after `wait` seconds; other links of its site go on."""
        self.start(self.later(link, wait))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` beside the rest."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.ended)

    def ended(self, task: asyncio.Task[None]) -> None:
        """Notes that a task is over, and why if it broke."""
        self.tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()) and self.broken is None:
            self.broken = exc

    async def work_off(self, site: str) -> None:
        """Visits the links of one site until none is left."""
        queue = self.queues[site]
        try:
            while queue and not self.stopping:
                await self.visit(queue.popleft())
        finally:
            self.working[site] -= 1

    async def later(self, link: DueLink, wait: float) -> None:
        """Sleeps in short steps, so that a stop is seen."""
        until = self.clock.monotonic() + wait
        while not self.stopping and (left := until - self.clock.monotonic()) > 0:
            await self.clock.sleep(min(left, 0.5))
        if not self.stopping:
            self.put(link)

    async def drained(self) -> None:
        """Returns when nothing is left to do; raises what broke a task, after the others ended."""
        while self.tasks:
            await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
            if self.broken is not None:
                self.stopping = True
                self.abandon()
                await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.broken is not None:
            raise self.broken

    def abandon(self) -> None:
        """Cancels what is in flight. Its links stay in the database as they were."""
        for task in self.tasks:
            task.cancel()
