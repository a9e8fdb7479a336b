"""URL -> Page. The only network.

a hop = the robots.txt of its origin allows it
        -> the turn of its site
        -> one request: guarded address, one deadline, bounded body
fetch = hops, until one does not redirect
"""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Self

from scraper import urls
from scraper.clock import Clock, SystemClock
from scraper.config import Config
from scraper.errors import FetchError
from scraper.fetch.chain import Chain, resolved
from scraper.fetch.guard import Resolver, system_resolver
from scraper.fetch.mime import Accept
from scraper.fetch.pace import DelayCache, Pace, retry_after
from scraper.fetch.request import BODILESS, REDIRECTS, Answer, Requester, Wanted
from scraper.fetch.robots import (
    MOST_BYTES,
    MOST_REDIRECTS,
    MemoryRobots,
    Robots,
    RobotsCache,
    named,
)
from scraper.model import Outcome, Page

__all__ = ["Accept", "DelayCache", "Fetcher", "MemoryRobots", "Resolver", "RobotsCache"]

BUSY = (429, 503)
OUTCOMES = {
    401: Outcome.FORBIDDEN,
    402: Outcome.FORBIDDEN,
    403: Outcome.FORBIDDEN,
    404: Outcome.NOT_FOUND,
    410: Outcome.GONE,
    429: Outcome.RATE_LIMITED,
    451: Outcome.FORBIDDEN,
}
SYSTEM_CLOCK = SystemClock()


class Fetcher:
    """Fetches pages and feeds, politely. An async context manager; one event loop for its life."""

    def __init__(
        self,
        config: Config,
        robots: RobotsCache,
        clock: Clock = SYSTEM_CLOCK,
        resolver: Resolver = system_resolver,
        *,
        tls: ssl.SSLContext | None = None,
        delays: DelayCache | None = None,
    ) -> None:
        """`tls` None trusts the roots of certifi. `clock` drives the pace and the robots' age;
        the deadline of a request runs on the event loop's."""
        self._config = config
        self._clock = clock
        self._requester = Requester(config, resolver, tls)
        self._pace = Pace(
            config.hosts_at_once, clock, address_delay=config.address_delay, delays=delays
        )
        self._robots = Robots(robots, clock, self._ask_robots)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._requester.aclose()

    async def fetch(
        self,
        url: str,
        *,
        accept: Accept = Accept.PAGE,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Page:
        """The page at `url`, through redirects; status 304 when it is as `etag` or `last_modified`.

        Both go out with the first hop only: what lies behind a redirect is another resource. Raises
        FetchError, whose outcome is neither OK nor NOT_MODIFIED and whose subject is `url`.
        """
        chain: Chain | None = None
        try:
            chain = Chain(self._config, url)
            known = conditions(etag, last_modified)
            answer = await self._request(Wanted(chain.url, accept, chain.headers() | known))
            while answer.location is not None:
                chain.follow(answer)
                known = {}
                answer = await self._request(Wanted(chain.url, accept, chain.headers()))
            self._judge(chain.url, answer, accept, conditional=bool(known))
        except FetchError as exc:
            to = f" (redirected to {chain.url[:200]})" if chain and chain.redirects else ""
            raise FetchError(url, f"{exc.reason}{to}", exc.outcome, exc.retry_after) from exc
        return Page(
            url=url,
            final_url=chain.url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            fetched_at=self._clock.now(),
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            moved_to=chain.moved_to,
            notes=chain.notes,
        )

    async def _request(self, wanted: Wanted) -> Answer:
        """One hop. Raises FetchError, also for what robots.txt disallows."""
        rules = await self._robots.rules(wanted.url)
        if rules.trouble:
            raise FetchError(wanted.url, rules.trouble, Outcome.ROBOTS_UNREACHABLE)
        if not rules.allows(wanted.url):
            reason = f"is disallowed by {rules.record.origin}/robots.txt"
            raise FetchError(wanted.url, reason, Outcome.BLOCKED_BY_ROBOTS)
        return await self._take_turn(wanted, rules.delay)

    async def _take_turn(self, wanted: Wanted, least: float | None) -> Answer:
        """One request in its turn, `least` seconds or more after the last; None: robots.txt."""
        site, host = urls.site(wanted.url), self._config.host(urls.split(wanted.url).hostname or "")
        turn = self._pace.turn(
            site,
            None if least is None else max(host.delay, least),
            connections=host.connections,
            address=await self._requester.address(wanted.url),
        )
        async with turn as held:
            answer = await self._requester.get(wanted, held.lane)
            if answer.status in BUSY:
                held.busy = True
                self._pace.hold(site, retry_after(answer.headers, self._clock.now()) or 0.0)
        return answer

    async def _ask_robots(self, url: str) -> tuple[int, bytes]:
        """The status and the start of a robots.txt, through redirects to any host.

        After too many of them the status is that of a redirect, which allows all (RFC 9309,
        2.3.1.2). Raises FetchError.
        """
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._take_turn(Wanted(url, cut=MOST_BYTES), None)
            if answer.location is None:
                break
            url = resolved(url, answer.location)
        return answer.status, answer.body

    def _judge(self, url: str, answer: Answer, accept: Accept, *, conditional: bool) -> None:
        """Raises FetchError for an answer that is no page."""
        status = answer.status
        if status == 304 and conditional:
            return
        if status in BODILESS or (200 <= status < 300 and not answer.body.strip()):
            if status in BODILESS or accept is not Accept.ANY:
                raise FetchError(url, f"answered {named(status)}, no body", Outcome.EMPTY_BODY)
            return
        if status == 206:
            raise FetchError(url, f"answered {named(status)}, unasked", Outcome.TRUNCATED)
        if 200 <= status < 300:
            return
        wait = retry_after(answer.headers, self._clock.now()) if status in BUSY else None
        raise FetchError(url, f"answered {named(status)}", outcome_of(status), wait)


def outcome_of(status: int) -> Outcome:
    """What a status that is no success means."""
    if status in OUTCOMES:
        return OUTCOMES[status]
    if status in REDIRECTS or status == 304:  # without a Location, without a condition
        return Outcome.BAD_RESPONSE
    return Outcome.SERVER_ERROR if 500 <= status < 600 else Outcome.CLIENT_ERROR


def conditions(etag: str | None, last_modified: str | None) -> dict[bytes, bytes]:
    """The headers of a conditional request; a value that no header can hold is left out."""
    known = {}
    for name, value in ((b"If-None-Match", etag), (b"If-Modified-Since", last_modified)):
        if value and value.isprintable() and max(value) <= "\xff":
            known[name] = value.encode("latin-1")
    return known
