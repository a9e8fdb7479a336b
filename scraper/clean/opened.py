"""Text of a page -> its blocks, what it says of itself, and the scorer's view of both. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from scraper.clean import dom, features, scorer, tables
from scraper.clean.encoding import decode, tidy
from scraper.clean.metadata import Reader
from scraper.clean.mojibake import mended
from scraper.clean.rights import rights
from scraper.model import Page

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def read(source: bytes | str | Page) -> str:
    """The text of a page, decoded as browsers do it."""
    if isinstance(source, str):
        return mended(tidy(source))
    if isinstance(source, Page):
        return mended(decode(source.body, source.headers.get("content-type", "")))
    return mended(decode(source))


class Opened:
    """A page as the cleaner sees it, before anything is decided about it."""

    def __init__(
        self,
        text: str,
        url: str,
        fetched_at: datetime | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        self.text = text
        self.url = url
        tree = dom.parse(text)
        self.reader = Reader(tree, url, fetched_at)
        self.rights = rights(tree, text, self.reader.meta, headers)
        walk = dom.walk(tree)
        self.blocks = tables.whole(walk.found, walk.elements)
        self.meta = self.reader.read(self.blocks)
        self.elements = walk.elements

    @cached_property
    def features(self) -> npt.NDArray[np.float32]:
        """A row a block, a column a feature. There must be a block."""
        return features.matrix(self.blocks, self.elements, self.meta)

    @cached_property
    def scores(self) -> list[float]:
        """For each block how likely it is text of the article, 0..1."""
        if not self.blocks:
            return []
        return probabilities(scorer.model().trees["score"].total(self.features))


def probabilities(log_odds: npt.NDArray[np.float64]) -> list[float]:
    """The logistic function, to six decimals: no machine rounds them another way."""
    found: list[float] = np.round(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))), 6).tolist()
    return found
