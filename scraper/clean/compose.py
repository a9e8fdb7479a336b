"""Blocks, how likely each tells the story -> those that do, and why others don't. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, takewhile

from scraper.clean import standfirst
from scraper.clean.dom import Element, RawBlock
from scraper.clean.furniture import INSIDE, Furniture, Why, inherited, key
from scraper.clean.language import settled
from scraper.clean.metadata import Metadata
from scraper.clean.outcome import CAPTIONED, Composed, Outcome, own_text
from scraper.clean.standfirst import LONG
from scraper.model import Kind, Reason

# An element whose class words name furniture is furniture only while it holds less than this share
# of the story: "article-with-comments" may wrap a whole page.
FURNITURE_SHARE = 0.3
# A box that begins with a label such as "Read also" goes as a whole, up to this share of the story.
LABEL_SHARE = 0.3
TOLD = 200  # characters without a link: a paragraph of the story, no line of a box
LINKED = 0.9  # the share of a block that is links where it is nothing but one
LABELS = frozenset((Reason.RELATED_LINKS, Reason.NEWSLETTER, Reason.COMMENTS, Reason.AUTHOR_BIO))
BELOW = 400  # characters: enough of a story to believe what stands above it
# A score from which class words, pictures and dates give way to it: on held-out pages 12 of 15
# blocks that they drop above it are true, 1 of 4 below. What these name is too sure for that.
SURE = 0.89
ENTITLED = frozenset(
    "caption.words comments.words cookie.words disclosure.words embed.words factbox.words"
    " hidden.words newsletter.words tag.aside".split()
)
GIVES_WAY = frozenset((Reason.BYLINE, Reason.DATE_LINE))
ASIDE = Why(Reason.SITE_CHROME, "tag.aside")
SPARE = 12  # characters, of quotes and spaces, that a headline may have more or less


class Composer:
    """Decides on one page."""

    def __init__(
        self, raw: Sequence[RawBlock], kept: set[int], meta: Metadata, scores: Sequence[float] = ()
    ) -> None:
        self.raw = raw
        self.kept = set(kept)
        self.meta = meta
        self.scores = scores or [1.0] * len(raw)
        # for a page of no known language the phrases of all 26 are tried, at three times the cost
        text = "\n".join(block.text for block in raw if block.position in self.kept)
        self.language = settled(meta.language, text)
        self.furniture = Furniture(raw, meta, self.language)
        self.why: dict[int, Why] = {}
        self.standfirst: int | None = None
        self.headlines = self.said()
        self.held: list[int] = []  # characters of the story before each block, and in all
        self.told: list[int] = []  # whole paragraphs of it, likewise

    def compose(self) -> Composed:
        """The article's blocks in reading order, and what was dropped beside it."""
        for step in (
            self.drop_headline, self.drop_above, self.drop_furniture, self.drop_edges,
            self.find_standfirst, self.drop_repeats, self.drop_lone_headings,
        ):  # fmt: skip
            if self.kept:
                step()
        done = Outcome(self.raw, self.kept, self.furniture, self.why, self.headlines).result(
            self.scores, self.standfirst
        )
        done.language = self.language
        return done

    def said(self) -> frozenset[int]:
        """The positions of the blocks that say the headline."""
        name = key(self.meta.headline)
        if not name:
            return frozenset()
        least, most = len(name), len(self.meta.headline) + SPARE
        return frozenset(
            b.position for b in self.raw
            if least <= len(b.text) + SPARE and len(b.text) <= most and key(b.text) == name
        )  # fmt: skip

    def own_text(self, block: RawBlock) -> str:
        """The text without the headline that some sites repeat before a photo's credit."""
        return own_text(block.text, self.meta.headline)

    # -- what belongs in ------------------------------------------------------
    def find_standfirst(self) -> None:
        """Takes in the standfirst, whatever its score."""
        self.standfirst = standfirst.find(self.raw, self.kept, self.headlines, self.furniture)
        if self.standfirst is not None:
            self.kept.add(self.standfirst)
            self.why.pop(self.standfirst, None)

    # -- what belongs out -----------------------------------------------------
    def drop_headline(self) -> None:
        """Drops the headline, and what stands above the story as its `h1`."""
        first = next((p for p in sorted(self.kept) if len(self.raw[p].text) > LONG), -1)
        for position in sorted(self.kept):
            block = self.raw[position]
            if (block.level == 1 and position < first) or block.position in self.headlines:
                self.drop(position, Why(Reason.DUPLICATE, "compose.headline"))

    def drop_above(self) -> None:
        """Drops what stands above the headline where that is a heading of its own."""
        tops = [b.position for b in self.raw if b.level == 1 and b.position in self.headlines]
        if not tops or sum(len(self.raw[p].text) for p in self.kept if p > tops[0]) < BELOW:
            return
        for position in [p for p in self.kept if p < tops[0]]:
            self.drop(position, Why(Reason.SITE_CHROME, "compose.above_headline"))

    def drop_furniture(self) -> None:
        """Drops kept blocks that a phrase or the name of an element around them gives away."""
        weight = {p: len(self.raw[p].text) for p in self.kept}
        total = sum(weight.values())
        self.held = list(accumulate((weight.get(b.position, 0) for b in self.raw), initial=0))
        self.told = list(accumulate(
            (weight.get(b.position, 0) > TOLD and not b.link_chars for b in self.raw), initial=0
        ))  # fmt: skip
        named = self.boxed(total * FURNITURE_SHARE)
        # names that would take half of the story away mean something else on this page
        trusted = 2 * sum(weight[p] for p in named) < total
        self.drop_boxes(total * LABEL_SHARE)
        for position in sorted(self.kept):
            block = self.raw[position]
            why = self.furniture.phrase(self.own_text(block), inside=True)
            if why is not None and why.reason in GIVES_WAY and self.scores[position] > SURE:
                why = None
            why = why or (named.get(position) if trusted else None) or self.beside(block)
            if why is not None:
                self.drop(position, why)

    def beside(self, block: RawBlock) -> Why | None:
        """What its form says of a kept block: a caption, or a line in small type."""
        if block.kind is Kind.CAPTION:
            return Why(Reason.CAPTION, "tag.figcaption")
        sure = self.scores[block.position] > SURE
        short = len(block.text) < CAPTIONED
        if short and not sure and self.furniture.credit_behind(block.text, inside=True):
            return Why(Reason.CAPTION, "compose.credit_behind")
        if block.element.tag in ("small", "em", "i"):
            return self.furniture.phrase(block.text, inside=False)
        if sure or len(self.kept) <= 3:
            return None
        place = container(block)
        alone = place is not None and not self.tells(place) and not self.tells(block.element.home())
        if alone and self.furniture.pictured(block):
            return Why(Reason.CAPTION, "furniture.pictured")
        return None

    def holds(self, element: Element) -> int:
        """The characters of the story that an element holds."""
        return self.held[min(element.end, len(self.raw))] - self.held[element.start]

    def tells(self, element: Element) -> bool:
        """Whether an element holds a whole paragraph of the story."""
        return self.told[min(element.end, len(self.raw))] > self.told[element.start]

    def boxed(self, most: float) -> dict[int, Why]:
        """By position what the nearest named element around a kept block says, where it holds no
        more than `most` characters of the story."""
        known: dict[Element | None, Why | None] = {None: None}

        def says(element: Element) -> Why | None:
            if self.holds(element) > most:
                return None
            named = self.furniture.named(element)
            if named is not None and (named.reason in INSIDE or named.rule in ENTITLED):
                return named
            return ASIDE if element.tag == "aside" else known[element.parent]

        found = {}
        for position in self.kept:
            why = inherited(self.raw[position].element, known, says)
            if why and (why.rule in ENTITLED or self.scores[position] <= SURE):
                found[position] = why
        return found

    def drop_boxes(self, most: float) -> None:
        """Drops what a label such as "Read also" heads: its box, and the links behind it."""
        labels = self.furniture.lines(LABELS, 80)
        for label in self.raw[min(self.kept) :]:
            why = self.furniture.phrase(label.text, inside=True) if label.text in labels else None
            if why is None:
                continue
            box = self.box(label, most)
            for block in self.raw[label.position + 1 :]:
                linked = block.link_chars >= LINKED * len(block.text)
                if not linked and (box is None or block.position >= box.end):
                    break
                if linked or block.position in self.kept:
                    own = self.furniture.phrase(self.own_text(block), inside=True)
                    self.drop(block.position, own or why)

    def box(self, label: RawBlock, most: float) -> Element | None:
        """The largest element that a block stands first in and that holds little of the story."""
        found = None
        for element in label.element.ancestors():
            if element.start < label.position or self.holds(element) > most or self.tells(element):
                break
            found = element
        return found

    def drop_edges(self) -> None:
        """Drops what stands above the headline, and known phrases before and after the story.

        Within a story a phrase must be strict; at its edges its place speaks, too.
        """
        first = next((p for p in sorted(self.kept) if len(self.raw[p].text) > LONG), max(self.kept))
        top = min((p for p in self.headlines if p < first), default=0)
        plain = 0
        for position in sorted(self.kept):
            text = self.own_text(self.raw[position])
            why = None
            if len(text) <= LONG:
                why = self.furniture.phrase(text, inside=False) or self.furniture.signature(text)
            if position < top:
                why = Why(Reason.SITE_CHROME, "compose.above_headline")
            plain += why is None
            if plain > 1:  # the story has begun
                break
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
        """Drops paragraphs said twice."""
        seen: set[str] = set()
        for position in sorted(self.kept):
            text = key(self.raw[position].text)
            if text in seen and len(text) > 80:
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


def container(block: RawBlock) -> Element | None:
    """The element that a block stands in."""
    return block.element.home().parent
