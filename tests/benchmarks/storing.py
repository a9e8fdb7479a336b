"""A million made-up articles -> how fast the store takes, finds, lists and counts them.

    PYTHONPATH=tests python -m benchmarks.storing [--articles 1000000] [--data FOLDER] [--db FILE]

Lengths of bodies are those of the labelled pages in FOLDER, else of such pages as measured once.
FILE is kept and, once filled, used again; without one a temporary file is. Exit 1 when a search or
a view is slower than LIMITS, or reads a whole table that grows with the articles.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from benchmarks import corpus, plans
from benchmarks.filling import VERSIONS, fill
from scraper.model import Article, Cut, Page, Reason
from scraper.store import Store

LIMITS = {"search": 50.0, "view": 20.0}  # milliseconds, p99
VIEW_RUNS = 100
FIRST = 200  # stale articles that are asked for at once
# Of 120 labelled pages: what the cleaner cut from one, and its size.
CUTS = 71
PAGE = 130_000  # bytes
FURNITURE = "<li class=nav><a href=/{n}/section-{n}>{word} {n}</a></li>\n"


@dataclass(slots=True)
class Figures:
    """What was measured: a name and a value a line; faults; the plans."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """Keeps a line, and shows it at once: the whole takes half an hour."""
        self.lines.append((name, value))
        print(f"{name:<44}{value:>24}", flush=True)

    def times(self, name: str, found: Sequence[float], limit: float | None) -> None:
        """Median, 99th in a hundred and slowest of times in ms, against a limit for the second."""
        low, high = percentile(found, 0.5), percentile(found, 0.99)
        self.add(f"{name}: p50, p99, slowest, ms", f"{low:.1f} {high:.1f} {max(found):.1f}")
        if limit is not None and high > limit:
            self.faults.append(f"{name}: p99 is {high:.1f} ms, over {limit:g}")


def percentile(found: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(found)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


def spent(work: Callable[[], object]) -> float:
    """Milliseconds of wall clock."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def queries(store: Store, count: int, seed: int = 1) -> Iterator[str]:
    """Two words of a headline each, of Chinese two pairs of characters."""
    chance = random.Random(seed)
    last = store.rows("SELECT max(id) AS id FROM articles")[0]["id"]
    while count:
        number = chance.randint(1, last)
        row = store.row("SELECT headline, language FROM articles WHERE id = ?", (number,))
        if row is None:
            continue
        text = row["headline"]
        pairs = [text[i : i + 2] for i in range(0, len(text) - 1, 2)]
        words = sorted(set(pairs if row["language"] == "zh" else text.split()))
        if len(words) > 1:
            yield " ".join(chance.sample(words, 2))
            count -= 1


def searches(store: Store, count: int, figures: Figures) -> None:
    """Queries, once each as the file lies on the disk; then with what they read in memory, each at
    its fastest of three: what else the machine does is not the store's.
    """
    asked = list(queries(store, count))
    runs = [[spent(partial(store.search, query)) for query in asked] for _ in range(4)]
    figures.times(f"{count} searches, from the disk", runs[0], None)
    fastest = [min(times) for times in zip(*runs[1:], strict=True)]
    figures.times(f"{count} searches", fastest, LIMITS["search"])
    dated = sum(store.search(query, limit=1).by_date for query in asked)
    figures.add("of them by date, as more than 20,000 match", str(dated))


def views(path: Path, figures: Figures) -> None:
    """Every view with LIMIT 20, on a connection of its own each time: SQLite's cache is empty."""
    with Store(path) as store:
        names = plans.views(store)
    for name in names:
        times = []
        for _ in range(VIEW_RUNS):
            with Store(path) as store:
                times.append(spent(lambda: store.rows(f"SELECT * FROM {name} LIMIT 20")))  # noqa: B023
        figures.times(name, times, LIMITS["view"])


def stale(store: Store, figures: Figures) -> None:
    """What reclean asks first: a fifth of the articles is of an older version."""
    newest = VERSIONS[1]
    figures.add(
        f"reclean, the first {FIRST} stale, ms",
        f"{spent(lambda: store.stale_articles(newest, limit=FIRST)):.1f}",
    )
    count = last = 0
    start = time.perf_counter()
    while found := store.stale_articles(newest, after_id=last, limit=FIRST):
        last, count = found[-1][0], count + len(found)
    figures.add(f"reclean, all {count:,} stale, s", f"{time.perf_counter() - start:.1f}")


