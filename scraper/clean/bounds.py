"""Text of a page -> why it can't be parsed in bounded time, or "". Pure, linear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

# Lexbor is quadratic in nesting and in the attributes of one element: 40,000 nested divs take it
# 3.3 s, 100,000 attributes 43 s. Of 2,497 labelled pages one is refused, and wrongly: its script
# holds `i <name`, which reads as a tag.
MAX_DEPTH = 3000
MAX_ATTRIBUTES = 2000
MAX_LENGTH = 20_000_000  # characters; the fetcher's limit is 10 MiB

QUOTED = re.compile(r"""["'][^"']*["']""")
# Name, "=", value as browsers part them (HTML, 13.2.5.32 to 13.2.5.39): a quote opens a value only
# behind "=", and one that no quote ends goes on behind the next ">".
ATTRIBUTE = re.compile(
    r"""[^\s=]++(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s"']\S*+)?)?|=\S*+"""
)
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)[^>]*")
# closed by their end, their sibling's start or their parent's end: unclosed ones do not nest
SHALLOW = frozenset(
    "p li dt dd td th tr tbody thead tfoot option optgroup area base br col embed hr img input link"
    " meta source track wbr param".split()
)
WINDOW = 32_768  # characters: few hold more than a third of MAX_DEPTH in tags


def refusal(text: str) -> str:
    """Why `text` is not parsed: too long, too deep, too many attributes; "" when it may be."""
    if len(text) > MAX_LENGTH:
        return f"the page has {len(text):,} characters; {MAX_LENGTH:,} is the limit"
    for piece in long_pieces(text):
        if attributes(piece) > MAX_ATTRIBUTES:
            return f"an element has more than {MAX_ATTRIBUTES:,} attributes"
    if (
        text.count(">") > MAX_DEPTH
        and bound(text) > MAX_DEPTH
        and (deep := depth(text)) > MAX_DEPTH
    ):
        return f"the page nests {deep:,} elements; {MAX_DEPTH:,} is the limit"
    return ""


def long_pieces(text: str) -> Iterator[str]:
    """What stands between two ">", where it is long enough to hold too many attributes.

    A piece of two steps or more holds a whole step: one look in each step finds them all.
    """
    end = 0
    for start in range(0, len(text), MAX_ATTRIBUTES):
        if start < end or text.find(">", start, start + MAX_ATTRIBUTES) >= 0:
            continue
        end = text.find(">", start)
        if end < 0:  # no tag ends behind it
            return
        yield text[text.rfind(">", 0, start) + 1 : end]


def attributes(piece: str) -> int:
    """How many attributes the tag at the end of `piece` has, if more than MAX_ATTRIBUTES fit in."""
    match = TAG.search(piece)
    if match is None or len(piece) - match.end(2) <= 2 * MAX_ATTRIBUTES:
        return 0
    rest = piece[match.end(2) :]
    # scripts hold long pieces, too: what has few words, or few outside quotes, is no tag of many
    if len(rest.split(None, MAX_ATTRIBUTES)) <= MAX_ATTRIBUTES:
        return 0
    if len(QUOTED.sub("x", rest).split(None, MAX_ATTRIBUTES)) <= MAX_ATTRIBUTES:
        return 0
    return sum(1 for _ in islice(ATTRIBUTE.finditer(rest), MAX_ATTRIBUTES + 1))


def bound(text: str) -> int:
    """No less than the depth of `text`: in each window its start tags stand before its end tags.

    Takes a third of the time of `depth`, and says enough of all but 4 of the 2,497 labelled pages.
    """
    nested = deepest = 0
    for start in range(0, len(text), WINDOW):
        end = start + WINDOW
        closed = text.count("</", start, end)
        opened = text.count("<", start, end) - closed
        deepest = max(deepest, nested + opened)
        nested = max(0, nested + opened - closed)
    return deepest


def depth(text: str) -> int:
    """How deep elements nest."""
    nested = deepest = 0
    for match in TAG.finditer(text):
        if match[2].lower() not in SHALLOW:
            nested = max(0, nested - 1) if match[1] else nested + 1
            deepest = max(deepest, nested)
    return deepest
