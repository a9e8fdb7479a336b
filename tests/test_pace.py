"""Turns: one at a time for each site, pauses, slots, Retry-After."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Coroutine

import pytest
from simulated import NOON, SimulatedClock

from scraper.clock import SystemClock
from scraper.fetch import pace
from scraper.fetch.pace import Pace, retry_after


class Delays(dict[str, float | None]):
    """Delays that are kept, as the database does."""

    def site_delay(self, site: str) -> float | None:
        return self.get(site)

    def set_site_delay(self, site: str, seconds: float | None) -> None:
        self[site] = seconds


class Log:
    """Requests that take time, and when they began and ended."""

    def __init__(self, at_once: int = 64, delays: Delays | None = None) -> None:
        self.clock = SimulatedClock()
        self.pace = Pace(at_once, self.clock, address_delay=1.0, delays=delays)
        self.spans: list[tuple[str, float, float]] = []
        self.running = self.peak = 0

    async def request(
        self,
        site: str,
        delay: float | None = 1.0,
        takes: float = 0.5,
        *,
        address: str = "",
        connections: int = 1,
        busy: bool = False,
    ) -> None:
        turn = self.pace.turn(site, delay, address=address, connections=connections)
        async with turn as held:
            held.busy = busy
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


def starts(log: Log) -> list[tuple[str, float]]:
    return [
        (site, start) for site, start, _ in sorted(log.spans, key=lambda span: (span[1], span[0]))
    ]


def test_sites_of_one_address_take_turns_there() -> None:
    log = Log()
    log.run(*(log.request(site, address="192.0.2.1") for site in ("a", "b", "c", "a")))
    assert starts(log) == [("a", 0), ("b", 1.5), ("c", 3), ("a", 4.5)]
    assert log.peak == 1


def test_an_address_of_one_site_or_of_none_is_not_looked_at() -> None:
    log = Log()
    log.run(
        *(log.request("a", address="192.0.2.1") for _ in range(2)),
        log.request("b", address="192.0.2.2"),
        *(log.request(site) for site in ("c", "d")),
    )
    assert starts(log) == [("a", 0), ("b", 0), ("c", 0), ("d", 0), ("a", 1.5)]


def test_robots_txt_waits_for_its_turn_at_an_address_but_not_for_its_pause() -> None:
    log = Log()
    log.run(*(log.request(site, None, address="192.0.2.1") for site in ("a", "b", "c")))
    assert starts(log) == [("a", 0), ("b", 0.5), ("c", 1)]


def test_a_site_that_is_held_leaves_the_address_to_its_neighbours() -> None:
    log = Log()

    async def hold_later() -> None:
        await log.clock.sleep(0.2)
        log.pace.hold("b", 30)

    there = "192.0.2.1"
    log.run(
        log.request("a", address=there), log.request("b", address=there),
        hold_later(), log.request("c", address=there),
    )  # fmt: skip
    assert starts(log) == [("a", 0), ("c", 1.5), ("b", 30.2)]


def test_a_site_that_does_not_answer_holds_its_neighbours_up_for_moments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "SLOW", 0.05)

    async def run() -> list[str]:
        turns, ended = Pace(64, SystemClock(), address_delay=0.01), list[str]()

        async def request(site: str, takes: float) -> None:
            async with turns.turn(site, 0.01, address="192.0.2.1"):
                await asyncio.sleep(takes)
            ended.append(site)

        await asyncio.gather(request("hangs", 0.4), request("b", 0), request("c", 0))
        assert not turns._addresses["192.0.2.1"].turn.locked()
        return ended

    assert asyncio.run(run()) == ["b", "c", "hangs"]


def test_where_no_delay_is_asked_for_an_address_asks_for_none() -> None:
    log = Log()
    log.run(*(log.request(site, 0.2, address="192.0.2.1") for site in ("a", "b")))
    assert starts(log) == [("a", 0), ("b", 0.7)]


def test_several_connections_of_a_site_pause_from_start_to_start() -> None:
    log = Log()
    wide = (log.request("a", 1, 5, connections=2, address="192.0.2.1") for _ in range(4))
    log.run(*wide, log.request("b", address="192.0.2.1"))
    assert starts(log) == [("a", 0), ("b", 0), ("a", 1), ("a", 5), ("a", 6)]
    assert log.peak == 2


def test_each_request_in_flight_has_a_connection_of_its_own() -> None:
    log, used = Log(), set[int]()

    async def request() -> None:
        async with log.pace.turn("a", 0, connections=3) as held:
            assert held.lane not in used
            used.add(held.lane)
            await log.clock.sleep(1)
            used.remove(held.lane)

    log.run(*(request() for _ in range(9)))
    assert log.clock.time == 3


def test_the_delay_of_a_busy_site_doubles_and_comes_back() -> None:
    log = Log()
    log.run(*(log.request("a", takes=0, busy=n in (0, 1)) for n in range(11)))
    gaps = [b - a for (_, a), (_, b) in itertools.pairwise(starts(log))]
    assert gaps[:3] == [2, 4, 3]
    assert gaps == sorted(gaps[:2]) + sorted(gaps[2:], reverse=True)
    assert gaps[-1] == 1


def test_slow_answers_are_signs_of_strain_and_a_minute_is_the_most() -> None:
    log = Log()
    log.run(*(log.request("a", takes=6) for _ in range(9)), log.request("b", takes=4))
    gaps = [b - a - 6 for (_, a), (_, b) in itertools.pairwise(starts(log)[2:])]
    assert gaps == [4, 8, 16, 32, 60, 60, 60]


def test_a_strained_site_without_a_delay_gets_one() -> None:
    log = Log()
    log.run(*(log.request("a", 0, 0, busy=n == 0) for n in range(4)))
    assert [start for _, start in starts(log)] == [0, 1, 1.75, 2.3125]


def test_strain_outlives_a_run() -> None:
    kept = Delays()
    log = Log(delays=kept)
    log.run(log.request("a", busy=True), log.request("b"))
    assert kept == {"a": 2.0}
    log = Log(delays=kept)
    log.run(*(log.request("a", takes=0) for _ in range(4)))
    assert [start for _, start in starts(log)] == [0, 1.5, 2.625, 3.625]
    assert kept == {"a": None}


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
