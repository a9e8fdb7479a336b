"""Text of a page -> tree -> its blocks in reading order, in one walk. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from itertools import islice
from operator import length_hint

from selectolax.lexbor import LexborHTMLParser

from scraper.clean.tags import (
    ANCHOR,
    BLANK,
    BREAK,
    CLASS,
    CLOSE,
    FAINT,
    IMAGE,
    INLINE,
    INNER,
    NOTHING,
    OUTER,
    PASSED,
    PICTURE,
    PLAIN,
    PRE,
    RAW,
    SKIP,
    SURE,
    Tag,
    learn,
    passed,
    squeezed,
    whole,
)
from scraper.clean.tags import SPACE as SPACE
from scraper.model import Kind

BARE = {f"{start}>": tag for start, tag in PLAIN.items()}
BARE[PASSED] = BARE[""] = learn("")
HEADING = Kind.HEADING  # an attribute of an enumeration is seven times as slow as a name


class Element:
    """An element of the page, seen from the blocks inside it.

    Its blocks are `found[start:end]` of the walk: a subtree is contiguous.
    """

    __slots__ = ("depth", "end", "hidden", "images", "index", "is_a", "kind", "parent", "start")

    def __init__(self, is_a: Tag, parent: Element | None, index: int, start: int) -> None:
        self.is_a = is_a
        self.parent = parent
        self.index = index  # in the order of the start tags
        self.start = start
        self.end: int  # the walk sets it
        self.images = 0  # in it, and in what it holds up to three levels down
        if parent is None:
            self.depth, self.hidden, self.kind = 0, False, Kind.PARAGRAPH
        else:
            self.depth = parent.depth + 1
            self.hidden = is_a.hidden or parent.hidden
            self.kind = parent.kind if is_a.kind is None else is_a.kind

    @property
    def level(self) -> int:
        """1 to 6 in a heading of that level, else 0."""
        if self.kind is not HEADING:
            return 0
        return next(level for element in self.ancestors() if (level := element.is_a.level))

    @property
    def tag(self) -> str:
        """The name of the element."""
        return self.is_a.name

    @property
    def classes(self) -> str:
        """Class and id, in the page's own case."""
        return self.is_a.classes

    @property
    def role(self) -> str:
        """The ARIA role, if it has one."""
        return self.is_a.role

    @property
    def itemprop(self) -> str:
        """The property of microdata that it is, if any."""
        return self.is_a.itemprop

    def ancestors(self) -> Iterator[Element]:
        """The element itself, its parent, and so on up to the root."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    def home(self) -> Element:
        """The nearest element that is no inline one: the one itself, or one around it."""
        element = self
        while element.is_a.name in INLINE and element.parent is not None:
            element = element.parent
        return element


class RawBlock:
    """A block of the page, before anything is decided about it."""

    __slots__ = (
        "anchors", "element", "images", "joined", "kind", "level", "link_chars", "position", "text",
    )  # fmt: skip

    def __init__(self, text: str, element: Element, anchors: list[str], link_chars: int) -> None:
        self.kind = element.kind
        self.text = text
        self.level = element.level if element.kind is HEADING else 0
        self.element = element
        self.position = 0
        self.anchors = anchors  # the start tags of its links
        self.link_chars = link_chars
        self.joined = False  # only a line break parts it from the block before
        self.images = 0  # between the block before and this one

    @property
    def links(self) -> tuple[str, ...]:
        """The addresses that it links to, as the page writes them."""
        starts = (anchor.rpartition(">")[0] for anchor in self.anchors)
        found = (start.partition(' href="')[2].partition('"')[0] for start in starts)
        return tuple(unescape(href) for href in found if href)


def parse(text: str) -> LexborHTMLParser:
    """The tree of a page, with what is never text still in it."""
    return LexborHTMLParser(text)


def walk(tree: LexborHTMLParser) -> Walk:
    """The walk over `tree`, with the blocks and elements that it found.

    The tree loses its scripts and styles.
    """
    tree.strip_tags(RAW)
    body = tree.body
    done = Walk()
    source = (body.html or "") if body is not None else ""
    last = done.read(source.split("<")[1:], done.elements[0])
    done.flush()
    for element in last.ancestors():  # the root, and what the page did not close
        element.end = len(done.found)
    return done


class Walk:
    """One pass over serialised HTML; collects the blocks as it goes."""

    def __init__(self) -> None:
        self.found: list[RawBlock] = []
        self.elements = [Element(learn("html"), None, 0, 0)]
        self.parts: list[str] = []  # of the block that is being collected
        self.anchors: list[str] = []  # the start tags of the links in it
        self.owner: Element | None = None  # the innermost element that holds all of the parts
        self.open = False  # whether there are parts or links
        self.joins = False  # only a line break parts it from the block before
        self.link_chars = self.breaks = self.images = self.links = self.preformatted = 0
        self.tags = PLAIN.copy()  # by all that stands between the angle brackets
        self.seen = BARE.copy()  # pieces without text

    def read(self, pieces: list[str], element: Element) -> Element:
        """Reads what is in `element`, split at each `<`; the element that is open at its end."""
        found, elements, tags, seen = self.found, self.elements, self.tags, self.seen
        for piece in (rest := iter(pieces)):
            text = ""
            if (tag := seen.get(piece)) is None:
                start, _, text = piece.rpartition(">")
                if (tag := tags.get(start)) is None:
                    if start[-1:] not in SURE or start.count('"') & 1 or start[0] == "!":
                        start, text, piece = whole(pieces, len(pieces) - length_hint(rest) - 1)
                    tag = self.met(start)
                if not text or text.isspace() or (text[-1] in FAINT and BLANK.fullmatch(text)):
                    seen[piece], text = tag, ""
            if (does := tag.does) == CLOSE:
                if self.open if (own := element.is_a.does) == OUTER else own != INNER:
                    self.leave(own)
                element.end = len(found) if self.owner is None else len(found) + 1
                element = element.parent or element
            elif does >= INNER:
                if self.open if does == OUTER else does != INNER:
                    self.enter(does, piece, element)
                element = Element(tag, element, len(elements), len(found))
                elements.append(element)
            elif does == SKIP:
                piece, text = passed(rest, tag.name)
            elif does != NOTHING:
                self.enter(does, piece, element)
            if text and (not element.hidden or element.home().hidden):
                if self.breaks:
                    self.broken()
                self.parts.append(text)
                self.owner = element if self.owner is None else common(self.owner, element)
                self.open = True
                if self.links:
                    self.link_chars += len(text.strip())
            elif self.owner is not None and piece[-1:] != ">" and not text:
                self.parts.append(piece.rpartition(">")[2])
        return element

    def met(self, start: str) -> Tag:
        """The tag of a start or end that the page has not had before.

        Links differ in their address, half of all tags do in nothing else: they share by their
        class. Images are all alike.
        """
        if start[:2] == "a ":
            classes = start.partition(CLASS)[2].partition('"')[0]
            start = f'a class="{classes}"'
        elif start[:4] == "img ":
            start = "img"
        if (tag := self.tags.get(start)) is None:
            tag = self.tags[start] = learn(start)
        return tag

    def broken(self) -> None:
        """What line breaks do, when text follows."""
        if self.preformatted:
            self.parts.append("\n")
        else:
            joins = self.breaks == 1 and self.owner is not None
            self.flush()
            self.joins = joins
        self.breaks = 0

    def enter(self, does: int, piece: str, element: Element) -> None:
        """A start tag in `element`, of no plain inline element."""
        if does == ANCHOR:
            self.links += 1
            self.anchors.append(piece)
            self.open = True
        elif does == BREAK:
            self.breaks += 1
        elif does in (IMAGE, PICTURE):
            self.images += 1
            for around in islice(element.ancestors(), 4):
                around.images += 1
        else:
            self.flush()
            self.preformatted += does == PRE

    def leave(self, does: int) -> None:
        """An end tag, of no plain inline element."""
        if does == ANCHOR:
            self.links -= 1
        elif does != PICTURE:
            self.flush()
            self.preformatted -= does == PRE

    def flush(self) -> None:
        """Ends the run of inline text that is open: a block, if there is any."""
        if self.owner is not None:
            parts = self.parts
            text = squeezed(parts[0] if len(parts) == 1 else "".join(parts), self.preformatted)
            block = RawBlock(text, self.owner, self.anchors, self.link_chars)
            block.position = len(self.found)
            block.joined = self.joins
            block.images, self.images = self.images, 0
            self.found.append(block)
            self.anchors = self.anchors[-1:] if self.links else []
            self.owner = None
            self.parts = []
            self.joins = False
            self.link_chars = 0
        elif not self.links:
            self.anchors = []
        self.open = self.links > 0
        self.breaks = 0


def common(one: Element, other: Element) -> Element:
    """The innermost element that holds both."""
    while one is not other:
        if one.depth < other.depth:
            one, other = other, one
        assert one.parent is not None  # both have the root above them
        one = one.parent
    return one
