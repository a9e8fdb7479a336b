"""Blocks of a page, the true body -> which share of each block is article text. Pure.

The tokens of page and truth are aligned as in patience diff: shingles that occur once in both, the
longest chain of them in order, and again between them with shorter ones.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher

from benchmarks.scoring import tokens

SHORTER = {8: 4, 4: 2, 2: 0}
SMALL = 40_000  # pairs of tokens: a gap that size is aligned token by token
SPREAD = 1.5  # hits scattered over more of the truth than this times their number are chance
Pair = tuple[int, int]


def labels(texts: Sequence[str], truth: str) -> list[float]:
    """For each text of a page the share of its tokens that stands in `truth`, in order."""
    page: list[str] = []
    spans = []
    for text in texts:
        own = tokens(text)
        spans.append((len(page), len(page) + len(own)))
        page += own
    place = [-1] * len(page)
    Alignment(page, tokens(truth), place).align(0, len(page), 0, None, 8)
    found = [share(place[start:end]) for start, end in spans]
    for n, (start, end) in enumerate(spans):
        if start == end:  # marks alone go with their neighbours
            found[n] = min(found[n - 1] if n else 0.0, found[n + 1] if n + 1 < len(found) else 0.0)
    return found


def share(places: Sequence[int]) -> float:
    """The share of tokens with a place in the truth; 0 where those lie scattered."""
    hits = [place for place in places if place >= 0]
    if not hits or hits[-1] - hits[0] + 1 > SPREAD * len(hits) + 2:
        return 0.0
    return len(hits) / len(places)


class Alignment:
    """Two lists of tokens; `place` takes for each token of the first its place in the second."""

    def __init__(self, first: Sequence[str], second: Sequence[str], place: list[int]) -> None:
        self.first = first
        self.second = second
        self.place = place

    def align(self, low: int, high: int, below: int, above: int | None, size: int) -> None:
        """Aligns first[low:high] with second[below:above] by shingles of `size` tokens."""
        above = len(self.second) if above is None else above
        if low >= high or below >= above:
            return
        if not size:
            self.token_by_token(low, high, below, above)
            return
        chain = increasing(self.anchors(low, high, below, above, size))
        shorter = SHORTER[size]
        if not chain:
            if size > 2 or (high - low) * (above - below) <= SMALL:
                self.align(low, high, below, above, shorter)
            return
        for at, to in chain:
            if at < low or to < below:
                continue
            self.align(low, at, below, to, shorter)
            self.place[at : at + size] = range(to, to + size)
            low, below = at + size, to + size
        self.align(low, high, below, above, shorter)

    def anchors(self, low: int, high: int, below: int, above: int, size: int) -> list[Pair]:
        """Where shingles that are unique in both stand; the first ones where most are repeated."""
        here = starts(self.first, low, high, size)
        there = starts(self.second, below, above, size)
        shared = [shingle for shingle in there if shingle in here]
        unique = [s for s in shared if len(here[s]) == 1 == len(there[s])]
        # a page may hold its text twice: once for phones, once hidden
        chosen = shared if size > 2 and len(shared) > 3 * len(unique) else unique
        return sorted((here[s][0], there[s][0]) for s in chosen)

    def token_by_token(self, low: int, high: int, below: int, above: int) -> None:
        """Aligns a gap that is small or without any shared shingle."""
        if (high - low) * (above - below) > 10 * SMALL:
            return
        matcher = SequenceMatcher(None, self.first[low:high], self.second[below:above], False)
        for at, to, size in matcher.get_matching_blocks():
            self.place[low + at : low + at + size] = range(below + to, below + to + size)


def starts(
    words: Sequence[str], low: int, high: int, size: int
) -> dict[tuple[str, ...], list[int]]:
    """Where each shingle of words[low:high] begins."""
    found: dict[tuple[str, ...], list[int]] = {}
    for at in range(low, high - size + 1):
        found.setdefault(tuple(words[at : at + size]), []).append(at)
    return found


def increasing(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest chain of pairs, sorted by the first place, in which the second grows, too."""
    tails: list[int] = []
    last: list[int] = []
    before = [-1] * len(pairs)
    for n, (_, to) in enumerate(pairs):
        at = bisect_left(tails, to)
        tails[at : at + 1] = [to]
        last[at : at + 1] = [n]
        before[n] = last[at - 1] if at else -1
    found = []
    n = last[-1] if last else -1
    while n >= 0:
        found.append(pairs[n])
        n = before[n]
    return found[::-1]
