"""URLs -> pages: statuses, redirects, conditions, manners."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from misbehave import (
    HTML,
    Server,
    failure,
    fetcher,
    redirect,
    reply,
    result,
)

from scraper.errors import FetchError
from scraper.model import Outcome

STATUSES = [
    (401, Outcome.FORBIDDEN),
    (402, Outcome.FORBIDDEN),
    (403, Outcome.FORBIDDEN),
    (404, Outcome.NOT_FOUND),
    (410, Outcome.GONE),
    (418, Outcome.CLIENT_ERROR),
    (429, Outcome.RATE_LIMITED),
    (451, Outcome.FORBIDDEN),
    (500, Outcome.SERVER_ERROR),
    (503, Outcome.SERVER_ERROR),
    (599, Outcome.SERVER_ERROR),
    (600, Outcome.CLIENT_ERROR),
    (999, Outcome.CLIENT_ERROR),
    (300, Outcome.CLIENT_ERROR),
    (302, Outcome.BAD_RESPONSE),  # a redirect to nowhere
    (304, Outcome.BAD_RESPONSE),  # unchanged since nothing
    (204, Outcome.EMPTY_BODY),
    (205, Outcome.EMPTY_BODY),
    (206, Outcome.TRUNCATED),
]


@pytest.mark.parametrize(("status", "outcome"), STATUSES)
def test_statuses(status: int, outcome: Outcome) -> None:
    error = failure(reply(b"" if status in (204, 304) else HTML, status=status))
    assert error.outcome is outcome
    assert str(status) in error.reason


def test_reasons_are_sentences() -> None:
    assert failure(reply(status=503)).reason == "answered 503 Service Unavailable"


def test_retry_after_is_kept_and_holds_the_site_up() -> None:
    async def run() -> None:
        async with Server({"/": reply(b"", "Retry-After: 1", status=503)}) as server:
            server.answers["/later"] = reply()
            async with fetcher() as source:
                error = await result(source, server.url())
                assert isinstance(error, FetchError)
                assert error.retry_after == 1
                await source.fetch(server.url("/later"))
            assert server.requests[-1].at - server.requests[-2].at >= 1

    asyncio.run(run())


def test_what_a_page_says_of_itself() -> None:
    async def run() -> None:
        headers = ('ETag: W/"é"', "Last-Modified: yesterday", "X-A: 1", "x-a: 2")
        answer = reply(HTML, *headers, "Set-Cookie: id=1; Path=/")
        async with (
            Server({"/": answer, "/p?q=%C3%A9": answer, "/same": redirect("/")}) as server,
            fetcher(contact="ed@example.org") as source,
        ):
            page = await source.fetch(server.url("/p?q=é#part"))
            assert page.url == server.url("/p?q=é#part")
            assert page.final_url == server.url("/p?q=%C3%A9")
            assert page.etag == 'W/"é"'
            assert page.last_modified == "yesterday"
            assert page.headers["x-a"] == "1, 2"
            assert "set-cookie" not in page.headers
            assert page.moved_to is None
            assert page.fetched_at.tzinfo is not None
            server.answers["/"] = b"HTTP/1.1 304 X\r\nContent-Length: 0\r\n\r\n"
            again = await source.fetch(server.url(), etag=page.etag, last_modified="yesterday")
            assert (again.status, again.body) == (304, b"")
            sent = server.requests[-1].headers
            assert sent["if-none-match"] == 'W/"é"'
            assert sent["if-modified-since"] == "yesterday"
            assert sent["user-agent"].endswith(" (+ed@example.org)")
            assert sent["accept-encoding"] == "gzip, deflate, br, zstd"
            assert sent["accept"].startswith("text/html")
            assert "cookie" not in sent
            assert server.connections == 1  # one connection for all of it
            odd = await result(source, server.url("/same"), etag="a\r\nX: b", last_modified="☃")
            assert isinstance(odd, FetchError)  # a 304 to a request that named nothing
            assert odd.outcome is Outcome.BAD_RESPONSE
            assert (
                not {"x", "if-none-match", "if-modified-since"} & server.requests[-1].headers.keys()
            )

    asyncio.run(run())


def test_conditions_go_out_with_the_first_hop_only() -> None:
    async def run() -> None:
        async with Server({"/": redirect("/b"), "/b": reply()}) as server, fetcher() as source:
            await source.fetch(server.url(), etag='"1"')
            sent = {request.path: request.headers for request in server.requests}
            assert "if-none-match" in sent["/"]
            assert "if-none-match" not in sent["/b"]
            server.answers["/b"] = b"HTTP/1.1 304 X\r\nContent-Length: 0\r\n\r\n"
            found = await result(source, server.url(), etag='"1"')
            assert isinstance(found, FetchError)
            assert found.outcome is Outcome.BAD_RESPONSE

    asyncio.run(run())


MOVES = [
    ((301, 308), "/2"),
    ((301, 302, 301), "/1"),
    ((302, 301), None),
    ((303,), None),
    ((307,), None),
    ((), None),
]


@pytest.mark.parametrize(("statuses", "moved"), MOVES)
def test_where_permanent_redirects_lead(statuses: tuple[int, ...], moved: str | None) -> None:
    async def run() -> None:
        async with Server({f"/{len(statuses)}": reply()}) as server, fetcher() as source:
            for n, status in enumerate(statuses):
                server.answers[f"/{n}"] = redirect(f"/{n + 1}", status)
            page = await source.fetch(server.url("/0"))
            assert page.final_url == server.url(f"/{len(statuses)}")
            assert page.moved_to == (server.url(moved) if moved else None)

    asyncio.run(run())


def test_redirects_are_counted() -> None:
    async def run() -> None:
        async with Server({"/3": reply()}) as server, fetcher(max_redirects=3) as source:
            for n in (0, 1, 2, 9):
                server.answers[f"/{n}"] = redirect(f"/{(n + 1) % 10}")
            assert (await source.fetch(server.url("/0"))).status == 200
            found = await result(source, server.url("/9"))
            assert isinstance(found, FetchError)
            assert found.outcome is Outcome.TOO_MANY_REDIRECTS
            assert found.reason.startswith("redirects more than 3 times (redirected to http://")

    asyncio.run(run())


@pytest.mark.parametrize(
    "url", ["", "x", "gopher://a.test/", "http://u@a.test/", "http://a\x00b/", "http://a<b.test/"]
)
def test_addresses_that_cannot_be_asked_for(url: str) -> None:
    async def run() -> None:
        async with fetcher() as source:
            found = await result(source, url)
            assert isinstance(found, FetchError)
            assert found.outcome is Outcome.INVALID_URL

    asyncio.run(run())


def test_manners_as_the_server_sees_them() -> None:
    async def run() -> None:
        robots = reply(b"User-agent: *\nCrawl-delay: 0.2", kind="text/plain")
        async with (
            Server({"/": reply(), "/robots.txt": robots}, "127.0.1.1") as slow,
            Server({"/": reply()}, "127.0.1.2") as quick,
            fetcher(delay=0.1) as source,
        ):
            both = [one.url() for one in (slow, quick) for _ in range(3)]
            await asyncio.gather(*(source.fetch(url) for url in both))
            for server, least in ((slow, 0.2), (quick, 0.1)):
                times = [r.at for r in server.requests if r.path == "/"]
                gaps = [b - a for a, b in itertools.pairwise(times)]
                assert len(gaps) == 2
                assert min(gaps) >= least
                assert server.peak == 1
                assert server.requests[0].path == "/robots.txt"

    asyncio.run(run())
