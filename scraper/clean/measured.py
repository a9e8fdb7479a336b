"""Blocks -> what is measured of each by itself, as columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scraper.clean import characters as c
from scraper.clean.dom import RawBlock
from scraper.clean.nest import Floats, Ints, whole
from scraper.model import Kind

Flags = npt.NDArray[np.bool_]
Column = Floats | Ints | Flags | npt.NDArray[np.uint8] | Sequence[float] | float  # one number: all

KINDS = tuple(Kind)
TRAILS = ("…", "...", "»", "›")
PARAGRAPH = 80  # letters: a block that long, with few links, tells something
MARKS = (
    c.STOP, c.COMMA, c.QUOTE, c.BRACKET, c.BULLET, c.COLON, c.SIGN, c.DASH,
)  # fmt: skip


class Measured:
    """The blocks of one page in numbers, a number a block. There must be a block."""

    def __init__(self, blocks: Sequence[RawBlock]) -> None:
        self.blocks = blocks
        self.texts = [block.text for block in blocks]
        self.count = len(blocks)
        self.place = np.arange(self.count)
        self.link_chars = whole([b.link_chars for b in blocks])
        self.kind = whole([KINDS.index(b.kind) for b in blocks])
        self.level = whole([b.level for b in blocks])
        self.seen = whole([b.element.hidden for b in blocks]) == 0
        self.heading = self.kind == KINDS.index(Kind.HEADING)
        self.said = self.text()
        self.linked = self.links * self.size
        self.told = self.tells & self.seen
        self.told_size = self.size * self.told
        self.total = max(float(self.size.sum()), 1.0)
        self.page_told = max(float(self.told_size.sum()), 1.0)

    def text(self) -> dict[str, Column]:
        """What the characters of each block say."""
        counts, edges = c.counts(self.texts)
        found = counts.T.astype(np.float64)
        chars = found.sum(axis=0)
        cjk = found[c.CJK]
        letters = found[c.SMALL] + found[c.CAPITAL] + 3 * cjk
        size = chars + 2 * cjk  # a CJK character says as much as three letters
        self.size = size
        self.links = np.minimum(self.link_chars / np.maximum(chars, 1), 1)
        self.cjk = float(cjk.sum() > 0.1 * chars.sum())
        first, last = edges.T
        self.stopped = (last == c.STOP) | (last == c.QUOTE)
        self.tells = (size >= PARAGRAPH) & (self.links < 0.35)
        words = np.maximum(found[c.SPACE] + 1 + cjk / 2, 1)
        stops, commas, quotes, brackets, bullets, colons, signs, dashes = (found[m] for m in MARKS)
        self.stops, self.commas, self.digits = stops, commas, found[c.DIGIT] / chars
        return {
            "size": size, "words": words, "word_size": letters / words, "links": self.links,
            "anchors": whole([len(b.anchors) for b in self.blocks]),
            "capitals": found[c.CAPITAL] / np.maximum(letters, 1), "digits": self.digits,
            "stops": stops, "commas": commas, "stop_rate": stops / words,
            "comma_rate": commas / words, "quotes": quotes, "brackets": brackets,
            "bullets": bullets, "colons": colons, "signs": signs, "dashes": dashes,
            "first": first, "last": last,
            "trails": whole([text.endswith(TRAILS) for text in self.texts]),
        }  # fmt: skip
