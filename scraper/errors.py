"""The errors that scraper raises; each carries its subject and the reason.

ScraperError
├── ConfigError   a setting or an argument that cannot be used
├── FetchError    a URL that could not be had; carries the named `Outcome`
├── FeedError     a document that is no feed
├── CleanError    the cleaner could not be run on a page (never: what the page holds)
└── StoreError    a database that cannot be opened or written
    └── LockedError   another run holds the lock
"""

from __future__ import annotations

from datetime import datetime

from scraper.model import Outcome


class ScraperError(Exception):
    """Something that a user should read: `subject` is what failed, `reason` is why."""

    def __init__(self, subject: str, reason: str) -> None:
        super().__init__(subject, reason)
        self.subject = subject
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}"


class ConfigError(ScraperError):
    """A setting or an argument that cannot be used."""


class FetchError(ScraperError):
    """A URL that could not be had. `retry_after` is in seconds, None when the server named none."""

    def __init__(
        self, subject: str, reason: str, outcome: Outcome, retry_after: float | None = None
    ) -> None:
        super().__init__(subject, reason)
        self.args = (subject, reason, outcome, retry_after)  # what pickle hands to __init__
        self.outcome = outcome
        self.retry_after = retry_after


class FeedError(ScraperError):
    """A document that is no feed."""


class CleanError(ScraperError):
    """The cleaner could not be run on a page: it died, or ran out of time or of memory."""


class StoreError(ScraperError):
    """A database that cannot be opened, read or written."""


class LockedError(StoreError):
    """Another run holds the lock of this database, `since` then; None: it did not say."""

    def __init__(self, subject: str, reason: str, since: datetime | None = None) -> None:
        super().__init__(subject, reason)
        self.args = (subject, reason, since)  # what pickle hands to __init__
        self.since = since
