"""Turns: one at a time for each site, pauses, slots, Retry-After."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta

import pytest

from scraper.fetch.pace import Pace, retry_after

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class SimulatedClock:
    """Time that passes at once, when nothing is left to do before it."""

    def __init__(self) -> None:
        self.time = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.time)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.time + seconds, self._count, future))
        await future

    async def until_done(self, *work: Coroutine[None, None, None]) -> None:
        tasks = [asyncio.create_task(one) for one in work]
        while not all(task.done() for task in tasks):
            for _ in range(8):  # as long as a chain of wake-ups may be
                await asyncio.sleep(0)
            if self._sleepers and not all(task.done() for task in tasks):
                self.time, _, future = heapq.heappop(self._sleepers)
                if not future.done():
                    future.set_result(None)
        for task in tasks:
            task.result()


class Log:
    """Requests that take time, and when they began and ended."""

    def __init__(self, at_once: int = 64) -> None:
        self.clock = SimulatedClock()
        self.pace = Pace(at_once, self.clock)
        self.spans: list[tuple[str, float, float]] = []
        self.running = self.peak = 0

    async def request(self, site: str, delay: float | None = 1.0, takes: float = 0.5) -> None:
        async with self.pace.turn(site, delay):
            self.running += 1
            self.peak = max(self.peak, self.running)
            start = self.clock.time
            await self.clock.sleep(takes)
            self.spans.append((site, start, self.clock.time))
            self.running -= 1

    def run(self, *work: Coroutine[None, None, None]) -> None:
        asyncio.run(self.clock.until_done(*work))


def test_one_at_a_time_with_the_pause_after_the_end() -> None:
    log = Log()
    log.run(*(log.request("a.test", takes=2) for _ in range(3)))
    assert log.spans == [("a.test", 0, 2), ("a.test", 3, 5), ("a.test", 6, 8)]


def test_turns_are_taken_in_the_order_of_asking() -> None:
    log = Log()
    log.run(*(log.request("a.test", takes=n) for n in (5, 3, 4, 1)))
    assert [end - start for _, start, end in log.spans] == [5, 3, 4, 1]


def test_sites_do_not_wait_for_each_other() -> None:
    log = Log()
    log.run(*(log.request(site, takes=9 if site == "s0" else 1) for site in ("s0", "s1", "s2")))
    assert [start for _, start, _ in log.spans] == [0, 0, 0]
    assert log.peak == 3


def test_slots_bound_what_is_in_flight() -> None:
    log = Log(at_once=2)
    log.run(*(log.request(f"s{n}") for n in range(10)))
    assert log.peak == 2
    assert log.clock.time == 2.5


def test_a_site_that_pauses_holds_no_slot() -> None:
    log = Log(at_once=1)
    log.run(log.request("a.test"), log.request("a.test", delay=60), log.request("b.test"))
    assert log.spans == [("a.test", 0, 0.5), ("b.test", 0.5, 1), ("a.test", 60.5, 61)]


def test_robots_txt_neither_waits_nor_counts() -> None:
    log = Log()
    log.run(*(log.request("a.test", delay=delay) for delay in (1, None, None, 1)))
    assert [start for _, start, _ in log.spans] == [0, 0.5, 1, 1.5]


def test_a_hold_is_kept_by_every_request_for_a_minute_at_most() -> None:
    log = Log()
    log.pace.hold("a.test", 20)
    log.pace.hold("a.test", 5)
    log.pace.hold("b.test", 86_400)
    log.run(log.request("a.test", delay=None), log.request("b.test"), log.request("c.test"))
    assert {site: start for site, start, _ in log.spans} == {
        "a.test": 20,
        "b.test": 60,
        "c.test": 0,
    }


def test_a_hold_that_comes_while_a_request_waits_is_kept() -> None:
    log = Log()

    async def hold_later() -> None:
        await log.clock.sleep(1)
        log.pace.hold("a.test", 9)

    log.run(log.request("a.test"), log.request("a.test"), hold_later())
    assert [start for _, start, _ in log.spans] == [0, 10]


def test_a_request_that_fails_ends_its_turn() -> None:
    log = Log(at_once=1)

    async def failing() -> None:
        with pytest.raises(ValueError, match="broken"):
            async with log.pace.turn("a.test", 1):
                raise ValueError("broken")

    log.run(failing(), log.request("a.test"))
    assert log.spans == [("a.test", 1, 1.5)]


def test_no_site_is_ever_faster_than_its_limit() -> None:
    chance = random.Random(7)
    log = Log(at_once=16)
    sites = [f"s{chance.randrange(40)}" for _ in range(1500)]
    log.run(*(log.request(site, 2, chance.uniform(0, 3)) for site in sites))
    ends: dict[str, float] = {}
    for site, start, end in sorted(log.spans, key=lambda span: span[1]):
        assert start - ends.get(site, -9) >= 2 - 1e-9
        ends[site] = end
    assert len(log.spans) == 1500
    assert log.peak == 16


DATE = "Thu, 01 Jan 2026 10:00:00 GMT"  # the server's clock is two hours late


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "Thu, 01 Jan 2026 10:00:30 GMT", "date": DATE}, 30),
        ({"retry-after": "Thursday, 01-Jan-26 10:00:30 GMT", "date": DATE}, 30),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:45 GMT"}, 45),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:45 GMT", "date": "yesterday"}, 45),
        ({"retry-after": "Thu, 01 Jan 2026 09:00:00 GMT", "date": DATE}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "9" * 5000}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "Thu, 99 Jan 99999 10:00:30 GMT"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOON) == seconds
