"""A block of a page -> why it is furniture: phrases, class words, what stands around it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from scraper.clean.dom import Element, RawBlock
from scraper.clean.extract import CJK
from scraper.clean.metadata import Metadata
from scraper.clean.rules import Phrases, fold, structure_reason
from scraper.model import Kind, Reason

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Furniture of these kinds stands in a story's own container, between its paragraphs.
INSIDE = frozenset(Reason) - {Reason.NAVIGATION, Reason.SITE_CHROME, Reason.COPYRIGHT}
VAGUE = frozenset((Reason.NAVIGATION, Reason.SITE_CHROME, Reason.RELATED_LINKS))
TAG_REASONS = {"nav": Reason.NAVIGATION, "footer": Reason.SITE_CHROME, "header": Reason.SITE_CHROME}
BOX = 350  # characters: an element with an image and less text than this is a figure
SIGNED = 120  # characters: a byline, with date and place, is no longer
DATED = re.compile(
    r"\b(?:(?:19|20)\d\d[./年-]\d{1,2}[./月-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d"
    r"|\d{1,2}\.? (?:de )?[^\W\d]{3,12}\.?,? (?:de )?(?:19|20)\d\d"
    r"|[^\W\d]{3,12}\.? \d{1,2},? (?:19|20)\d\d)"
)
QUOTES = re.compile("[\"'«»]")
# where a credit may begin behind a caption
TAIL = re.compile(r"(?<=[.!?…。»\"”)])\s*|\s+(?=[(©/|–—-])|\s*(?=[(（])|[|/–—]\s+")


@dataclass(frozen=True, slots=True)
class Why:
    """A reason and the name of the rule that gave it."""

    reason: Reason
    rule: str


class Furniture:
    """What the blocks of one page give away of themselves."""

    def __init__(self, raw: Sequence[RawBlock], meta: Metadata) -> None:
        self.meta = meta
        self.phrases = Phrases(meta.language)
        self.structure: dict[Element, Why | None] = {}
        self.text: dict[Element, int] = {}  # characters of all blocks in an element
        self.headed: set[Element] = set()
        self.credited: set[Element] = set()  # an element that a credit stands in
        for block in raw:
            # a CJK character says as much as three letters
            size = len(block.text) + 2 * len(CJK.findall(block.text))
            for element in block.element.ancestors():
                self.text[element] = self.text.get(element, 0) + size
                if block.kind is Kind.HEADING:
                    self.headed.add(element)
            why = self.phrase(block.text, inside=True) if len(block.text) < 90 else None
            if why is not None and why.reason is Reason.PHOTO_CREDIT:
                self.credited.update(islice(block.element.ancestors(), 1, 3))
        self.names = [name for n in meta.authors if len(name := key(n)) > 5]

    def phrase(self, text: str, *, inside: bool) -> Why | None:
        """What a phrase says; with `inside` only phrases that may cut a story."""
        rule = self.phrases.match(text, inside=inside)
        return Why(rule.reason, rule.name) if rule else None

    def named(self, element: Element) -> Why | None:
        """What the class words and the role of one element say it is."""
        if element not in self.structure:
            found = structure_reason(element.tag, spaced(element.classes), element.role)
            self.structure[element] = Why(found[1], found[0]) if found else None
        return self.structure[element]

    def around(self, block: RawBlock) -> Why | None:
        """What the elements around a block say: the nearest, a more telling one before a vague."""
        vague = None
        for element in block.element.ancestors():
            if element.tag in ("body", "html"):
                break
            why = self.named(element)
            if why is None and element.tag in TAG_REASONS:
                why = Why(TAG_REASONS[element.tag], f"tag.{element.tag}")
            if why is not None and why.reason not in VAGUE:
                return why
            vague = vague or why
        return vague

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
        folded = fold(text)
        ended = text.endswith((".", "!", "?", "…", "。")) and not DATED.search(folded)
        if len(text) > SIGNED or ended:
            return None
        if any(name in folded.casefold() for name in self.names):
            return Why(Reason.BYLINE, "furniture.author")
        found = DATED.search(folded)
        if found and len(folded) - len(found[0]) < 60:
            return Why(Reason.DATE_LINE, "furniture.date")
        return None

    def pictured(self, block: RawBlock) -> bool:
        """Whether a block stands with an image in an element that holds little else."""
        if block.kind is Kind.HEADING or len(block.text) > BOX or block.link_chars:
            return False
        own = block.element.home()
        for element in own.ancestors():
            if self.text[element] > BOX or element in self.headed or element.tag in ("td", "body"):
                return False
            if (element.images or element in self.credited) and element is not own:
                return True
        return False

    def credit_behind(self, text: str, *, inside: bool) -> tuple[str, str, Why] | None:
        """Caption, credit and why, when a text ends in a credit."""
        for match in TAIL.finditer(text):
            tail = text[match.end() :]
            if match.start() < 8 or len(tail) > 90:
                continue
            why = self.phrase(tail.lstrip("/|–—- "), inside=inside)
            if why is not None and why.reason is Reason.PHOTO_CREDIT:
                return text[: match.start()], tail, why
        return None


def key(text: str) -> str:
    """What two spellings of one text share."""
    return QUOTES.sub("", fold(text)).casefold().strip(" .…")


def spaced(classes: str) -> str:
    """Class words lowered, camel case set apart: `AnnounceText` is `announce text`."""
    return CAMEL.sub(" ", classes).lower().strip()
