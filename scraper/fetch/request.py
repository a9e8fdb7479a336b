"""One request -> one Answer, within one deadline and every bound."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

import httpx

from scraper import urls
from scraper.config import Config
from scraper.errors import FetchError
from scraper.fetch.decode import Body
from scraper.fetch.failure import FAMILIES, failure
from scraper.fetch.guard import GuardedBackend, Resolver, check_proxied
from scraper.fetch.mime import HEADERS, SNIFFED, Accept, essence, is_binary, is_html
from scraper.fetch.transport import Transport
from scraper.model import Outcome

MOST_HEADERS = 100 * 1024  # bytes; h11 stops at as much before it has read all of them
LITTLE = 16 * 1024  # bytes of an unwanted body that are read, so as to keep the connection
LARGE = 2 << 20  # bytes of a body; of 2,331 news pages 3 are larger
MOST_LARGE = 8  # bodies that may grow further at once: 64 endless ones took 640 MB
BRIEFLY = 1.0  # seconds for that
BODILESS = (204, 205)
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: the URL as it goes out, and what its answer may be."""

    url: str
    accept: Accept = Accept.ANY
    headers: Mapping[bytes, bytes] | None = None
    cut: int | None = None  # keep so many bytes of the body and leave the rest


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. `headers` are as in Page, decoded as ISO 8859-1; only 2xx has a body.

    `cookies` are the values of its Set-Cookie headers, which `headers` is without: nobody should
    find them in an archive.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    cookies: tuple[bytes, ...] = ()

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as the server spelled it; None for an answer that is none."""
        if self.status not in REDIRECTS or not self.headers.get("location", "").strip():
            return None
        raw = self.headers["location"].encode("latin-1")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:  # each byte as it is, as browsers have it: the server's charset
            return quote_from_bytes(raw, safe=bytes(range(128)))


@dataclass(slots=True)
class Progress:
    """How far a request came."""

    lane: int
    dialled: bool = False  # a connection was made for it, none was kept from before
    begun: bool = False  # the head of the answer is there
    done: bool = False  # nothing more is to come on the connection

    async def trace(self, event: str, _info: object) -> None:
        """What httpcore calls for each of its steps."""
        self.dialled = self.dialled or event == "connection.connect_tcp.started"


class Requester:
    """Sends requests, over connections that it keeps. Proxies of the environment are not used."""

    def __init__(self, config: Config, resolver: Resolver, tls: ssl.SSLContext | None) -> None:
        self._config = config
        self._large = asyncio.Semaphore(MOST_LARGE)
        self._backend = GuardedBackend(config, resolver)
        context = tls or httpx.create_ssl_context(trust_env=False)
        self._transport = Transport(config, self._backend, context)
        headers = {"User-Agent": config.user_agent, "Accept-Encoding": "gzip, deflate, br, zstd"}
        if config.accept_language:
            headers["Accept-Language"] = config.accept_language
        self._http = httpx.AsyncClient(
            transport=self._transport,
            headers=headers,
            timeout=httpx.Timeout(None, connect=config.connect_timeout),
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    async def address(self, url: str) -> str:
        """The address that a connection to the host of `url` goes to; "": unknown, or a proxy's."""
        host, port = place(url)
        if self._config.host(host).proxy:
            return ""
        return await self._backend.first_address(host, port)

    async def get(self, wanted: Wanted, lane: int = 0) -> Answer:
        """The answer to `wanted`, whatever its status, over connection `lane`. Raises FetchError.

        The caller sees to it that no two requests to one origin share a lane at once.
        """
        progress = Progress(lane)
        host, port = place(wanted.url)
        if self._config.host(host).proxy:
            check_proxied(host, port, self._config)
        limit = asyncio.timeout(self._config.deadline)
        try:
            async with limit:
                return await self._persist(wanted, progress)
        except FAMILIES as exc:
            if limit.expired():
                reason = f"took more than {self._config.deadline:g} s"
                raise FetchError(wanted.url, reason, Outcome.DEADLINE) from exc
            raise failure(wanted.url, exc, begun=progress.begun) from exc
        finally:
            if not progress.done:
                await self._transport.drop(wanted.url, progress.lane)

    async def _persist(self, wanted: Wanted, progress: Progress) -> Answer:
        """Asks a second time, on a new connection, when a kept one turns out to be dead.

        RFC 9112, 9.3.1 allows it for GET. Servers close idle connections without a word, and an
        HTTP/2 connection is not looked at before it is used again.
        """
        try:
            return await self._exchange(wanted, progress)
        except FAMILIES:
            if progress.dialled or progress.begun:
                raise
        await self._transport.drop(wanted.url, progress.lane)
        return await self._exchange(wanted, progress)

    async def _exchange(self, wanted: Wanted, progress: Progress) -> Answer:
        url = httpx.URL(wanted.url)
        headers = {
            b"Host": url.netloc,  # left to itself httpx decodes xn-- names, and fails for emoji
            b"Accept": HEADERS[wanted.accept].encode(),
            **(wanted.headers or {}),
        }
        async with self._http.stream(
            "GET",
            url,
            headers=headers,
            extensions={"trace": progress.trace, "lane": progress.lane},
        ) as response:
            progress.begun = True
            raw: list[tuple[bytes, bytes]] = response.extensions["headers"]
            cookies = tuple(value for name, value in raw if name.lower() == b"set-cookie")
            answer = Answer(response.status_code, plain(raw), cookies=cookies)
            if sum(len(name) + len(value) + 4 for name, value in raw) > MOST_HEADERS:
                reason = "sent more than 100 KiB of headers"
                raise FetchError(wanted.url, reason, Outcome.TOO_LARGE)
            if not 200 <= answer.status < 300 or answer.status in BODILESS:
                progress.done = await settle(response)
                return answer
            body = await self._body(wanted, answer, response, progress)
            return Answer(answer.status, answer.headers, body)

    async def _body(
        self, wanted: Wanted, answer: Answer, response: httpx.Response, progress: Progress
    ) -> bytes:
        """The decompressed body. Raises FetchError when it is too large, cut short or unwanted."""
        limit = wanted.cut or self._config.max_body
        content_type = answer.headers.get("content-type", "")
        if wanted.accept is not Accept.ANY and is_binary(content_type):
            raise FetchError(
                wanted.url, f"is {essence(content_type)[:80]}, no text", Outcome.WRONG_TYPE
            )
        length = answer.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit and not wanted.cut:
            reason = f"is {int(length)} bytes long, more than the {limit} allowed"
            raise FetchError(wanted.url, reason, Outcome.TOO_LARGE)
        codings = answer.headers.get("content-encoding", "")
        body = Body(wanted.url, codings, limit, cut=wanted.cut is not None)
        sniffed = wanted.accept is not Accept.PAGE
        async with AsyncExitStack() as room:
            roomy = False
            async for chunk in response.aiter_raw():
                body.feed(chunk)
                if not sniffed and body.size >= SNIFFED:
                    sniffed = sniff(wanted.url, content_type, body)
                if body.full:
                    return body.whole()
                if body.size > LARGE and not roomy:
                    await room.enter_async_context(self._large)
                    roomy = True
        whole = body.whole()
        if not sniffed and whole.strip():
            sniff(wanted.url, content_type, body)
        progress.done = True
        return whole


def place(url: str) -> tuple[str, int]:
    """The host name and the port of `url`."""
    parts = urls.split(url)
    return parts.hostname or "", parts.port or urls.DEFAULT_PORTS[parts.scheme]


def plain(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers with lower-case names, repeated ones joined with ", " (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for key, value in raw:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        if name not in headers:
            headers[name] = text
        elif name != "location":  # two addresses joined are none; browsers take the first
            headers[name] += f", {text}"
    headers.pop("set-cookie", None)
    return headers


def sniff(url: str, content_type: str, body: Body) -> bool:
    """True for HTML. Raises FetchError(WRONG_TYPE) for what is none."""
    if not is_html(content_type, body.head(SNIFFED)):
        reason = f"is {essence(content_type)[:80] or 'of no named type'}, no HTML"
        raise FetchError(url, reason, Outcome.WRONG_TYPE)
    return True


async def settle(response: httpx.Response) -> bool:
    """Reads the little that an unwanted body may be; True when that was all of it."""
    left = LITTLE
    with suppress(*FAMILIES):
        async with asyncio.timeout(BRIEFLY):
            async for chunk in response.aiter_raw():
                left -= len(chunk)
                if left < 0:
                    return False
        return True
    return False
