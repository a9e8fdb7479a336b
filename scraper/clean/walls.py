"""A page with little story -> whether a wall, a bot check or an error stands in its place. Pure.

Each judge gives a few words on what decided, or "". Words alone don't decide: a story about consent
says what dialogs say. What does is how much of the page's own text they are, where they stand, and
that no story stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import islice

from scraper.clean import signs
from scraper.clean.compose import container
from scraper.clean.dom import Element, RawBlock
from scraper.clean.language import settled
from scraper.clean.metadata import Metadata
from scraper.clean.outcome import Composed
from scraper.clean.rules import fold
from scraper.model import Kind

# Scripts that set no words apart, and how many of their characters say as much as a word
SOLID = (
    (re.compile(r"[\u3040-\u30ff\u3400-\u9fff]"), 1.7),  # Chinese, Japanese
    (re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"), 6),  # Thai, Lao, Burmese, Khmer
)
WORD = 12  # characters: words are longer on average where spaces set none apart
LINKED = 0.5  # share of a block: from there it is a link, and no text of its own
SCORED = 0.3  # a block with less counts as text of the page's frame
QUOTED = re.compile(r'"[^"]{12,300}"|«[^»]{12,300}»|»[^«]{12,300}«|「[^」]{6,200}」')
QUOTE = re.compile('["«»「]')
WHOLE = 0.5  # share of a headline: "Error 404: democracy not found" heads a story of 100 words
LINE = 400  # characters: no longer block is an error's message
CHECK = 2500  # characters of text of its own, at most, on a bot check
STORY = 400  # characters of a story beside a dialog: then it is a banner
SHORT, LONG = 180, 400  # words of a stub, at most; of one that declares itself closed
NEAR = 8  # blocks behind the story in which a prompt to pay stands
LINKS = 3  # links in a row: what stands behind them is no longer the story's
# Who asks for consent speaks of himself and to the reader; who tells of it, seldom. By language.
ADDRESS = {
    "en": r"(?i:we|our|you|your)", "fr": r"(?i:nous|nos|notre|vous|vos|votre|tu|tes)",
    "de": r"[Ww]ir|[Uu]ns|[Uu]nser\w*|Sie|Ihr\w*|Ihnen|[Dd]u|[Dd]ich|[Dd]ein\w*",
    "es": r"(?i:nosotros|nuestr[oa]s?|usted|tus?|te|puedes?)",
    "it": r"(?i:noi|nostr[oaie]|tu|tu[oae]|tuoi|ti|puoi)",
    "pt": r"(?i:nós|noss[oa]s?|você|seus?|suas?)", "nl": r"(?i:wij|we|ons|onze|je|jij|jouw|u|uw)",
    "pl": r"(?i:my|nasz\w*|nasi|tw[oó]j\w*|ciebie|państw\w*|możesz)",
    "ru": r"(?i:мы|наш\w*|вы|ваш\w*|вам)", "sv": r"(?i:vi|våra?|vårt|du|dig|din|ditt|dina)",
    "da": r"(?i:vi|vores|du|dig|din|dit|dine)", "no": r"(?i:vi|våre?|vårt|du|deg|din|ditt|dine)",
    "cs": r"(?i:my|naš\w*|vy|vaš\w*|můžete)",
}  # fmt: skip
SPEECH = 120  # characters: a shorter block is a button, a heading or a purpose


class Page:
    """What readers see of a page, and what was made of it."""

    def __init__(
        self, source: str, raw: Sequence[RawBlock], scores: Sequence[float], meta: Metadata,
        done: Composed,
    ) -> None:  # fmt: skip
        self.source = source
        self.raw = raw
        self.scores = scores
        self.meta = meta
        self.done = done
        self.seen = [b for b in raw if not b.element.hidden and b.link_chars < LINKED * len(b.text)]
        self.placed: dict[tuple[str, Element], bool] = {}

    @cached_property
    def language(self) -> str:
        """The language of the page's text, or the one that it declares."""
        if self.done.blocks:
            return self.done.language
        return settled(self.meta.language, " ".join(block.text for block in self.own or self.seen))

    @cached_property
    def own(self) -> list[RawBlock]:
        """The text of the page itself, without its frame: what the scorer takes for some story."""
        return [b for b in self.seen if self.scores[b.position] > SCORED]

    @cached_property
    def words(self) -> int:
        """The words of the story."""
        return words([block.text for block in self.done.blocks])

    def says(self, kind: str, text: str) -> str:
        """What a text says that gives away such a page; what it quotes counts for nothing."""
        found = signs.phrases(kind, self.language).search(unquoted(text))
        return found[0] if found else ""

    def asks(self, block: RawBlock) -> bool:
        """Whether a block asks for consent, and does not tell of it."""
        if not self.says(signs.CONSENT, block.text):
            return False
        text = unquoted(block.text)
        address = ADDRESS.get(self.language.split("-")[0])
        if len(text) < SPEECH or address is None:
            return True
        return re.search(rf"\b(?:{address})\b", text) is not None

    def stands_in(self, kind: str, block: RawBlock) -> bool:
        """Whether the class words of an element around a block name a dialog of this kind."""
        return any(self.named(kind, e) for e in islice(block.element.ancestors(), 12))

    def named(self, kind: str, element: Element) -> bool:
        """Whether the class words of an element do."""
        if (kind, element) not in self.placed:
            inner = element.is_a.name not in ("body", "html")
            found = inner and signs.place(kind).search(element.classes) is not None
            self.placed[kind, element] = found
        return self.placed[kind, element]

    def wraps(self, element: Element) -> bool:
        """Whether an element holds most of the page's own text: its name tells of the whole."""
        held = [b for b in self.own if element.start <= b.position < element.end]
        return 2 * size(held) > size(self.own)


