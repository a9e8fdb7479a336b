"""Redirects: cookies that come back to their site, headers that stay at home, notes."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from misbehave import Answer, Request, Server, certificate, config, fetcher, redirect, reply, result

from scraper.config import HostConfig
from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots
from scraper.fetch.chain import Chain
from scraper.fetch.request import Answer as Said
from scraper.model import Outcome, Page


def setting(cookie: str, location: str = "/") -> bytes:
    return reply(b"", f"Location: {location}", f"Set-Cookie: {cookie}", status=302)


def only_with(cookie: str, otherwise: bytes) -> Answer:
    async def script(writer: asyncio.StreamWriter, request: Request) -> None:
        writer.write(reply() if request.headers.get("cookie") == cookie else otherwise)
        await writer.drain()

    return script


async def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.1.1"]


def test_a_cookie_that_a_page_insists_on_comes_back() -> None:
    async def run() -> None:
        door = only_with("seen=1", setting("seen=1; Path=/; HttpOnly"))
        async with Server({"/": door}) as server, fetcher() as source:
            for _ in range(2):
                page = await source.fetch(server.url())
                assert page.status == 200
                assert "set-cookie" not in page.headers
            sent = [r.headers.get("cookie") for r in server.requests if r.path == "/"]
            assert sent == [None, "seen=1", None, "seen=1"]  # forgotten after each fetch

    asyncio.run(run())


def test_a_cookie_goes_to_no_other_site() -> None:
    async def run() -> None:
        async with (
            Server({"/": reply(), "/back": redirect("/")}, "127.0.1.2") as other,
            Server({"/": setting("a=1", other.url("/back"))}) as server,
            fetcher() as source,
        ):
            await source.fetch(server.url())
            assert other.paths() == ["/back", "/"]
            assert not any("cookie" in request.headers for request in other.requests)

    asyncio.run(run())


HOSTS = [
    ("a.example.org", "b.example.org", "x=1; Domain=example.org", "x=1"),
    ("a.example.org", "b.example.org", "x=1", None),  # of its host alone
    ("a.example.org", "a.example.org", "x=1; Path=/else", None),
    ("a.example.org", "a.example.org", "x=1; Secure", None),
    ("a.example.org", "a.example.org", "x=1; Max-Age=0", None),
    ("a.example.org", "b.example.org", "x=1; Domain=b.example.org", None),
    ("a.co.uk", "b.co.uk", "x=1; Domain=co.uk", None),  # a public suffix
    ("a.example.org", "example.com", "x=1; Domain=example.com", None),
    ("a.example.org", "a.example.org", "x=" + "1" * 5000, None),
    ("a.example.org", "a.example.org", "=; ;;;\xff\x01", None),
    ("a.example.org", "a.example.org", "x=1; Expires=never; Domain=%%", None),
]


@pytest.mark.parametrize(("first", "second", "cookie", "sent"), HOSTS)
def test_which_cookie_goes_where(first: str, second: str, cookie: str, sent: str | None) -> None:
    async def run() -> None:
        async with (
            Server({"/2": reply()}) as server,
            Fetcher(config(), MemoryRobots(), resolver=to_loopback) as source,
        ):
            server.answers["/1"] = setting(cookie, server.url("/2", host=second))
            await source.fetch(server.url("/1", host=first))
            assert server.requests[-1].path == "/2"
            assert server.requests[-1].headers.get("cookie") == sent

    asyncio.run(run())


def test_cookies_do_not_make_a_circle_endless() -> None:
    visits = 0

    async def new_session(writer: asyncio.StreamWriter, request: Request) -> None:
        nonlocal visits
        visits += 1
        writer.write(setting(f"session={visits}"))
        await writer.drain()

    async def run() -> None:
        async with (
            Server({"/": setting("a=1"), "/new": new_session}) as server,
            fetcher() as source,
        ):
            same = await result(source, server.url())
            assert isinstance(same, FetchError)
            assert same.outcome is Outcome.REDIRECT_LOOP
            assert len(server.paths()) == 2
            server.answers["/"] = new_session
            other = await result(source, server.url())
            assert isinstance(other, FetchError)
            assert other.outcome is Outcome.TOO_MANY_REDIRECTS
            assert visits == 11

    asyncio.run(run())


def test_what_is_set_for_a_host_goes_to_that_host() -> None:
    hosts = {
        "a.example.org": HostConfig(
            headers={"cookie": "paid=1", "X-Key": "s3cret"}, given=("headers",)
        )
    }

    async def run() -> None:
        async with (
            Server({"/other": reply(), "/again": reply()}) as server,
            Fetcher(config(hosts=hosts), MemoryRobots(), resolver=to_loopback) as source,
        ):
            server.answers["/"] = setting("b=2", "/again")
            await source.fetch(server.url(host="a.example.org"))
            sent = {r.path: r.headers for r in server.requests}
            assert sent["/"]["x-key"] == sent["/again"]["x-key"] == "s3cret"
            assert (sent["/"]["cookie"], sent["/again"]["cookie"]) == ("paid=1", "paid=1; b=2")
            assert "x-key" not in sent["/robots.txt"]
            server.answers["/"] = redirect(server.url("/other", host="b.example.org"))
            await source.fetch(server.url(host="a.example.org"))
            assert not {"x-key", "cookie"} & server.requests[-1].headers.keys()

    asyncio.run(run())


def secured(folder: Path, location: str) -> tuple[Server, ssl.SSLContext]:
    theirs, ours = certificate(folder, "a.example.org")
    return Server({"/": redirect(location), "/plain": reply()}, tls=theirs), ours


def test_a_downgrade_is_noted_and_keeps_secrets_at_home(tmp_path: Path) -> None:
    hosts = {"*": HostConfig(headers={"X-Key": "s3cret"}, given=("headers",))}

    async def run() -> None:
        async with Server({"/plain": reply()}) as plain:
            server, ours = secured(tmp_path, plain.url("/plain", host="a.example.org"))
            settings = config(hosts=hosts)
            async with (
                server,
                Fetcher(settings, MemoryRobots(), resolver=to_loopback, tls=ours) as source,
            ):
                page = await source.fetch(server.url(host="a.example.org"))
                assert page.notes == ("redirected from https to http",)
                assert [r.headers.get("x-key") for r in server.requests] == [None, "s3cret"]
                assert [r.headers.get("x-key") for r in plain.requests] == [None, None]
                straight = await source.fetch(server.url("/plain", host="a.example.org"))
                assert straight.notes == ()

    asyncio.run(run())


def test_a_host_whose_certificate_is_not_checked_says_so(tmp_path: Path) -> None:
    hosts = {"a.example.org": HostConfig(verify_tls=False, given=("verify_tls",))}

    async def run() -> tuple[Page | FetchError, Page | FetchError]:
        server, _ = secured(tmp_path, "/")
        async with (
            server,
            Fetcher(config(hosts=hosts), MemoryRobots(), resolver=to_loopback) as source,
        ):
            excepted = await result(source, server.url("/plain", host="a.example.org"))
            checked = await result(source, server.url("/plain", host="b.example.org"))
            return excepted, checked

    excepted, checked = asyncio.run(run())
    assert isinstance(excepted, Page)
    assert excepted.notes == ("the server's certificate was not checked",)
    assert isinstance(checked, FetchError)
    assert "certificate" in checked.reason


def test_only_so_many_cookies_are_taken() -> None:
    chain = Chain(config(), "http://a.example.org/")
    cookies = tuple(b"c%d=1" % n for n in range(200))
    chain.follow(Said(302, {"location": "/2"}, cookies=cookies))
    assert chain.headers()[b"Cookie"].count(b"=") == 50
