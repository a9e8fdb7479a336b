"""httpx's request -> httpcore's response, over connections that are kept for each origin."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial

import httpcore
import httpx

from scraper.fetch.failure import FAMILIES

KEEP_ALIVE = 15.0  # seconds that an idle connection is kept


class Stream(httpx.AsyncByteStream):
    """httpcore's stream of a body, for httpx; `closed` is awaited when that closes it."""

    def __init__(self, response: httpcore.Response, closed: Callable[[], Awaitable[None]]) -> None:
        self._response = response
        self._closed = closed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        try:
            await self._response.aclose()
        finally:
            await self._closed()


class Transport(httpx.AsyncBaseTransport):
    """httpx over httpcore, with a pool for each origin.

    One pool for all took 6 ms of CPU a request with 100 origins: it counts every connection once
    for each connection, twice a request. `most_idle` pools are kept, each with one connection.

    The headers of an answer go past httpx, as the extension "headers": it would keep cookies, and
    raise ValueError for a Location that it cannot parse even where it is told not to follow it.
    """

    def __init__(
        self, backend: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext, *, most_idle: int
    ) -> None:
        self._backend = backend
        self._tls = tls
        self._most_idle = most_idle
        self._idle: dict[str, tuple[float, httpcore.AsyncConnectionPool]] = {}  # oldest first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer, its body still to be read. Raises what httpcore raises."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        origin = str(url.origin)
        asked = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        pool = self._idle.pop(origin)[1] if origin in self._idle else self._new_pool()
        response = None
        try:
            response = await pool.handle_async_request(asked)
        finally:
            if response is None:
                await close(pool)
        return httpx.Response(
            response.status,
            stream=Stream(response, partial(self._keep, origin, pool)),
            extensions={**response.extensions, "headers": response.headers},
        )

    async def drop(self, url: str) -> None:
        """Closes the connection that is kept to the origin of `url`.

        An HTTP/2 body that is left unread goes on arriving, and fills the window of the connection
        until nothing else can.
        """
        _, pool = self._idle.pop(str(httpcore.URL(url).origin), (0.0, None))
        if pool is not None:
            await close(pool)

    async def aclose(self) -> None:
        """Closes every connection, those in use as soon as they are free."""
        self._most_idle = 0
        await self._evict()

    def _new_pool(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE,
            http2=True,
            network_backend=self._backend,
        )

    async def _keep(self, origin: str, pool: httpcore.AsyncConnectionPool) -> None:
        _, other = self._idle.pop(origin, (0.0, None))
        self._idle[origin] = (asyncio.get_running_loop().time(), pool)
        if other is not None:
            await close(other)
        await self._evict()

    async def _evict(self) -> None:
        """Closes what has been idle for too long, and the oldest of what are too many."""
        before = asyncio.get_running_loop().time() - KEEP_ALIVE
        while self._idle:
            origin, (since, pool) = next(iter(self._idle.items()))
            if since > before and len(self._idle) <= self._most_idle:
                return
            del self._idle[origin]
            await close(pool)


async def close(pool: httpcore.AsyncConnectionPool) -> None:
    """Closes `pool`; a connection that breaks while it is closed is closed."""
    with suppress(*FAMILIES):
        await pool.aclose()
