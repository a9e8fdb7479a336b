"""Labelled pages -> pairs of copies that the store finds among 10,000 articles, and what they cost.

`python -m benchmarks.syndication DATA` plants copies (see benchmarks.planted), saves all, and
counts the pairs of articles in one cluster: two copies of one story are a pair, too. The labelled
pages hold copies of their own (a story on several hosts), which nobody marked: pairs of two
labelled stories are counted apart, and shown with `--show`, to be looked at.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from benchmarks import pages, planted
from benchmarks.planted import Planted
from scraper.model import Article, Block, Kind, Verdict
from scraper.store import Store, syndication

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BATCH = 100  # articles in a transaction
THRESHOLDS = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)
FLOOR = 0.95  # of precision and of recall at the threshold that the store uses
SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
Pairs = set[tuple[int, int]]


class Without(Store):
    """A store that compares nothing: what comparing costs is what it saves."""

    def _compare(self, article_id: int, body: str) -> None:
        pass


def article(number: int, one: Planted) -> Article:
    """A planted text as an article of a site of its own."""
    blocks = tuple(Block(Kind.PARAGRAPH, text) for text in one.text.split("\n\n") if text)
    site = f"s{number}.example"
    return Article(
        f"https://{site}/{number}", None, site, "A story", "", blocks, verdict=Verdict.ARTICLE
    )


def fill(store: Store, articles: Sequence[Article]) -> float:
    """Saves `articles`, the first as number 1; processor milliseconds for each."""
    began = time.process_time()
    for start in range(0, len(articles), BATCH):
        with store.transaction():
            for one in articles[start : start + BATCH]:
                link = store.add_link(one.url, now=NOW)
                store.save_article(link, None, one, now=NOW)
    return (time.process_time() - began) / len(articles) * 1000


def compare_again(store: Store, threshold: float) -> float:
    """Makes all clusters anew with a threshold; processor milliseconds for each article."""
    with store.transaction():
        store.write("UPDATE articles SET cluster_id = NULL WHERE cluster_id IS NOT NULL")
        store.write("DELETE FROM fingerprints")
        store.write("INSERT INTO fingerprints SELECT id, NULL FROM articles")
    syndication.SAME = threshold
    began, count = time.process_time(), 0
    while some := store.index_syndication(BATCH):
        count += some
    return (time.process_time() - began) / count * 1000


def pairs(groups: Iterable[Iterable[int]]) -> Pairs:
    """Each two of a group, the smaller number first."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def found_pairs(store: Store) -> Pairs:
    """The pairs of places in the list of articles that the store has in one cluster."""
    groups = defaultdict(list)
    for row in store.rows("SELECT id, cluster_id FROM articles WHERE cluster_id IS NOT NULL"):
        groups[row["cluster_id"]].append(row["id"] - 1)
    return pairs(groups.values())


def true_pairs(articles: Sequence[Planted]) -> Pairs:
    """The pairs that were planted."""
    groups = defaultdict(list)
    for number, one in enumerate(articles):
        groups[one.story].append(number)
    return pairs(groups.values())


def unmarked(found: Pairs, articles: Sequence[Planted]) -> Pairs:
    """Those of two labelled stories, or copies of them: they may be copies that nobody marked."""
    return {p for p in found if not articles[p[0]].made and not articles[p[1]].made}


def measured(store: Store, threshold: float, articles: Sequence[Planted]) -> tuple[float, float]:
    """Prints a line of figures for a threshold; recall, and precision without unmarked pairs."""
    cost = compare_again(store, threshold)
    found, true = found_pairs(store), true_pairs(articles)
    apart = unmarked(found - true, articles)
    recall = len(found & true) / len(true)
    precision = len(found & true) / max(1, len(found - apart))
    print(
        f"{threshold:9.2f} {recall:8.4f} {precision:10.4f} {len(found - true - apart):6}"
        f" {len(apart):9} {len(found & true) / max(1, len(found)):9.4f} {cost:8.2f}"
    )
    return recall, precision


def print_shares(store: Store, articles: Sequence[Planted]) -> None:
    """Prints the recall of copies with their originals, by what was changed."""
    found = found_pairs(store)
    originals = {one.story: n for n, one in enumerate(articles) if not one.changed}
    rows = defaultdict(list)
    for number, one in enumerate(articles):
        if one.changed:
            low = max(share for share in SHARES if share <= one.changed)
            names = [f"{low:.0%} to {low + 0.05:.0%} of the words", *one.ways]
            names += ["both of these"] if len(one.ways) == 2 else []
            pair = sorted((number, originals[one.story]))
            for name in names:
                rows[name].append((pair[0], pair[1]) in found)
    for name, hits in sorted(rows.items()):
        print(f"  {name:26} {sum(hits):5} of {len(hits):5}  {sum(hits) / len(hits):.4f}")


def show(store: Store, articles: Sequence[Planted]) -> None:
    """Prints how the pairs of originals begin that nobody planted."""
    for a, b in sorted(found_pairs(store) - true_pairs(articles)):
        if not articles[a].changed and not articles[b].changed:
            kind = "made" if articles[a].made or articles[b].made else "labelled"
            print(f"\n{kind} {a} {b}")
            for number in (a, b):
                text = articles[number].text
                print(f"  {len(text):6} {text[:200]!r}")


def sizes(articles: Sequence[Article], folder: Path) -> None:
    """Saves all with and without comparing; prints what that costs in time and in the file."""
    files = {}
    for kind in (Without, Store):
        with kind(folder / f"{kind.__name__}.db") as store:
            cost = fill(store, articles)
        files[kind.__name__] = (cost, (folder / f"{kind.__name__}.db").stat().st_size)
    (without, less), (cost, more) = files.values()
    print(
        f"saved: {cost:.2f} processor ms an article, {without:.2f} without comparing;"
        f" {(more - less) / len(articles):.0f} bytes an article for it,"
        f" {less / len(articles):.0f} for the rest"
    )


def main() -> None:
    """Prints the figures; exits with 1 when the store's threshold is below the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="the pairs that nobody planted")
    options = parser.parse_args()
    chosen = syndication.SAME
    loaded = pages.load(options.data, pages.sets(options.data))
    articles = planted.articles(
        [p for p in loaded if p.truth.get("body")], options.articles, options.seed
    )
    with tempfile.TemporaryDirectory() as folder:
        sizes([article(n, one) for n, one in enumerate(articles)], Path(folder))
        with Store(Path(folder) / "Store.db") as store:
            print(f"{len(true_pairs(articles))} pairs among {len(articles)} articles")
            print("threshold   recall  precision  wrong  unmarked  with them  ms each")
            for threshold in sorted({*THRESHOLDS, chosen}):
                figures = measured(store, threshold, articles)
                if threshold == chosen:
                    good = min(figures) >= FLOOR
            compare_again(store, chosen)
            print(f"copies found with their originals at {chosen}:")
            print_shares(store, articles)
            if options.show:
                show(store, articles)
    parser.exit(0 if good else 1)


if __name__ == "__main__":
    main()
