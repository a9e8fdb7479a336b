"""Pages -> CPU milliseconds of the cleaner, beside trafilatura's, and where they go.

One process, one run, each page through one after the other: only the ratios of such a run travel
from machine to machine.
"""

from __future__ import annotations

import importlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.pages import LabelledPage
from benchmarks.peers import ALONE, answer, started

# (what is shown, names below scraper.clean); the time of one that another calls is only its own.
STAGES = (
    ("decode", ("read", "refusal")),
    ("parse", ("dom.parse",)),
    ("walk", ("dom.walk", "tables.whole")),
    ("features", ("features.matrix",)),
    ("score", ("scorer.Trees.total",)),
    ("second opinion", ("peer.story", "peer.align")),
    ("compose", ("Composer.__init__", "Composer.compose")),
    ("metadata", ("metadata.Reader.__init__", "metadata.Reader.read", "complete")),
    ("language", ("settled",)),
    ("verdict", ("verdict.judge",)),
)
REST = "rest"
WARM = 5  # pages run untimed: the rules and phrases that are compiled when first needed


def ratios(pages: Sequence[LabelledPage]) -> dict[str, float]:
    """ms, p99, xparse of the cleaner without a second opinion, and of trafilatura.

    ratio is of the means, p99_ratio of the slowest pages in a hundred, how many times ours go into
    trafilatura's; `auto` is how many times as long the mean page takes with second opinions.
    """
    runs = {name: started(name) for name in (ALONE, "scraper", "trafilatura")}
    times: dict[str, list[float]] = {name: [] for name in runs}
    parse = 0.0
    warm = pages[:WARM]
    for number, page in enumerate([*warm, *pages]):
        body = page.body()
        for name, run in runs.items():
            found = answer(name, run, body, page.url)
            if number >= len(warm):
                times[name].append(found.ms)
                parse += found.parse / len(runs)
    ours, asking, theirs = (sorted(times[name]) for name in runs)
    slow = int(len(pages) * 0.99)
    return {
        "pages": len(pages),
        "parse": parse / len(pages),
        "ms": sum(ours) / len(pages),
        "p99": ours[slow],
        "xparse": sum(ours) / parse,
        "auto": sum(asking) / sum(ours),
        "trafilatura_ms": sum(theirs) / len(pages),
        "trafilatura_p99": theirs[slow],
        "trafilatura_xparse": sum(theirs) / parse,
        "ratio": sum(theirs) / sum(ours),
        "p99_ratio": theirs[slow] / ours[slow],
    }


def profile(pages: Sequence[LabelledPage]) -> dict[str, float]:
    """Mean CPU milliseconds a page in each of the stages; what no stage names is the rest."""
    run = started("scraper")
    for page in pages[:WARM]:
        answer("scraper", run, page.body(), page.url)
    with stopwatch() as spent:
        whole = sum(answer("scraper", run, page.body(), page.url).ms for page in pages)
        found = {stage: 1000 * spent[stage] for stage, _ in STAGES}
    found[REST] = whole - sum(found.values())
    return {stage: ms / len(pages) for stage, ms in found.items()}


@contextmanager
def stopwatch() -> Iterator[dict[str, float]]:
    """CPU seconds in each stage while the context is open: its functions are wrapped meanwhile."""
    spent: dict[str, float] = defaultdict(float)
    inner = [0.0]  # what the calls below each open call took
    replaced = []
    for stage, names in STAGES:
        for name in names:
            home, last, function = find(name)
            setattr(home, last, timed(function, stage, spent, inner))
            replaced.append((home, last, function))
    try:
        yield spent
    finally:
        for home, last, function in replaced:
            setattr(home, last, function)


def find(name: str) -> tuple[Any, str, Callable[..., Any]]:
    """Where a name below `scraper.clean` stands: its home, last part and value.

    Raises AttributeError when there is none: STAGES is then behind the code.
    """
    home: Any = importlib.import_module("scraper.clean")
    *path, last = name.split(".")
    for part in path:
        home = getattr(home, part)
    return home, last, getattr(home, last)


def timed(
    function: Callable[..., Any], stage: str, spent: dict[str, float], inner: list[float]
) -> Callable[..., Any]:
    """`function`, which adds the time it takes without that of other timed calls to `spent`."""

    def call(*args: Any, **kwargs: Any) -> Any:
        inner.append(0.0)
        start = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            took = time.process_time() - start
            spent[stage] += took - inner.pop()
            inner[-1] += took

    return call
