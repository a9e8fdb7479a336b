"""The elements of a page that hold blocks -> what they are and hold, as columns. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import count

import numpy as np
import numpy.typing as npt

from scraper.clean.dom import Element, RawBlock
from scraper.clean.tags import INLINE, Tag
from scraper.clean.words import GROUPS, groups

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bits = npt.NDArray[np.uint64]

TAGS = (
    "p div li td section article main nav header footer aside form figure table ul ol blockquote"
    " span a b strong em i small dl center font h1 h2 h3 h4"
).split()
BITS = (*GROUPS, *TAGS)  # what an element may mean, the lowest bit first
TAG_BIT = {name: 1 << (len(GROUPS) + n) for n, name in enumerate(TAGS)}
TAG_NUMBER = {name: n + 1 for n, name in enumerate(TAGS)}


class Nest:
    """The elements that hold blocks, numbered from the outside in: the root is 0.

    One loop over the elements reads them; the rest is arithmetic on their numbers. What hangs on
    the start tag alone is worked out once a tag: three elements share one.
    """

    def __init__(self, elements: Sequence[Element], blocks: Sequence[RawBlock]) -> None:
        held = [element for element in elements if element.end > element.start]
        number = np.zeros(len(elements), dtype=np.intp)
        number[whole([e.index for e in held])] = np.arange(len(held))
        # the root has no parent: it stands in itself
        up = whole([0, *[e.parent.index for e in held if e.parent is not None]])
        self.parent = number[up]
        start, end = whole([e.start for e in held]), whole([e.end for e in held])
        self.depth = whole([e.depth for e in held])
        self.images = whole([e.images for e in held])
        # what an inline element holds may have turned out to be no text at all
        self.start = np.minimum(start, len(blocks) - 1)
        self.end = np.minimum(end, len(blocks))
        self.blocks = self.end - self.start
        self.tagged([element.is_a for element in held])
        self.owner = number[whole([b.element.index for b in blocks])]
        self.home = self.outside(self.inline)[self.owner]

    def tagged(self, tags: Sequence[Tag]) -> None:
        """Reads the start tags of the elements."""
        known = defaultdict[Tag, int](count().__next__)
        self.tag = whole([known[tag] for tag in tags])
        self.tags = len(known)
        # a story's container is unique, a card's is not
        self.alike = np.bincount(self.tag)[self.tag]
        said = groups([tag.classes for tag in known])
        bits = [own | TAG_BIT.get(tag.name, 0) for own, tag in zip(said, known, strict=True)]
        self.own = np.array(bits, dtype=np.uint64)[self.tag]
        self.name = np.array([TAG_NUMBER.get(tag.name, 0) for tag in known])[self.tag]
        self.inline = np.array([tag.name in INLINE for tag in known])[self.tag]

    def outside(self, through: npt.NDArray[np.bool_]) -> Ints:
        """For each element the nearest that is not `through`: itself, or one around it."""
        at = np.where(through, self.parent, np.arange(len(self.parent)))
        while through[at].any():
            at = at[at]  # twice as far each time
        return at

    def near(self) -> Bits:
        """What each element and its parent mean."""
        return self.own | self.own[self.parent]

    def around(self) -> Bits:
        """What each element and all around it mean."""
        found, up = self.own, self.parent
        while up.any():
            found, up = found | found[up], up[up]  # twice as far each time
        found |= self.own[0]
        return found


def whole(numbers: Sequence[int]) -> Ints:
    """`numbers` as an array, in half the time of np.array."""
    return np.fromiter(numbers, np.intp, len(numbers))


def bit_columns(bits: Bits) -> npt.NDArray[np.uint8]:
    """The bits of each number, 0 or 1: a row for each of BITS, a column a number."""
    octets = np.ascontiguousarray(bits.astype("<u8").view(np.uint8).reshape(-1, 8).T)
    return np.unpackbits(octets, axis=0, count=len(BITS), bitorder="little")
