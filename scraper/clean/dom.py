"""Text of a page -> tree -> its blocks in reading order, in one walk. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from selectolax.lexbor import LexborHTMLParser

from scraper.model import Kind

# Never text of an article; raw-text elements among them would also confuse the walk.
NO_TEXT = (
    "script style template noscript iframe noembed noframes xmp plaintext svg math select datalist"
    " object embed canvas audio video map button textarea"
).split()
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
INLINE = frozenset(
    (
        "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p"
        " q rp rt ruby s samp small span strike strong sub sup time tt u var amp-img picture"
    ).split()
)
HEADINGS = {f"h{n}": n for n in range(1, 7)}
# The serialised tree: values always in double quotes, "<" in text always escaped. Names may hold
# quotes of their own: `wp-image-37"=""` hid all the text behind it from a laxer pattern.
TOKEN = re.compile(
    r'<!--.*?-->|<(/?)([^\s/>]+)((?:\s+[^\s>][^\s=>]*(?:="[^"]*")?)*)\s*>|([^<]+)', re.DOTALL
)
ATTRIBUTE = re.compile(r'\s([^\s>][^\s=>]*)(?:="([^"]*)")?')
# Inline elements that stand apart from their line: a credit behind a caption.
CREDIT = re.compile(
    r"credit|copyright|photographer|fotograf|bildquelle|(?:photo|foto|image)[-_]?(?:source|autor|avtor|author)",
    re.IGNORECASE,
)
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
# White space that HTML collapses, and marks of no width; no-break spaces are the writer's own.
SPACE = re.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029\u200b\ufeff\u2060\xad]+")
MAX_CELL = 400  # characters: a cell over it holds text, and its table is a layout


@dataclass(slots=True, eq=False)
class Element:
    """An element of the page, seen from the blocks inside it."""

    tag: str
    classes: str  # class and id, in the page's own case
    role: str
    hidden: bool
    parent: Element | None
    itemprop: str = ""
    images: int = 0  # in it, and in what it holds up to three levels down

    def ancestors(self) -> Iterator[Element]:
        """The element itself, its parent, and so on up to the root."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    def home(self) -> Element:
        """The nearest element that is no inline one: the one itself, or one around it."""
        return next((e for e in self.ancestors() if e.tag not in INLINE), self)

    def path(self) -> str:
        """The DOM path for people, as in `body/div.main/article/p`; the last eight steps."""
        steps = []
        for element in self.ancestors():
            word = element.classes.split(None, 1)
            steps.append(f"{element.tag}.{word[0]}" if word else element.tag)
        return "/".join(reversed(steps[:8]))


@dataclass(slots=True, eq=False)
class RawBlock:
    """A block of the page, before anything is decided about it."""

    kind: Kind
    text: str
    level: int
    element: Element
    position: int
    link_chars: int = 0
    links: tuple[str, ...] = ()


@dataclass(slots=True)
class Run:
    """The inline text that is being collected for the next block."""

    parts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    link_chars: int = 0
    breaks: int = 0
    open_links: int = 0
    owner: Element | None = None  # the innermost element that holds all of the text


def parse(text: str) -> LexborHTMLParser:
    """The tree of a page, with what is never text still in it."""
    return LexborHTMLParser(text)


def blocks(tree: LexborHTMLParser) -> list[RawBlock]:
    """The blocks of `tree` in reading order. The tree loses its scripts, styles and controls."""
    tree.strip_tags(NO_TEXT)
    body = tree.body
    found = Walk().walk(body.html or "") if body is not None else []
    found = list(tables(found))
    for position, block in enumerate(found):
        block.position = position
    return found


