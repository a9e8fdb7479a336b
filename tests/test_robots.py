"""robots.txt by RFC 9309: its own examples, and servers that get it wrong."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from misbehave import Server, config, redirect, reply

from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots
from scraper.fetch.robots import Rules, for_us
from scraper.model import Outcome, RobotsRecord

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - NOON).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def rules(text: str, status: int = 200) -> Rules:
    return Rules(RobotsRecord("https://example.org", status, text, NOON, NOON))


CASES = [
    # RFC 9309, 2.2.1: groups of one agent are merged, names are compared without case
    ("User-agent: scraper\nDisallow: /a\n\nUser-agent: SCRAPER\nDisallow: /b", "/a", False),
    ("User-agent: scraper\nDisallow: /a\n\nUser-agent: SCRAPER\nDisallow: /b", "/b", False),
    ("User-agent: *\nDisallow: /\n\nUser-agent: scraper\nDisallow:", "/x", True),
    ("User-agent: *\nDisallow: /\n\nUser-agent: scraper", "/x", True),
    ("User-agent: scrap\nDisallow: /", "/x", True),
    ("User-agent: scraper-news\nDisallow: /", "/x", True),
    ("User-agent: scraper/2.0\nDisallow: /", "/x", False),
    ("User-agent: other\nUser-agent: scraper # us\nDisallow: /", "/x", False),
    ("User-agent: other\nDisallow: /", "/x", True),
    ("useragent scraper\nDisallow: /", "/x", False),
    # 2.2.2: the longest match wins; of two equal ones the one that allows
    ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
    ("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b/c", False),
    ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
    ("User-agent: *\nDisallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", False),
    ("User-agent: *\nDisallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
    ("User-agent: *\nDisallow: /foo/bar/%E3%83%84", "/foo/bar/ツ", False),
    ("User-agent: *\nDisallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
    # 2.2.3: special characters
    ("User-agent: *\nDisallow: *.gif$", "/a.gif", False),
    ("User-agent: *\nDisallow: *.gif$", "/a.gif?x", True),
    ("User-agent: *\nDisallow: /a # b", "/a", False),
    ("User-agent: *\nDisallow: /path/file-with-a-%2A.html", "/path/file-with-a-*.html", False),
    # 5.2: the example of the longest match
    (
        "User-Agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
        "/example/page/disallowed.gif",
        False,
    ),
    # 2.2: what is not understood is skipped, and the file itself may always be read
    ("Sitemap: /s\nUser-agent: *\nSitemap: /t\nDisallow: /x", "/x", False),
    ("<html><body>Not found", "/x", True),
    ("", "/x", True),
    ("User-agent: *\nDisallow: /", "/robots.txt", True),
]


@pytest.mark.parametrize(("text", "path", "allowed"), CASES)
def test_rules(text: str, path: str, allowed: bool) -> None:
    assert rules(text).allows(f"https://example.org{path}") is allowed


@pytest.mark.parametrize(
    ("status", "allowed"), [(200, False), (301, True), (404, True), (403, True), (500, False)]
)
def test_status_decides_before_the_text(status: int, allowed: bool) -> None:
    assert rules("User-agent: *\nDisallow: /", status).allows("https://example.org/x") is allowed


def test_unreachable_disallows_all() -> None:
    assert not rules("", 0).allows("https://example.org/x")
    assert rules("", 0).trouble == "https://example.org/robots.txt could not be reached"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: 3600", 60),
        ("User-agent: *\nCrawl-delay: -1", 0),
        ("User-agent: *\nCrawl-delay: soon", 0),
        ("User-agent: other\nCrawl-delay: 5", 0),
        ("User-agent: *\nCrawl-delay: 9\nUser-agent: scraper\nCrawl-delay: 3", 3),
    ],
)
def test_crawl_delay(text: str, seconds: float) -> None:
    assert rules(text).delay == seconds


def test_thousands_of_agents_over_thousands_of_rules_stay_small() -> None:
    agents = "".join(f"User-agent: a{n}\n" for n in range(15_000))
    text = agents + "".join(f"Disallow: /{n}\n" for n in range(15_000))
    assert len(set(for_us(text).splitlines()[:15_000])) == 1
    assert rules(text).allows("https://example.org/7")


def site(robots: bytes) -> Server:
    return Server({"/": reply(), "/x": reply(), "/robots.txt": robots})


async def failed(fetcher: Fetcher, url: str) -> Outcome:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(url)
    return caught.value.outcome


def test_asked_once_for_all_who_wait_and_kept_a_day() -> None:
    async def run() -> None:
        clock, cache = SetClock(), MemoryRobots()
        async with site(reply(b"User-agent: *\nDisallow: /no", kind="text/plain")) as server:
            async with Fetcher(config(), cache, clock) as fetcher:
                asked = (fetcher.fetch(server.url(path)) for path in ("/", "/x", "/", "/x"))
                await asyncio.gather(*asked)
                assert await failed(fetcher, server.url("/no")) is Outcome.BLOCKED_BY_ROBOTS
            async with Fetcher(config(), cache, clock) as another_run:
                await another_run.fetch(server.url())
                clock.time += timedelta(hours=23)
                await another_run.fetch(server.url())
                assert [r.path for r in server.requests].count("/robots.txt") == 1
                assert server.requests[0].path == "/robots.txt"
                clock.time += timedelta(hours=2)
                await another_run.fetch(server.url())
                assert [r.path for r in server.requests].count("/robots.txt") == 2
            assert "/no" not in server.paths()

    asyncio.run(run())


def test_a_server_error_disallows_for_an_hour() -> None:
    async def run() -> None:
        clock = SetClock()
        async with (
            site(reply(b"", status=503)) as server,
            Fetcher(config(), MemoryRobots(), clock) as fetcher,
        ):
            for _ in range(2):
                assert await failed(fetcher, server.url()) is Outcome.ROBOTS_UNREACHABLE
            assert len(server.requests) == 1
            clock.time += timedelta(minutes=61)
            server.answers["/robots.txt"] = reply(b"", status=404)
            assert (await fetcher.fetch(server.url())).status == 200

    asyncio.run(run())


def test_a_server_that_is_not_there_disallows_and_says_why() -> None:
    async def run() -> None:
        async with Server() as server:
            url = server.url()
        async with Fetcher(config(), MemoryRobots()) as fetcher:
            with pytest.raises(FetchError, match="could not be reached") as caught:
                await fetcher.fetch(url)
            assert caught.value.outcome is Outcome.ROBOTS_UNREACHABLE

    asyncio.run(run())


def test_five_redirects_are_followed_and_a_sixth_allows_all() -> None:
    async def run() -> None:
        async with site(redirect("/r1")) as server, Fetcher(config(), MemoryRobots()) as fetcher:
            for n in range(1, 5):
                server.answers[f"/r{n}"] = redirect(f"/r{n + 1}", status=301)
            server.answers["/r5"] = reply(b"User-agent: *\nDisallow: /x", kind="text/plain")
            assert await failed(fetcher, server.url("/x")) is Outcome.BLOCKED_BY_ROBOTS
        async with site(redirect("/r1")) as server, Fetcher(config(), MemoryRobots()) as fetcher:
            server.answers["/r1"] = redirect("/robots.txt")
            assert (await fetcher.fetch(server.url("/x"))).status == 200

    asyncio.run(run())


def test_the_first_500_kib_count() -> None:
    async def run() -> None:
        start = b"User-agent: *\nDisallow: /x\n"
        cut = b"\nDisallow: /long"  # the limit falls behind its slash
        text = start + b"#" * (500 * 1024 - len(start) - len(cut) + 4) + cut + b"\nDisallow: /"
        async with (
            site(reply(text, kind="text/plain")) as server,
            Fetcher(config(max_body=1024), MemoryRobots()) as fetcher,
        ):
            assert (await fetcher.fetch(server.url("/"))).status == 200
            assert await failed(fetcher, server.url("/x")) is Outcome.BLOCKED_BY_ROBOTS

    asyncio.run(run())


def test_each_hop_asks_the_robots_txt_of_its_origin() -> None:
    async def run() -> None:
        no = Server({"/robots.txt": reply(b"User-agent: *\nDisallow: /")}, "127.0.1.2")
        async with no, Server() as server, Fetcher(config(), MemoryRobots()) as fetcher:
            server.answers["/"] = redirect(no.url("/there"))
            assert await failed(fetcher, server.url()) is Outcome.BLOCKED_BY_ROBOTS
            assert no.paths() == []

    asyncio.run(run())
