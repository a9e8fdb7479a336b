"""httpx's request -> httpcore's response, over connections that are kept for each origin.

Requests that may run side by side to one origin carry the extension "lane": the number of the
connection that they use.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

import h11
import httpcore
import httpx

from scraper.config import Config
from scraper.fetch.failure import FAMILIES

# httpcore imports sniffio four times a request and does without it; where it is not installed, as
# anyio no longer brings it, each try walks sys.path: a quarter of the fetcher's CPU.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]

KEEP_ALIVE = 15.0  # seconds that an idle connection is kept

Key = tuple[str, int]  # origin, number of the connection to it


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
            with suppress(*FAMILIES):  # what was wanted of the connection is here
                await self._response.aclose()
        finally:
            await self._closed()


class Transport(httpx.AsyncBaseTransport):
    """httpx over httpcore, with a pool for each connection.

    One pool for all took 6 ms of CPU a request with 100 origins: it counts every connection once
    for each connection, twice a request. Idle ones are kept for twice as many hosts as are asked
    at once.

    The headers of an answer go past httpx, as the extension "headers": it would keep cookies, and
    raise ValueError for a Location that it cannot parse even where it is told not to follow it.
    """

    def __init__(
        self, config: Config, backend: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext
    ) -> None:
        self._config = config
        self._backend = backend
        self._tls = tls
        self._most_idle = 2 * config.hosts_at_once
        self._idle: dict[Key, tuple[float, httpcore.AsyncConnectionPool]] = {}  # oldest first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer, its body still to be read. Raises what httpcore raises."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        key = (str(url.origin), int(request.extensions.get("lane", 0)))
        asked = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        host = request.url.raw_host.decode("ascii")
        pool = self._idle.pop(key)[1] if key in self._idle else self._new_pool(host)
        response = None
        try:
            response = await pool.handle_async_request(asked)
        finally:
            if response is None:
                await close(pool)
        return httpx.Response(
            response.status,
            stream=Stream(response, partial(self._keep, key, pool)),
            extensions={**response.extensions, "headers": response.headers},
        )

    async def drop(self, url: str, lane: int = 0) -> None:
        """Closes the connection number `lane` that is kept to the origin of `url`.

        An HTTP/2 body that is left unread goes on arriving, and fills the window of the connection
        until nothing else can.
        """
        _, pool = self._idle.pop((str(httpcore.URL(url).origin), lane), (0.0, None))
        if pool is not None:
            await close(pool)

    async def aclose(self) -> None:
        """Closes every connection, those in use as soon as they are free."""
        self._most_idle = 0
        await self._evict()

    def _new_pool(self, host: str) -> httpcore.AsyncConnectionPool:
        """A pool for one connection to `host`, through its proxy if it has one.

        The proxy is who configures it's own choice: any address will do for it, its TLS is checked.
        """
        settings = self._config.host(host)
        return httpcore.AsyncConnectionPool(
            ssl_context=self._tls if settings.verify_tls else unchecked(),
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE,
            http2=True,
            network_backend=None if settings.proxy else self._backend,
            proxy=proxy(settings.proxy, self._tls) if settings.proxy else None,
        )

    async def _keep(self, key: Key, pool: httpcore.AsyncConnectionPool) -> None:
        if left_over(pool):
            await close(pool)
            return
        _, other = self._idle.pop(key, (0.0, None))
        self._idle[key] = (asyncio.get_running_loop().time(), pool)
        if other is not None:
            await close(other)
        await self._evict()

    async def _evict(self) -> None:
        """Closes what has been idle for too long, and the oldest of what are too many."""
        before = asyncio.get_running_loop().time() - KEEP_ALIVE
        while self._idle:
            key, (since, pool) = next(iter(self._idle.items()))
            if since > before and len(self._idle) <= self._most_idle:
                return
            del self._idle[key]
            await close(pool)


async def close(pool: httpcore.AsyncConnectionPool) -> None:
    """Closes `pool`; a connection that breaks while it is closed is closed."""
    with suppress(*FAMILIES):
        await pool.aclose()


def left_over(pool: httpcore.AsyncConnectionPool) -> bool:
    """Whether bytes came behind the last HTTP/1.1 answer: h11 would take them for the next one.

    A server, or whoever writes its pages, could so answer for another page of its address. What
    comes later than the answer makes the idle socket readable, and httpcore closes it.
    """
    for connection in pool.connections:
        inner: object = connection
        while inner is not None:
            state = getattr(inner, "_h11_state", None)
            if isinstance(state, h11.Connection) and state.trailing_data[0]:
                return True
            inner = getattr(inner, "_connection", None)
    return False


def unchecked() -> ssl.SSLContext:
    """TLS that takes any certificate, for hosts with verify_tls = false."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def proxy(url: str, tls: ssl.SSLContext) -> httpcore.Proxy:
    """The proxy at `url`, with the user and password that stand in it."""
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    bare = httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target="/")
    return httpcore.Proxy(
        bare,
        auth=(user, password) if user or password else None,
        ssl_context=tls if parts.scheme == "https" else None,
    )
