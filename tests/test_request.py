"""One request, against servers that do what they should not."""

from __future__ import annotations

import asyncio
import shutil
from asyncio import StreamWriter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from misbehave import (
    CHUNKED,
    HTML,
    START,
    TLS,
    Answer,
    Request,
    Server,
    certificate,
    config,
    failure,
    fetch,
    fetcher,
    reply,
    result,
)

from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots, request
from scraper.model import Outcome, Page, RobotsRecord


def test_a_reset_is_truncation_after_the_head_and_unreachable_before() -> None:
    def reset(start: bytes) -> Answer:
        async def script(writer: StreamWriter, _: Request) -> None:
            writer.write(start)
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.transport.abort()

        return script

    assert failure(reset(START + b"Content-Length: 60\r\n\r\n<p>")).outcome is Outcome.TRUNCATED
    assert failure(reset(b"")).outcome is Outcome.UNREACHABLE


def test_large_bodies() -> None:
    async def endless(writer: StreamWriter, _: Request) -> None:
        writer.write(CHUNKED)
        while True:
            writer.write(b"400\r\n" + b"<p>" * 341 + b"x\r\n")
            await writer.drain()

    assert failure(endless, max_body=100_000).outcome is Outcome.TOO_LARGE
    told = failure(START + b"Content-Length: 2000\r\n\r\n", max_body=1500)  # and sends none of it
    assert told.reason == "is 2000 bytes long, more than the 1500 allowed"
    assert isinstance(fetch(reply(b"x" * 1500), max_body=1500), Page)


def drip(at_first: bytes) -> Answer:
    async def script(writer: StreamWriter, _: Request) -> None:
        writer.write(at_first)
        for _count in range(600):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    return script


def test_the_deadline_stops_what_drips() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        slow = START + b"Content-Length: 9999\r\n\r\n"
        servers = [
            Server({"/": drip(slow)}, "127.0.1.1"),
            Server({"/": drip(b"HTTP/1.1 200 X\r\nX: ")}, "127.0.1.2"),
            Server({"/": reply(), "/robots.txt": drip(slow)}, "127.0.1.3"),
        ]
        async with servers[0], servers[1], servers[2], fetcher(deadline=1.0) as source:
            start = loop.time()
            found = await asyncio.gather(*(result(source, one.url()) for one in servers))
            assert loop.time() - start < 2
        outcomes = [one.outcome for one in found if isinstance(one, FetchError)]
        assert outcomes == [Outcome.DEADLINE, Outcome.DEADLINE, Outcome.ROBOTS_UNREACHABLE]
        assert isinstance(found[0], FetchError)
        assert found[0].reason == "took more than 1 s"

    asyncio.run(run())


def test_waiting_for_a_turn_is_no_part_of_the_deadline() -> None:
    async def run() -> None:
        async def slowly(writer: StreamWriter, _: Request) -> None:
            await asyncio.sleep(0.2)
            writer.write(reply(HTML, "Connection: close"))

        async with Server({"/": slowly}) as server, fetcher(deadline=0.4) as source:
            pages = await asyncio.gather(*(source.fetch(server.url()) for _ in range(3)))
            assert [page.status for page in pages] == [200, 200, 200]
            assert server.peak == 1

    asyncio.run(run())


def test_cancellation_passes_and_leaves_the_site_free() -> None:
    async def run() -> None:
        answers: dict[str, Answer] = {"/": drip(START + b"\r\n"), "/x": reply()}
        async with Server(answers) as server, fetcher() as source:
            task = asyncio.create_task(source.fetch(server.url()))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await source.fetch(server.url("/x"))).status == 200

    asyncio.run(run())


def test_a_kept_connection_that_died_is_replaced() -> None:
    async def run() -> None:
        async def once(writer: StreamWriter, _: Request) -> None:
            writer.write(reply())
            await writer.drain()
            await asyncio.sleep(0.1)  # and then closes it, having promised nothing of the kind

        async with Server({"/": once, "/robots.txt": reply()}) as server, fetcher() as source:
            for _ in range(3):
                assert (await source.fetch(server.url())).body == HTML
                await asyncio.sleep(0.15)
            assert len(server.paths()) == 3

    asyncio.run(run())


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates")


async def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.1.1"]


def test_a_kept_connection_that_dies_under_a_request_is_replaced_once() -> None:
    async def run() -> None:
        deaths = [1, 3]  # the connections that end without an answer

        async def dying(writer: StreamWriter, _: Request) -> None:
            if server.connections not in deaths:
                writer.write(reply(HTML, "Connection: close"))

        async with Server({"/": dying}) as server, fetcher() as source:
            assert (await source.fetch(server.url())).body == HTML  # 1 kept from robots.txt, then 2
            found = await result(source, server.url())  # on 3, a new one
            assert isinstance(found, FetchError)
            assert found.outcome is Outcome.UNREACHABLE
            assert server.connections == 3

    asyncio.run(run())


