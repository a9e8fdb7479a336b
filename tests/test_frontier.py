from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.frontier import Frontier
from scraper.store import DueLink

START = datetime(2024, 3, 5, tzinfo=UTC)


class FakeClock:
    """Time passes only for those who sleep, and at once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.naps: list[float] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        await asyncio.sleep(0)
        self.seconds += seconds


class Visits:
    """Notes what is visited; `before` runs inside each visit."""

    def __init__(self, before: Callable[[DueLink], Awaitable[object]] | None = None) -> None:
        self.before = before
        self.begun: list[str] = []
        self.ended: list[str] = []

    async def __call__(self, link: DueLink) -> None:
        self.begun.append(link.url)
        await asyncio.sleep(0)
        if self.before:
            await self.before(link)
        self.ended.append(link.url)


def link(url: str) -> DueLink:
    return DueLink(id=0, url=url, feed_id=None, title="", published=None, attempts=0)


def run(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(5):
            await work

    asyncio.run(bounded())


def test_sites_go_side_by_side() -> None:
    async def main() -> None:
        together = asyncio.Barrier(5)  # lets nobody on before all five are there
        visits = Visits(lambda _: together.wait())
        frontier = Frontier(visits, FakeClock())
        for n in range(5):
            frontier.put(link(f"https://site{n}.example/a"))
        await frontier.drained()
        assert len(visits.ended) == 5

    run(main())


def test_the_links_of_a_site_go_one_by_one_in_order() -> None:
    async def main() -> None:
        busy: list[str] = []

        async def alone(visited: DueLink) -> None:
            busy.append(visited.url)
            for _ in range(3):
                await asyncio.sleep(0)
                assert busy == [visited.url]
            busy.clear()

        visits = Visits(alone)
        frontier = Frontier(visits, FakeClock())
        hosts = ("www.example.org", "news.example.org", "example.org:8080")  # all of one site
        expected = [f"https://{hosts[n % 3]}/{n}" for n in range(9)]
        for url in expected:
            frontier.put(link(url))
        await frontier.drained()
        assert visits.ended == expected

    run(main())


def test_a_slow_site_holds_no_other_up() -> None:
    async def main() -> None:
        others_done = asyncio.Event()

        async def slow(visited: DueLink) -> None:
            if "slow" in visited.url:
                await others_done.wait()
            elif visited.url.endswith("/9"):
                others_done.set()

        visits = Visits(slow)
        frontier = Frontier(visits, FakeClock())
        frontier.put(link("https://slow.example/"))
        for n in range(10):
            frontier.put(link(f"https://quick.example/{n}"))
        await frontier.drained()
        assert visits.ended[-1] == "https://slow.example/"
        assert len(visits.ended) == 11

    run(main())


def test_links_that_a_visit_finds_are_visited() -> None:
    async def main() -> None:
        async def find(visited: DueLink) -> None:
            if visited.url.endswith("/0"):
                frontier.put(link("https://a.example/1"))
                frontier.put(link("https://b.example/1"))

        visits = Visits(find)
        frontier = Frontier(visits, FakeClock())
        frontier.put(link("https://a.example/0"))
        await frontier.drained()
        assert sorted(visits.ended) == [f"https://{s}.example/{n}" for s, n in ("a0", "a1", "b1")]
        frontier.put(link("https://a.example/2"))  # and once more, after all was done
        await frontier.drained()
        assert visits.ended[-1] == "https://a.example/2"

    run(main())


def test_nothing_to_do() -> None:
    frontier = Frontier(Visits(), FakeClock())
    run(frontier.drained())
    assert (len(frontier.tasks), frontier.stopping) == (0, False)


def test_stop_finishes_what_is_in_flight_and_begins_nothing() -> None:
    async def main() -> None:
        async def stop(visited: DueLink) -> None:
            frontier.stopping = True
            await asyncio.sleep(0)

        visits = Visits(stop)
        frontier = Frontier(visits, FakeClock())
        for n in range(5):
            frontier.put(link(f"https://a.example/{n}"))
        await frontier.drained()
        assert visits.begun == visits.ended == ["https://a.example/0"]
        frontier.put(link("https://b.example/0"))
        frontier.put_later(link("https://c.example/0"), 1.0)
        await frontier.drained()
        assert visits.begun == ["https://a.example/0"]

    run(main())


def test_abandon_ends_what_is_in_flight() -> None:
    async def main() -> None:
        in_flight = asyncio.Barrier(3)

        async def hang(visited: DueLink) -> None:
            await in_flight.wait()
            await asyncio.Event().wait()

        visits = Visits(hang)
        frontier = Frontier(visits, FakeClock())
        for name in ("a", "b"):
            frontier.put(link(f"https://{name}.example/"))
        await in_flight.wait()
        frontier.stopping = True
        frontier.abandon()
        await frontier.drained()
        assert visits.ended == []
        assert not frontier.tasks

    run(main())


def test_a_fault_in_a_visit_surfaces_after_the_others_ended() -> None:
    async def main() -> None:
        cleaned_up: list[str] = []
        both = asyncio.Barrier(2)

        async def break_down(visited: DueLink) -> None:
            await both.wait()
            if "bad" in visited.url:
                raise ZeroDivisionError(visited.url)
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                cleaned_up.append(visited.url)

        visits = Visits(break_down)
        frontier = Frontier(visits, FakeClock())
        for url in ("https://good.example/0", "https://bad.example/0", "https://bad.example/1"):
            frontier.put(link(url))
        with pytest.raises(ZeroDivisionError, match=r"bad\.example/0"):
            await frontier.drained()
        assert cleaned_up == ["https://good.example/0"]
        assert frontier.stopping
        assert visits.ended == []
        assert not frontier.tasks

    run(main())


def test_a_fault_in_other_work_surfaces() -> None:
    async def main() -> None:
        async def broken() -> None:
            raise ZeroDivisionError

        frontier = Frontier(Visits(), FakeClock())
        frontier.start(broken())
        await asyncio.wait(frontier.tasks)  # it is over before anyone drains the frontier
        assert not frontier.tasks
        with pytest.raises(ZeroDivisionError):
            await frontier.drained()

    run(main())


@pytest.mark.parametrize("wait", [0.0, 0.3, 0.5, 7.25, 59.9])
def test_put_later_waits_as_long_as_it_should(wait: float) -> None:
    async def main() -> None:
        clock = FakeClock()
        visits = Visits()
        frontier = Frontier(visits, clock)
        frontier.put_later(link("https://a.example/late"), wait)
        await frontier.drained()
        assert visits.ended == ["https://a.example/late"]
        assert clock.seconds == pytest.approx(wait)
        assert max(clock.naps, default=0.0) <= 0.5  # a stop is seen within it

    run(main())


def test_a_site_goes_on_while_one_of_its_links_waits() -> None:
    async def main() -> None:
        async def tell(visited: DueLink) -> None:
            times[visited.url] = clock.seconds

        times: dict[str, float] = {}
        clock = FakeClock()
        frontier = Frontier(Visits(tell), clock)
        frontier.put_later(link("https://a.example/late"), 10.0)
        frontier.put(link("https://a.example/0"))
        frontier.put(link("https://a.example/1"))
        await frontier.drained()
        assert list(times) == [f"https://a.example/{n}" for n in ("0", "1", "late")]
        assert times["https://a.example/1"] < 10.0 <= times["https://a.example/late"]

    run(main())


def test_a_stop_ends_the_waiting() -> None:
    async def main() -> None:
        clock = FakeClock()
        visits = Visits()
        frontier = Frontier(visits, clock)
        frontier.put_later(link("https://a.example/late"), 3600.0)
        for _ in range(50):
            await asyncio.sleep(0)
        stopped = clock.seconds
        assert 0 < stopped < 60
        frontier.stopping = True
        await frontier.drained()
        assert clock.seconds <= stopped + 0.5
        assert visits.begun == []

    run(main())
