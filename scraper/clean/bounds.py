"""Text of a page -> why it can't be parsed in bounded time, or "". Pure, linear."""

from __future__ import annotations

import re

# Lexbor is quadratic in nesting and in the attributes of one element: 40,000 nested divs take it
# 3.3 s, 100,000 attributes 43 s. No labelled page of 2,497 comes near these limits.
MAX_DEPTH = 3000
MAX_ATTRIBUTES = 2000
MAX_LENGTH = 20_000_000  # characters; the fetcher's limit is 10 MiB

QUOTED = re.compile(r"""["'][^"']*["']""")
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)([^>]*)>")
# closed by their end, their sibling's start or their parent's end: unclosed ones do not nest
SHALLOW = frozenset(
    "p li dt dd td th tr tbody thead tfoot option optgroup area base br col embed hr img input link"
    " meta source track wbr param".split()
)


def refusal(text: str) -> str:
    """Why `text` is not parsed: too long, too deep, too many attributes; "" when it may be."""
    if len(text) > MAX_LENGTH:
        return f"the page has {len(text):,} characters; {MAX_LENGTH:,} is the limit"
    depth = deepest = 0
    for match in TAG.finditer(text):
        closing, name, attributes = match.groups()
        if len(attributes) > 2 * MAX_ATTRIBUTES and count(attributes) > MAX_ATTRIBUTES:
            return f"an element has more than {MAX_ATTRIBUTES:,} attributes"
        if name.lower() in SHALLOW:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        return f"the page nests {deepest:,} elements; {MAX_DEPTH:,} is the limit"
    return ""


def count(attributes: str) -> int:
    """How many attributes a start tag has; a quoted value counts as one word."""
    return len(QUOTED.sub("x", attributes).split())