def test_names_that_httpx_cannot_decode() -> None:
    async def run() -> None:
        dots = Fetcher(config(), MemoryRobots(), resolver=to_loopback, tls=TLS)
        async with Server({"/": reply()}) as server, dots as source:
            for name in ("xn--i-7iq.test", "a_b.test"):
                assert (await source.fetch(server.url(host=name))).body == HTML
                assert server.requests[-1].headers["host"] == f"{name}:{server.port}"

    asyncio.run(run())


@needs_openssl
def test_tls_is_checked_against_the_name(tmp_path: Path) -> None:
    server_side, client_side = certificate(tmp_path, "a.test")

    async def run() -> None:
        async with Server({"/": reply()}, tls=server_side) as server:
            good = Fetcher(config(), MemoryRobots(), resolver=to_loopback, tls=client_side)
            async with good as source:
                page = await source.fetch(server.url(host="a.test"))
                assert page.body == HTML
                wrong = await result(source, server.url(host="b.test"))
            async with Fetcher(config(), MemoryRobots(), resolver=to_loopback) as default:
                untrusted = await result(default, server.url(host="a.test"))
            for error in (wrong, untrusted):
                assert isinstance(error, FetchError)
                assert "certificate that is not valid" in error.reason
            assert server.paths() == ["/"]

    asyncio.run(run())


@needs_openssl
def test_tls_trouble_of_a_page_has_its_own_outcome(tmp_path: Path) -> None:
    server_side, _ = certificate(tmp_path, "a.test")

    async def run() -> None:
        robots = MemoryRobots()
        async with (
            Server({"/": reply()}, tls=server_side) as server,
            Fetcher(config(), robots, resolver=to_loopback) as source,
        ):
            url = server.url(host="a.test")
            now = datetime.now(UTC)
            expires = now + timedelta(hours=1)
            robots.put_robots(RobotsRecord(url.rstrip("/"), 404, "", now, expires))
            error = await result(source, url)
            assert isinstance(error, FetchError)
            assert error.outcome is Outcome.TLS

    asyncio.run(run())


@needs_openssl
def test_http2_and_a_body_left_unread(tmp_path: Path) -> None:
    server_side, client_side = certificate(tmp_path, "a.test")
    server_side.set_alpn_protocols(["h2", "http/1.1"])

    async def run() -> None:
        answers: dict[str, Answer] = {"/": reply(), "/big": reply(b"<p>" * 6_000_000)}
        async with Server(answers, tls=server_side) as server:
            http2 = Fetcher(
                config(max_body=100_000), MemoryRobots(), resolver=to_loopback, tls=client_side
            )
            async with http2 as source:
                for _ in range(2):
                    assert (await source.fetch(server.url(host="a.test"))).body == HTML
                assert server.connections == 1
                assert ":authority" in server.requests[-1].headers
                big = await result(source, server.url("/big", "a.test"))
                assert isinstance(big, FetchError)
                assert big.outcome is Outcome.TOO_LARGE
                assert (await source.fetch(server.url(host="a.test"))).body == HTML

    asyncio.run(run())


class Counted(asyncio.Semaphore):
    """A semaphore that knows how many held it at once, and how often it was held."""

    held = most = times = 0

    async def __aenter__(self) -> None:
        await super().__aenter__()
        self.held += 1
        self.times += 1
        self.most = max(self.most, self.held)

    async def __aexit__(self, *exc: object) -> None:
        self.held -= 1
        self.release()


def test_large_bodies_grow_a_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "LARGE", 1000)

    async def large(writer: StreamWriter, _: Request) -> None:
        writer.write(START + b"Content-Length: 400042\r\n\r\n" + HTML + b"x" * 2000)
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(b"x" * 398_000)
        await writer.drain()

    async def run() -> None:
        small = Server({"/": reply()}, "127.0.1.9")
        servers = [small, *(Server({"/": large}, f"127.0.1.{n}") for n in range(1, 7))]
        async with AsyncExitStack() as stack, fetcher() as source:
            room = source._requester._large = Counted(2)
            for server in servers:
                await stack.enter_async_context(server)
            pages = await asyncio.gather(*(source.fetch(server.url()) for server in servers))
            assert [len(page.body) for page in pages] == [len(HTML), *[400_042] * 6]
            assert (room.most, room.times, room.held) == (2, 6, 0)

    asyncio.run(run())
