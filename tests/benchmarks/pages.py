"""A folder of labelled pages -> pages, and folds of them that share no site.

DATA/<set>/truth.jsonl has a page a line: `id`, `url`, `file` (gzipped HTML below the set's folder),
and what a person found on it: `body`, `headline`, `authors`, `published`, `present` and `absent`
snippets, `captions`, `credits`, `kind` (of a page that is no article).
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tld import get_tld

from scraper import urls


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page of a set and what a person found on it."""

    set: str
    id: str
    url: str  # "" when unknown
    truth: Mapping[str, Any]
    file: Path

    def body(self) -> bytes:
        """The bytes as they were served."""
        return gzip.decompress(self.file.read_bytes())


def sets(data: Path) -> list[str]:
    """The names of the sets in `data`, sorted."""
    return [path.parent.name for path in sorted(data.glob("*/truth.jsonl"))]


def load(data: Path, names: Sequence[str], limit: int | None = None) -> list[LabelledPage]:
    """The pages of the sets `names`, at most `limit` of each, evenly spread over it.

    Raises FileNotFoundError for a set that `data` does not hold.
    """
    pages = []
    for name in names:
        # U+2028 stands in strings: only "\n" ends a line
        lines = (data / name / "truth.jsonl").read_text("utf-8").rstrip("\n").split("\n")
        for line in lines[:: max(1, len(lines) // limit)][:limit] if limit else lines:
            truth = json.loads(line)
            file = data / name / truth["file"]
            pages.append(LabelledPage(name, truth["id"], truth.get("url") or "", truth, file))
    return pages


def publisher(url: str) -> str:
    """What no two halves may share: the registrable domain without its public suffix.

    example.com, www.example.co.uk and an archive's copy of either give "example". "" without a
    host.
    """
    start = max(url.rfind("http://"), url.rfind("https://"), 0)
    site = urls.site(url[start:])
    found = get_tld(f"http://{site}/", fail_silently=True, as_object=True) if site else None
    return getattr(found, "domain", "") or site


def folds(keys: Sequence[tuple[str, Hashable]], count: int, seed: int = 0) -> list[int]:
    """The fold, 0 to `count` - 1, of each (set, group): a group has one, each set is spread evenly.

    Deterministic. The largest groups are dealt first, each to the fold where its sets have the
    smallest share so far; groups of one size in an order that `seed` shuffles.
    """
    sizes: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for name, group in keys:
        sizes[group][name] += 1
    totals = Counter(name for name, _ in keys)
    loads: list[Counter[str]] = [Counter() for _ in range(count)]
    order = list(sizes)  # as the pages come: sorting would need comparable groups
    random.Random(seed).shuffle(order)
    order.sort(key=lambda g: -max(n / totals[s] for s, n in sizes[g].items()))

    def cost(fold: int, own: Counter[str]) -> tuple[float, int]:
        """How much less even the sets of `own` would be spread, then how full the fold is."""
        load = loads[fold]
        grown = (((load[s] + n) ** 2 - load[s] ** 2) / totals[s] ** 2 for s, n in own.items())
        return sum(grown), load.total()

    found: dict[Hashable, int] = {}
    for group in order:
        own = sizes[group]
        best = min(range(count), key=lambda fold: cost(fold, own))
        loads[best].update(own)
        found[group] = best
    return [found[group] for _, group in keys]
