"""Tree, blocks -> which of the blocks tell the story, by trafilatura. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from trafilatura import bare_extraction

from scraper.clean.dom import RawBlock

TOKEN = re.compile(r"\w+")
# one token a character where words are not set apart (Han, Kana, Hangul)
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
SHINGLE = 4
# A block is kept when this share of its shingles stands in trafilatura's text. From .5 to .8 the
# figures stay within .001: blocks are nearly always wholly in or wholly out.
SHARE = 0.6
LONG = 10  # tokens: repeated by chance hardly ever


def tokens(text: str) -> list[str]:
    """The words of `text`, and each CJK character, as the public benchmarks count them."""
    return TOKEN.findall(CJK.sub(r" \g<0> ", text))


def shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Each run of four words; a shorter text is one shingle."""
    last = max(1, len(words) - SHINGLE + 1)
    return [tuple(words[i : i + SHINGLE]) for i in range(last)] if words else []


def story(source: str) -> list[str]:
    """The lines that trafilatura takes for the story of `source`, HTML; none if it finds none."""
    document = bare_extraction(
        source, with_metadata=False, include_comments=False, include_tables=True
    )
    if document is None or isinstance(document, dict) or not document.text:
        return []
    return [line for line in document.text.split("\n") if line.strip()]


def align(blocks: Sequence[RawBlock], lines: Sequence[str]) -> set[int]:
    """The positions of the blocks whose text stands in `lines`.

    Where a text stands in more blocks than lines (a teaser repeats the lead), those nearest to the
    story are taken.
    """
    words = [tokens(line) for line in lines]
    wanted = set(shingles([word for line in words for word in line]))
    whole = Counter(tuple(line) for line in words)
    groups: dict[tuple[str, ...], list[int]] = {}
    for block in blocks:
        own = tuple(tokens(block.text))
        if len(own) < SHINGLE:
            found = own in whole
        else:
            runs = shingles(own)
            found = sum(run in wanted for run in runs) >= SHARE * len(runs)
        if found and own:
            groups.setdefault(own, []).append(block.position)
    return nearest(groups, whole)


def nearest(groups: dict[tuple[str, ...], list[int]], whole: Counter[tuple[str, ...]]) -> set[int]:
    """Of each group of blocks with one text as many as `whole` counts, nearest to the story."""
    core = [p[0] for own, p in groups.items() if len(own) >= LONG and len(p) == 1]
    if not core:
        core = [p[0] for p in groups.values()]
    if not core:
        return set()
    first, last = min(core), max(core)
    kept: set[int] = set()
    for own, positions in groups.items():
        away = sorted(positions, key=lambda p: (max(first - p, p - last, 0), p))
        kept.update(away[: max(1, whole[own])])
    return kept


def coverage(kept: Sequence[str], lines: Sequence[str]) -> float:
    """The share of the shingles of `lines` that stands in the texts `kept`."""
    want = Counter(shingles([word for line in lines for word in tokens(line)]))
    have = Counter(shingles([word for text in kept for word in tokens(text)]))
    return (want & have).total() / max(1, want.total())
