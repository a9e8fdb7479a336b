"""The store's views and queries -> SQLite's plan for each -> those that read a whole table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from benchmarks.corpus import START
from scraper.store import Filter, Store, reading, search

Plan = Sequence[tuple[str, str]]

SMALL = {"feeds", "sites", "site_counts", "s", "versions", "json_each"}  # tables and names for them
SCAN = re.compile(r"SCAN (\w+)(?! USING (?:COVERING )?INDEX)(?! VIRTUAL TABLE INDEX \d+:\S)(?!\w)")
SORTED = "USE TEMP B-TREE"
MAY_SORT = ("search", "show URL")  # 20,000 matches at most; the articles of one address
FILTERS = {
    "search": None,
    "search by site": Filter(site="site1.example"),
    "search by language": Filter(lang="en"),
    "search by author": Filter(author="Author1"),
    "search since": Filter(since=START + timedelta(days=1)),
}


def views(store: Store) -> list[str]:
    """The names of the views."""
    found = store.rows("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
    return [row["name"] for row in found]


def plans(store: Store) -> Plan:
    """What is asked, and a step of SQLite's plan for it; one after the other."""
    shown = []
    for name, sql, values in asked(store):
        found = store.rows(f"EXPLAIN QUERY PLAN {sql}", values)
        steps = [row["detail"] for row in found]
        shown += [(name, step) for step in steps if step.startswith(("SCAN", "SEARCH", "USE"))]
    return shown


def asked(store: Store) -> list[tuple[str, str, tuple[Any, ...]]]:
    """Every view with LIMIT, every statement of a search, of reclean's and of a list's."""
    found: list[tuple[str, str, tuple[Any, ...]]] = [
        (name, f"SELECT * FROM {name} LIMIT 20", ()) for name in views(store)
    ]
    for name, only in FILTERS.items():
        source, values = store._source('"a" AND "b"', only)
        found += [
            (f"{name}, matches", search.COUNT.format(source=source), (*values, search.MANY)),
            (f"{name}, the best", search.BEST.format(source=source), (*values, 20)),
        ]
        if only:
            condition, values = only.condition()
            found.append(
                (f"{name}, newest", search.NEWEST_FILTERED.format(condition=condition), values)
            )
    return [
        *found,
        ("search, newest", search.NEWEST, ()),
        ("search, newest that match", search.AMONG, ('"a"', 1, 9)),
        ("search, first since", search.SINCE, ("2026", 9)),
        ("search, a hit", search.SHOWN, ("", "", 9, '"a"', 1)),
        ("show", reading.LISTED, (20,)),
        ("show URL", reading.BY_URL, ("a", "b", "c")),
        ("reclean, versions", reading.VERSIONS, ("1",)),
        ("reclean, stale", reading.STALE, ("1", 0, 9)),
    ]


def faults(shown: Plan) -> list[str]:
    """A line for each step that reads a whole table that grows, or sorts what it has read."""
    found = []
    for name, step in shown:
        scanned = SCAN.match(step)
        if scanned and scanned[1] not in SMALL:
            found.append(f"{name}: reads a whole table: {step}")
        if step.startswith(SORTED) and not name.startswith(MAY_SORT):
            found.append(f"{name}: sorts: {step}")
    return found
