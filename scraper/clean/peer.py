"""Page, blocks -> which of the blocks trafilatura takes for the story: the second opinion. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scraper.clean.dom import RawBlock
from scraper.clean.shingles import SHINGLE, shingles, tokens

# A block is taken when this share of its shingles stands in trafilatura's text. From .5 to .8 the
# figures stay within .001: blocks are nearly always wholly in or wholly out.
SHARE = 0.6
LONG = 10  # tokens: repeated by chance hardly ever


def story(source: str) -> list[str]:
    """The lines that trafilatura takes for the story of `source`, HTML; none if it finds none."""
    # half a second and 60 MB that most runs of the command never need
    from trafilatura import bare_extraction

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
