"""Blocks, which tell the story -> the article's blocks; the rest -> cuts with reasons. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from scraper.clean.dom import INLINE, Element, RawBlock
from scraper.clean.metadata import Metadata
from scraper.clean.rules import Phrases, fold, structure_reason
from scraper.model import Block, Cut, Kind, Reason

# An element whose class words name furniture is furniture only while it holds less than this share
# of the story: "article-with-comments" may wrap a whole page.
FURNITURE_SHARE = 0.3
STANDFIRST = re.compile(
    r"(?:^|[-_ ])(?:standfirst|chapo|chapeau|dek|deck|sub-?head(?:line)?|sub-?title|lede?"
    r"|lead-?(?:text|in)?|vorspann|intro(?:duction)?|summary|announce(?:-?text)?|sapo|entradilla|bajada|sommario|ingress"
    r"|zajawka|abstract|excerpt)(?:[-_ ]|$)"
)
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Furniture of these kinds stands in a story's own container, between its paragraphs.
INSIDE = frozenset(Reason) - {Reason.NAVIGATION, Reason.SITE_CHROME, Reason.COPYRIGHT}
SILENT = frozenset((Reason.NAVIGATION, Reason.SITE_CHROME))
TAG_REASONS = {"nav": Reason.NAVIGATION, "footer": Reason.SITE_CHROME, "header": Reason.SITE_CHROME}


@dataclass(slots=True)
class Composed:
    """What the page's blocks came to."""

    blocks: list[Block] = field(default_factory=list)
    standfirst: str = ""
    cuts: list[Cut] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)

    @property
    def length(self) -> int:
        """The characters of the story."""
        return sum(len(block.text) for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Why:
    """A reason and the name of the rule that gave it."""

    reason: Reason
    rule: str


class Composer:
    """Decides on one page."""

    def __init__(self, raw: Sequence[RawBlock], kept: set[int], meta: Metadata) -> None:
        self.raw = raw
        self.kept = set(kept)
        self.meta = meta
        self.headline = key(meta.headline)
        self.phrases = Phrases(meta.language)
        self.why: dict[int, Why] = {}
        self.structure: dict[Element, Why | None] = {}
        self.standfirst: int | None = None

    def compose(self) -> Composed:
        """The article's blocks in reading order, and what was dropped beside it."""
        self.fill()
        self.drop_furniture()
        self.find_standfirst()
        self.drop_repeats()
        self.drop_lone_headings()
        return self.result()

    # -- what belongs in ------------------------------------------------------
    def fill(self) -> None:
        """Takes in subheadings: a heading whose next kept block shares its container."""
        if not self.kept:
            return
        first, last = min(self.kept), max(self.kept)
        for block in self.raw[first:last]:
            if block.position in self.kept or block.kind is not Kind.HEADING or block.link_chars:
                continue
            follower = self.raw[block.position + 1]
            if follower.position in self.kept and container(follower) is container(block):
                self.kept.add(block.position)

    def find_standfirst(self) -> None:
        """Finds the block before the story that the page describes itself with or a class names."""
        if not self.kept:
            return
        text = [p for p in sorted(self.kept) if self.raw[p].kind is not Kind.HEADING]
        first = text[0] if text else min(self.kept)
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
        return len(text) > 60 and any(
            STANDFIRST.search(spaced(element.classes)) for element in near
        )

    def may_join(self, block: RawBlock) -> bool:
        """Whether a block that trafilatura left out may be the standfirst: seen, no furniture."""
        furniture = self.seen_as(block)
        return not block.element.hidden and (furniture is None or furniture.reason not in INSIDE)

    # -- what belongs out -----------------------------------------------------
    def drop_furniture(self) -> None:
        """Drops kept blocks that a phrase or the name of an element around them gives away."""
        weight = {p: len(self.raw[p].text) for p in self.kept}
        total = sum(weight.values())
        held: dict[Element, int] = {}
        for position, chars in weight.items():
            for element in self.raw[position].element.ancestors():
                held[element] = held.get(element, 0) + chars
        named = {p: why for p in self.kept if (why := self.boxed(p, held, total * FURNITURE_SHARE))}
        # names that would take half of the story away mean something else on this page
        trusted = 2 * sum(weight[p] for p in named) < total
        for position in sorted(self.kept):
            rule = self.phrases.match(self.own_text(self.raw[position]), inside=True)
            if rule is not None:
                self.drop(position, Why(rule.reason, rule.name))
            elif trusted and position in named:
                self.drop(position, named[position])

    def boxed(self, position: int, held: Mapping[Element, int], most: float) -> Why | None:
        """What the nearest named element around a block says, if it holds little of the story."""
        for element in self.raw[position].element.ancestors():
            if held[element] > most:
                return None
            if (named := self.named(element)) and named.reason in INSIDE:
                return named
        return None

    def drop_repeats(self) -> None:
        """Drops the headline where it stands before the text again, and paragraphs said twice."""
        seen: set[str] = set()
        for position in sorted(self.kept):
            text = key(self.raw[position].text)
            if text == self.headline or (text in seen and len(text) > 80):
                self.drop(position, Why(Reason.DUPLICATE, "compose.repeat"))
            seen.add(text)

    def drop_lone_headings(self) -> None:
        """Drops headings at the end of the story: what they head was not kept."""
        for position in sorted(self.kept, reverse=True):
            if self.raw[position].kind is not Kind.HEADING:
                return
            self.drop(position, Why(Reason.SITE_CHROME, "compose.lone_heading"))

    def drop(self, position: int, why: Why) -> None:
        """Takes a block out of the story."""
        self.kept.discard(position)
        self.why[position] = why

    # -- why ------------------------------------------------------------------
    def own_text(self, block: RawBlock) -> str:
        """The text without the headline that some sites repeat before a photo's credit."""
        headline = self.meta.headline
        if headline and len(block.text) > len(headline) and block.text.startswith(headline):
            return block.text[len(headline) :].strip()
        return block.text

    def named(self, element: Element) -> Why | None:
        """What the tag, class words and role of one element say it is."""
        if element not in self.structure:
            found = structure_reason(element.tag, spaced(element.classes), element.role)
            self.structure[element] = Why(found[1], found[0]) if found else None
        return self.structure[element]

    def seen_as(self, block: RawBlock) -> Why | None:
        """What a phrase in the block, or the nearest named element around it, says it is."""
        rule = self.phrases.match(self.own_text(block), inside=False)
        if rule is not None:
            return Why(rule.reason, rule.name)
        if block.kind is Kind.CAPTION:
            return Why(Reason.CAPTION, "tag.figcaption")
        for element in block.element.ancestors():
            if element.tag in ("body", "html"):
                break
            if why := self.named(element):
                return why
            if element.tag in TAG_REASONS:
                return Why(TAG_REASONS[element.tag], f"tag.{element.tag}")
        return None

    def reason(self, block: RawBlock, story: Element | None) -> Why:
        """Why a block that is not kept was dropped."""
        if found := self.why.get(block.position) or self.seen_as(block):
            return found
        if key(block.text) == self.headline:
            return Why(Reason.DUPLICATE, "compose.headline")
        if story is None or story not in block.element.ancestors():
            if block.link_chars * 2 > len(block.text) > 40:
                return Why(Reason.RELATED_LINKS, "links.outside")
            return Why(Reason.SITE_CHROME, "compose.outside")
        return Why(Reason.LOW_SCORE, "trafilatura")

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
                if kind is Kind.STANDFIRST:
                    done.standfirst = block.text
            elif not block.element.hidden:
                self.cut(block, self.reason(block, story), done)
        return done

    def cut(self, block: RawBlock, why: Why, done: Composed) -> None:
        """Adds a cut, unless nobody could take the block for content: a link of a menu."""
        text = self.own_text(block)
        if why.reason in SILENT and block.link_chars >= 0.9 * len(block.text):
            return
        if why.reason is Reason.CAPTION:
            done.captions.append(text)
        elif why.reason is Reason.PHOTO_CREDIT:
            done.credits.append(text)
        done.cuts.append(Cut(why.reason, why.rule, text, block.element.path(), block.position))

    def story_element(self) -> Element | None:
        """The innermost element that holds nine tenths of the story."""
        held: dict[Element, int] = {}
        for position in self.kept:
            for element in self.raw[position].element.ancestors():
                held[element] = held.get(element, 0) + len(self.raw[position].text)
        total = max(held.values(), default=0)
        enough = [e for e, chars in held.items() if chars >= 0.9 * total]
        return max(enough, key=lambda e: sum(1 for _ in e.ancestors()), default=None)


def key(text: str) -> str:
    """What two spellings of one text share."""
    return fold(text).casefold().strip(" .…")


def cut_short(short: str, whole: str) -> bool:
    """Whether a description is the beginning of a text, as content systems cut it."""
    return len(short) >= 60 and whole.startswith(short) and len(whole) < 4 * len(short)


def spaced(classes: str) -> str:
    """Class words lowered, camel case set apart: `AnnounceText` is `announce text`."""
    return CAMEL.sub(" ", classes).lower().strip()


def home(element: Element) -> Element:
    """The nearest element that is no inline one."""
    return next((e for e in element.ancestors() if e.tag not in INLINE), element)


def container(block: RawBlock) -> Element | None:
    """The element that a block stands in."""
    return home(block.element).parent