class Walk:
    """One pass over serialised HTML; collects the blocks as it goes."""

    def __init__(self) -> None:
        self.found: list[RawBlock] = []
        self.element = Element("html", "", "", False, None)
        self.home = self.element  # the nearest element that is no inline one
        self.run = Run()
        self.preformatted = 0
        self.apart: list[bool] = []  # for each open element whether it stands apart from its line

    def walk(self, source: str) -> list[RawBlock]:
        """The blocks of `source`, which Lexbor serialised."""
        for match in TOKEN.finditer(source):
            closing, tag, attributes, text = match.groups()
            if text is not None:
                self.text(text)
            elif tag is None:
                continue
            elif closing:
                self.close(tag)
            else:
                self.open(tag, attributes)
        self.flush()
        return self.found

    def text(self, raw: str) -> None:
        """A text node."""
        text = html.unescape(raw) if "&" in raw else raw
        if text.isspace():
            self.run.parts.append(text)
            return
        if self.element.hidden and not self.home.hidden:
            return
        if self.run.breaks > 1 and not self.preformatted:
            self.flush()
        elif self.run.breaks:
            self.run.parts.append("\n" if self.preformatted else " ")
        run = self.run
        run.breaks = 0
        run.parts.append(text)
        run.owner = self.element if run.owner is None else common(run.owner, self.element)
        if run.open_links:
            run.link_chars += len(text.strip())

    def open(self, tag: str, attributes: str) -> None:
        """A start tag."""
        if tag == "br":
            self.run.breaks += 1
            return
        found = dict(ATTRIBUTE.findall(attributes)) if attributes else {}
        if tag == "a":
            self.run.open_links += 1
            if found.get("href"):
                self.run.links.append(html.unescape(found["href"]))
        if tag in VOID or tag == "amp-img":
            if tag == "hr":
                self.flush()
            elif tag in ("img", "amp-img"):
                for element in islice(self.element.ancestors(), 4):
                    element.images += 1
            if tag in VOID:
                return
        inline = tag in INLINE and not CREDIT.search(found.get("class", ""))
        self.apart.append(not inline)
        if not inline:
            self.flush()
        self.element = self.child(tag, found)
        if not inline:
            self.home = self.element
            self.preformatted += tag == "pre"

    def child(self, tag: str, found: dict[str, str]) -> Element:
        """The element that a start tag opens."""
        hidden = self.element.hidden or "hidden" in found or found.get("aria-hidden") == "true"
        if not hidden and (style := found.get("style")):
            hidden = HIDDEN_STYLE.search(style) is not None
        words = found.get("class", "")
        if found.get("id"):
            words = f"{words} {found['id']}" if words else found["id"]
        itemprop, role = found.get("itemprop", ""), found.get("role", "")
        return Element(tag, words, role, hidden, self.element, itemprop)

    def close(self, tag: str) -> None:
        """An end tag; a serialised tree nests rightly, so it is the open element's."""
        apart = self.apart.pop() if self.apart else tag not in INLINE
        if tag == "a" and self.run.open_links:
            self.run.open_links -= 1
        if apart:
            self.flush()
            self.preformatted -= tag == "pre"
        if self.element.parent is not None:
            self.element = self.element.parent
        if apart:
            home: Element = self.element
            while home.tag in INLINE and home.parent is not None:
                home = home.parent
            self.home = home

    def flush(self) -> None:
        """Ends the run of inline text that is open: a block, if it holds any text."""
        run, self.run = self.run, Run(open_links=self.run.open_links)
        joined = "".join(run.parts)
        text = joined.strip("\n") if self.preformatted else SPACE.sub(" ", joined).strip()
        if not text.strip():
            return
        # text that one inline element holds is that element's: class words often sit on a span
        owner = run.owner or self.home
        kind, level = kind_of(owner)
        self.found.append(RawBlock(kind, text, level, owner, 0, run.link_chars, tuple(run.links)))


def common(one: Element, other: Element) -> Element:
    """The innermost element that holds both."""
    if one is other:
        return one
    above = set(map(id, one.ancestors()))
    return next(element for element in other.ancestors() if id(element) in above)


def kind_of(element: Element) -> tuple[Kind, int]:
    """What kind of block an element makes, and the level if it is a heading."""
    for steps, up in enumerate(element.ancestors()):
        tag = up.tag
        if tag in HEADINGS:
            return Kind.HEADING, HEADINGS[tag]
        if tag == "pre":
            return Kind.CODE, 0
        if tag in ("figcaption", "caption"):
            return Kind.CAPTION, 0
        if tag in ("li", "dd", "dt"):
            return Kind.LIST_ITEM, 0
        if tag == "blockquote":
            return Kind.QUOTE, 0
        if steps == 4 or tag in ("table", "article", "section", "body"):
            break
    return Kind.PARAGRAPH, 0


def tables(found: list[RawBlock]) -> Iterator[RawBlock]:
    """The blocks, each data table merged into one, layout tables left as they are."""
    groups: dict[Element, list[RawBlock]] = {}
    owners = [next((e for e in b.element.ancestors() if e.tag == "table"), None) for b in found]
    for block, table in zip(found, owners, strict=True):
        if table is not None and block.kind is not Kind.CAPTION:
            groups.setdefault(table, []).append(block)
    merged = {table: merge(group) for table, group in groups.items()}
    for block, table in zip(found, owners, strict=True):
        whole = merged.get(table) if table is not None else None
        if table is None or whole is None or block.kind is Kind.CAPTION:
            yield block
        elif groups[table][0] is block:
            yield whole


def merge(cells: list[RawBlock]) -> RawBlock | None:
    """A data table as one block: a line a row, cells apart by ` | `; None for a layout table."""
    rows: dict[Element, dict[Element, list[str]]] = {}
    for block in cells:
        cell = next((e for e in block.element.ancestors() if e.tag in ("td", "th")), None)
        if cell is None or cell.parent is None or len(block.text) > MAX_CELL:
            return None
        rows.setdefault(cell.parent, {}).setdefault(cell, []).append(block.text)
    if len(rows) < 2 or max(map(len, rows.values())) < 2:
        return None
    if len(cells) > 1.5 * sum(map(len, rows.values())):  # cells of many blocks are a layout's
        return None
    text = "\n".join(" | ".join(" ".join(cell) for cell in row.values()) for row in rows.values())
    links = tuple(link for block in cells for link in block.links)
    chars = sum(block.link_chars for block in cells)
    element = next(e for e in cells[0].element.ancestors() if e.tag == "table")
    return RawBlock(Kind.TABLE, text, 0, element, 0, chars, links)
