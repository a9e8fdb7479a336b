"""Requests -> their turns: one at a time for each site and shared address, with pauses between.

The pause counts from the end of a request to the start of the next, so no server ever sees two
requests closer together than it, however slow the network was with the first.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from scraper.clock import Clock

LONGEST_HOLD = 60.0  # seconds that a Retry-After holds a site up within a run
LONGEST_DELAY = 60.0  # seconds to which a delay is doubled
FIRST_DELAY = 0.5  # seconds: what is doubled first where the setting is less
SLOW = 5.0  # seconds from which an answer is a sign of strain
RECOVERY = 0.75  # of the delay after each prompt answer: three of them undo a doubling


class DelayCache(Protocol):
    """Where the delays of strained sites are kept between runs."""

    def site_delay(self, site: str) -> float | None:
        """The seconds between requests that `site` was last seen to need; None: the setting."""
        ...

    def set_site_delay(self, site: str, seconds: float | None) -> None:
        """Keeps them; None: the setting will do."""
        ...


@dataclass(slots=True)
class Site:
    """What is known of one site's turns. Times are of the monotonic clock."""

    lanes: asyncio.Semaphore  # asyncio's serve in order
    free: list[int]  # the connections that are not in use, by number
    alone: bool  # one connection: the pause counts from the end of a request, else from its start
    strained: float = 0.0  # seconds between requests that it was seen to need; 0: the setting's
    last: float | None = None  # when the last request ended (alone) or began
    not_before: float = 0.0

    def due(self, delay: float | None) -> float:
        """When the next request may go out."""
        if delay is None or self.last is None:
            return self.not_before
        return max(self.not_before, self.last + max(delay, self.strained))


@dataclass(slots=True)
class Address:
    """What is known of one address: the sites that were seen there, the turn of their requests."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    sites: set[str] = field(default_factory=set)
    ended: float | None = None

    def due(self, delay: float | None) -> float:
        """When the next request may go out."""
        if delay is None or self.ended is None or len(self.sites) < 2:
            return 0.0
        return self.ended + delay

    async def enter(self) -> Callable[[], None]:
        """Waits for the turn; what it returns ends it, however often that is called."""
        await self.turn.acquire()
        held = True

        def leave() -> None:
            nonlocal held
            if held:
                held = False
                self.turn.release()

        return leave


@dataclass(slots=True)
class Turn:
    """The turn of a request: which connection of its site it has, and whether the site is busy."""

    lane: int
    busy: bool = False  # set by who sees the answer: 429, 503


class Pace:
    """Gives turns: at most `at_once` requests in flight, to one site as many as it may have.

    The sites of one address take turns there, `address_delay` seconds apart or their own delay
    where that is less; with 0 addresses are not looked at.
    """

    def __init__(
        self,
        at_once: int,
        clock: Clock,
        *,
        address_delay: float = 0.0,
        delays: DelayCache | None = None,
    ) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._clock = clock
        self._address_delay = address_delay
        self._delays = delays
        self._sites: dict[str, Site] = {}
        self._addresses: dict[str, Address] = {}

    @asynccontextmanager
    async def turn(
        self, name: str, delay: float | None, *, connections: int = 1, address: str = ""
    ) -> AsyncIterator[Turn]:
        """Waits for the turn of site `name` and holds it; `delay` is in seconds, from request to
        request.

        With None the request neither waits for the pause nor counts for it (robots.txt). A slot is
        held only while the request is in flight: a site that waits holds no other up. Who allows a
        site several connections gets them, whoever shares its address ("": nobody).
        """
        site = self._site(name, connections)
        there = self._address(name, address) if site.alone else None
        async with site.lanes:
            lane = site.free.pop()
            try:
                async with self._at(there, site, delay) as leave, self._slots:
                    turn, began = Turn(lane), self._clock.monotonic()
                    timer = asyncio.get_running_loop().call_later(SLOW, leave)
                    if delay is not None:
                        site.last = began
                    try:
                        yield turn
                    finally:
                        timer.cancel()
                        ended = self._clock.monotonic()
                        if delay is not None and site.alone:
                            site.last = ended
                        if delay is not None and there:
                            there.ended = ended
                        self._learn(name, delay, strain=turn.busy or ended - began > SLOW)
            finally:
                site.free.append(lane)

    @asynccontextmanager
    async def _at(
        self, there: Address | None, site: Site, delay: float | None
    ) -> AsyncIterator[Callable[[], None]]:
        """Waits until the pauses of `site` and of its address are over, and holds the address.

        What it gives lets go of it early, as is done after SLOW seconds: a site that does not
        answer holds its neighbours up no longer than that.
        """
        await self._until(lambda: site.due(delay))
        if there is None:
            yield lambda: None
            return
        gap = None if delay is None else min(delay, self._address_delay)
        leave = await there.enter()
        while site.due(delay) > self._clock.monotonic():  # held meanwhile: others go first
            leave()
            await self._until(lambda: site.due(delay))
            leave = await there.enter()
        try:
            await self._until(lambda: there.due(gap))
            yield leave
        finally:
            leave()

    def hold(self, name: str, seconds: float) -> None:
        """No request to site `name` for `seconds`, at most LONGEST_HOLD."""
        site = self._site(name)
        moment = self._clock.monotonic() + min(seconds, LONGEST_HOLD)
        site.not_before = max(site.not_before, moment)

    async def _until(self, due: Callable[[], float]) -> None:
        """Sleeps until what is `due` is past, whatever it becomes meanwhile."""
        while (wait := due() - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)

    def _learn(self, name: str, delay: float | None, *, strain: bool) -> None:
        """Doubles the delay of a strained site, takes some of that back from one that is not."""
        site, least = self._sites[name], max(delay or 0.0, FIRST_DELAY)
        if strain:
            site.strained = min(2 * max(site.strained, least), LONGEST_DELAY)
        elif delay is None or not site.strained:
            return
        else:
            site.strained *= RECOVERY
            if site.strained > least:
                return
            site.strained = 0.0
        if self._delays is not None:
            self._delays.set_site_delay(name, site.strained or None)

    def _site(self, name: str, connections: int = 1) -> Site:
        if name not in self._sites:
            lanes = asyncio.Semaphore(connections)
            site = Site(lanes, list(range(connections)), connections == 1)
            site.strained = min(
                (self._delays and self._delays.site_delay(name)) or 0.0, LONGEST_DELAY
            )
            self._sites[name] = site
        return self._sites[name]

    def _address(self, name: str, address: str) -> Address | None:
        if not (address and self._address_delay):
            return None
        known = self._addresses.setdefault(address, Address())
        known.sites.add(name)
        return known


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that a Retry-After asks for; None without one that can be read.

    RFC 9110, 10.2.3. A date counts from the server's own `Date`, so a clock that is wrong there
    does no harm, and from `now` when there is none.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return float(text)
    moment = http_date(text)
    if moment is None:
        return None
    since = http_date(headers.get("date", "")) or now
    return max(0.0, (moment - since).total_seconds())


def http_date(text: str) -> datetime | None:
    """An HTTP date as an aware datetime; None for what is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, LookupError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
