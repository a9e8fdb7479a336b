"""Labelled pages -> the scorer's model file.

    PYTHONPATH=tests python -m benchmarks.train DATA [--without daniel] [--out FILE]

DATA holds sets of labelled pages (see pages.py); those with a `body` train. CatBoost grows the
trees; the model file needs only numpy. A few minutes on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import labels, pages
from benchmarks.pages import LabelledPage
from benchmarks.scoring import tokens
from scraper.clean import features, opinion, scorer, text
from scraper.clean.bounds import refusal
from scraper.clean.furniture import key
from scraper.clean.opened import Opened, probabilities, read
from scraper.clean.standfirst import LONG

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scraper-bench"
# Pages cut by hand-written parsers are few and the cleanest: with a weight of 3 they gain .005 and
# the other sets lose nothing.
WEIGHTS = {"fundus": 3.0}
PAGE = 30.0  # the weight of a page, about the number of its blocks that matter
LINES = 400  # of a page as bare text
INNER = 2  # folds that give the scores from which the choice learns
COMMON: dict[str, Any] = {
    "leaf_estimation_iterations": 1, "random_strength": 0, "score_function": "L2",
    "bootstrap_type": "Bernoulli", "boosting_type": "Plain", "border_count": 128,
    "allow_writing_files": False, "verbose": False,
}  # fmt: skip
SCORING = COMMON | {
    "loss_function": "CrossEntropy", "iterations": 700, "depth": 6, "learning_rate": 0.1,
    "l2_leaf_reg": 5, "rsm": 0.2, "subsample": 0.6,
}  # fmt: skip
CHOICE = COMMON | {
    "loss_function": "RMSE", "iterations": 150, "depth": 4, "learning_rate": 0.05,
    "l2_leaf_reg": 20, "rsm": 0.7, "subsample": 0.8,
}  # fmt: skip
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sample:
    """One page: what the scorer learns from, and what the choice of the second opinion does."""

    set: str
    id: str
    publisher: str
    rows: Floats  # a row a block
    labels: Floats  # which share of a block is article, 0..1
    tokens: Floats
    sizes: npt.NDArray[np.float64]
    spans: npt.NDArray[np.int64]
    theirs: npt.NDArray[np.bool_]
    text: Floats  # the same page as bare lines: rows, labels and weights below each other
    text_labels: Floats
    text_weights: Floats

    def weights(self) -> Floats:
        """How much each block counts; they add up to the page's own weight."""
        found: Floats = np.sqrt(self.tokens + 1)
        found *= PAGE * WEIGHTS.get(self.set, 1.0) / found.sum()
        return found


def sample(page: LabelledPage) -> Sample | None:
    """The sample of a page; None when it has no blocks."""
    source = read(page.body())
    if refusal(source):
        return None
    opened = Opened(source, page.url)
    if not opened.blocks:
        return None
    texts = [block.text for block in opened.blocks]
    found: Floats = np.array(labels.labels(texts, page.truth["body"]), dtype=np.float32)
    # by convention no body holds the headline; some truths begin with it
    told = [p for p in np.flatnonzero(found > 0.5) if len(texts[p]) > LONG]
    first = int(told[0]) if told else -1
    for position, block in enumerate(opened.blocks[: first + 4]):
        headline = key(block.text) == key(opened.meta.headline)
        if headline or (block.level == 1 and position <= first):
            found[position] = 0.0
    many = np.array([len(tokens(text)) for text in texts], dtype=np.float32)
    bare = stack([
        lines(opened, found, many, naive(opened, found, many)),
        lines(opened, found, many, np.flatnonzero(found > 0.5)),  # a body comes back as it is
    ], WEIGHTS.get(page.set, 1.0))  # fmt: skip
    return Sample(
        page.set, page.id, pages.publisher(page.url) or page.id, opened.features(), found, many,
        opinion.weights(opened), opinion.spans(opened), opinion.asked(opened), *bare,
    )  # fmt: skip


Ints = npt.NDArray[np.int64]
Lines = tuple[Floats, Floats, Floats]  # rows, labels, tokens


def naive(opened: Opened, found: Floats, many: Floats) -> Ints:
    """The blocks that a naive scraper takes: all in the innermost element around the story."""
    spans = opinion.spans(opened)
    running = np.concatenate(([0.0], np.cumsum(many * (found > 0.5))))
    held = running[spans[:, 1]] - running[spans[:, 0]]
    start, end = spans[np.flatnonzero(held >= 0.95 * held[0])[-1]]
    shown = [p for p in range(start, end) if not opened.blocks[p].element.hidden]
    return np.array(shown[:LINES], dtype=np.int64)


def lines(opened: Opened, found: Floats, many: Floats, positions: Ints) -> Lines:
    """The blocks at `positions` as bare lines below the headline."""
    texts = [opened.blocks[p].text.replace("\n", " ") for p in positions]
    rows = text.laid_out([opened.meta.headline or "A headline", *texts]) if texts else None
    if rows is None:
        return np.zeros((0, len(features.names())), np.float32), found[:0], many[:0]
    return rows[1:], found[positions], many[positions]


def stack(parts: Sequence[Lines], page: float) -> Lines:
    """Lines below each other; the third column becomes their weights."""
    rows, found, many = (np.concatenate(column) for column in zip(*parts, strict=True))
    weights = np.sqrt(many + 1)
    return rows, found, weights * (2 * PAGE * page / max(weights.sum(), 1.0))


