"""Labelled pages -> the figures of the whole cleaner on pages of sites that its scorer never saw.

The pages that train are those with a body, and those that are no articles. A page of another set
(snippets only) is held out with the pages of its site.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, Protocol, cast

from benchmarks import pages
from benchmarks.pages import LabelledPage
from benchmarks.peers import answer, recalled, started
from benchmarks.scoring import Row, score

FOLDS = 5
Key = tuple[str, str]  # set, id


class Sample(Protocol):
    """What the scorer learns from one page."""

    @property
    def set(self) -> str: ...
    @property
    def id(self) -> str: ...


class Training(Protocol):
    """The module that trains."""

    def load(self, data: Path) -> Sequence[Sample]:
        """The samples of the labelled pages."""

    def fit(self, samples: Sequence[Sample], *, seed: int = 0) -> bytes:
        """The bytes of a model file."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The pages to clean, and those that train the model to clean them with."""

    pages: Sequence[LabelledPage]
    training: frozenset[Key]
    data: Path | None  # the folder of labelled pages; None: nothing is trained, the shipped model


def group(page: LabelledPage) -> tuple[str, ...]:
    """What a page may not share with a page that trained: its publisher; without a URL, itself."""
    name = pages.publisher(page.url)
    return (name,) if name else (page.set, page.id)


def split(
    every: Sequence[LabelledPage], shown: Sequence[LabelledPage], data: Path | None, seed: int = 0
) -> list[Fold]:
    """The pages `shown` in folds; whichever are shown, the others of `every` train."""
    numbers = pages.folds([(page.set, group(page)) for page in every], FOLDS, seed)
    fold = {(p.set, p.id): number for p, number in zip(every, numbers, strict=True)}
    labelled = [(p.set, p.id) for p in every if {"body", "kind"} & set(p.truth)]
    return [
        Fold(
            [page for page in shown if fold[page.set, page.id] == number],
            frozenset(key for key in labelled if fold[key] != number),
            data,
        )
        for number in range(FOLDS)
    ]


def model(data: Path, training: frozenset[Key], seed: int = 0) -> bytes:
    """A model file of the samples of the pages `training`."""
    module = cast("Training", importlib.import_module("benchmarks.train"))
    samples = [s for s in module.load(data) if (s.set, s.id) in training]
    return module.fit(samples, seed=seed)


def prepare(data: Path) -> int:
    """Computes the samples once, before the processes that need them; how many there are."""
    return len(cast("Training", importlib.import_module("benchmarks.samples")).load(data))


def cleaned(fold: Fold) -> list[Row]:
    """The figures of the fold's pages."""
    if fold.data is not None:
        scorer: Any = importlib.import_module("scraper.clean.scorer")
        scorer.use(scorer.read(model(fold.data, fold.training)))
    run = started("scraper")
    return [score(page.truth, answer("scraper", run, page.body(), page.url)) for page in fold.pages]


def ours(folds: Sequence[Fold], pool: Pool) -> dict[Key, Row]:
    """The figures of each page of `folds`, a fold a task."""
    found: dict[Key, Row] = {}
    for fold, rows in zip(folds, pool.map(cleaned, folds, 1), strict=True):
        found.update(zip(((page.set, page.id) for page in fold.pages), rows, strict=True))
    return found


def theirs(task: tuple[LabelledPage, Sequence[str], Path]) -> dict[str, Row]:
    """The figures of the peers on a page, from their answers in a folder where it has them."""
    page, names, folder = task
    body = page.body()
    return {name: score(page.truth, recalled(name, body, page.url, folder)) for name in names}
