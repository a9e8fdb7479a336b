"""Phrases and folded texts -> the phrase that fires on each text. Pure.

Most texts match no phrase, and one look at each must say so: 80 patterns tried one by one took
40 µs a block, an index by what the patterns need takes 3.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Generic, Protocol, TypeVar

from scraper.clean.gates import (
    END,
    Wanted,
    anchored,
    holds,
    needs,
    openings,
    parsed,
    plain,
    wanted,
)

KEY = 3  # characters by which openings are found; none has fewer than two
FEW = 3  # texts: so few are tried one by one


class Phrase(Protocol):
    """What is to be found; see rules.Rule."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a folded text must match."""

    @property
    def inside(self) -> bool:
        """Whether it may cut a story."""

    @property
    def max(self) -> int:
        """Characters: no longer text is tried."""


P = TypeVar("P", bound=Phrase)
# Whether it matches at the start of a text only; openings by their first KEY characters: a text
# begins with one of them, or with anything if there are none; literals, one of which it holds;
# all that it holds.
Row = tuple[bool, dict[str, list[str]], list[str], Wanted]


def row(pattern: str) -> Row:
    """What must be known of a pattern: its openings where they are telling, else what it needs."""
    tree = parsed(pattern)
    start, all_of = anchored(tree), wanted(tree)
    found = [o for o in openings(tree) if o[0] != " "] if start else []  # no folded text is spaced
    starts: dict[str, list[str]] = {}
    if found and min(map(len, found)) > 1:
        for opening in found:
            starts.setdefault(opening[:KEY], []).append(opening)
    return start, starts, [] if starts else list(needs(all_of)), all_of


class Gate(Generic[P]):
    """A phrase and what a text must show before its pattern is tried."""

    __slots__ = ("anchored", "needs", "openings", "phrase", "search", "wanted")

    def __init__(self, phrase: P, row: Row) -> None:
        self.phrase = phrase
        self.anchored, self.openings, self.needs, self.wanted = row
        self.search: Callable[[str], object] | None = None  # until the pattern is compiled

    def sought(self, text: str, low: str) -> object:
        """A search in a text (`low` is it made plain) that compiles the pattern if it may match.

        To compile takes 0.3 ms, and most patterns that a page asks for can't match its texts.
        """
        if not holds(low, self.wanted):
            return None
        pattern = self.phrase.pattern
        self.search = pattern.match if self.anchored else pattern.search  # match is quicker
        return self.search(text)


class Index(Generic[P]):
    """Phrases by what gives them away, those for short texts first, else in the order given."""

    def __init__(self, pool: Iterable[Gate[P]]) -> None:
        self.gates = sorted(pool, key=lambda gate: gate.phrase.max)
        self.needed: dict[tuple[str, int], list[int]] = {}  # gates by literal and length limit
        self.rest: list[int] = []  # gates that every text passes
        self.opened: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        for number, gate in enumerate(self.gates):
            for start, longer in gate.openings.items():
                self.opened.setdefault(start, []).append((number, tuple(longer)))
            for literal in gate.needs:
                self.needed.setdefault((literal, gate.phrase.max), []).append(number)
            if not gate.openings and not gate.needs:
                self.rest.append(number)

    def match(self, folded: Sequence[str]) -> list[tuple[P | None, P | None]]:
        """For each text the first phrase that fires, and the first that may cut a story."""
        if len(folded) <= FEW:
            return [self.single(text) for text in folded]
        texts = sorted(set(folded), key=len)
        low = plain(END.join(texts) + END)
        starts = [0, *accumulate([len(text) + 1 for text in low.split(END)])]
        found: dict[int, set[int]] = {}
        self.open(low, starts[: len(texts)], found)
        self.need(low, starts, texts, found)
        fired = {
            texts[place]: self.first(texts[place], low[starts[place] : starts[place + 1]], gates)
            for place, gates in found.items()
        }
        return [fired.get(text, (None, None)) for text in folded]

    def single(self, text: str) -> tuple[P | None, P | None]:
        """`match` of one text."""
        low = plain(text) + END
        return self.first(text, low, self.alone(low))

    def alone(self, low: str) -> set[int]:
        """The gates that one text passes, given plain with END behind it."""
        found = set(self.rest)
        for size in range(2, KEY + 1):
            for number, longer in self.opened.get(low[:size], ()):
                if low.startswith(longer):
                    found.add(number)
        for (literal, most), numbers in self.needed.items():
            if literal in low and len(low) <= most + 1:
                found.update(numbers)
        return found

    def open(self, low: str, starts: Sequence[int], found: dict[int, set[int]]) -> None:
        """Adds to `found` the gates that each text opens, by its place.

        `low` holds all the texts, plain, each with END behind it; `starts` says where.
        """
        opened = self.opened
        for place, start in enumerate(starts):
            head = low[start : start + KEY]
            for number, longer in (*opened.get(head, ()), *opened.get(head[:2], ())):
                if low.startswith(longer, start):
                    found.setdefault(place, set()).add(number)

    def need(
        self, low: str, starts: Sequence[int], texts: Sequence[str], found: dict[int, set[int]]
    ) -> None:
        """Adds to `found` the gates whose literals a text holds; the short texts stand first."""
        sizes = [len(text) for text in texts]
        for (literal, most), numbers in self.needed.items():
            stop = starts[bisect_right(sizes, most)]
            at = low.find(literal, 0, stop)
            while at >= 0:
                place = bisect_right(starts, at) - 1
                found.setdefault(place, set()).update(numbers)
                at = low.find(literal, starts[place + 1], stop)
        for number in self.rest:
            gate = self.gates[number]
            for place in range(bisect_right(sizes, gate.phrase.max)):
                if gate.search(texts[place]) if gate.search else gate.sought(texts[place], ""):
                    found.setdefault(place, set()).add(number)

    def first(self, text: str, low: str, numbers: Iterable[int]) -> tuple[P | None, P | None]:
        """The first phrase of these gates that fires, and the first that may cut a story."""
        found, size = None, len(text)
        for number in sorted(numbers):
            gate = self.gates[number]
            phrase = gate.phrase
            if size > phrase.max or (found is not None and not phrase.inside):
                continue
            if gate.search(text) if gate.search else gate.sought(text, low):
                found = found or phrase
                if phrase.inside:
                    return found, phrase
        return found, None
