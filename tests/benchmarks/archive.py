"""Labelled pages -> bytes that the archive takes for each, beside gzip and other ways.

    python -m benchmarks.archive DATA [SET ...]

Pages come in the order of their set, as one crawl after the other would bring them.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from benchmarks.pages import LabelledPage, load
from scraper.model import Article, Page
from scraper.store import Store
from scraper.urls import site

SETS = ("fundus", "daniel")
TRAINED = 112_640  # bytes: what `zstd --train` makes by default
SAMPLE = 131_072  # bytes of a page that the training looks at
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NO_ARTICLE = Article("", None, "", "", "", ())


def main(argv: Sequence[str] | None = None) -> int:
    """Prints a table for each set."""
    parser = argparse.ArgumentParser(prog="benchmarks.archive")
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=SETS)
    given = parser.parse_args(argv)
    for name in given.sets:
        measure(load(given.data, [name]))
    return 0


def measure(pages: Sequence[LabelledPage]) -> None:
    """Prints bytes and milliseconds a page of each way of keeping them."""
    bodies = [page.body() for page in pages]
    sites = len({site(page.url) for page in pages})
    mean = sum(map(len, bodies)) / len(bodies)
    print(f"{pages[0].set}: {len(pages)} pages of {sites} sites, {mean:,.0f} bytes each")
    half = random.Random(0).sample(bodies, len(bodies) // 2)
    trained = zstandard.train_dictionary(TRAINED, [body[:SAMPLE] for body in half])
    ways: dict[str, Callable[[bytes], bytes]] = {
        "gzip -6": lambda body: gzip.compress(body, 6),
        "zstd -9": zstandard.ZstdCompressor(level=9).compress,
        "zstd -9, trained on half": zstandard.ZstdCompressor(level=9, dict_data=trained).compress,
    }
    for way, pack in ways.items():
        start = time.process_time()
        size = sum(len(pack(body)) for body in bodies)
        report(way, size, time.process_time() - start, len(bodies))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "a.db") as store:
        start = time.process_time()
        for number, page in enumerate(pages):
            url = page.url if "://" in page.url else f"http://unknown.invalid/{number}"
            link = store.add_link(f"{url}#{number}", now=NOW)
            served = Page(url, url, 200, {}, bodies[number], NOW)
            store.link_refused(link, NO_ARTICLE, served, now=NOW)
        spent = time.process_time() - start
        (row,) = store.rows(
            "SELECT (SELECT sum(length(body)) FROM pages)"
            " + (SELECT sum(length(body)) FROM dictionaries), (SELECT count(*) FROM dictionaries)"
        )
        report(f"the archive, {row[1]} dictionaries (with its rows)", row[0], spent, len(bodies))


def report(way: str, size: int, seconds: float, count: int) -> None:
    """Prints a line."""
    print(f"  {way:<45} {size / count:>9,.0f} bytes {seconds / count * 1e3:>7.1f} ms a page")


if __name__ == "__main__":
    sys.exit(main())
