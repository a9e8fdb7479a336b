from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.rhythm import (
    HOPE,
    LATEST,
    SOONEST,
    WAVERING,
    YEAR,
    Asks,
    Plan,
    Rhythm,
    Seen,
    after,
    after_failure,
)

NOW = datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC)  # a Tuesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

seconds = st.floats(-10, 1e7, allow_nan=False)
asks = st.builds(
    Asks,
    ttl=st.none() | seconds,
    max_age=st.none() | seconds,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
fresh = st.lists(
    st.none() | st.floats(6e8, 3e9).map(lambda time: datetime.fromtimestamp(time, UTC)),
    max_size=30,
)
polls = st.lists(st.tuples(seconds, fresh, st.integers(0, 60), asks), min_size=1, max_size=6)
jitter = st.floats(0, 1)


def steady(every: timedelta, times: int = 40, until: datetime = NOW) -> Rhythm:
    """What a first poll makes of a feed that publishes at a constant pace."""
    return after(None, Seen(until, times, [until - every * n for n in range(times)]), 0).rhythm


def wait(rhythm: Rhythm, seen: Seen, jitter: float = 0) -> float:
    return after(rhythm, seen, jitter).interval


@settings(max_examples=60, deadline=None)
@given(polls, jitter)
def test_the_next_poll_is_in_bounds_and_not_sooner_than_asked(
    history: list[tuple[float, list[datetime | None], int, Asks]], jitter: float
) -> None:
    now, known = NOW, None
    for passed, dates, others, wish in history:  # the clock may go back as well
        now += timedelta(seconds=passed)
        seen = Seen(now, len(dates) + others, dates, wish)
        plan = after(known, seen, jitter)
        assert plan == after(known, seen, jitter)
        known = plan.rhythm
        assert plan.next_poll == now + timedelta(seconds=plan.interval)
        assert plan.interval >= SOONEST
        assert plan.interval >= min(LATEST, max(wish.ttl or 0, wish.max_age or 0))
        skips = 0 < len(wish.skip_hours) < 24 or 0 < len(wish.skip_days) < 7
        assert skips or plan.interval <= LATEST
        assert plan.interval <= LATEST + 8 * 86_400
        if len(wish.skip_hours) < 24 and len(wish.skip_days) < 7:
            assert plan.next_poll.hour not in wish.skip_hours
            assert plan.next_poll.weekday() not in wish.skip_days


@settings(max_examples=40, deadline=None)
@given(polls)
def test_what_is_kept_passes_through_the_database(
    history: list[tuple[float, list[datetime | None], int, Asks]],
) -> None:
    now, plan = NOW, None
    for passed, dates, others, wish in history:
        now += timedelta(seconds=passed)
        seen = Seen(now, len(dates) + others, dates, wish)
        plan = after(plan and plan.rhythm, seen, 0)
    assert isinstance(plan, Plan)
    text = plan.rhythm.dumps()
    assert len(text) < 600
    assert Rhythm.loads(text).dumps() == text
    then = Seen(now + HOUR)
    assert wait(Rhythm.loads(text), then) == pytest.approx(wait(plan.rhythm, then), rel=0.02)


@pytest.mark.parametrize("text", ["", "nought", "{}", "[]", "3", "[1, 2, [], [], 3]"])
def test_what_is_no_rhythm_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        Rhythm.loads(text)


def test_the_pace_follows_the_feed() -> None:
    paces = [2 * MINUTE, 20 * MINUTE, 2 * HOUR, 12 * HOUR, 5 * DAY]
    waits = [wait(steady(every), Seen(NOW + MINUTE)) for every in paces]
    assert waits == sorted(waits)
    assert waits[0] < 450
    assert waits[1] < 1200
    assert waits[-1] > 6 * 3600


def test_a_history_of_hours_says_nothing_of_the_others() -> None:
    young, then = steady(5 * MINUTE, 24), Seen(NOW + MINUTE)
    flat = young._replace(hours=(1.0,) * 24, days=(24 / 7,) * 7)
    assert wait(young, then) == pytest.approx(wait(flat, then), rel=0.15)


def test_a_feed_without_dates_is_learned_from_polls() -> None:
    known = after(None, Seen(NOW, 20, [None] * 20), 0).rhythm
    first = wait(known, Seen(NOW + HOUR))
    for hours in range(1, 48):
        seen = Seen(NOW + HOUR * hours, 20, [None] * 6)
        known = after(known, seen, 0).rhythm
    assert wait(known, Seen(NOW + 48 * HOUR)) < first / 3


def test_the_hour_of_the_day_and_the_day_of_the_week_count() -> None:
    """Each working day from 8 to 16 an entry each ten minutes."""
    known: Rhythm | None = None
    start = NOW.replace(hour=0, minute=0, second=0) - 29 * DAY  # a Monday
    for hour in range(29 * 24):
        now = start + HOUR * hour
        works = now.weekday() < 5 and 8 < now.hour <= 16
        dates = [now - MINUTE * (10 * n + 1) for n in range(6)] if works else []
        known = after(known, Seen(now, 40, dates), 0).rhythm
    assert known is not None
    tuesday = start + 29 * DAY
    assert wait(known, Seen(tuesday + 10 * HOUR)) < 900
    night = wait(known, Seen(tuesday + 30 * MINUTE))
    assert 3 * 3600 < night < 8.5 * 3600
    assert wait(known, Seen(tuesday + 4 * DAY + 10 * HOUR)) > 900  # Saturday


def test_a_burst_is_followed() -> None:
    calm = steady(3 * HOUR)
    dates = [NOW + MINUTE * n for n in range(1, 9)]
    burst = after(calm, Seen(NOW + 10 * MINUTE, 40, dates), 0).rhythm
    soon = NOW + 20 * MINUTE
    assert wait(burst, Seen(soon)) < 0.6 * wait(calm, Seen(soon))
    assert wait(burst, Seen(soon + 2 * DAY)) > 0.8 * wait(calm, Seen(soon + 2 * DAY))


def test_bytes_that_changed_are_no_entries() -> None:
    """A feed whose body changes with each request is polled like one that answers 304."""
    restless = quiet = steady(3 * HOUR)
    for hours in range(1, 30):
        at = NOW + HOUR * hours
        restless = after(restless, Seen(at, 40), 0).rhythm
        quiet = after(quiet, Seen(at), 0).rhythm
    assert restless == quiet


def test_a_poll_that_shares_nothing_is_a_gap() -> None:
    known, at = steady(30 * MINUTE, 10), NOW + 3 * HOUR
    dates = [at - MINUTE * n for n in range(10)]
    gap, overlap = after(known, Seen(at, 10, dates), 0), after(known, Seen(at, 10, dates[:9]), 0)
    assert gap.gap
    assert not overlap.gap
    assert gap.rhythm.hurry == 1
    later = Seen(at + 5 * HOUR)  # what is in a hurry polls twice as often
    assert wait(gap.rhythm, later) < 0.6 * wait(gap.rhythm._replace(hurry=0), later)
    known = gap.rhythm
    for hours in range(1, 5):
        known = after(known, Seen(at + HOUR * hours, 10, dates[:1]), 0).rhythm
    assert known.hurry == 0
    assert not after(None, Seen(at, 10, dates), 0).gap  # a first poll knows nothing
    empty = after(None, Seen(NOW), 0).rhythm
    assert after(empty, Seen(at, 10, dates), 0).gap
    assert not after(empty, Seen(at), 0).gap


@pytest.mark.parametrize("every", [2 * HOUR, DAY, 6 * DAY])
def test_a_silence_is_measured_by_the_feed(every: timedelta) -> None:
    known = steady(every)
    usual, unusual = max(2 * DAY, 3 * every), max(10 * DAY, 14 * every)
    assert not after(known, Seen(NOW + usual), 0).silent
    flagged = after(known, Seen(NOW + unusual), 0)
    assert flagged.silent
    again = Seen(NOW + unusual + HOUR, 40, [NOW + unusual])
    assert not after(flagged.rhythm, again, 0).silent


def test_a_feed_of_few_entries_is_never_silent() -> None:
    assert not after(steady(HOUR, 4), Seen(NOW + 300 * DAY), 0).silent


def test_weekends_are_no_silence() -> None:
    dates = [d for n in range(60) if (d := NOW - DAY * n).weekday() < 5]
    known = after(None, Seen(NOW, 50, dates), 0).rhythm
    friday = NOW + 3 * DAY
    known = after(known, Seen(friday, 50, [friday]), 0).rhythm
    assert not after(known, Seen(friday + 3 * DAY), 0).silent
    assert after(known, Seen(friday + 12 * DAY), 0).silent


def test_jitter_spreads_and_patience_slows() -> None:
    known, seen = steady(2 * HOUR), Seen(NOW + HOUR)
    waits = [wait(known, seen, n / 10) for n in range(11)]
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == pytest.approx(0.9 * waits[0])
    assert after(known, seen, 0, patience=3).interval > after(known, seen, 0, patience=0.1).interval


def test_hours_and_days_to_skip() -> None:
    known, at = steady(5 * MINUTE), NOW + HOUR  # Tuesday 11:11
    night = after(known, Seen(at, asks=Asks(skip_hours=frozenset(range(11, 15)))), 0.5)
    assert night.next_poll.replace(second=0, microsecond=0) == NOW.replace(
        hour=15, minute=5, second=0
    )
    day = after(known, Seen(at, asks=Asks(skip_days=frozenset({1, 2}))), 0)
    assert day.next_poll.replace(second=0, microsecond=0) == NOW.replace(
        day=7, hour=0, minute=0, second=0
    )
    everything = Asks(skip_hours=frozenset(range(24)), skip_days=frozenset(range(7)))
    assert after(known, Seen(at, asks=everything), 0) == after(known, Seen(at), 0)


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1e7), st.none() | st.floats(0, 1e12), jitter)
def test_failures_back_off(interval: float, retry_after: float | None, jitter: float) -> None:
    waits = []
    for failures in range(1, HOPE + 5):
        then, sitemap = after_failure(NOW, interval, failures, retry_after, jitter)
        assert after_failure(NOW, interval, failures, retry_after, jitter) == (then, sitemap)
        waits.append((then - NOW).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] >= SOONEST
    asked = min(retry_after or 0, YEAR)
    assert waits[0] >= asked
    assert waits[-1] <= max(LATEST, asked * 1.1 + 1)  # whole seconds, up
    assert waits[-1] >= LATEST * 0.9
    if not asked:
        assert waits[0] <= 3600
        assert waits[HOPE - 1] == pytest.approx(WAVERING * (0.9 + 0.1 * jitter))


def test_a_feed_that_fails_for_hours_is_replaced_by_the_sitemap() -> None:
    found = [after_failure(NOW, 300, failures, None, 0)[1] for failures in range(1, 60)]
    assert found == [False] * 7 + [True] * 52
    assert not after_failure(NOW, 300, 1, 86_400, 0)[1]
