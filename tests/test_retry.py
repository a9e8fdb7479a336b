from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.model import Outcome, Verdict
from scraper.retry import DAY, FATE, IN_RUN, YEAR, Fate, fate, next_poll, second_look

NOW = datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC)
FAILURES = [o for o in Outcome if o not in {Outcome.OK, Outcome.NOT_MODIFIED}]
FINAL = {
    Outcome.GONE: "gone",
    Outcome.NOT_FOUND: "gone",
    Outcome.INVALID_URL: "skipped",
    Outcome.TOO_LARGE: "skipped",
    Outcome.WRONG_TYPE: "skipped",
    Outcome.BLOCKED_ADDRESS: "blocked",
    Outcome.BLOCKED_BY_ROBOTS: "blocked",
    Outcome.RESERVED: "blocked",
}
SOON = {  # a moment's trouble: tried again in the same run
    Outcome.RATE_LIMITED,
    Outcome.SERVER_ERROR,
    Outcome.UNREACHABLE,
    Outcome.TRUNCATED,
}


def wait(found: Fate) -> float:
    assert found.next_try is not None
    return (found.next_try - NOW).total_seconds()


def waits(outcome: Outcome, jitter: float) -> list[float]:
    """The waits of a link that fails again and again."""
    found: list[float] = []
    for attempts in range(1, 100):
        then = fate(outcome, attempts, NOW, None, jitter)
        if then.next_try is None:
            return found
        found.append(wait(then))
    raise AssertionError("never gives up")


def test_every_failure_has_a_fate() -> None:
    assert set(FATE) == set(FAILURES)


@pytest.mark.parametrize("outcome", FAILURES)
def test_fate(outcome: Outcome) -> None:
    first = fate(outcome, 1, NOW, None, 0.5)
    if outcome in FINAL:
        assert first == Fate(FINAL[outcome], None)
        assert fate(outcome, 1, NOW, 30, 0.5).next_try is None  # for good is for good
    else:
        assert first.state == "failed"
        assert (wait(first) <= IN_RUN) == (outcome in SOON)
        assert wait(first) > 0
        assert 1 <= len(waits(outcome, 0.5)) < 10


@pytest.mark.parametrize("outcome", [o for o in FAILURES if o not in FINAL])
@pytest.mark.parametrize(("jitter", "factor"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_bounds_double_up_to_a_day(outcome: Outcome, jitter: float, factor: float) -> None:
    _, first, tries = FATE[outcome]
    expected = [min(DAY, first * 2**n) * factor for n in range(tries - 1)]
    assert waits(outcome, jitter) == pytest.approx(expected)


def test_the_cap_is_reached() -> None:
    assert waits(Outcome.ROBOTS_UNREACHABLE, 1.0)[-3:] == [DAY] * 3
    assert waits(Outcome.SERVER_ERROR, 1.0) == [5, 10, 20, 40, 80, 160, 320, 640, 1280]


@pytest.mark.parametrize("jitter", [0.0, 1.0])
@pytest.mark.parametrize("retry_after", [0.0, 3.0, 7.0, 3600.0, 5 * DAY])
def test_never_earlier_than_asked_for(jitter: float, retry_after: float) -> None:
    for attempts in range(1, 10):
        asked = wait(fate(Outcome.RATE_LIMITED, attempts, NOW, retry_after, jitter))
        own = wait(fate(Outcome.RATE_LIMITED, attempts, NOW, None, jitter))
        assert asked == max(own, retry_after)


@pytest.mark.parametrize("hostile", [1e9, 2.6e11, 1e300, float("inf")])
def test_a_retry_after_of_ages_is_a_year(hostile: float) -> None:
    assert wait(fate(Outcome.SERVER_ERROR, 1, NOW, hostile, 0.5)) == YEAR


def test_times_stay_aware() -> None:
    then = fate(Outcome.SERVER_ERROR, 1, NOW, None, 0.5).next_try
    assert then is not None
    assert then.tzinfo is UTC
    assert next_poll(NOW, 900, 0, 0.5).tzinfo is UTC


@pytest.mark.parametrize(
    ("interval", "failures", "middle"),
    [
        (900, 0, 900),
        (900, 1, 1800),
        (900, 6, 57_600),
        (900, 7, DAY),
        (900, 10_000, DAY),
        (300, 0, 300),
        (DAY, 0, DAY),
        (DAY, 3, DAY),
        (7 * DAY, 0, DAY),
    ],
)
def test_next_poll(interval: float, failures: int, middle: float) -> None:
    def after(jitter: float) -> timedelta:
        return next_poll(NOW, float(interval), failures, jitter) - NOW

    assert after(0.5) == timedelta(seconds=middle)
    assert after(0.0) == timedelta(seconds=0.9 * middle)
    assert after(1.0) == timedelta(seconds=1.1 * middle)


def test_second_looks_end() -> None:
    after = [second_look(Verdict.PAYWALL, n, NOW, 0.5) for n in range(6)]
    assert after == [None, *(NOW + timedelta(days=n) for n in (1, 3, 7)), None, None]
    assert second_look(Verdict.LISTING, 1, NOW, 0.5) is None
    assert second_look(Verdict.ARTICLE, 1, NOW, 0.5) is None
