"""A block of a page -> why it is furniture: phrases, class words, what stands around it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TypeVar

from scraper.clean.dom import Element, RawBlock
from scraper.clean.metadata import Metadata
from scraper.clean.rules import Phrases, fold, structure_reason
from scraper.clean.shingles import CJK
from scraper.clean.tags import Tag
from scraper.model import Kind, Reason

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Furniture of these kinds stands in a story's own container, between its paragraphs.
INSIDE = frozenset(Reason) - {Reason.NAVIGATION, Reason.SITE_CHROME, Reason.COPYRIGHT}
VAGUE = frozenset((Reason.NAVIGATION, Reason.SITE_CHROME, Reason.RELATED_LINKS))
TAG_REASONS = {"nav": Reason.NAVIGATION, "footer": Reason.SITE_CHROME, "header": Reason.SITE_CHROME}
BOX = 350  # characters: an element with an image and less text than this is a figure
CREDITS = 90  # characters: a credit behind a caption is no longer
SIGNED = 120  # characters: a byline, with date and place, is no longer
DATED = re.compile(
    r"\b(?:(?:19|20)\d\d[./年-]\d{1,2}[./月-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d"
    r"|\d{1,2}\.? (?:de )?[^\W\d]{3,12}\.?,? (?:de )?(?:19|20)\d\d"
    r"|[^\W\d]{3,12}\.? \d{1,2},? (?:19|20)\d\d)"
)
DAY = re.compile(r"\d\d")  # what no date is without
# where a credit may begin behind a caption
MARK = re.compile('[.!?…。»"”)(©/|–—（-]')  # what stands before or behind each TAIL
TAIL = re.compile(r"(?<=[.!?…。»\"”)])\s*|\s+(?=[(©/|–—-])|\s*(?=[(（])|[|/–—]\s+")


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Why:
    """A reason and the name of the rule that gave it."""

    reason: Reason
    rule: str


class Furniture:
    """What the blocks of one page give away of themselves."""

    def __init__(self, raw: Sequence[RawBlock], meta: Metadata, language: str) -> None:
        self.meta = meta
        self.phrases = Phrases(language)
        texts = [block.text for block in raw]
        self.structure: dict[Tag, Why | None] = {}
        self.placed: dict[Element | None, Why | None] = {None: None}
        self.phrased = dict(zip(texts, self.phrases.match_many(texts), strict=True))
        sizes = [len(t) if t.isascii() or len(t) > BOX else weight(t) for t in texts]
        self.chars = list(accumulate(sizes, initial=0))  # before each block, and in all
        heading = Kind.HEADING
        self.headings = list(accumulate([b.kind is heading for b in raw], initial=0))
        found = self.lines({Reason.PHOTO_CREDIT}, CREDITS)
        credited = [b.element.ancestors() for b in raw if b.text in found]
        # the elements that a credit stands in
        self.credited = {up for ups in credited for up in islice(ups, 1, 3)}
        self.names = [name for n in meta.authors if len(name := key(n)) > 5]

    def phrase(self, text: str, *, inside: bool) -> Why | None:
        """What a phrase says; with `inside` only phrases that may cut a story."""
        found = self.phrased.get(text)
        rule = self.phrases.match(text, inside=inside) if found is None else found[inside]
        return Why(rule.reason, rule.name) if rule else None

    def lines(self, reasons: Collection[Reason], most: int) -> set[str]:
        """The texts of fewer characters that a phrase with one of these reasons may cut."""
        return {
            text for text, (_, rule) in self.phrased.items()
            if rule is not None and rule.reason in reasons and len(text) < most
        }  # fmt: skip

    def named(self, element: Element) -> Why | None:
        """What the class words and the role of one element say it is."""
        tag = element.is_a
        if tag not in self.structure:
            found = structure_reason(tag.name, spaced(tag.classes), tag.role)
            self.structure[tag] = Why(found[1], found[0]) if found else None
        return self.structure[tag]

    def around(self, block: RawBlock) -> Why | None:
        """What the elements around a block say: the nearest, a more telling one before a vague."""
        return inherited(block.element, self.placed, self.seen_in)

    def seen_in(self, element: Element) -> Why | None:
        """What an element says, or those around it, of which that is known."""
        name = element.is_a.name
        if name in ("body", "html"):
            return None
        why = self.named(element)
        if why is None and name in TAG_REASONS:
            why = Why(TAG_REASONS[name], f"tag.{name}")
        if why is None or why.reason in VAGUE:
            outer = self.placed[element.parent]
            if why is None or (outer is not None and outer.reason not in VAGUE):
                why = outer
        return why

    def seen_as(self, block: RawBlock, text: str) -> Why | None:
        """What gives a block away that was not kept; `text` is its text without the headline."""
        if why := self.phrase(text, inside=False) or self.signature(text):
            return why
        if block.kind is Kind.CAPTION:
            return Why(Reason.CAPTION, "tag.figcaption")
        found = self.around(block)
        if (found is None or found.reason in VAGUE) and self.pictured(block):
            return Why(Reason.CAPTION, "furniture.pictured")
        return found

    def signature(self, text: str) -> Why | None:
        """A short line with an author's name or a date and no sentence: byline, date line."""
        if len(text) > SIGNED:
            return None
        folded = fold(text)
        found = DATED.search(folded) if DAY.search(folded) else None
        if found is None and text.endswith((".", "!", "?", "…", "。")):
            return None
        if self.names and any(name in folded.casefold() for name in self.names):
            return Why(Reason.BYLINE, "furniture.author")
        if found and len(folded) - len(found[0]) < 60:
            return Why(Reason.DATE_LINE, "furniture.date")
        return None

    def pictured(self, block: RawBlock) -> bool:
        """Whether a block stands with an image in an element that holds little else."""
        if block.kind is Kind.HEADING or len(block.text) > BOX or block.link_chars:
            return False
        own = block.element.home()
        for element in own.ancestors():
            start, end = element.start, element.end
            if self.chars[end] - self.chars[start] > BOX or element.tag in ("td", "body"):
                return False
            if self.headings[end] > self.headings[start]:
                return False
            if (element.images or element in self.credited) and element is not own:
                return True
        return False

    def credit_behind(self, text: str, *, inside: bool) -> tuple[str, str, Why] | None:
        """Caption, credit and why, when a text ends in a credit."""
        first = max(0, len(text) - CREDITS - 2)
        while first and not text[first - 1].isalnum():  # not in the middle of a match
            first -= 1
        if MARK.search(text, max(0, first - 1), len(text) - 1) is None:
            return None
        for match in TAIL.finditer(text, first):
            tail = text[match.end() :]
            if match.start() < 8 or len(tail) > CREDITS or not tail:
                continue
            rule = self.phrases.credit(tail.lstrip("/|–—- "), inside=inside)
            if rule is not None:
                return text[: match.start()], tail, Why(rule.reason, rule.name)
        return None


def inherited(element: Element, known: dict[Element | None, T], find: Callable[[Element], T]) -> T:
    """What `known` says of an element, where `find` tells it of one whose parent is in `known`.

    Each element is asked for once: most blocks of a page share those around them.
    """
    missing = []
    at: Element | None = element
    while at not in known:
        assert at is not None  # None has its answer from the start
        missing.append(at)
        at = at.parent
    while missing:  # no recursion: a page may nest 3,000 elements
        each = missing.pop()
        known[each] = find(each)
    return known[element]


def weight(text: str) -> int:
    """The characters of a text; one of CJK says as much as three letters."""
    return len(text) if text.isascii() else len(text) + 2 * len(CJK.findall(text))


def key(text: str) -> str:
    """What two spellings of one text share."""
    folded = fold(text)
    for quote in "\"'«»":
        folded = folded.replace(quote, "")
    return folded.casefold().strip(" .…")


def spaced(classes: str) -> str:
    """Class words lowered, camel case set apart: `AnnounceText` is `announce text`."""
    if not classes.islower():  # most are
        classes = CAMEL.sub(" ", classes).lower()
    return classes.strip()
