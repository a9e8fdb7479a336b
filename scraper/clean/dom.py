"""Text of a page -> tree -> its blocks in reading order, in one walk. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from selectolax.lexbor import LexborHTMLParser

from scraper.clean.tags import (
    ANCHOR,
    BREAK,
    CLOSE,
    IMAGE,
    INLINE,
    INNER,
    NOTHING,
    OUTER,
    RAW,
    RULE,
    SKIP,
    Tag,
    learn,
    value,
)  # fmt: skip
from scraper.model import Kind

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# White space that HTML collapses; no-break spaces are the writer's own.
SPACE = re.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029\u200b]+")
UNSEEN = re.compile("[\xad\u2060\ufeff]")
WHOLE = re.compile(r'[^\s]+(?: [^ >][^ >=]*="[^"]*")*')  # a start tag, to its end


class Element:
    """An element of the page, seen from the blocks inside it.

    Its blocks are `found[start:end]` of the walk: a subtree is contiguous.
    """

    __slots__ = (
        "depth", "end", "hidden", "images", "index", "is_a", "kind", "level", "parent", "start",
    )  # fmt: skip

    def __init__(self, is_a: Tag, parent: Element | None, index: int, start: int) -> None:
        self.is_a = is_a
        self.parent = parent
        self.index = index  # in the order of the start tags
        self.start = self.end = start
        self.images = 0  # in it, and in what it holds up to three levels down
        if parent is None:
            self.depth, self.hidden, self.kind, self.level = 0, False, Kind.PARAGRAPH, 0
            return
        self.depth = parent.depth + 1
        self.hidden = is_a.hidden or parent.hidden
        if is_a.kind is not None:
            self.kind, self.level = is_a.kind, is_a.level
        else:
            self.kind, self.level = parent.kind, parent.level

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

    def path(self) -> str:
        """The DOM path for people, as in `body/div.main/article/p`; the last eight steps."""
        steps = []
        for element in self.ancestors():
            word = element.classes.split(None, 1)
            steps.append(f"{element.tag}.{word[0]}" if word else element.tag)
            if len(steps) == 8:
                break
        return "/".join(reversed(steps))


class RawBlock:
    """A block of the page, before anything is decided about it."""

    __slots__ = (
        "anchors", "element", "images", "joined", "kind", "level", "link_chars", "position", "text",
    )  # fmt: skip

    def __init__(self, text: str, element: Element, anchors: list[str], link_chars: int) -> None:
        self.kind = element.kind
        self.text = text
        self.level = element.level
        self.element = element
        self.position = 0
        self.anchors = anchors  # the start tags of its links
        self.link_chars = link_chars
        self.joined = False  # only a line break parts it from the block before
        self.images = 0  # between the block before and this one

    @property
    def links(self) -> tuple[str, ...]:
        """The addresses that it links to, as the page writes them."""
        found = (anchor.partition(' href="')[2].partition('"')[0] for anchor in self.anchors)
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
    source = (body.html or "") if body is not None else ""
    done = Walk()
    done.walk(COMMENT.sub("", source) if "<!--" in source else source)
    return done


class Walk:
    """One pass over serialised HTML; collects the blocks as it goes."""

    def __init__(self) -> None:
        self.found: list[RawBlock] = []
        self.element = Element(learn("html"), None, 0, 0)
        self.elements = [self.element]
        self.parts: list[str] = []  # of the block that is being collected
        self.anchors: list[str] = []
        self.owner: Element | None = None  # the innermost element that holds all of the parts
        self.joins = False  # only a line break parts it from the block before
        self.link_chars = self.breaks = self.images = 0
        self.open_links = 0
        self.preformatted = 0

    def walk(self, source: str) -> None:
        """Reads `source`, which Lexbor serialised.

        A serialised tree nests rightly. It escapes `<` and `>` in text, but not in the values of
        attributes: the tag is what stands before the last `>` of a piece between two `<`.
        """
        known: dict[str, Tag] = {}
        skipped = 0  # elements open in one whose text is never read, that one too
        cut = ""  # a tag that a `<` in the value of an attribute has cut
        for piece in source.split("<")[1:]:
            start, bracket, text = (cut + piece if cut else piece).rpartition(">")
            tag = known.get(start)
            if tag is None:
                if not bracket or ('"' in start and not whole(start)):
                    cut = f"{cut}{piece}<"
                    continue
                tag = met(start, known)
            cut = ""
            does = tag.does
            if skipped:
                skipped += (does >= SKIP) - (does == CLOSE)
                if skipped:
                    continue
            elif does == CLOSE:
                self.close()
            elif does >= INNER:
                self.open(tag, start)
            elif does == SKIP:
                skipped = 1
                continue
            elif does != NOTHING:
                self.void(does)
            if text:
                if not text.isspace():
                    self.text(text)
                elif self.parts:
                    self.parts.append(" ")
        self.flush()
        for element in self.element.ancestors():  # the root, and what the page did not close
            element.end = len(self.found)

    def text(self, text: str) -> None:
        """A text node."""
        element = self.element
        if element.hidden and not element.home().hidden:
            return
        if self.breaks and self.preformatted:
            self.parts.append("\n")
        elif self.breaks:
            joins = self.breaks == 1 and self.owner is not None
            self.flush()
            self.joins = joins
        self.breaks = 0
        self.parts.append(text)
        if self.owner is None:
            self.owner = element
        elif self.owner is not element:
            self.owner = common(self.owner, element)
        if self.open_links:
            self.link_chars += len(text.strip())

    def void(self, does: int) -> None:
        """An element that holds nothing."""
        if does == BREAK:
            self.breaks += 1
        elif does == RULE:
            self.flush()
        else:
            self.images += 1
            element: Element | None = self.element
            for _ in range(4):
                if element is None:
                    break
                element.images += 1
                element = element.parent

    def open(self, tag: Tag, start: str) -> None:
        """A start tag."""
        if tag.does == OUTER:
            self.flush()
            self.preformatted += tag.name == "pre"
        elif tag.does == ANCHOR:
            self.open_links += 1
            self.anchors.append(start)
        elif tag.name == "amp-img":
            self.void(IMAGE)
        self.element = Element(tag, self.element, len(self.elements), len(self.found))
        self.elements.append(self.element)

    def close(self) -> None:
        """An end tag."""
        element = self.element
        if element.parent is None:
            return
        does = element.is_a.does
        if does == OUTER:
            self.flush()
            self.preformatted -= element.is_a.name == "pre"
        elif does == ANCHOR:
            self.open_links -= 1
        element.end = len(self.found) + (self.owner is not None)
        self.element = element.parent

    def flush(self) -> None:
        """Ends the run of inline text that is open: a block, if it holds any text."""
        owner = self.owner
        if owner is not None and (text := squeezed("".join(self.parts), bool(self.preformatted))):
            block = RawBlock(text, owner, self.anchors, self.link_chars)
            block.position = len(self.found)
            block.joined = self.joins
            block.images, self.images = self.images, 0
            self.found.append(block)
            self.anchors = self.anchors[-1:] if self.open_links else []
        elif self.anchors and not self.open_links:
            self.anchors = []
        self.owner = None
        self.parts.clear()
        self.link_chars = self.breaks = 0
        self.joins = False


def whole(start: str) -> bool:
    """Whether a start tag with attributes is not cut off inside a value."""
    if start.endswith('"') and not start.count('"') & 1:
        return True
    return WHOLE.fullmatch(start) is not None  # a name may hold a quote of its own


def met(start: str, known: dict[str, Tag]) -> Tag:
    """What a tag says that the page has not had before.

    Links differ in their address, half of all tags do in nothing else: they share by their class.
    """
    if start.startswith("a "):
        start = f'a class="{value(start, "class")}"'
        if (tag := known.get(start)) is not None:
            return tag
    tag = known[start] = learn(start)
    tag.number = len(known)
    return tag


def squeezed(text: str, preformatted: bool) -> str:
    """`text` as it is shown: white space collapsed, marks of no width gone, escapes undone."""
    if preformatted:
        text = text.strip("\n").rstrip()
    elif text.isascii():
        text = " ".join(text.split())
    else:
        text = SPACE.sub(" ", UNSEEN.sub("", text)).strip()
    if "&" in text:
        text = text.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">")
        text = text.replace("&amp;", "&").strip()
    return text


def common(one: Element, other: Element) -> Element:
    """The innermost element that holds both."""
    while one is not other:
        if one.depth < other.depth:
            one, other = other, one
        assert one.parent is not None  # both have the root above them
        one = one.parent
    return one
