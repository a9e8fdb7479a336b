"""Text that was scraped naively, a block a line -> headline and body. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scraper.clean.dom import SPACE
from scraper.clean.encoding import tidy
from scraper.clean.extract import tokens
from scraper.clean.furniture import Why, key
from scraper.clean.language import spoken
from scraper.clean.rules import Phrases
from scraper.model import Article, Block, Cut, Kind, Reason, Verdict

ENDS = re.compile(r"[.!?…:;,\"»”’)\]。！？」』؟।]\s*$")
REPEATED = 3  # lines below the headline in which it may be said again; later it heads a section
SLOGAN = 60  # characters: a line between furniture that is shorter and ends like no sentence


def clean_text(text: str) -> Article:
    """The article in `text`, whose first line is the headline and whose other lines are blocks.

    What naive scrapers take along is dropped: the headline said again, credits, captions, banners,
    disclaimers. Everything else stays, in order. There is no URL, no author and no date.
    """
    lines = [line for raw in tidy(text).splitlines() if (line := SPACE.sub(" ", raw).strip())]
    headline = lines[0] if lines else ""
    language = spoken("\n".join(lines))
    phrases = Phrases(language)
    found = [None, *(judged(line, headline, phrases, n) for n, line in enumerate(lines[1:]))]
    why = chrome(lines, found)
    kept = [i for i in range(1, len(lines)) if why[i] is None]
    blocks = tuple(Block(kind(lines, i, kept), lines[i]) for i in kept)
    cuts = tuple(
        Cut(w.reason, w.rule, without(lines[i], headline), "", i)
        for i, w in enumerate(why)
        if w is not None
    )
    words = sum(len(tokens(block.text)) for block in blocks)
    return Article(
        url="",
        canonical_url=None,
        site="",
        headline=headline,
        standfirst="",
        blocks=blocks,
        language=language,
        captions=tuple(c.text for c in cuts if c.reason is Reason.CAPTION),
        credits=tuple(c.text for c in cuts if c.reason is Reason.PHOTO_CREDIT),
        verdict=Verdict.ARTICLE if blocks else Verdict.EMPTY,
        verdict_reason=f"{words} words" if blocks else "there is no text below the headline",
        confidence=round(0.5 * min(1.0, words / 150), 3),  # without structure no more than a half
        cuts=cuts,
        sources={"headline": "text", "language": "text"},
    )


def judged(line: str, headline: str, phrases: Phrases, below: int) -> Why | None:
    """Why a line goes, if it does; `below` counts the lines between it and the headline."""
    if below < REPEATED and key(line) == key(headline):
        return Why(Reason.DUPLICATE, "text.headline")
    rule = phrases.match(without(line, headline), inside=True)
    return Why(rule.reason, rule.name) if rule else None


def without(line: str, headline: str) -> str:
    """`line` without the headline, which naive scrapers glue to the credit that follows."""
    if headline and line.startswith(headline) and len(line) > len(headline):
        return line[len(headline) :].strip()
    return line


def chrome(lines: Sequence[str], found: Sequence[Why | None]) -> list[Why | None]:
    """`found`, and the slogans and buttons that stand between furniture after the story."""
    why = list(found)
    last = max((i for i, w in enumerate(why) if w is not None), default=-1)
    if any(len(line) >= SLOGAN for line in lines[last + 1 :]):  # the story goes on
        return why
    for i in range(last - 1, 0, -1):
        if why[i] is not None:
            continue
        if len(lines[i]) >= SLOGAN or ENDS.search(lines[i]):
            break
        why[i] = Why(Reason.SITE_CHROME, "text.slogan")
    return why


def kind(lines: Sequence[str], position: int, kept: Sequence[int]) -> Kind:
    """A short line that ends like no sentence and has text below it is a heading."""
    line = lines[position]
    if len(line) > 120 or ENDS.search(line) or position in (kept[0], kept[-1]):
        return Kind.PARAGRAPH
    return Kind.HEADING
