"""Blocks, cuts -> the authors that a page names to its readers only. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from scraper.clean.byline import (
    AGENCIES,
    BY,
    DEGREE,
    DIGIT,
    NO_NAME,
    is_person,
    other_word,
    parts,
    people,
)
from scraper.clean.dom import RawBlock
from scraper.clean.values import plain
from scraper.model import Cut, Reason

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
MONTH = "|".join(f"{m}[a-z]{{0,6}}" for m in MONTHS.split())
DATED = re.compile(
    r"(?:19|20)\d\d[./年-]\d{1,2}[./月-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d"
    r"|\d{1,2}(?:st|nd|rd|th)?\.? (?:de )?[^\W\d]{3,12}\.?,? (?:de )?(?:19|20)\d\d"
    rf"|(?:{MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? (?:19|20)\d\d)?",
    re.IGNORECASE,
)
BREAK = re.compile(r"\s*(?:[|•·●⋅–—(（\n*]|\s-\s|\s\W\s)\s*")
LABEL = 25  # characters of a line that introduces the next
SURE = 1.5  # the score of a line that counts for more than the site's own name
LINE = 160  # characters of a line that may be a byline
WINDOW = 6  # blocks below the headline that are read although nothing names them a byline
CLOSE = 4  # blocks below the headline in which a bare name is an author's
# Class words of bylines, and of lines that are others'; camel case ends a word as well.
NAMED = re.compile(
    r"[Bb]y-?[Ll]ine|[Aa]uthors?(?![a-z])|[Ww]riters?(?![a-z])|[Aa]utor(?:e|en|in|zy|i)?(?![a-z])"
    r"|[Aa]uteur|[Rr]edakteur|[Vv]erfasser|[Ff]orfatter|[Ss]kribent|[Cc]ontributor|[Rr]eporter"
    r"|[Jj]ournalist|[Ss]ignature"
)
OTHERS = re.compile(
    r"[Cc]omment|[Rr]elated|[Rr]ecommend|[Tt]easer|\b[Cc]ards?(?![a-z])|Cards?(?![a-z])|[Ss]idebar"
    r"|[Ww]idget|[Ff]ooter|[Ll]atest|[Pp]opular|[Pp]romo|[Cc]redit|[Cc]aption|\b[Nn]av(?![a-z])"
    r"|[Mm]enu|[Tt]estimonial"
)
PROFILE = re.compile(
    r'rel="author"|/(?:authors?|autor(?:en|es|i)?|auteurs?|people|profiles?|staff|contributors?'
    r"|writers?|journalists?|by|redaktion|user)/",
    re.IGNORECASE,
)
# "By" within a line, and what it must not follow.
INNER = re.compile(
    r"(?<=[\s\d])(?:by|By|BY|von|Von|VON|par|Par|por|Por|door|Door)\s*:?\s+(?=[^\W\d_])"
)
OTHER_WORK = (
    "(?:review|check|verifi|edited|photo|image|illustrat|sponsor|power|websit|design|translat|approved"
    "|curated|foto|bild|presented|video|art|graphic|produced)\\w*\\s*(?:(?:and|&)\\s+\\w+\\s*)?"
)
BEFORE_BY = re.compile(f"{OTHER_WORK}$", re.IGNORECASE)
OTHERS_BY = re.compile(rf".*{OTHER_WORK}\W*by\W*", re.IGNORECASE)
SIGN = re.compile(rf"(?:^|{BREAK.pattern})(?:{BY.pattern})|{INNER.pattern}", re.IGNORECASE)
# What follows a name on its line: a place or a desk, a day, a note on changes.
STOP = re.compile(
    r"(?<=[a-zà-ÿ])(?:In|On|At|For)\s.*$|\s*,?\s*\d.*$"
    r"|\s+(?:in|for|on|at|für|pour|para|per|is|has|from|edited|via|auf|am|le|el)(?:\s.*)?$"
    r"|\s*(?:Updated|Published|Posted|Last|Reviewed|Medically|Fact|Share|Follow|Aktualisiert"
    r"|Veröffentlicht|Publié|Mis à jour|Publicado|Actualizado|Pubblicato|Aggiornato).*$"
)
GLUED = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý][a-z])")


class Line(NamedTuple):
    """A byline: its names, how likely it is that of the page, and what it looks like."""

    names: tuple[str, ...]
    score: float
    position: int
    looks: tuple[bool, str]


def authors(
    blocks: Sequence[RawBlock], cuts: Sequence[Cut], top: int, end: int, least: float = 0
) -> tuple[str, ...]:
    """The names in the byline that the page shows, the likeliest beside the headline at `top`.

    `end` is the position of the story's last block.
    """
    marked = {cut.position for cut in cuts if cut.reason in (Reason.BYLINE, Reason.AUTHOR_BIO)}
    marked.update(range(max(0, top - 3), top + WINDOW))
    marked.update(range(end, end + 4))
    linked = (b for b in blocks if any('rel="author"' in anchor for anchor in b.anchors))
    marked.update(block.position for block in linked)
    found = list(lines(blocks, marked, top, end))
    best = max(found, key=lambda line: line.score, default=None)
    if best is None or best.score < least:
        return ()
    beside = [f for f in found if f.looks == best.looks and abs(f.position - best.position) <= 3]
    return people(name for line in beside for name in line.names)


def lines(blocks: Sequence[RawBlock], places: set[int], top: int, end: int) -> Iterator[Line]:
    """The bylines at the places that are of the page."""
    for place in sorted(places):
        if place < len(blocks):
            before = blocks[place - 1] if place else None
            if line := read(blocks[place], before, top, end):
                yield line


def shown(names: Sequence[str], blocks: Sequence[RawBlock]) -> bool:
    """Whether readers see one of the names, or the last word of one."""
    words = [name.split()[-1] for name in names if name]
    return any(word in block.text for block in blocks for word in words)


class Clues(NamedTuple):
    """What tells that a block is a byline, beside its words."""

    called: bool  # by its classes or microdata
    links: list[str]  # the texts of links to profiles
    close: bool  # to the headline
    introduced: bool  # by a label before it: "Written by"


def read(block: RawBlock, before: RawBlock | None, top: int, end: int) -> Line | None:
    """The names that a block signs with, and how likely they are the page's."""
    if not 3 < len(block.text) <= LINE or block.element.hidden:
        return None
    label = before.text if before is not None and len(before.text) < LABEL else ""
    if "by" in label.lower() and OTHERS_BY.fullmatch(label):
        return None
    near = list(islice(block.element.ancestors(), 3))
    classes = " ".join(e.classes for e in near)
    below = block.position - top
    clues = Clues(
        NAMED.search(classes) is not None or any(e.itemprop == "author" for e in near),
        [a.rpartition(">")[2].strip() for a in block.anchors if PROFILE.search(a)],
        0 < below <= CLOSE and not block.level,
        bool(label) and BY.fullmatch(f"{label} ") is not None,
    )
    if not any(clues) and not SIGN.search(block.text):
        return None
    names, by = names_in(block.text, clues)
    if not names:
        return None
    score = 3.0 * by + 2 * clues.called + bool(clues.links) + 0.5 * clues.close
    score -= 2 * (OTHERS.search(classes) is not None)
    if below < 0:
        score -= min(1 - below / 5, 3)
    else:
        score -= 1 if end <= block.position <= end + 4 else min(below / 15, 2)
    return Line(names, score, block.position, (by, near[0].classes))


