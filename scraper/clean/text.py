"""Text that was scraped naively, a block a line -> headline and body. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from scraper.clean import dom, features, scorer
from scraper.clean.dom import SPACE
from scraper.clean.encoding import tidy
from scraper.clean.furniture import Why, key
from scraper.clean.language import spoken
from scraper.clean.metadata import Metadata
from scraper.clean.opened import probabilities
from scraper.clean.rules import Phrases
from scraper.clean.shingles import tokens
from scraper.model import Article, Block, Cut, Kind, Reason, Verdict

ENDS = re.compile(r"[.!?…:;,\"»”’)\]。！？」』؟।]\s*$")
REPEATED = 3  # lines below the headline in which it may be said again; later it heads a section
# Cross-validated on the story's part of 1,849 pages: 93 to 97 % of true bodies come back whole
# (rules alone 90 to 97), and F1 rises by .003 (fundus) and .02 (daniel).
# Only these reasons give way: of a bare line the trees can't tell a disclaimer from a story (.96).
GIVES_WAY = frozenset(
    (Reason.BYLINE, Reason.DATE_LINE, Reason.RELATED_LINKS, Reason.TAGS, Reason.SHARE_BAR)
)
SURE, HOPELESS = 0.8, 0.05
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
    scores = likely(lines)
    found = [judged(line, headline, phrases, n) for n, line in enumerate(lines[1:])]
    settled_on = [settled(w, score) for w, score in zip(found, scores[1:], strict=True)]
    why = chrome(lines, [None, *settled_on])
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


def likely(lines: Sequence[str]) -> list[float]:
    """For each line how likely it is text of the article, by the trees trained on bare lines."""
    rows = laid_out(lines) if lines else None
    if rows is None:
        return [0.5] * len(lines)
    return probabilities(scorer.model().trees["text"].total(rows))


def laid_out(lines: Sequence[str]) -> npt.NDArray[np.float32] | None:
    """The features of lines as those of a page without any structure: a row a line.

    None where a line is nothing that a page would show.
    """
    first, *others = [escape(line, quote=False) for line in lines] or [""]
    page = f"<h1>{first}</h1>{''.join(f'<p>{line}</p>' for line in others)}"
    walk = dom.walk(dom.parse(page))
    if not lines or len(walk.found) != len(lines):
        return None
    return features.matrix(walk.found, walk.elements, Metadata(headline=lines[0]))


def settled(why: Why | None, score: float) -> Why | None:
    """What rule and score come to: a sure score holds a line, a hopeless one drops it."""
    if why is not None and why.reason in GIVES_WAY and score > SURE:
        return None
    if why is None and score < HOPELESS:
        return Why(Reason.LOW_SCORE, "scorer.text")
    return why


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
