"""Connections: kept for each origin, the oldest closed first."""

from __future__ import annotations

import asyncio

import pytest
from misbehave import START, Answer, Server, fetcher, reply

from scraper.fetch import transport


def several(count: int) -> list[Server]:
    return [Server({"/": reply()}, f"127.0.1.{n}") for n in range(1, count + 1)]


def test_so_many_are_kept_and_the_oldest_go_first() -> None:
    async def run() -> None:
        first, second, third = several(3)
        async with first, second, third, fetcher(hosts_at_once=1) as source:
            for server in (first, second, third, third, second, first):
                await source.fetch(server.url())
            assert [s.connections for s in (first, second, third)] == [2, 1, 1]

    asyncio.run(run())


def test_none_is_kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "KEEP_ALIVE", 0.05)

    async def run() -> None:
        first, second = several(2)
        async with first, second, fetcher() as source:
            await source.fetch(first.url())
            assert first.live == 1
            await asyncio.sleep(0.1)
            await source.fetch(second.url())
            await asyncio.sleep(0.05)
            assert (first.live, second.live) == (0, 1)

    asyncio.run(run())


def test_closing_closes_what_is_kept_and_later_what_was_in_use() -> None:
    async def run() -> None:
        async def slowly(writer: asyncio.StreamWriter, _: object) -> None:
            writer.write(START + b"Content-Length: 3\r\n\r\n")
            await asyncio.sleep(0.1)
            writer.write(b"<p>")
            await writer.drain()
            await asyncio.sleep(60)

        answers: dict[str, Answer] = {"/": slowly}
        async with Server(answers) as busy, Server({"/": reply()}, "127.0.1.2") as idle:
            async with fetcher() as source:
                await source.fetch(idle.url())
                task = asyncio.create_task(source.fetch(busy.url()))
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.01)
            assert (busy.live, idle.live) == (1, 0)
            assert (await task).body == b"<p>"
            assert not source._requester._transport._idle

    asyncio.run(run())