def names_in(text: str, clues: Clues) -> tuple[tuple[str, ...], bool]:
    """The names in the first piece of a line that holds any, and whether it is signed."""
    undated = DATED.sub("|", text) if DIGIT.search(text) else text
    linked = [name for link in clues.links if brief(name := plain(link))]
    if named := tuple(filter(is_person, linked)):
        return named, clues.introduced or any(by for _, by in pieces(undated))
    for piece, signed in pieces(undated):
        by = signed or clues.introduced
        if not (by or clues.called or clues.links or clues.close):
            continue
        cut = STOP.sub("", piece)
        names = tuple(leading(cut))
        alone = len(cut) < len(" ".join(names)) + 8 and (cut == piece or undated != text)
        if names and (by or clues.called or clues.links or alone):
            return names, by
        if not brief(cut):
            continue
        if by and (clues.called or clues.close) and cut[0].isupper():
            return (cut.strip(" .:"),), True
        if clues.called and piece == cut and cut.count(" ") < 2 and other_word(cut) < 0:
            return (cut,), by
    return tuple(linked), False


def brief(name: str) -> bool:
    """Whether a text that something else calls an author may be a name."""
    return 2 < len(name) <= 30 and len(name.split()) <= 4 and not NO_NAME.search(name)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a line, each with whether it is signed with "By"."""
    for piece in BREAK.split(text):
        if match := BY.match(piece):
            yield piece[match.end() :], True
        elif match := INNER.search(piece):
            if not BEFORE_BY.search(piece[: match.start()]):
                yield piece[match.end() :], True
        elif piece:
            yield piece, False


def leading(piece: str) -> Iterator[str]:
    """The names that a piece of a line begins with."""
    for part in parts(piece):
        part = part.strip(' .:*"“”')
        if DEGREE.fullmatch(part):
            continue
        if (glued := GLUED.search(part)) and other_word(part[glued.start() :]) >= 0:
            part = part[: glued.start()]
        role = other_word(part)
        if role > 0 and is_person(before := part[:role].strip(" ,")):
            yield before
            return
        if not is_person(part) and part.casefold() not in AGENCIES:
            return
        half = len(part) // 2
        yield part[:half] if part[:half] == part[half + 1 :] else part
