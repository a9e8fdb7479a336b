"""A scored page -> how likely it is an article at all, and that its body is right. Pure.

Genre as in Santini, "Automatic identification of genre in web pages" (2007): a shop, a service and
a list of teasers have texts of some length, too; what tells is the page as a whole. One vector
describes it: how sure the scorer is, what the kept text and the whole page look like on average,
what the page declares, how its address is built. Trees of their own read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from scraper.clean import features
from scraper.clean.dom import RawBlock
from scraper.clean.metadata import Metadata
from scraper.clean.opinion import THRESHOLD

Floats = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float32]  # one row

# What is read from the scores alone, first in the vector, as an article's evidence names it
BY_SCORES = (
    "letters", "kept_share", "expected_f1", "highest_score", "mean_score_kept", "unsure_share",
    "unsure_share_kept", "sure_letters", "sure_share", "median_letters_kept", "heading_share_kept",
    "density", "end", "share_above",
)  # fmt: skip
TOLD = 80  # letters: a paragraph
# Features whose mean over the kept text, weighted by its length, says something, and those whose
# mean over all blocks does.
OF_KEPT = (
    "up1_told up2_told up1_told_share up2_told_share up1_links up2_links up1_stops deep_many"
    " above_images digits stop_rate comma_rate quotes in_top below links around_article"
    " around_list around_tags around_product"
).split()
OF_PAGE = (
    "digits repeated hidden around_lead around_author around_date around_list around_nav"
    " around_product"
).split()
PRICE = re.compile(r"(?:[$€£¥₹]|USD|EUR|GBP)\s?\d|\d\s?(?:€|zł|kr|руб|₽|USD|EUR)\b")
LINE = 60  # characters: a price stands in no longer one
PRODUCT = frozenset("product offer aggregateoffer aggregaterating".split())
COMPANY = frozenset("organization localbusiness store corporation service".split())
STORY = frozenset("article newsarticle blogposting".split())
# What the addresses of stories say of themselves
STORY_PATH = re.compile(
    r"blog|news|article|post|story|stories|20\d\d|press|magazine|journal|guide|how-to|what-is"
)
# An address that ends in a number says nothing of its page.
NUMBER = re.compile(r"[\d._-]+(?:\.[a-z]{2,5})?")
# A page without an address is taken for what most are: with that of a home page 1 labelled article
# in 38 would be refused.
UNKNOWN = (2.0, 45.0, 6.0, 0.0, 1.0)
FOUND = {"json-ld": 3.0, "meta": 2.0}  # how firmly a field is declared; 1 elsewhere


def declared(blocks: Sequence[RawBlock], meta: Metadata, url: str) -> list[float]:
    """What the page says of itself, in its metadata, its address and its prices."""
    kinds = {kind.lower() for kind in meta.kinds}
    return [
        sum(block.level == 1 for block in blocks),
        sum(len(b.text) < LINE and PRICE.search(b.text) is not None for b in blocks),
        bool(kinds & PRODUCT), bool(kinds & COMPANY), bool(kinds & STORY), len(kinds),
        any("product" in kind for kind in kinds),
        FOUND.get(meta.sources.get("published", ""), 1.0) if meta.published else 0.0,
        FOUND.get(meta.sources.get("authors", ""), 1.0) if meta.authors else 0.0,
        len(meta.tags), len(meta.description), len(meta.headline),
        *address(url),
    ]  # fmt: skip


def address(url: str) -> Sequence[float]:
    """How the address of a page is built: its steps, the last one, digits, what stories say."""
    try:
        path = urlsplit(url).path.lower()
    except ValueError:  # no address at all
        return UNKNOWN
    steps = [step for step in path.split("/") if step]
    last = steps[-1] if steps else ""
    if not url or NUMBER.fullmatch(last):
        return UNKNOWN
    digits = sum(map(str.isdigit, path))
    return len(steps), len(last), last.count("-"), digits, len(STORY_PATH.findall(path))


def described(
    rows: npt.NDArray[np.float32], sizes: Floats, scores: Floats, said: Sequence[float]
) -> Vector:
    """The vector of a page, one row: `rows` of features, letters and score of each block, and
    what is `declared`. There must be a block."""
    columns = rows.T
    kept = scores > THRESHOLD
    sure, unsure = scores > 0.9, (scores > 0.2) & (scores < 0.8)
    weight = sizes * kept
    own, total = max(float(weight.sum()), 1.0), max(float(sizes.sum()), 1.0)
    likely = scores * sizes
    where = np.flatnonzero(kept)
    first, end = (int(where[0]), int(where[-1]) + 1) if len(where) else (0, len(scores))
    of_kept, of_page, heading = chosen()
    by_scores = [
        total, own / total, 2 * likely[kept].sum() / max(own + likely.sum(), 1.0), scores.max(),
        likely[kept].sum() / own, sizes[unsure].sum() / total, weight[unsure].sum() / own,
        sizes[sure].sum(), sizes[sure].sum() / total,
        np.median(sizes[kept]) if len(where) else 0.0,
        (columns[heading][kept] > 0).mean() if len(where) else 0.0,
        own / max(float(sizes[first:end].sum()), 1.0), end / len(scores),
        sizes[:first].sum() / total,
    ]  # fmt: skip
    found = [*by_scores, *(columns[of_kept] @ weight / own), *columns[of_page].mean(axis=1), *said]
    return np.array([found], dtype=np.float32)


@cache
def chosen() -> tuple[list[int], list[int], int]:
    """The columns of OF_KEPT, of OF_PAGE, and that of a heading's level."""
    at = {name: number for number, name in enumerate(features.names())}
    return [at[name] for name in OF_KEPT], [at[name] for name in OF_PAGE], at["level"]
