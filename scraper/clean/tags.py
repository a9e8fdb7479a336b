"""Tags and text as the tree writes them -> what they do, say and show. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    r"credit|copyright|photographer|fotograf|bildquelle|(?:photo|foto|image)[-_]?"
    r"(?:source|autor|avtor|author)"
)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")

# What a tag does to the walk; those from SKIP on open an element. Plain numbers: the walk compares
# them a few thousand times a page, and members of an IntEnum cost it a fifth of its time.
CLOSE, NOTHING, BREAK, IMAGE, RULE, SKIP, INNER, PICTURE, ANCHOR, OUTER, PRE = range(11)
# The same for each known element, with the kind of the text in it, and the level of a heading.
KNOWN: dict[str, tuple[int, Kind | None, int]] = {
    **dict.fromkeys("div p ul ol table tr tbody figure main".split(), (OUTER, None, 0)),
    **{name: (OUTER, kind, 0) for name, kind in KINDS.items()},
    **{f"h{level}": (OUTER, Kind.HEADING, level) for level in range(1, 7)},
    **dict.fromkeys(INLINE, (INNER, None, 0)),
    **dict.fromkeys(VOID, (NOTHING, None, 0)),
    **dict.fromkeys(SKIPPED, (SKIP, None, 0)),
    "br": (BREAK, None, 0),
    "img": (IMAGE, None, 0),
    "hr": (RULE, None, 0),
    "amp-img": (PICTURE, None, 0),
    "a": (ANCHOR, None, 0),
    "pre": (PRE, Kind.CODE, 0),
}
# By the first character of all others, which stand apart like a `div`.
OTHERS = {"/": CLOSE, "!": NOTHING, "?": NOTHING, "": NOTHING}

# White space that HTML collapses; no-break spaces are the writer's own.
SPACE = re.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029\u200b]+")
UNSEEN = re.compile("[\xad\u2060\ufeff]")
# White space that `str.split` takes and HTML does not, and marks of no width.
RARE = re.compile("[\xa0\xad\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]")
# Text that shows nothing, and what may end it.
BLANK = re.compile(r"(?:[\s\xad\u200b\u2060\ufeff]|&nbsp;)+")
FAINT = frozenset(
    "; \t\n\r\f\v\x1c\x1d\x1e\x1f\x85\xa0\xad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)

PASSED = ">"  # a piece that has been read already
SURE = frozenset('"abcdefghijklmnopqrstuvwxyz0123456789')  # what the end of a whole tag looks like
WHOLE = re.compile(r'[^\s>]+(?: [^ >][^ >=]*="[^"]*")*+>')
COMMENT = re.compile(r"!--.*?-->", re.DOTALL)
CLASS, ID, ROLE, ITEMPROP, STYLE = ' class="', ' id="', ' role="', ' itemprop="', ' style="'


class Tag:
    """What all elements with the same start tag have in common."""

    classes = role = itemprop = ""  # class and id, in the page's own case

    def __init__(self, name: str, does: int, kind: Kind | None, level: int) -> None:
        self.name = name
        self.does = does
        self.kind = kind
        self.level = level
        self.hidden = False


def plain(name: str) -> Tag:
    """The tag of an element without attributes, of an end, or of a comment."""
    does, kind, level = KNOWN.get(name) or (OTHERS.get(name[:1], OUTER), None, 0)
    return Tag(name, does, kind, level)


# Those that pages hold again and again: nothing about them hangs on the page
PLAIN = {start: plain(start) for name in KNOWN for start in (name, f"/{name}")}


def learn(start: str) -> Tag:
    """What a start or end tag says; `start` is all between its angle brackets."""
    name, _, attributes = start.partition(" ")
    bare = PLAIN.get(name) or plain(name)
    if bare.does < INNER or not attributes:
        return bare
    tag = Tag(name, bare.does, bare.kind, bare.level)
    if attributes.startswith('class="'):  # first in three tags of four, alone in half of them
        end = attributes.find('"', 7)
        classes, start = attributes[7:end], attributes[end + 1 :]
        tag.classes = unescape(classes) if "&" in classes else classes
    elif CLASS in start:
        tag.classes = value(start, CLASS)
    if start:
        learn_more(tag, start)
    if tag.does == INNER and tag.classes and CREDIT.search(tag.classes.lower()):
        tag.does = OUTER
    return tag


def learn_more(tag: Tag, start: str) -> None:
    """Adds to `tag` what the attributes beside its class say."""
    if ID in start and not tag.level:  # of a heading it is made of the words of the story
        own = value(start, ID)
        tag.classes = f"{tag.classes} {own}" if tag.classes and own else tag.classes or own
    if ROLE in start:
        tag.role = value(start, ROLE)
    if ITEMPROP in start:
        tag.itemprop = value(start, ITEMPROP)
    tag.hidden = (
        ' hidden="' in start
        or ' aria-hidden="true"' in start
        or (STYLE in start and HIDDEN.search(value(start, STYLE)) is not None)
    )


def value(start: str, opening: str) -> str:
    """The value of an attribute of a start tag, "" without one; `opening` as in ` class="`.

    A quote in a value is escaped, so that the opening stands nowhere else.
    """
    at = start.find(opening)
    if at < 0:
        return ""
    at += len(opening)
    found = start[at : start.find('"', at)]
    return unescape(found) if "&" in found else found


def whole(pieces: list[str], at: int) -> tuple[str, str, str]:
    """A comment, or a tag with `<` in it, put together again; the text behind it; and both.

    Lexbor escapes `<` and `>` in text, but not in names and comments, and its older releases not
    in the values of attributes. The pieces that belong to the tag are marked as read.
    """
    ends, many = COMMENT if pieces[at].startswith("!--") else WHOLE, 1
    while (match := ends.match(joined := "<".join(pieces[at : at + many]))) is None:
        if at + many >= len(pieces):
            start, _, text = pieces[at].rpartition(">")
            return start, text, pieces[at]
        many *= 2
    cut = joined.count("<", 0, match.end())
    pieces[at + 1 : at + 1 + cut] = [PASSED] * cut
    text = joined[match.end() :].partition("<")[0]
    return match[0][:-1], text, match[0] + text


def passed(rest: Iterator[str], name: str) -> tuple[str, str]:
    """The piece that ends an element whose inside is never read, and the text behind it."""
    nested, end, starts = 1, f"/{name}>", (f"{name}>", f"{name} ")
    for piece in rest:
        if piece.startswith(end):
            nested -= 1
            if not nested:
                text = piece[len(end) :]
                return piece, "" if BLANK.fullmatch(text) else text
        elif piece.startswith("!--"):
            while "-->" not in piece:
                piece = next(rest, "-->")
        elif piece.startswith(starts):
            nested += 1
    return end, ""


def squeezed(text: str, preformatted: int) -> str:
    """`text` as it is shown: white space collapsed, marks of no width gone, escapes undone."""
    if preformatted:
        return shown(text.strip("\n").rstrip()).rstrip()
    if not (text := text.strip()).isprintable() or "  " in text:
        if text.isascii() or RARE.search(text) is None:
            text = " ".join(text.split())
        else:
            text = SPACE.sub(" ", UNSEEN.sub("", text)).strip()
    return shown(text).strip() if "&" in text else text


def shown(text: str) -> str:
    """`text` with the escapes undone that Lexbor writes."""
    text = text.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&amp;", "&")
