"""Labelled pages -> samples: what the trees learn from, a page at a time, kept on disk."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import labels, pages
from benchmarks.pages import LabelledPage
from benchmarks.scoring import tokens
from scraper.clean import features, genre, opinion, scorer, text
from scraper.clean.bounds import refusal
from scraper.clean.furniture import key
from scraper.clean.opened import Opened, read
from scraper.clean.standfirst import LONG

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scraper-bench"
# Pages cut by hand-written parsers are few and the cleanest: with a weight of 3 they gain .005 and
# the other sets lose nothing.
WEIGHTS = {"fundus": 3.0}
PAGE = 30.0  # the weight of a page, about the number of its blocks that matter
LINES = 400  # of a page as bare text
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Lines = tuple[Floats, Floats, Floats]  # rows, labels, tokens


@dataclass(frozen=True, slots=True)
class Sample:
    """One page: what the scorer learns from, what the choice of the second opinion and the trees
    that judge whole pages do."""

    set: str
    id: str
    publisher: str
    rows: Floats  # a row a block
    labels: Floats  # which share of a block is article, 0..1
    tokens: Floats
    sizes: npt.NDArray[np.float64]
    spans: npt.NDArray[np.int64]
    theirs: npt.NDArray[np.bool_]
    said: tuple[float, ...]  # what the page declares
    missing: float  # tokens of the true body that no block holds
    text: Floats  # the same page as bare lines: rows, labels and weights below each other
    text_labels: Floats
    text_weights: Floats

    @property
    def article(self) -> bool:
        """Whether the page is one."""
        return len(self.labels) > 0

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
    name = (page.set, page.id, pages.publisher(page.url) or page.id)
    said = tuple(genre.declared(opened.blocks, opened.meta, opened.url))
    whole = opinion.weights(opened), opinion.spans(opened)
    none = np.zeros(0, np.float32)
    if "body" not in page.truth:  # a page that is no article
        theirs = np.zeros(0, np.bool_)
        return Sample(
            *name, opened.features, none, none, *whole, theirs, said, 0.0, none, none, none
        )
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
    missing = max(0.0, len(tokens(page.truth["body"])) - float((found * many).sum()))
    return Sample(
        *name, opened.features, found, many, *whole, opinion.asked(opened), said, missing, *bare
    )


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
    labelled = [
        page for page in pages.load(data, pages.sets(data)) if {"body", "kind"} & set(page.truth)
    ]
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
