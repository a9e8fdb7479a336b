"""Labelled pages -> the scorer's model file.

    PYTHONPATH=tests python -m benchmarks.train DATA [--without daniel] [--out FILE]

DATA holds sets of labelled pages (see pages.py); those with a `body` train. CatBoost grows the
trees; the model file needs only numpy. A few minutes on two cores.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import pages
from benchmarks.samples import WEIGHTS, Floats, Sample, load
from scraper.clean import features, genre, opinion, scorer
from scraper.clean.opened import probabilities

INNER = 2  # folds that give the scores from which all but the scorer learns
GOOD = 0.9  # an F1 from which a body is right enough to be trusted
# Pages that are no articles are few, and of one set the pages are many a site.
NO_ARTICLE, MANY_A_SITE = 4.0, {"daniel": 0.4}
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
OF_PAGES = COMMON | {
    "loss_function": "Logloss", "depth": 4, "rsm": 0.3, "subsample": 0.7, "l2_leaf_reg": 8,
    "leaf_estimation_iterations": 10, "random_strength": 1, "border_count": 64,
}  # fmt: skip
GENRE = OF_PAGES | {"iterations": 500, "learning_rate": 0.05}
TRUST = OF_PAGES | {"iterations": 250, "learning_rate": 0.05}


@dataclass(slots=True)
class Lessons:
    """What pages teach that the scorer was not trained on: on its own it is never in doubt."""

    candidates: list[Floats] = field(default_factory=list)
    gains: list[npt.NDArray[np.float64]] = field(default_factory=list)
    pages: list[Floats] = field(default_factory=list)
    articles: list[bool] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    good: list[bool] = field(default_factory=list)

    def learn(self, held: Sample, scores: npt.NDArray[np.float64]) -> None:
        """Adds a page with the scores of its blocks."""
        self.pages.append(genre.described(held.rows, held.sizes, scores, held.said))
        self.articles.append(held.article)
        self.weights.append(MANY_A_SITE.get(held.set, 1.0) if held.article else NO_ARTICLE)
        self.good.append(held.article and right(held, scores) > GOOD)
        if held.article:
            rows, gained = lesson(held, scores)
            self.candidates.append(rows)
            self.gains.append(gained)


def fit(samples: Sequence[Sample], *, seed: int = 0) -> bytes:
    """The bytes of a model file that was trained on `samples`.

    All but the scorer learn from scores of pages that the scorer was not trained on.
    """
    numbers = pages.folds([(s.set, s.publisher) for s in samples], INNER, seed)
    told = [s for s in samples if s.article]
    lessons = Lessons()
    for fold in range(INNER):
        own = [s for s, n in zip(samples, numbers, strict=True) if n != fold and s.article]
        inner = scoring(own, seed)
        for held in (s for s, n in zip(samples, numbers, strict=True) if n == fold):
            lessons.learn(held, np.array(probabilities(inner.total(held.rows))))
    every = {"score": scoring(told, seed), "text": bare(told, seed), **judging(lessons, seed)}
    return scorer.Model(every, origin(samples)).write()


def judging(lessons: Lessons, seed: int) -> dict[str, scorer.Trees]:
    """The trees that judge whole pages, and those that choose among candidates."""
    rows = np.concatenate(lessons.pages)
    articles = np.array(lessons.articles)
    weights = np.array(lessons.weights)
    good = np.array(lessons.good)[articles].astype(float)
    return {
        "choice": trees(
            np.concatenate(lessons.candidates), np.concatenate(lessons.gains), None, CHOICE, seed
        ),
        "genre": trees(rows, articles.astype(float), weights, GENRE, seed),
        "trust": trees(rows[articles], good, None, TRUST, seed),
    }


def bare(samples: Sequence[Sample], seed: int) -> scorer.Trees:
    """The trees that score lines of bare text."""
    return trees(
        np.concatenate([s.text for s in samples]),
        np.concatenate([s.text_labels for s in samples]),
        np.concatenate([s.text_weights for s in samples]),
        SCORING | {"iterations": 250},
        seed,
    )


def scoring(samples: Sequence[Sample], seed: int) -> scorer.Trees:
    """The trees that score blocks."""
    return trees(
        np.concatenate([s.rows for s in samples]),
        np.concatenate([s.labels for s in samples]),
        np.concatenate([s.weights() for s in samples]),
        SCORING,
        seed,
    )


def right(held: Sample, scores: npt.NDArray[np.float64]) -> float:
    """The F1 of what the scorer alone keeps of a page, by tokens."""
    kept = scores > opinion.THRESHOLD
    true = held.tokens * held.labels
    either = held.tokens[kept].sum() + true.sum() + held.missing
    return float(2 * true[kept].sum() / max(either, 1.0))


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
        "genre": GENRE,
        "trust": TRUST,
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
    if not any(s.article for s in samples):
        parser.error(f"{args.data}: holds no page with a body")
    data = fit(samples)
    args.out.write_bytes(data)
    print(f"{args.out}: {len(samples):,} pages, {len(data):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
