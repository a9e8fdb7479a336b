"""How a request ended or what its page was, how often it was tried -> what becomes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.model import Outcome, Verdict

IN_RUN = 60.0  # seconds: a retry due within them is made in the same run
IN_RUN_TRIES = 2  # retries in one run
DAY = 86_400.0
YEAR = 365 * DAY  # a longer Retry-After counts as a year: servers can name dates past datetime's

# state of the link, first wait in seconds, tries in all. Waits double up to a day. What a server
# says for good (404, 410, a PDF) is not asked again; what may be its bad day is.
FATE: dict[Outcome, tuple[str, float, int]] = {
    Outcome.GONE: ("gone", 0, 1),
    Outcome.NOT_FOUND: ("gone", 0, 1),
    Outcome.FORBIDDEN: ("failed", DAY, 3),
    Outcome.RATE_LIMITED: ("failed", 5, 10),
    Outcome.CLIENT_ERROR: ("failed", DAY, 2),
    Outcome.SERVER_ERROR: ("failed", 5, 10),
    Outcome.INVALID_URL: ("skipped", 0, 1),
    Outcome.BLOCKED_ADDRESS: ("blocked", 0, 1),
    Outcome.BLOCKED_BY_ROBOTS: ("blocked", 0, 1),
    Outcome.RESERVED: ("blocked", 0, 1),
    Outcome.ROBOTS_UNREACHABLE: ("failed", 3600, 10),
    Outcome.UNREACHABLE: ("failed", 5, 10),
    Outcome.TLS: ("failed", DAY, 3),
    Outcome.DEADLINE: ("failed", 3600, 4),
    Outcome.TRUNCATED: ("failed", 5, 5),
    Outcome.TOO_LARGE: ("skipped", 0, 1),
    Outcome.BAD_RESPONSE: ("failed", 3600, 3),
    Outcome.REDIRECT_LOOP: ("failed", DAY, 2),
    Outcome.TOO_MANY_REDIRECTS: ("failed", DAY, 2),
    Outcome.WRONG_TYPE: ("skipped", 0, 1),
    Outcome.EMPTY_BODY: ("failed", 3600, 3),
    Outcome.CLEAN_FAILED: ("failed", DAY, 3),
}
# Days until a page is asked for again that was no article but may become one: a stub opens when
# its embargo ends, a wall stands before some visits only. Each figure is one more visit.
SECOND_LOOKS: dict[Verdict, tuple[float, ...]] = {
    Verdict.PAYWALL: (1, 3, 7),
    Verdict.CONSENT_WALL: (1, 7),
    Verdict.BOT_CHALLENGE: (0.25, 1, 3),
    Verdict.ERROR_PAGE: (1,),
    Verdict.EMPTY: (1,),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a link: its state, and when it is tried again (None: never)."""

    state: str
    next_try: datetime | None


def fate(
    outcome: Outcome, attempts: int, now: datetime, retry_after: float | None, jitter: float
) -> Fate:
    """What becomes of a link after `attempts` tries, this one included.

    The wait is anything up to a bound that doubles with each try, `jitter` of it (0..1), so that a
    thousand links of one bad hour don't come back together (full jitter: of the ways to spread
    retries the one with the fewest calls, Brooker, AWS Architecture Blog, 2015); and never less
    than Retry-After asks for (RFC 9110, 10.2.3).
    """
    state, first, tries = FATE[outcome]
    if attempts >= tries:
        return Fate(state, None)
    wait = min(DAY, first * 2 ** (attempts - 1)) * jitter
    return Fate(state, now + timedelta(seconds=max(wait, min(retry_after or 0, YEAR))))


def second_look(verdict: Verdict, looks: int, now: datetime, jitter: float) -> datetime | None:
    """When a link is visited again whose page had `verdict` at look `looks`; None: never."""
    waits = SECOND_LOOKS.get(verdict, ())
    if not 1 <= looks <= len(waits):
        return None
    return now + timedelta(days=waits[looks - 1] * (0.9 + 0.2 * jitter))


def next_poll(now: datetime, interval: float, failures: int, jitter: float) -> datetime:
    """When a feed is polled again: at its interval, doubled for each failure, at most a day."""
    wait = min(DAY, interval * 2 ** min(failures, 10))
    return now + timedelta(seconds=wait * (0.9 + 0.2 * jitter))
