"""Requests -> their turns: one at a time for each site, with a pause between them.

The pause counts from the end of a request to the start of the next, so no server ever sees two
requests closer together than it, however slow the network was with the first.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scraper.clock import Clock

LONGEST_HOLD = 60.0  # seconds that a Retry-After holds a site up within a run


@dataclass(slots=True)
class Site:
    """What is known of one site's turns. Times are of the monotonic clock."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # asyncio's locks serve in order
    ended: float | None = None  # when the last request did
    not_before: float = 0.0


class Pace:
    """Gives turns: at most `at_once` requests in flight, never two to one site."""

    def __init__(self, at_once: int, clock: Clock) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._clock = clock
        self._sites: dict[str, Site] = {}

    @asynccontextmanager
    async def turn(self, site: str, delay: float | None) -> AsyncIterator[None]:
        """Waits for the turn of `site` and holds it; `delay` is in seconds after the last request.

        With None the request neither waits for the pause nor counts for it (robots.txt). A slot is
        held only while the request is in flight: a site that waits holds no other up.
        """
        known = self._sites.setdefault(site, Site())
        async with known.turn:
            while (wait := self._due(known, delay) - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
            async with self._slots:
                try:
                    yield
                finally:
                    if delay is not None:
                        known.ended = self._clock.monotonic()

    def hold(self, site: str, seconds: float) -> None:
        """No request to `site` for `seconds`, at most LONGEST_HOLD."""
        known = self._sites.setdefault(site, Site())
        moment = self._clock.monotonic() + min(seconds, LONGEST_HOLD)
        known.not_before = max(known.not_before, moment)

    def _due(self, known: Site, delay: float | None) -> float:
        if delay is None or known.ended is None:
            return known.not_before
        return max(known.not_before, known.ended + delay)


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
