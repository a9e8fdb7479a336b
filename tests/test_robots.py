"""robots.txt by RFC 9309: its own examples, and servers that get it wrong."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from misbehave import Server, config, redirect, reply

from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots
from scraper.fetch.robots import Rules, for_us, text_of
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


STATUSES = {  # RFC 9309, 2.3.1: the text says "Disallow: /"
    **dict.fromkeys((200, 201, 203, 206), False),
    **dict.fromkeys((301, 302, 307, 308, 304), True),  # redirects that end nowhere: 2.3.1.2
    **dict.fromkeys((400, 401, 402, 403, 404, 405, 410, 418, 429, 451, 499), True),  # 2.3.1.3
    **dict.fromkeys((500, 501, 502, 503, 504, 520, 599), False),  # 2.3.1.4
}


@pytest.mark.parametrize(("status", "allowed"), STATUSES.items())
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


def test_redirects_to_another_host_count_for_the_first() -> None:
    async def run() -> None:
        text = reply(b"User-agent: *\nDisallow: /x", kind="text/plain")
        async with (
            Server({"/a.txt": text}, "127.0.1.2") as other,
            site(redirect(other.url("/a.txt"))) as server,
            Fetcher(config(), MemoryRobots()) as fetcher,
        ):
            assert await failed(fetcher, server.url("/x")) is Outcome.BLOCKED_BY_ROBOTS
            assert (await fetcher.fetch(server.url("/"))).status == 200
            assert other.paths() == ["/a.txt"]

    asyncio.run(run())


def test_a_line_cut_by_the_limit_is_none() -> None:
    for end in (b"\n", b"\r", b"\r\n"):
        start = b"User-agent: *" + end + b"Disallow: /x" + end
        text = start + b"#" * (500 * 1024 - len(start) - len(end) - 11) + end + b"Disallow: /"
        assert text_of(text + b"long").rstrip("\r").endswith("#")
    assert text_of(b"Disallow: /" + b"a" * 500 * 1024) == ""


def test_each_hop_asks_the_robots_txt_of_its_origin() -> None:
    async def run() -> None:
        no = Server({"/robots.txt": reply(b"User-agent: *\nDisallow: /")}, "127.0.1.2")
        async with no, Server() as server, Fetcher(config(), MemoryRobots()) as fetcher:
            server.answers["/"] = redirect(no.url("/there"))
            assert await failed(fetcher, server.url()) is Outcome.BLOCKED_BY_ROBOTS
            assert no.paths() == []

    asyncio.run(run())
