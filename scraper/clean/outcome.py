"""Blocks, which of them tell the story -> the article's blocks, and cuts with reasons. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from scraper.clean.dom import Element, RawBlock
from scraper.clean.furniture import Furniture, Why, inherited
from scraper.clean.tags import Tag
from scraper.model import Block, Cut, Kind, Reason

SILENT = frozenset((Reason.NAVIGATION, Reason.SITE_CHROME))
STORY = 0.9  # an element that holds that share of the story is the story's
CAPTIONED = 400  # characters: a caption with a credit behind it is no longer
WORD = 25  # characters: a link of a word or two outside the story is a menu's
STEPS = 8  # of a DOM path, the last ones


@dataclass(slots=True)
class Composed:
    """What the page's blocks came to."""

    blocks: list[Block] = field(default_factory=list)
    standfirst: str = ""
    cuts: list[Cut] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # of the blocks, on the page
    scripted: bool = False  # the blocks stand in a script, not on the page
    language: str = ""  # as the page declares it, unless its text plainly speaks another

    @property
    def length(self) -> int:
        """The characters of the story."""
        return sum(len(block.text) for block in self.blocks)


class Outcome:
    """Turns what was decided about one page into blocks and cuts."""

    def __init__(
        self,
        raw: Sequence[RawBlock],
        kept: Collection[int],
        furniture: Furniture,
        why: Mapping[int, Why],
        headlines: Collection[int],
    ) -> None:
        self.raw = raw
        self.kept = kept
        self.furniture = furniture
        self.why = why
        self.headlines = headlines
        self.done = Composed()
        self.paths: dict[Element | None, str] = {None: ""}
        self.steps: dict[tuple[str, Tag], str] = {}

    def result(self, scores: Sequence[float], standfirst: int | None) -> Composed:
        """The article's blocks, the cuts, the captions and credits."""
        done, kept = self.done, self.kept
        story = self.story_element()
        start, end = (story.start, story.end) if story is not None else (0, 0)
        for block in self.raw:
            position = block.position
            if position in kept:
                kind = Kind.STANDFIRST if position == standfirst else block.kind
                path, score = self.path(block.element), round(scores[position], 3)
                done.blocks.append(Block(kind, block.text, block.level, path, score, block.links))
                done.positions.append(position)
                if kind is Kind.STANDFIRST:
                    done.standfirst = block.text
            elif not block.element.hidden:
                inside = start <= position < end
                if not self.menu_entry(block, inside):
                    self.cut(block, self.own_text(block), inside)
        return done

    def menu_entry(self, block: RawBlock, inside: bool) -> bool:
        """Whether nobody could take a block for content: a link, or a few, in a menu.

        `inside`: the story's element holds it.
        """
        if block.link_chars < 0.9 * len(block.text) or block.position in self.why:
            return False
        if len(block.text) <= WORD and not inside:
            return True
        why = self.furniture.around(block)
        return why is not None and why.reason in SILENT

    def reason(self, block: RawBlock, text: str, inside: bool) -> Why:
        """Why a block that is not kept was dropped; `text` is its text without the headline."""
        if block.position in self.headlines:
            return Why(Reason.DUPLICATE, "compose.headline")
        if found := self.why.get(block.position):
            return found
        if found := self.furniture.seen_as(block, text):
            return found
        if not inside:
            if block.link_chars * 2 > len(block.text) > 40:
                return Why(Reason.RELATED_LINKS, "links.outside")
            return Why(Reason.SITE_CHROME, "compose.outside")
        if len(text) < CAPTIONED and self.furniture.credit_behind(text, inside=False):
            return Why(Reason.CAPTION, "compose.credit_behind")
        if block.link_chars >= 0.9 * len(block.text) > 10:
            return Why(Reason.RELATED_LINKS, "links.inside")
        return Why(Reason.LOW_SCORE, "scorer")

    def own_text(self, block: RawBlock) -> str:
        """The text without the headline before it."""
        return own_text(block.text, self.furniture.meta.headline)

    def cut(self, block: RawBlock, text: str, inside: bool) -> None:
        """Adds a cut; two for a caption with a credit behind it."""
        done, why = self.done, self.reason(block, text, inside)
        cuts = [(why, text)]
        if why.reason is Reason.CAPTION:
            if found := self.furniture.credit_behind(text, inside=False):
                text, credit, credited = found
                cuts = [(why, text), (credited, credit)]
                done.credits.append(credit)
            done.captions.append(text)
        elif why.reason is Reason.PHOTO_CREDIT:
            done.credits.append(text)
        path = self.path(block.element)
        for each, part in cuts:
            done.cuts.append(Cut(each.reason, each.rule, part, path, block.position))

    def path(self, element: Element) -> str:
        """The DOM path of an element."""
        return inherited(element, self.paths, self.stepped)

    def stepped(self, element: Element) -> str:
        """The DOM path of an element whose parent has one; paragraphs of one parent share it."""
        step = self.paths[element.parent], element.is_a
        found = self.steps.get(step)
        if found is None:
            found = self.steps[step] = longer(*step)
        return found

    def story_element(self) -> Element | None:
        """The innermost element that holds nine tenths of the story."""
        sizes = [0] * len(self.raw)
        for position in self.kept:
            sizes[position] = len(self.raw[position].text)
        held = list(accumulate(sizes, initial=0))
        if not held[-1]:
            return None
        # what holds as much holds the block in the middle of the text, too
        middle = bisect_left(held, held[-1] / 2) - 1
        return next(
            e for e in self.raw[middle].element.ancestors()
            if held[min(e.end, len(self.raw))] - held[e.start] >= STORY * held[-1]
        )  # fmt: skip


def own_text(text: str, headline: str) -> str:
    """`text` without the headline that some sites repeat before a photo's credit."""
    if headline and len(text) > len(headline) and text.startswith(headline):
        return text[len(headline) :].strip()
    return text


def longer(path: str, tag: Tag) -> str:
    """The DOM path of a tag below `path`, its last STEPS."""
    classes = tag.classes.split(None, 1)
    step = f"{tag.name}.{classes[0]}" if classes else tag.name
    found = f"{path}/{step}" if path else step
    extra = found.count("/") + 1 - STEPS
    return found.split("/", extra)[-1] if extra > 0 else found
