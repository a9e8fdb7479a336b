"""Article <-> SQLite: the only database. Other stages are not known here, neither is the clock."""

from __future__ import annotations

from scraper.store.articles import Saved
from scraper.store.feeds import FeedRow, Feeds, Poll
from scraper.store.filters import Filter
from scraper.store.findings import Finding
from scraper.store.frontier import DueLink, RefusedLink
from scraper.store.lock import RunLock
from scraper.store.reading import ListedArticle, Revision, StoredArticle
from scraper.store.recleaning import Recleaned, Recleaning
from scraper.store.runs import Runs
from scraper.store.search import MANY, MARKS, Hit, Hits
from scraper.store.sites import Sites
from scraper.store.streams import Streams
from scraper.store.upkeep import SchemaObject, Upkeep, schema_objects

__all__ = [
    "MANY",
    "MARKS",
    "DueLink",
    "FeedRow",
    "Filter",
    "Finding",
    "Hit",
    "Hits",
    "ListedArticle",
    "Poll",
    "Recleaned",
    "RefusedLink",
    "Revision",
    "Saved",
    "SchemaObject",
    "Store",
    "StoredArticle",
    "schema_objects",
]


class Store(Feeds, Recleaning, Streams, Upkeep, Sites, Runs, RunLock):
    """One database file, a connection of its own to it; a context manager.

    May be opened while another process writes: readers see what is committed and block nobody.
    Moments come in aware and are kept in UTC, whole seconds. Text that SQLite cannot hold is
    mended. Every method raises StoreError with the path and the reason when the file fails.
    """