def challenge(page: Page) -> str:
    """The vendor of a bot check, or its words, on a page with little other text."""
    total = size(page.seen)
    if page.words > 260 or total > CHECK or size(page.raw) > 2 * CHECK:
        return ""
    source = page.source.lower()
    for vendor in signs.vendors():
        if mark := next((mark for mark in vendor.marks if mark in source), ""):
            return f"{vendor.name}: the page holds {mark!r}"
    if page.done.scripted:  # the page that is seen is but the frame of its story
        return ""
    said = [b for b in page.seen if page.says(signs.CHALLENGE, b.text)]
    headline = page.says(signs.CHALLENGE, page.meta.headline)
    if said and (size(said) >= 0.4 * total or (headline and page.words < 120)):
        return f"the page says {(headline or page.says(signs.CHALLENGE, said[0].text))!r}"
    return ""


def error(page: Page) -> str:
    """The words of an error in the headline, or in the first lines of a page without a story."""
    teasers = {container(b) for b in page.raw if titled(b)}
    own = [b for b in page.own if container(b) not in teasers and not titled(b)]
    many = page.words if page.done.scripted else words([b.text for b in own])
    if many > 170:
        return ""
    heads = [b.text for b in page.raw if b.level == 1 and not b.element.hidden]
    for text in (page.meta.headline, *heads):
        found = page.says(signs.ERROR, text)
        if found and (many < 70 or len(found) > WHOLE * len(text)):
            return f"the headline says {found!r}"
    for block in [b for b in own if b.kind is not Kind.HEADING or b.level < 3][:3]:
        if (
            many <= 100
            and len(block.text) <= LINE
            and (found := page.says(signs.ERROR, block.text))
        ):
            return f"the page says {found!r}"
    return ""


def consent(page: Page) -> str:
    """Says so when most of the page's own text asks for consent and no story stands beside it."""
    own = page.own or page.seen
    total = size(own)
    low = " ".join(b.text for b in own).lower()
    if not total or not any(word in low for word in signs.topics()):
        return ""
    placed = [b for b in own if page.stands_in(signs.CONSENT, b)]
    there = {b.position for b in placed}
    said = [b for b in own if b.position not in there and page.asks(b)]
    there |= {b.position for b in said}
    near = [b for b in own if b.position not in there and topical(b.text)]
    asks = size(placed) + size(said)
    beside = total - asks
    if asks < 150 or not any(page.says(signs.CONSENT, b.text) for b in (*placed, *said)):
        return ""
    if placed and beside >= STORY:  # a story, and a banner
        return ""
    if asks >= 0.5 * total or (len(said) > 1 and asks + size(near) >= 0.75 * total):
        return f"{asks} of {total} characters ask for consent"
    return ""


def stub(page: Page) -> str:
    """Says so when a short text ends where a prompt says that it goes on for who pays, or the page
    declares itself closed. Offers to subscribe stand below many a whole article."""
    closed = page.meta.free_access is False
    if closed and page.words < SHORT:
        return f"{page.words} words, and the page declares isAccessibleForFree false"
    if page.words >= (LONG if closed else SHORT):
        return ""
    prompt = behind(page)
    return f"{page.words} words, then {prompt!r}" if prompt else ""


def behind(page: Page) -> str:
    """What says right behind the story that it goes on; nothing behind a run of links counts."""
    story = next((p for p in reversed(page.done.positions) if tells(page, page.raw[p])), None)
    if story is None:
        return ""
    links = seen = 0
    for block in page.raw[story + 1 :]:
        if block.element.hidden:
            continue
        links = links + 1 if block.link_chars >= 0.8 * len(block.text) else 0
        seen += 1
        if links >= LINKS or seen > NEAR:
            break
        if found := page.says(signs.STUB, block.text):
            return found
    return ""


def tells(page: Page, block: RawBlock) -> bool:
    """Whether a kept block is no part of a prompt."""
    if len(block.text) > LINE:
        return True
    around = islice(block.element.ancestors(), 12)
    boxed = any(page.named("paywall", e) and not page.wraps(e) for e in around)
    return not boxed and not page.says(signs.PROMPT, block.text)


def unquoted(text: str) -> str:
    """A text folded, without what it quotes."""
    text = fold(text)
    return QUOTED.sub(" ", text) if QUOTE.search(text) else text


def topical(text: str) -> bool:
    """Whether a text has a word that consent dialogs have."""
    low = text.lower()
    return any(word in low for word in signs.topics())


def titled(block: RawBlock) -> bool:
    """Whether a block is a heading that is a link."""
    return block.kind is Kind.HEADING and block.link_chars >= 0.8 * len(block.text) > 12


def size(blocks: Sequence[RawBlock]) -> int:
    """The characters of blocks."""
    return sum(len(block.text) for block in blocks)


def words(texts: Sequence[str]) -> int:
    """The words of texts; where no spaces set words apart, as many as their characters say."""
    total = 0.0
    for text in texts:
        apart = len(text.split())
        total += apart
        if len(text) > WORD * apart and not text.isascii():
            total += sum(len(script.findall(text)) / many for script, many in SOLID)
    return round(total)
