"""Blocks, which tell the story -> the article's blocks; the rest -> cuts with reasons. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from scraper.clean.dom import INLINE, Element, RawBlock
from scraper.clean.furniture import INSIDE, Furniture, Why, key, spaced
from scraper.clean.metadata import Metadata
from scraper.model import Block, Cut, Kind, Reason

# An element whose class words name furniture is furniture only while it holds less than this share
# of the story: "article-with-comments" may wrap a whole page.
FURNITURE_SHARE = 0.3
# A box that begins with a label such as "Read also" goes as a whole, up to this share of the story.
LABEL_SHARE = 0.15
LABELS = frozenset((Reason.RELATED_LINKS, Reason.NEWSLETTER, Reason.COMMENTS, Reason.AUTHOR_BIO))
STANDFIRST = re.compile(
    r"(?:^|[-_ ])(?:standfirst|chapo|chapeau|dek|deck|sub-?head(?:line)?|sub-?title|lede?"
    r"|lead-?(?:text|in)?|vorspann|intro(?:duction)?|summary|announce(?:-?text)?|sapo|entradilla"
    r"|bajada|sommario|ingress|zajawka|abstract|excerpt|anons|perex|occhiello|catenaccio|spot"
    r"|manchet|teaser-?text)(?:[-_ ]|$)"
)
SILENT = frozenset((Reason.NAVIGATION, Reason.SITE_CHROME))
LONG = 120  # characters: a block of the story itself, not a line beside it


@dataclass(slots=True)
class Composed:
    """What the page's blocks came to."""

    blocks: list[Block] = field(default_factory=list)
    standfirst: str = ""
    cuts: list[Cut] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # of the blocks, on the page

    @property
    def length(self) -> int:
        """The characters of the story."""
        return sum(len(block.text) for block in self.blocks)


