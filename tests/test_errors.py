from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import pytest

from scraper.errors import (
    CleanError,
    ConfigError,
    FeedError,
    FetchError,
    LockedError,
    ScraperError,
    StoreError,
)
from scraper.model import Outcome

SINCE = datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC)
ERRORS = [
    ScraperError("a subject", "a reason"),
    ConfigError("scraper.toml", "delay must be a number"),
    FeedError("https://e.org/feed", "is no feed"),
    CleanError("https://e.org/1", "took more than 10 s to clean"),
    StoreError("articles.db", "is no database"),
    FetchError("https://e.org/1", "answered 429", Outcome.RATE_LIMITED, 120.0),
    FetchError("https://e.org/2", "answered 404", Outcome.NOT_FOUND),
    LockedError("articles.db", "another run is at work", SINCE),
    LockedError("articles.db", "another run is at work"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_comes_whole_out_of_a_worker(error: ScraperError, protocol: int) -> None:
    found = pickle.loads(pickle.dumps(error, protocol))
    assert type(found) is type(error)
    assert vars(found) == vars(error)
    assert (str(found), found.args) == (str(error), error.args)
    assert vars(copy.copy(error)) == vars(error)


def test_an_error_says_what_failed_then_why() -> None:
    error = FetchError("https://e.org/1", "timed out after 30 s", Outcome.DEADLINE)
    assert str(error) == "https://e.org/1: timed out after 30 s"
    assert (error.subject, error.reason) == ("https://e.org/1", "timed out after 30 s")
    assert (error.outcome, error.retry_after) == (Outcome.DEADLINE, None)