def inserts(store: Store, count: int, figures: Figures, data: Path | None) -> None:
    """Articles a second by the calls that a crawl makes, a commit a link."""
    first = store.rows("SELECT max(id) AS id FROM articles")[0]["id"]
    found = list(corpus.articles(2 * count, first=first, data=data))
    for name, part, kept in (
        ("inserts/s, page kept", found[:count], True),
        ("inserts/s, page not kept", found[count:], False),
    ):
        took = 0.0
        for one in part:
            made, page = served(one)
            start = time.perf_counter()
            link = store.add_link(made.url, now=one.seen)
            store.save_article(link, page if kept else None, made, now=one.seen)
            took += time.perf_counter() - start
        figures.add(name, f"{len(part) / took:,.0f}")


def served(one: corpus.Found) -> tuple[Article, Page]:
    """An article with as many cuts as a page gives, and its page, as long as real ones."""
    words = " ".join(block.text for block in one.article.blocks).split() or ["none"]
    line = [FURNITURE.format(n=n, word=words[n % len(words)]) for n in range(PAGE // 60)]
    body = "".join(line[: len(line) // 2]) + one.article.body + "".join(line[len(line) // 2 :])
    cuts = tuple(
        Cut(Reason.NAVIGATION, "class.nav", line[n], f"html/body/nav/ul/li[{n}]", n)
        for n in range(CUTS)
    )
    url = one.article.url
    page = Page(url, url, 200, {"content-type": "text/html"}, body.encode()[:PAGE], one.seen)
    return replace(one.article, cuts=cuts), page


@contextmanager
def database(path: str | None) -> Iterator[Path]:
    """The file to use; a temporary one is removed."""
    if path is not None:
        yield Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="scraper-bench-") as folder:
        yield Path(folder) / "articles.db"


def filled(path: Path, count: int, data: Path | None, figures: Figures) -> None:
    """Loads the articles unless they are there."""
    with closing(Store(path)) as store:
        known = store.rows("SELECT count(*) AS n FROM articles")[0]["n"]
        start = time.monotonic()
        for done in () if known else fill(store, corpus.articles(count, data=data)):
            print(f"\r{done:,} articles, {time.monotonic() - start:.0f} s", end="", file=sys.stderr)
    if not known:
        print(file=sys.stderr)
        rate = count / (time.monotonic() - start)
        figures.add("loaded in bulk, made up and all, articles/s", f"{rate:,.0f}")
    size = path.stat().st_size
    count = known or count
    figures.add("articles", f"{count:,}")
    figures.add(
        "file, MB; bytes an article, no pages or cuts", f"{size / 1e6:,.0f} {size // count:,}"
    )


def measure(path: Path, options: Mapping[str, int], data: Path | None) -> Figures:
    """Everything, in the order in which it is shown."""
    figures = Figures()
    filled(path, options["articles"], data, figures)
    with Store(path) as store:
        searches(store, options["queries"], figures)
    views(path, figures)
    with Store(path) as store:
        stale(store, figures)
        shown = plans.plans(store)
        inserts(store, options["inserts"], figures, data)
    print("\nplans")
    for name, step in shown:
        print(f"{name:<28}{step}")
    figures.faults += plans.faults(shown)
    return figures


def main(argv: Sequence[str] | None = None) -> int:
    """0 well, 1 when something is too slow or reads a whole table."""
    parser = argparse.ArgumentParser(
        "benchmarks.storing", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--articles", type=int, default=1_000_000, help="%(default)s")
    parser.add_argument("--queries", type=int, default=500, help="%(default)s")
    parser.add_argument("--inserts", type=int, default=1000, help="%(default)s, twice")
    parser.add_argument("--data", type=Path, help="labelled pages, for the lengths of bodies")
    parser.add_argument("--db", help="a file to fill, or one that is filled")
    args = parser.parse_args(argv)
    options = {name: getattr(args, name) for name in ("articles", "queries", "inserts")}
    with database(args.db) as path:
        figures = measure(path, options, args.data)
    for fault in figures.faults:
        print(fault, file=sys.stderr)
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(main())
