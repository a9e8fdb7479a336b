"""A tag as the tree writes it -> what it does to the text and what it says of its element. Pure."""

from __future__ import annotations

import re
from html import unescape

from scraper.model import Kind

# Raw text that the tree writes as it is: it must be gone before the walk.
RAW = "script style iframe template noscript xmp plaintext noembed noframes".split()
# Never text of an article, but of elements: the walk passes over them.
SKIPPED = frozenset(
    (
        "svg math select datalist object canvas audio video map button"
        " textarea option progress meter"
    ).split()
)
VOID = frozenset(
    (
        "area base basefont bgsound br col embed frame hr img input keygen link meta param source"
        " track wbr"
    ).split()
)
INLINE = frozenset(
    (
        "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p"
        " q rp rt ruby s samp small span strike strong sub sup time tt u var picture"
    ).split()
)
KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Kind.HEADING),
    "pre": Kind.CODE,
    "figcaption": Kind.CAPTION,
    "caption": Kind.CAPTION,
    "li": Kind.LIST_ITEM,
    "dd": Kind.LIST_ITEM,
    "dt": Kind.LIST_ITEM,
    "blockquote": Kind.QUOTE,
    # what begins text of its own
    "article": Kind.PARAGRAPH,
    "section": Kind.PARAGRAPH,
    "td": Kind.PARAGRAPH,
    "th": Kind.PARAGRAPH,
    "body": Kind.PARAGRAPH,
}
# Inline elements that stand apart from their line: a credit behind a caption.
CREDIT = re.compile(
    r"credit|copyright|photographer|fotograf|bildquelle|(?:photo|foto|image)[-_]?(?:source|autor|avtor|author)",
    re.IGNORECASE,
)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")


# What a tag does to the walk; those from SKIP on open an element. Plain numbers: the walk compares
# them a few thousand times a page, and members of an IntEnum cost it a fifth of its time.
CLOSE, NOTHING, BREAK, IMAGE, RULE, SKIP, INNER, ANCHOR, OUTER = range(9)


class Tag:
    """What all elements with the same start tag have in common."""

    __slots__ = (
        "classes", "does", "hidden", "itemprop", "kind", "level", "name", "number", "role", "words",
    )  # fmt: skip

    def __init__(self, name: str, does: int) -> None:
        self.name = name
        self.does = does
        self.classes = self.role = self.itemprop = ""  # class and id, in the page's own case
        self.hidden = False
        self.kind: Kind | None = None
        self.level = 0
        self.number = 0  # the page's start tags are counted
        self.words: int | None = None  # the groups of words in its classes, a bit each


def learn(start: str) -> Tag:
    """What a start or end tag says; `start` is all between its angle brackets."""
    name = start.partition(" ")[0]
    if name[:1] in ("/", "!", "?", ""):
        return Tag(name, CLOSE if name[:1] == "/" else NOTHING)
    tag = Tag(name, action(name))
    if tag.does < INNER or len(name) == len(start):
        tag.kind = KINDS.get(name)
        tag.level = int(name[1]) if tag.kind is Kind.HEADING else 0
        return tag
    classes, own = value(start, "class"), value(start, "id")
    tag.classes = f"{classes} {own}" if classes and own else classes or own
    tag.role, tag.itemprop = value(start, "role"), value(start, "itemprop")
    style = value(start, "style")
    tag.hidden = (
        ' hidden="' in start
        or ' aria-hidden="true"' in start
        or bool(style and HIDDEN.search(style))
    )
    tag.kind = KINDS.get(name)
    tag.level = int(name[1]) if tag.kind is Kind.HEADING else 0
    if tag.does is INNER and tag.classes and CREDIT.search(tag.classes):
        tag.does = OUTER
    return tag


def action(name: str) -> int:
    """What the start tag of an element does."""
    if name in SKIPPED:
        return SKIP
    if name in VOID or name == "amp-img":
        known = {"br": BREAK, "img": IMAGE, "amp-img": INNER, "hr": RULE}
        return known.get(name, NOTHING)
    if name == "a":
        return ANCHOR
    return INNER if name in INLINE else OUTER


def value(start: str, name: str) -> str:
    """The value of an attribute of a start tag, "" without one.

    A quote in a value is escaped, so ` name="` stands nowhere else.
    """
    at = start.find(f' {name}="')
    if at < 0:
        return ""
    at += len(name) + 3
    found = start[at : start.find('"', at)]
    return unescape(found) if "&" in found else found
