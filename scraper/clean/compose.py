"""Blocks, which tell the story -> the article's blocks; the rest -> cuts with reasons. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from scraper.clean import standfirst
from scraper.clean.dom import Element, RawBlock
from scraper.clean.furniture import INSIDE, Furniture, Why, key
from scraper.clean.metadata import Metadata
from scraper.clean.standfirst import LONG
from scraper.model import Block, Cut, Kind, Reason

# An element whose class words name furniture is furniture only while it holds less than this share
# of the story: "article-with-comments" may wrap a whole page.
FURNITURE_SHARE = 0.3
# A box that begins with a label such as "Read also" goes as a whole, up to this share of the story.
LABEL_SHARE = 0.3
TOLD = 200  # characters without a link: a paragraph of the story, no line of a box
LABELS = frozenset((Reason.RELATED_LINKS, Reason.NEWSLETTER, Reason.COMMENTS, Reason.AUTHOR_BIO))
NONE = "\n"  # a headline that no block equals
SILENT = frozenset((Reason.NAVIGATION, Reason.SITE_CHROME))


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
        self.headline = key(meta.headline) or NONE
        self.furniture = Furniture(raw, meta)
        self.why: dict[int, Why] = {}
        self.standfirst: int | None = None
        self.told: set[Element] = set()  # elements that hold a whole paragraph of the story

    def compose(self) -> Composed:
        """The article's blocks in reading order, and what was dropped beside it."""
        for step in (
            self.fill, self.drop_furniture, self.drop_edges, self.find_standfirst,
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
        long = [container(self.raw[p]) for p in self.kept if len(self.raw[p].text) > LONG]
        around = Counter(place.parent for place in long if place is not None)
        homes = {*long, *(place for place, paragraphs in around.items() if paragraphs > 2)}
        for block in self.raw[first : last + 1]:
            if block.position in self.kept or block.element.hidden or block.link_chars:
                continue
            if block.kind not in (Kind.HEADING, Kind.QUOTE, Kind.PARAGRAPH):
                continue
            if not any(e in homes for e in islice(block.element.home().ancestors(), 1, 3)):
                continue
            bold = block.element.tag in ("b", "strong")
            if block.kind is not Kind.HEADING and len(block.text) < 40 and not bold:
                continue
            if self.furniture.seen_as(block, self.own_text(block)) is None:
                self.kept.add(block.position)

    def find_standfirst(self) -> None:
        """Takes in the standfirst, wherever trafilatura put it."""
        self.standfirst = standfirst.find(self.raw, self.kept, self.meta, self.furniture)
        if self.standfirst is not None:
            self.kept.add(self.standfirst)
            self.why.pop(self.standfirst, None)

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
        self.told = {
            e for p, chars in weight.items() if chars > TOLD and not self.raw[p].link_chars
            for e in self.raw[p].element.ancestors()
        }  # fmt: skip
        self.drop_boxes({e for e, chars in held.items() if chars > total * LABEL_SHARE})
        for position in sorted(self.kept):
            block = self.raw[position]
            why = self.furniture.phrase(self.own_text(block), inside=True)
            why = why or (named.get(position) if trusted else None) or self.beside(block)
            if why is not None:
                self.drop(position, why)

    def beside(self, block: RawBlock) -> Why | None:
        """What its form says of a kept block: a caption, or a line in small type."""
        if block.kind is Kind.CAPTION:
            return Why(Reason.CAPTION, "tag.figcaption")
        if len(block.text) < 400 and self.furniture.credit_behind(block.text, inside=True):
            return Why(Reason.CAPTION, "compose.credit_behind")
        if block.element.tag in ("small", "em", "i"):
            return self.furniture.phrase(block.text, inside=False)
        place = container(block)
        alone = (
            place is not None and place not in self.told and block.element.home() not in self.told
        )
        if alone and len(self.kept) > 3 and self.furniture.pictured(block):
            return Why(Reason.CAPTION, "furniture.pictured")
        return None

    def boxed(self, position: int, large: set[Element]) -> Why | None:
        """What the nearest named element around a block says, if it holds little of the story."""
        for element in self.raw[position].element.ancestors():
            if element in large:
                return None
            if (named := self.furniture.named(element)) and named.reason in INSIDE:
                return named
        return None

    def drop_boxes(self, large: set[Element]) -> None:
        """Drops what stands in a box with a label such as "Read also" before it."""
        for label in self.raw[min(self.kept) : max(self.kept) + 1]:
            why = self.furniture.phrase(label.text, inside=True) if len(label.text) < 80 else None
            if why is None or why.reason not in LABELS:
                continue
            box = self.box(label, large | self.told)
            for block in self.raw[label.position + 1 :]:
                if box is None or box not in block.element.ancestors():
                    break
                if block.position in self.kept:
                    self.drop(block.position, why)

    def box(self, label: RawBlock, large: set[Element]) -> Element | None:
        """The largest element that a block stands first in and that holds little of the story."""
        before = self.raw[label.position - 1].element if label.position else None
        outside = set(before.ancestors()) if before else set()
        found = None
        for element in label.element.ancestors():
            if element in large or element in outside:
                break
            found = element
        return found

    def drop_edges(self) -> None:
        """Drops what stands above the headline, and known phrases before and after the story.

        Within a story a phrase must be strict; at its edges its place speaks, too.
        """
        first = next((p for p in sorted(self.kept) if len(self.raw[p].text) > LONG), max(self.kept))
        top = next((b.position for b in self.raw[:first] if key(b.text) == self.headline), 0)
        plain = 0
        for position in sorted(self.kept):
            text = self.own_text(self.raw[position])
            if len(text) > LONG or plain > 1:  # the story has begun
                break
            why = self.furniture.phrase(text, inside=False) or self.furniture.signature(text)
            if position < top:
                why = Why(Reason.SITE_CHROME, "compose.above_headline")
            plain += why is None
            if why is not None:
                self.drop(position, why)
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
            elif not block.element.hidden and not self.menu_entry(block):
                self.cut(block, self.reason(block, story), done)
        return done

    def menu_entry(self, block: RawBlock) -> bool:
        """Whether nobody could take a block for content: a link, or a few, in a menu."""
        if block.link_chars < 0.9 * len(block.text) or block.position in self.why:
            return False
        why = self.furniture.around(block)
        return why is not None and why.reason in SILENT

    def reason(self, block: RawBlock, story: Element | None) -> Why:
        """Why a block that is not kept was dropped."""
        if key(block.text) == self.headline:
            return Why(Reason.DUPLICATE, "compose.headline")
        if found := self.why.get(block.position):
            return found
        if found := self.furniture.seen_as(block, self.own_text(block)):
            return found
        if len(block.text) < 400 and self.furniture.credit_behind(block.text, inside=False):
            return Why(Reason.CAPTION, "compose.credit_behind")
        if story is None or story not in block.element.ancestors():
            if block.link_chars * 2 > len(block.text) > 40:
                return Why(Reason.RELATED_LINKS, "links.outside")
            return Why(Reason.SITE_CHROME, "compose.outside")
        if block.link_chars >= 0.9 * len(block.text) > 10:
            return Why(Reason.RELATED_LINKS, "links.inside")
        return Why(Reason.LOW_SCORE, "trafilatura")

    def cut(self, block: RawBlock, why: Why, done: Composed) -> None:
        """Adds a cut; two for a caption with a credit behind it."""
        text = self.own_text(block)
        cuts = [(why, text)]
        if why.reason is Reason.CAPTION:
            if found := self.furniture.credit_behind(text, inside=False):
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


def container(block: RawBlock) -> Element | None:
    """The element that a block stands in."""
    return block.element.home().parent
