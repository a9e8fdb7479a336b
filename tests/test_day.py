"""24 simulated hours of a crawl: manners kept, memory flat; and what breaks either is told."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest
import simulated
from benchmarks import day
from benchmarks.hosts import TEMPERS
from simulated import SimulatedLoop

from scraper.config import HostConfig
from scraper.fetch import Fetcher
from scraper.fetch.pace import Pace
from scraper.model import Outcome, Page

SMALL = day.Plan(hosts=10, requests=200)
OUTCOMES = (
    Outcome.DEADLINE, Outcome.GONE, Outcome.RATE_LIMITED, Outcome.ROBOTS_UNREACHABLE,
    Outcome.SERVER_ERROR, Outcome.TRUNCATED, Outcome.UNREACHABLE,
)  # fmt: skip


def test_a_day_breaks_no_limit_and_holds_no_more_at_its_end() -> None:
    found = day.run(day.Plan(hosts=20, requests=600))
    assert found.faults() == []
    assert found.hours >= 24
    assert found.seen.requests > 600
    assert set(found.seen.tempers) == set(TEMPERS)
    assert set(found.outcomes) >= {"ok", *OUTCOMES}
    assert len(found.looks) == 3
    assert found.looks[0]["pace.sites"] == 11
    assert "before the Retry-After" in day.shown(found)


def test_bad_manners_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "hold", lambda *args: None)
    monkeypatch.setattr(Pace, "_learn", lambda *args, **known: None)
    eager = HostConfig(connections=4, given=("connections",))
    faults = day.run(SMALL, replace(day.CONFIG, delay=0, hosts={"*": eager})).faults()
    told = ("site than its limit", "was under way", "of their address", "the Retry-After")
    assert all(what in line for what, line in zip(told, faults, strict=True))


def test_growth_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hoarder(Fetcher):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.hoard: list[Page] = []

        async def fetch(self, *args: Any, **asked: Any) -> Page:
            self.hoard.append(await super().fetch(*args, **asked))
            return self.hoard[-1]

    monkeypatch.setattr(day, "Fetcher", Hoarder)
    assert any("hoard grew from" in line for line in day.run(SMALL).faults())


def test_time_passes_when_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    async def late() -> float:
        ours, theirs = await asyncio.open_connection(sock=left)
        server = await asyncio.open_connection(sock=right)
        asyncio.get_running_loop().call_later(3600, server[1].write, b"late")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await ours.read(4)
        assert await ours.read(4) == b"late"
        for writer in (theirs, server[1]):
            writer.close()
        return asyncio.get_running_loop().time()

    left, right = socket.socketpair()
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        assert runner.run(late()) == pytest.approx(3600)
        monkeypatch.setattr(simulated, "STUCK", 0.01)
        with pytest.raises(RuntimeError, match="never comes"):
            runner.run(asyncio.Event().wait())