def load(data: Path) -> list[Sample]:
    """The samples of all pages with a body in `data`; kept until what they come from changes."""
    labelled = [page for page in pages.load(data, pages.sets(data)) if "body" in page.truth]
    file = CACHE / f"samples-{fingerprint(data)}.pickle"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with Pool() as pool:
            found = [s for s in pool.imap(sample, labelled, 16) if s is not None]
        temporary = file.with_suffix(f".{os.getpid()}")
        temporary.write_bytes(pickle.dumps(found))
        temporary.replace(file)
    kept: list[Sample] = pickle.loads(file.read_bytes())
    return kept


def fingerprint(data: Path) -> str:
    """What the samples depend on: the cleaner's sources, this file's, the truths."""
    own = Path(__file__)
    cleaner = sorted(Path(scorer.__file__).parent.glob("*.py"))
    sources = [*cleaner, own, own.parent / "labels.py"]
    found = hashlib.sha256(str(data.resolve()).encode())
    for path in [*sources, *sorted(data.glob("*/truth.jsonl"))]:
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def fit(samples: Sequence[Sample], *, seed: int = 0) -> bytes:
    """The bytes of a model file that was trained on `samples`.

    The choice learns from scores of pages that the scorer was not trained on: on its own pages a
    scorer is never in doubt.
    """
    numbers = pages.folds([(s.set, s.publisher) for s in samples], INNER, seed)
    rows: list[Floats] = []
    gains: list[npt.NDArray[np.float64]] = []
    for fold in range(INNER):
        inner = scoring([s for s, n in zip(samples, numbers, strict=True) if n != fold], seed)
        for held in (s for s, n in zip(samples, numbers, strict=True) if n == fold):
            found, gained = lesson(held, np.array(probabilities(inner.total(held.rows))))
            rows.append(found)
            gains.append(gained)
    choice = trees(np.concatenate(rows), np.concatenate(gains), None, CHOICE, seed)
    told = trees(
        np.concatenate([s.text for s in samples]),
        np.concatenate([s.text_labels for s in samples]),
        np.concatenate([s.text_weights for s in samples]),
        SCORING | {"iterations": 250},
        seed,
    )
    every = {"score": scoring(samples, seed), "choice": choice, "text": told}
    return scorer.Model(every, origin(samples)).write()


def scoring(samples: Sequence[Sample], seed: int) -> scorer.Trees:
    """The trees that score blocks."""
    return trees(
        np.concatenate([s.rows for s in samples]),
        np.concatenate([s.labels for s in samples]),
        np.concatenate([s.weights() for s in samples]),
        SCORING,
        seed,
    )


def lesson(held: Sample, scores: npt.NDArray[np.float64]) -> tuple[Floats, npt.NDArray[np.float64]]:
    """What describes the candidates of a page, and how much more F1 than ours each truly has."""
    candidates = opinion.proposed(scores, held.sizes, held.spans, held.theirs)
    true = held.tokens * held.labels
    f1 = np.array([
        2 * true[mask].sum() / max(held.tokens[mask].sum() + true.sum(), 1.0) for mask in candidates
    ])  # fmt: skip
    return opinion.described(scores, held.sizes, candidates), f1 - f1[0]


def trees(
    rows: Floats, target: Any, weights: Any, parameters: dict[str, Any], seed: int
) -> scorer.Trees:
    """Trees that CatBoost grows."""
    catboost = importlib.import_module("catboost")
    threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))
    trained = catboost.CatBoost(parameters | {"random_seed": seed, "thread_count": threads})
    trained.fit(catboost.Pool(rows, target, weight=weights))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trees.json"
        trained.save_model(str(file), format="json")
        return exported(json.loads(file.read_text("utf-8")), int(parameters["depth"]))


def exported(grown: dict[str, Any], depth: int) -> scorer.Trees:
    """CatBoost's JSON as trees of ours; trees that grew less deep are filled up."""
    scale, (bias,) = grown["scale_and_bias"]
    count = len(grown["oblivious_trees"])
    feature = np.zeros((count, depth), dtype=np.int64)
    border = np.full((count, depth), np.inf, dtype=np.float32)
    leaves = np.zeros((count, 2**depth), dtype=np.int32)
    for n, tree in enumerate(grown["oblivious_trees"]):
        for level, split in enumerate(tree["splits"] or ()):
            feature[n, level] = split["float_feature_index"]
            border[n, level] = split["border"]
        values = np.rint(np.array(tree["leaf_values"]) * scale * scorer.SCALE)
        leaves[n, : len(values)] = values
    return scorer.Trees(feature, border, leaves, round(bias * scorer.SCALE))


def origin(samples: Sequence[Sample]) -> dict[str, Any]:
    """What a model file says of how it came about."""
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "features": features.names(),
        "pages": dict(sorted(Counter(s.set for s in samples).items())),
        "blocks": sum(len(s.labels) for s in samples),
        "publishers": len({s.publisher for s in samples}),
        "weights": WEIGHTS,
        "scoring": SCORING,
        "choice": CHOICE,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Trains on all labelled pages and writes the model file."""
    parser = argparse.ArgumentParser("benchmarks.train", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--without", default="", help="sets to leave out, with commas")
    parser.add_argument("--out", type=Path, default=Path(scorer.__file__).parent / scorer.NAME)
    args = parser.parse_args(argv)
    if importlib.util.find_spec("catboost") is None:  # said now, not after minutes of samples
        parser.error("catboost grows the trees and is missing: pip install 'scraper[bench]'")
    left = set(args.without.split(","))
    samples = [s for s in load(args.data) if s.set not in left]
    if not samples:
        parser.error(f"{args.data}: holds no page with a body")
    data = fit(samples)
    args.out.write_bytes(data)
    print(f"{args.out}: {len(samples):,} pages, {len(data):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
