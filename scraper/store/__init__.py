"""Article <-> SQLite: the only database. Other stages are not known here, neither is the clock."""

from __future__ import annotations

from scraper.store.articles import Articles, Saved
from scraper.store.feeds import FeedRow, Feeds, Poll
from scraper.store.frontier import DueLink, RefusedLink
from scraper.store.lock import RunLock
from scraper.store.reading import ListedArticle, Reading, Revision, StoredArticle
from scraper.store.runs import Runs
from scraper.store.search import MARKS, Hit
from scraper.store.sites import Sites

__all__ = [
    "MARKS",
    "DueLink",
    "FeedRow",
    "Hit",
    "ListedArticle",
    "Poll",
    "RefusedLink",
    "Revision",
    "Saved",
    "Store",
    "StoredArticle",
]


class Store(Feeds, Articles, Reading, Sites, Runs, RunLock):
    """One database file, a connection of its own to it; a context manager.

    May be opened while another process writes: readers see what is committed and block nobody.
    Moments come in aware and are kept in UTC, whole seconds. Text that SQLite cannot hold is
    mended. Every method raises StoreError with the path and the reason when the file fails.
    """
