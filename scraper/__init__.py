"""News scraper and boilerplate stripper: feeds in, clean articles out, in one SQLite file.

    feed   ──Entry──▶ fetch ──Page──▶ clean ──Article──▶ store
     ▲                                                     │
     └──────────── crawl.py wires them, and reads ◀────────┘

`clean(html)` and `clean_text(text)` work alone; `Store` opens the database; `crawl` is one run.
"""

from scraper import render
from scraper.clean import clean, clean_text
from scraper.config import Config
from scraper.crawl import crawl
from scraper.errors import (
    CleanError,
    ConfigError,
    FeedError,
    FetchError,
    LockedError,
    ScraperError,
    StoreError,
)
from scraper.model import Article, Block, Cut, Entry, Kind, Outcome, Page, Reason, Verdict
from scraper.store import Store

__all__ = [
    "Article",
    "Block",
    "CleanError",
    "Config",
    "ConfigError",
    "Cut",
    "Entry",
    "FeedError",
    "FetchError",
    "Kind",
    "LockedError",
    "Outcome",
    "Page",
    "Reason",
    "ScraperError",
    "Store",
    "StoreError",
    "Verdict",
    "clean",
    "clean_text",
    "crawl",
    "render",
]
