"""A scored page -> which of its blocks tell the story, with a second opinion where in doubt. Pure.

A page on which the scorer fails can't be told from the page alone; an independent extractor tells.
Where the scores themselves expect a low F1 trafilatura runs, too, and a small learned choice takes
among candidates: our own blocks at several thresholds and within the densest elements,
trafilatura's, and what both or either of us would take.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scraper.clean import peer, scorer
from scraper.clean.furniture import weight
from scraper.clean.opened import Opened

OPINIONS = ("auto", "never")
# Cross-validated, thresholds from .4 to .5 stay within .002 on each set.
THRESHOLD = 0.42
# One page in twenty has a lower expected F1. Asked about more pages the choice gains nothing.
DOUBT = 0.8
GAIN = 0.03  # a candidate must promise so much more F1 than our own blocks
OTHERS = (0.1, 0.2, 0.3, 0.6, 0.75, 0.9)  # other thresholds
CORES = (0.5, 0.8, 0.95)  # shares of the expected text that an element must hold
WITHIN = 0.2  # the threshold within such an element

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def chosen(opened: Opened, scores: Sequence[float], second_opinion: str) -> set[int]:
    """The positions of the blocks that tell the story."""
    if not scores:
        return set()
    found = np.array(scores)
    own = found > THRESHOLD
    if second_opinion != "never":
        sizes = weights(opened)
        if expected_f1(found, sizes, own) < DOUBT:
            own = choice(opened, found, sizes)
    return set(np.flatnonzero(own).tolist())


def choice(opened: Opened, scores: Floats, sizes: Floats) -> Mask:
    """The candidate that promises most."""
    candidates = proposed(scores, sizes, spans(opened), asked(opened))
    gains = scorer.model().trees["choice"].total(described(scores, sizes, candidates))
    gains -= gains[0]
    best = int(gains.argmax())
    return candidates[best if gains[best] > GAIN else 0]


def asked(opened: Opened) -> Mask:
    """The blocks that the peer takes for the story."""
    found = np.zeros(len(opened.blocks), dtype=np.bool_)
    found[list(peer.align(opened.blocks, peer.story(opened.text)))] = True
    return found


def spans(opened: Opened) -> npt.NDArray[np.int64]:
    """The ranges of blocks of the page's elements, from the outside in."""
    last = len(opened.blocks)
    return np.array(
        [(e.start, min(e.end, last)) for e in opened.elements if e.start < min(e.end, last)]
    )


def weights(opened: Opened) -> Floats:
    """The length of each block; a CJK character says as much as three letters."""
    return np.array([weight(b.text) for b in opened.blocks], float)


def expected_f1(scores: Floats, sizes: Floats, kept: Mask) -> float:
    """The F1 that the scores themselves expect of a choice of blocks, 0..1.

    What is kept is true by the sum of its scores; what there is to find is the sum over all.
    """
    either = sizes[kept].sum() + (scores * sizes).sum()
    return float(2 * (scores * sizes)[kept].sum() / max(either, 1.0))


def proposed(
    scores: Floats, sizes: Floats, ranges: npt.NDArray[np.int64], theirs: Mask
) -> list[Mask]:
    """The candidates, our own blocks first; `ranges` of elements, `theirs` the peer's blocks."""
    own = scores > THRESHOLD
    found = [own, *(scores > other for other in OTHERS)]
    place = np.arange(len(scores))
    running = np.concatenate(([0.0], np.cumsum(scores * sizes * (scores > 0.3))))
    held = running[ranges[:, 1]] - running[ranges[:, 0]]
    for share in CORES:
        start, end = ranges[np.flatnonzero(held >= share * held[0])[-1]]
        inside = (place >= start) & (place < end)
        found += [own & inside, (scores > WITHIN) & inside]
    return [*found, theirs, own & theirs, own | theirs]


def described(scores: Floats, sizes: Floats, candidates: Sequence[Mask]) -> npt.NDArray[np.float32]:
    """What the learned choice is made by: a row a candidate."""
    own, theirs = candidates[0], candidates[-3]
    likely = scores * sizes
    total = max(likely.sum(), 1.0)
    held = [max(sizes[mask].sum(), 1.0) for mask in candidates]
    unsure = (scores > 0.2) & (scores < 0.8)
    both = sizes[own & theirs].sum()
    page = [
        np.log1p(sizes.sum()), len(scores), np.log1p(held[0]), scores.max(), unsure.mean(),
        expected_f1(scores, sizes, own), likely[unsure].sum() / total,
        2 * both / (held[0] + held[-3]), held[-3] / held[0],
    ]  # fmt: skip
    rows = []
    for number, (mask, size) in enumerate(zip(candidates, held, strict=True)):
        more, less = mask & ~own, own & ~mask
        rows.append([
            number, expected_f1(scores, sizes, mask), likely[mask].sum() / size,
            likely[mask].sum() / total, size / held[0],
            sizes[more].sum() / held[0], sizes[less].sum() / held[0],
            likely[more].sum() / max(sizes[more].sum(), 1.0),
            likely[less].sum() / max(sizes[less].sum(), 1.0), more.sum(), less.sum(),
            2 * sizes[mask & theirs].sum() / (size + held[-3]), *page,
        ])  # fmt: skip
    return np.array(rows, dtype=np.float32)
