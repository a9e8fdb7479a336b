"""Articles -> a database, by the store's own statements in transactions of thousands.

What is left out says the benchmark: pages as served, cuts, and a commit for each link.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from benchmarks.corpus import FEEDS, SITES, START, Found
from scraper.fingerprint import shingles, sketch
from scraper.store import Store
from scraper.store.articles import INDEXED, article_columns
from scraper.store.search import fold
from scraper.store.values import json_text, utc_text

BATCH = 5_000
CACHE = -1_000_000  # kB of SQLite's page cache while the bulk is loaded
REFUSED = 8  # every so manyth article is followed by a link that led to none
EDITED = 50  # every so manyth article has been edited once
COPIED = 40  # every so manyth article counts as a copy of the one before, mostly of another site
VERSIONS = ("0.0.1", "0.0.2")  # of cleaners, the older one for a fifth of the articles


def fill(store: Store, found: Iterable[Found]) -> Iterator[int]:
    """Loads articles into an empty database; gives how many there are after each batch."""
    add_feeds(store)
    store.connection.execute(f"PRAGMA cache_size={CACHE}")
    rest, done = iter(found), 0
    while batch := list(islice(rest, BATCH)):
        with store.transaction():
            load(store.connection, batch, done + 1)
        done += len(batch)
        yield done
    store.connection.execute("PRAGMA cache_size=-2000")  # SQLite's own
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def add_feeds(store: Store) -> None:
    """The feeds that articles are found in."""
    with store.transaction():
        for number in range(1, FEEDS + 1):
            site = f"site{number % SITES}.example"
            store.add_feed(f"https://{site}/feed{number}.xml", title=f"Feed {number}", now=START)


def load(connection: sqlite3.Connection, batch: list[Found], first: int) -> None:
    """A batch; its articles are numbered from `first` on, as their links would be."""
    connection.execute("PRAGMA defer_foreign_keys=ON")  # links and articles name each other
    tables: dict[str, list[dict[str, Any]]] = {"links": [], "articles": [], "revisions": []}
    words, prints, copies = [], [], []
    for number, one in enumerate(batch, first):
        record = article_row(number, one)
        tables["articles"].append(record)
        tables["links"] += links(number, one)
        tables["revisions"] += revisions(record)
        words.append((number, *(fold(record[name]) for name in INDEXED)))
        prints.append((number, b"".join(sketch(shingles(record["body"])))))
        if number % COPIED == 0:
            copies.append((number - 1, number - 1, number))
    for table, rows in tables.items():
        names = ", ".join(rows[0])
        marks = ", ".join(f":{name}" for name in rows[0])
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
    connection.executemany(
        "INSERT INTO articles_fts (rowid, headline, standfirst, body) VALUES (?, ?, ?, ?)", words
    )
    connection.executemany("INSERT INTO fingerprints (article_id, keys) VALUES (?, ?)", prints)
    connection.executemany("UPDATE articles SET cluster_id = ? WHERE id IN (?, ?)", copies)


def article_row(number: int, one: Found) -> dict[str, Any]:
    """A row of `articles`."""
    return article_columns(one.article) | {
        "id": number,
        "link_id": link_id(number),
        "canonical_key": one.article.url,
        "cleaner_version": VERSIONS[number % 5 > 0],
        "revision": 1 + (number % EDITED == 0),
        "first_seen": utc_text(one.seen),
        "last_seen": utc_text(one.seen),
    }


def link_id(number: int) -> int:
    """The number of an article's link; between them stand those that led to none."""
    return number + (number - 1) // REFUSED


def links(number: int, one: Found) -> Iterator[dict[str, Any]]:
    """The rows of an article's link, and of one that led to none after some."""
    row = {
        "id": link_id(number),
        "url": one.article.url,
        "site": one.article.site,
        "feed_id": one.feed,
        "title": one.article.headline,
        "state": "fetched",
        "outcome": "ok",
        "verdict": "article",
        "attempts": 1,
        "tried_at": utc_text(one.seen),
        "article_id": number,
        "found_at": utc_text(one.seen),
    }
    yield row
    if number % REFUSED == 0:
        state = random.Random(number).choice(("skipped", "skipped", "failed", "gone"))
        other = {"state": state, "verdict": "listing", "article_id": None}
        yield row | other | {"id": link_id(number) + 1, "url": f"{one.article.url}-refused"}


def revisions(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The versions of an article's text."""
    for revision in range(1, record["revision"] + 1):
        yield {
            "article_id": record["id"],
            "revision": revision,
            "seen_at": record["first_seen"],
            "headline": record["headline"],
            "body": record["body"],
            "changed": json_text(["body"] if revision > 1 else []),
        }
