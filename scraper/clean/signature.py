"""Lines for readers -> day, for pages that give it nowhere else. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice, pairwise

from scraper.clean import days
from scraper.clean.dom import RawBlock
from scraper.clean.furniture import key
from scraper.clean.metadata import Metadata
from scraper.clean.values import plain
from scraper.model import Cut, Reason

LINE = 130  # characters of a dated line, at most, and of what it says beside the day
TAGGED = 20  # blocks below the story in which its tags stand
NEAR = 8  # blocks below the headline
NEAREST, FAR = 3, 9  # the most that a line counts to be away: a plain one, an "updated" one
BESIDE = 70
SENTENCE = re.compile(r"\w{3}[.!?…。！？]$")
# A line that says when the story was changed serves where none says when it was published.
UPDATED = re.compile(
    r"updat|modif|revis|review|aktualis|mis à jour|actualiza|atualiza|aggiorn|bijgewerkt"
    r"|oppdater|opdater|uppdater|aktualiz|обновл|оновл|güncel|ενημέρω|更新|수정",
    re.IGNORECASE,
)
NAMED = re.compile(r"date|time|publi|posted|created|meta|byline|author", re.IGNORECASE)
OTHERS = re.compile(r"today|current|clock|weather|event|comment", re.IGNORECASE)


def when(
    raw: Sequence[RawBlock], meta: Metadata, source: str, top: int, latest: datetime
) -> tuple[datetime, str] | None:
    """When a page that declares nothing was published, and where it says so.

    A line near the headline (day only, midnight UTC), else a script of `source`, the page's text,
    else the lead image's address. `top` is the position of the headline. On the 180
    labelled pages whose day htmldate had to find, or did not, this, the address and more names of
    meta tags find 146 right and 19 wrong; htmldate 105 and 36, in 7.9 ms a page, this in 0.6 ms.
    """
    found = in_line(raw, meta, top, latest)
    if found is not None:
        return found, "line"
    found = days.in_scripts(source)
    if found is not None and found <= latest:
        return found, "script"
    found = days.in_path(meta.image_url or "")
    return (found, "image") if found is not None and found <= latest else None


def beside(
    raw: Sequence[RawBlock], language: str, top: int
) -> tuple[datetime | None, datetime | None]:
    """The days in words, beside the headline at `top`, of a plain date line, of an "updated" one.

    Days in figures alone count not: 3/4 is two days.
    """
    plainly = changed = None
    for before, block in pairwise(raw[max(0, top - 1) : top + NEAR]):
        if len(block.text) > LINE or block.element.hidden or not days.LIKELY.search(block.text):
            continue
        told = UPDATED.search(f"{before.text[-BESIDE:]} {block.text}") is not None
        for day, match in days.in_line(block.text, language):
            away = distance(block, block.position - top, match)
            if "mark" in match.re.groupindex or away > (FAR if told else NEAREST):
                continue
            if told:
                changed = changed or day
            else:
                plainly = plainly or day
    return plainly, changed


def earlier(meta: Metadata, day: datetime | None) -> bool:
    """Whether a page's `day`, in a plain date line by the headline, is before the one it declares.

    A site that moves or saves its stories again declares that day for all: of the 8 labelled pages
    where this fires, 7 have the earlier day as their truth.
    """
    if day is None or meta.published is None:
        return False
    return day.date() < meta.published.date() - timedelta(days=1)


def tags(raw: Sequence[RawBlock], cuts: Sequence[Cut], top: int, end: int) -> tuple[str, ...]:
    """The texts of the links that were cut as tags between headline and a little below the story.

    `end` is the position of the story's last block.
    """
    places = [cut.position for cut in cuts if cut.reason is Reason.TAGS]
    blocks = [raw[p] for p in places if top <= p <= end + TAGGED and p < len(raw)]
    texts = (plain(a.rpartition(">")[2]) or b.text for b in blocks for a in b.anchors)
    return tuple(dict.fromkeys(t for text in texts if 1 < len(t := text.strip(" #,")) <= 60))[:100]


def in_line(raw: Sequence[RawBlock], meta: Metadata, top: int, latest: datetime) -> datetime | None:
    """The day in the dated line nearest to the headline.

    A line above the headline counts as twice as far, one in an element named for dates as half as
    far.
    """
    nearest, found = float("inf"), None
    for block in (*raw[top:], *reversed(raw[:top])):
        text = block.text
        if len(text) > LINE or not days.LIKELY.search(text) or block.element.hidden:
            continue
        below = block.position - top
        if max(below / 2, -below) >= nearest:
            continue
        seen = [s for s in days.in_line(text, meta.language) if s[0] <= latest]
        if not seen:
            continue
        day, match = min(seen, key=lambda s: s[1].start())
        away = distance(block, below, match)
        if away < nearest:
            nearest, found = away, day
    return found


def distance(block: RawBlock, below: int, match: re.Match[str]) -> float:
    """How far a dated line counts to be from the headline; infinite for what is no date line."""
    words = " ".join(element.classes for element in islice(block.element.ancestors(), 3))
    beside = len(match.string) - len(match[0])
    told = SENTENCE.search(match.string, match.end()) is not None and beside > BESIDE // 2
    if beside > BESIDE or told or OTHERS.search(words):
        return float("inf")
    away = below if below >= 0 else -2 * below
    if UPDATED.search(match.string, 0, match.start()):
        away += 6
    return away / 2 if block.element.tag == "time" or NAMED.search(words) else away


def headed(raw: Sequence[RawBlock], headline: str, story: int) -> int:
    """The position of the headline nearest to the story, else of an h1, else of the story.

    A kicker may stand before the headline.
    """
    name = key(headline)
    headings = [block for block in raw if block.level]
    near = (b for b in headings if -2 <= len(b.text) - len(headline) <= BESIDE)
    tops = [b.position for b in near if key(b.text).endswith(name)] if name else []
    tops = tops or [b.position for b in headings if b.level == 1]
    return min(tops, key=lambda position: abs(position - story), default=story)
