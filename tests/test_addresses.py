"""Addresses and their spellings, five ways in: none leads to a server of the inner network.

Every dial that the guard lets pass, to whatever address, lands at a canary on loopback; only the
public-looking site, whose network is allowed, is dialled as it is.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import httpcore
import pytest
from misbehave import TLS, Request, Server, config, redirect, reply, result
from spellings import BLOCKED, INVALID, NAMES, REACHED, REFUSED

from scraper import feed
from scraper.errors import FetchError
from scraper.fetch import Accept, Fetcher, MemoryRobots
from scraper.model import Outcome, Page

SITE = ipaddress.ip_network("127.0.5.0/24")
Ended = dict[str, tuple[dict[str, Outcome], int]]  # way -> outcome; what canaries saw


async def resolver(host: str, port: int) -> list[str]:
    """NAMES, addresses in every spelling that the C library knows, and with a dot at the end."""
    host = host.rstrip(".")
    if host.startswith("robots"):
        return NAMES["site.test"]
    if host in NAMES:
        return NAMES[host]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(entry[4][0]) for entry in found]


@dataclass
class Ways:
    """The ways in: each leads to `url`, the redirect and the robots.txt by way of the site."""

    fetcher: Fetcher
    site: Server
    url: str
    number: int

    async def feed(self) -> Page | FetchError:
        return await result(self.fetcher, self.url, accept=Accept.FEED)

    async def page(self) -> Page | FetchError:
        return await result(self.fetcher, self.url)

    async def redirect(self) -> Page | FetchError:
        self.site.answers[f"/{self.number}"] = away(self.url)
        return await result(self.fetcher, self.site.url(f"/{self.number}", "site.test"))

    async def robots(self) -> Page | FetchError:
        async def robots_txt(writer: asyncio.StreamWriter, request: Request) -> None:
            named = request.headers["host"].startswith("robots")
            writer.write(away(self.url) if named else reply(b"", status=404))

        self.site.answers["/robots.txt"] = robots_txt
        return await result(self.fetcher, self.site.url("/", f"robots{self.number}.test"))

    async def sitemap(self) -> Page | FetchError:
        text = f"<urlset><url><loc>{escape(self.url)}</loc></url></urlset>".encode()
        self.site.answers["/sitemap.xml"] = reply(text, kind="application/xml")
        url = self.site.url("/sitemap.xml", "site.test")
        sitemap = await self.fetcher.fetch(url, accept=Accept.FEED)
        for entry in feed.parse(sitemap).entries:
            return await result(self.fetcher, entry.url)
        return FetchError(self.url, "is left out of what the sitemap holds", INVALID)


def away(url: str) -> bytes:
    return redirect(url.encode().decode("latin-1"))


@asynccontextmanager
async def canaries() -> AsyncIterator[list[Server]]:
    """Servers on 127.0.0.1 and ::1, where all goes that does not go to the site."""
    dial = httpcore.AnyIOBackend.connect_tcp

    async def divert(
        self: httpcore.AnyIOBackend, host: str, port: int, *args: Any, **more: Any
    ) -> httpcore.AsyncNetworkStream:
        if ipaddress.ip_address(host) not in SITE:
            host, port = "127.0.0.1", first.port
        return await dial(self, host, port, *args, **more)

    async with AsyncExitStack() as stack:
        paths = ("/", "/@127.0.0.1", "/?@127.0.0.1/", "/?http://127.0.0.1/")
        first = Server(dict.fromkeys(paths, reply()), "127.0.0.1")
        await stack.enter_async_context(first)
        servers = [first]
        with suppress(OSError):  # a machine without IPv6
            second = Server({"/": reply()}, "::1", port=first.port)
            servers.append(await stack.enter_async_context(second))
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(
            httpcore.AnyIOBackend, "connect_tcp", divert
        )
        yield servers


async def try_all() -> Ended:
    """How each way to each address ended."""
    ended: Ended = {}
    async with (
        canaries() as servers,
        Server({"/": reply()}, "127.0.5.1") as site,
        Fetcher(config(allow=(SITE,)), MemoryRobots(), resolver=resolver, tls=TLS) as fetcher,
    ):
        for number, (name, (url, _)) in enumerate((REFUSED | REACHED).items()):
            before = sum(server.connections + len(server.requests) for server in servers)
            ways = Ways(fetcher, site, url.replace("{p}", str(servers[0].port)), number)
            found = {}
            for way in (ways.redirect, ways.sitemap, ways.robots, ways.page, ways.feed):
                met = await way()
                found[way.__name__] = met.outcome if isinstance(met, FetchError) else Outcome.OK
            after = sum(server.connections + len(server.requests) for server in servers)
            ended[name] = found, after - before
    return ended


@pytest.fixture(scope="module")
def ended() -> Ended:
    return asyncio.run(try_all())


@pytest.mark.parametrize("name", REFUSED)
def test_refused_whichever_way(name: str, ended: Ended) -> None:
    found, seen = ended[name]
    assert seen == 0
    outcome = REFUSED[name][1]
    behind = BLOCKED if outcome is BLOCKED else Outcome.ROBOTS_UNREACHABLE
    assert found == dict.fromkeys(found, outcome) | {"robots": behind}


@pytest.mark.parametrize("name", REACHED)
def test_reached_whichever_way(name: str, ended: Ended) -> None:
    found, seen = ended[name]
    assert seen > 0
    assert found == dict.fromkeys(found, Outcome.OK)