class Composer:
    """Decides on one page."""

    def __init__(self, raw: Sequence[RawBlock], kept: set[int], meta: Metadata) -> None:
        self.raw = raw
        self.kept = set(kept)
        self.meta = meta
        self.headline = key(meta.headline)
        self.furniture = Furniture(raw, meta)
        self.why: dict[int, Why] = {}
        self.standfirst: int | None = None

    def compose(self) -> Composed:
        """The article's blocks in reading order, and what was dropped beside it."""
        for step in (
            self.fill, self.drop_furniture, self.find_standfirst, self.drop_edges,
            self.drop_repeats, self.drop_lone_headings,
        ):  # fmt: skip
            if self.kept:
                step()
        return self.result()

    # -- what belongs in ------------------------------------------------------
    def fill(self) -> None:
        """Takes in what trafilatura left out between paragraphs that it took: subheadings, quotes.

        A block may join when its container, or the one around it, holds story blocks itself.
        """
        first, last = min(self.kept), max(self.kept)
        homes = {container(self.raw[p]) for p in self.kept if len(self.raw[p].text) > LONG}
        for block in self.raw[first : last + 1]:
            if block.position in self.kept or block.element.hidden or block.link_chars:
                continue
            if block.kind not in (Kind.HEADING, Kind.QUOTE, Kind.PARAGRAPH):
                continue
            if not any(e in homes for e in islice(home(block.element).ancestors(), 1, 3)):
                continue
            if block.kind is not Kind.HEADING and len(block.text) < 40:
                continue
            if self.furniture.seen_as(block, self.own_text(block)) is None:
                self.kept.add(block.position)

    def find_standfirst(self) -> None:
        """Finds the block before the story that the page describes itself with or a class names."""
        text = [p for p in sorted(self.kept) if self.raw[p].kind is not Kind.HEADING]
        first = next((p for p in text if len(self.raw[p].text) > LONG), max(self.kept))
        top = next((b.position for b in self.raw if key(b.text) == self.headline), 0)
        top = top if top < first else max(0, first - 12)
        described = key(self.meta.description)
        for block in self.raw[top : first + 1]:
            if not self.introduces(block, described):
                continue
            if block.position in self.kept or self.may_join(block):
                self.standfirst = block.position
                self.kept.add(block.position)
                self.why.pop(block.position, None)
                return

    def introduces(self, block: RawBlock, described: str) -> bool:
        """Whether a block is worded or marked as a standfirst."""
        text = key(block.text)
        if text == self.headline or len(text) < 25 or block.link_chars * 2 > len(block.text):
            return False
        if len(described) >= 25 and (text == described or cut_short(described, text)):
            return True
        near = islice(block.element.ancestors(), 3)
        return len(text) > 60 and any(STANDFIRST.search(spaced(e.classes)) for e in near)

    def may_join(self, block: RawBlock) -> bool:
        """Whether a block that trafilatura left out may be the standfirst: seen, no furniture."""
        why = self.furniture.seen_as(block, self.own_text(block))
        return not block.element.hidden and (why is None or why.reason not in INSIDE)

    # -- what belongs out -----------------------------------------------------
    def drop_furniture(self) -> None:
        """Drops kept blocks that a phrase or the name of an element around them gives away."""
        weight = {p: len(self.raw[p].text) for p in self.kept}
        total = sum(weight.values())
        held: dict[Element, int] = {}
        for position, chars in weight.items():
            for element in self.raw[position].element.ancestors():
                held[element] = held.get(element, 0) + chars
        large = {e for e, chars in held.items() if chars > total * FURNITURE_SHARE}
        named = {p: why for p in self.kept if (why := self.boxed(p, large))}
        # names that would take half of the story away mean something else on this page
        trusted = 2 * sum(weight[p] for p in named) < total
        for position in sorted(self.kept):
            block = self.raw[position]
            why = self.furniture.phrase(self.own_text(block), inside=True)
            if why is not None and why.reason in LABELS:
                self.drop_box(block, why, {e for e, n in held.items() if n > total * LABEL_SHARE})
            why = why or (named.get(position) if trusted else None)
            if why is not None:
                self.drop(position, why)
            elif len(block.text) < 400 and self.furniture.credit_behind(block.text):
                self.drop(position, Why(Reason.CAPTION, "compose.credit_behind"))

    def boxed(self, position: int, large: set[Element]) -> Why | None:
        """What the nearest named element around a block says, if it holds little of the story."""
        for element in self.raw[position].element.ancestors():
            if element in large:
                return None
            if (named := self.furniture.named(element)) and named.reason in INSIDE:
                return named
        return None

    def drop_box(self, label: RawBlock, why: Why, large: set[Element]) -> None:
        """Drops the whole box that a label begins: the largest element that it stands first in."""
        box = None
        for element in label.element.ancestors():
            if element in large or (
                label.position and element in self.raw[label.position - 1].element.ancestors()
            ):
                break
            box = element
        if box is None:
            return
        for block in self.raw[label.position + 1 :]:
            if box not in block.element.ancestors():
                return
            if block.position in self.kept:
                self.drop(block.position, why)

    def drop_edges(self) -> None:
        """Drops furniture above the headline, and known phrases at the end, however worded.

        In the middle of a story a phrase must be strict; at its end its place speaks, too.
        """
        top = next((b.position for b in self.raw if key(b.text) == self.headline), 0)
        for position in sorted(self.kept):
            if position >= top or len(self.raw[position].text) > LONG:
                break
            self.drop(position, Why(Reason.SITE_CHROME, "compose.above_headline"))
        for position in sorted(self.kept, reverse=True):
            block = self.raw[position]
            text = self.own_text(block)
            why = self.furniture.phrase(text, inside=False) or self.furniture.signature(text)
            if why is None or position == self.standfirst:
                break
            self.drop(position, why)

    def drop_repeats(self) -> None:
        """Drops the headline where it stands before the text again, and paragraphs said twice."""
        seen: set[str] = set()
        for position in sorted(self.kept):
            text = key(self.raw[position].text)
            if text == self.headline or (text in seen and len(text) > 80):
                self.drop(position, Why(Reason.DUPLICATE, "compose.repeat"))
            seen.add(text)

    def drop_lone_headings(self) -> None:
        """Drops one or two headings at the end of the story: what they head was not kept."""
        order = sorted(self.kept, reverse=True)
        lone = list(takewhile(lambda p: self.raw[p].kind is Kind.HEADING, order))
        if len(lone) <= 2:  # a page of headings is made so
            for position in lone:
                self.drop(position, Why(Reason.SITE_CHROME, "compose.lone_heading"))

    def drop(self, position: int, why: Why) -> None:
        """Takes a block out of the story."""
        self.kept.discard(position)
        self.why[position] = why

    def own_text(self, block: RawBlock) -> str:
        """The text without the headline that some sites repeat before a photo's credit."""
        headline = self.meta.headline
        if headline and len(block.text) > len(headline) and block.text.startswith(headline):
            return block.text[len(headline) :].strip()
        return block.text

    # -- the outcome ----------------------------------------------------------
    def result(self) -> Composed:
        """The article's blocks, the cuts, the captions and credits."""
        done = Composed()
        story = self.story_element()
        for block in self.raw:
            if block.position in self.kept:
                kind = Kind.STANDFIRST if block.position == self.standfirst else block.kind
                done.blocks.append(
                    Block(kind, block.text, block.level, block.element.path(), 1.0, block.links)
                )
                done.positions.append(block.position)
                if kind is Kind.STANDFIRST:
                    done.standfirst = block.text
            elif not block.element.hidden:
                self.cut(block, self.reason(block, story), done)
        return done

    def reason(self, block: RawBlock, story: Element | None) -> Why:
        """Why a block that is not kept was dropped."""
        if key(block.text) == self.headline:
            return Why(Reason.DUPLICATE, "compose.headline")
        if found := self.why.get(block.position):
            return found
        if found := self.furniture.seen_as(block, self.own_text(block)):
            return found
        if story is None or story not in block.element.ancestors():
            if block.link_chars * 2 > len(block.text) > 40:
                return Why(Reason.RELATED_LINKS, "links.outside")
            return Why(Reason.SITE_CHROME, "compose.outside")
        return Why(Reason.LOW_SCORE, "trafilatura")

    def cut(self, block: RawBlock, why: Why, done: Composed) -> None:
        """Adds a cut, unless nobody could take the block for content: a link of a menu."""
        text = self.own_text(block)
        if why.reason in SILENT and block.link_chars >= 0.9 * len(block.text):
            return
        cuts = [(why, text)]
        if why.reason is Reason.CAPTION:
            if found := self.furniture.credit_behind(text):
                text, credit, credited = found
                cuts = [(why, text), (credited, credit)]
                done.credits.append(credit)
            done.captions.append(text)
        elif why.reason is Reason.PHOTO_CREDIT:
            done.credits.append(text)
        for each, part in cuts:
            path = block.element.path()
            done.cuts.append(Cut(each.reason, each.rule, part, path, block.position))

    def story_element(self) -> Element | None:
        """The innermost element that holds nine tenths of the story."""
        held: dict[Element, int] = {}
        for position in self.kept:
            for element in self.raw[position].element.ancestors():
                held[element] = held.get(element, 0) + len(self.raw[position].text)
        total = max(held.values(), default=0)
        enough = [e for e, chars in held.items() if chars >= 0.9 * total]
        return max(enough, key=lambda e: sum(1 for _ in e.ancestors()), default=None)


def cut_short(short: str, whole: str) -> bool:
    """Whether a description is the beginning of a text, as content systems cut it."""
    return len(short) >= 60 and whole.startswith(short) and len(whole) < 4 * len(short)


def home(element: Element) -> Element:
    """The nearest element that is no inline one."""
    return next((e for e in element.ancestors() if e.tag not in INLINE), element)


def container(block: RawBlock) -> Element | None:
    """The element that a block stands in."""
    return home(block.element).parent
