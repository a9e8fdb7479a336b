"""Blocks, which tell the story -> the standfirst: the block that introduces the story. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

from scraper.clean.dom import RawBlock
from scraper.clean.furniture import INSIDE, Furniture, key, spaced
from scraper.model import Kind

STANDFIRST = re.compile(
    r"(?:^|[-_ ])(?:standfirst|chapo|chapeau|dek|deck|sub-?head(?:line)?|sub-?title|lede?"
    r"|lead-?(?:text|in)?|vorspann|intro(?:duction)?|summary|announce(?:-?text)?|sapo|entradilla"
    r"|bajada|sommario|ingress|zajawka|abstract|excerpt|anons|perex|occhiello|catenaccio|spot"
    r"|manchet|teaser-?text)(?:[-_ ]|$)"
)
LONG = 120  # characters: a block of the story itself, not a line beside it
SHORTEST = 25  # characters of a standfirst in the words of the description
UNDESCRIBED = 60  # of one that only its class names
ALIKE = 0.9  # of the words
REACH = 12  # blocks above the story that are looked at when the headline stands below its start


def find(
    raw: Sequence[RawBlock], kept: Collection[int], headlines: Collection[int], furniture: Furniture
) -> int | None:
    """The position of the standfirst: between headline and story, in the words of the page's own
    description, or with class words that name one. It need not be in `kept`, which is not empty.

    `headlines` are the positions of the blocks that say the headline.
    """
    text = [p for p in sorted(kept) if raw[p].kind is not Kind.HEADING]
    first = next((p for p in text if len(raw[p].text) > LONG), max(kept))
    described = key(furniture.meta.description)
    top = min(headlines, default=0)
    top = top if top < first else max(0, first - REACH)
    for block in raw[top : first + 1]:
        if block.position in headlines or not introduces(block, described):
            continue
        if block.position in kept:
            return block.position
        why = furniture.seen_as(block, block.text)
        if not block.element.hidden and (why is None or why.reason not in INSIDE):
            return block.position
    return bold_lead(raw, text)


def bold_lead(raw: Sequence[RawBlock], text: Sequence[int]) -> int | None:
    """The first of the story's blocks when it alone is set in bold."""
    opening = [raw[p].element.tag in ("b", "strong") for p in text[:2]]
    lead = len(opening) == 2 and opening[0] and not opening[1]
    return text[0] if lead and len(raw[text[0]].text) > UNDESCRIBED else None


def introduces(block: RawBlock, described: str) -> bool:
    """Whether a block is worded or marked as a standfirst."""
    if block.link_chars * 2 > len(block.text) or len(text := key(block.text)) < SHORTEST:
        return False
    if len(described) >= SHORTEST and (alike(described, text) or cut_short(described, text)):
        return True
    near = islice(block.element.ancestors(), 3)
    return len(text) > UNDESCRIBED and any(STANDFIRST.search(spaced(e.classes)) for e in near)


def alike(one: str, other: str) -> bool:
    """Whether two texts have nearly the same words: a correction leaves the description behind."""
    if one == other:
        return True
    words, others = set(one.split()), set(other.split())
    return len(words & others) >= ALIKE * max(len(words), len(others))


def cut_short(short: str, whole: str) -> bool:
    """Whether a description is the beginning of a text, as content systems cut it."""
    return len(short) >= 60 and whole.startswith(short) and len(whole) < 4 * len(short)
