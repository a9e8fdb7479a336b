"""What a page calls itself, its headings -> its headline. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from scraper.clean.dom import Element, RawBlock
from scraper.clean.rules import fold

LONGEST = 300  # characters of a heading that may be a headline: the longest true one has 209
# What stands between a headline and the names around it. Tight ones need no space beside them.
SEPARATOR = re.compile(
    r"\s+(?:[-–—―|•·»«›:~⋆/_]|::|&raquo;)\s+|\s*[|»｜ㅣ│¦]\s*|\s+[⋆•|]$|(?<=\S):\s+"
)
EDGES = " |-–—―•·»«›:~⋆/_｜ㅣ│¦\t"
LEAST = 20  # characters of what follows a kicker
KICKED = 60  # characters of a kicker at most
TOLD = 100  # characters of a text that a story may consist of
ABOVE = 1  # such texts above a headline that resembles no other, at most
TITLE = 500  # characters of what a page calls itself
PARTS = 20  # lines of a heading, titles of a page: no page has more of its own
HEADINGS = 200  # of a page that are looked at
LIKE = 0.3  # share of trigrams that a headline has in common with what the page calls itself
LETTERS = re.compile(r"[\W_]+")
START = re.compile(r"(?<!\w)[\"'«»‹›“”„‚‘’¿¡(\[]*\w")  # of a word, with what opens it


TRAIL = re.compile(r"bread-?crumb|crumbs?\b", re.IGNORECASE)


class Heading(NamedTuple):
    """A heading that readers see, its lines apart."""

    level: int
    parts: tuple[str, ...]
    aside: bool = False  # in a trail of links: 3 of 106 news sites have their SEO title there
    place: int = 0  # of its first block among those of the page

    @property
    def text(self) -> str:
        """Its lines in one."""
        return " ".join(self.parts)


class Said:
    """What a page calls itself, by source, and its site."""

    def __init__(
        self,
        own: Sequence[str] = (),
        shared: Sequence[str] = (),
        title: str = "",
        sites: Iterable[str] = (),
        host: str = "",
    ) -> None:
        self.own = own  # JSON-LD
        self.shared = shared  # OpenGraph and its like
        self.title = title
        self.sites = frozenset(map(key, sites)) - {""}
        labels = host.removeprefix("www.").split(".")
        self.host = LETTERS.sub("", "".join(labels))
        self.names = {self.host, *(LETTERS.sub("", label) for label in labels[:-1])}

    def bare(self) -> Iterator[tuple[str, str]]:
        """Source and text of each, without the site's name, the most trusted first."""
        for source, texts in (("json-ld", self.own), ("og", self.shared), ("title", [self.title])):
            for text in dict.fromkeys(texts):
                if text and (stripped := self.without_site(text[:TITLE])):
                    yield source, stripped

    def without_site(self, text: str) -> str:
        """`text` without the names of the site, first or last in it."""
        while marks := list(SEPARATOR.finditer(text)):
            first, last = marks[0], marks[-1]
            if last.end() == len(text) or self.in_title(text[last.end() :]):
                text = text[: last.start()].strip(EDGES)
            elif ":" not in first[0] and self.in_title(text[: first.start()]):
                text = text[first.end() :].strip(EDGES)
            else:
                break
        return text

    def in_title(self, part: str) -> bool:
        """Whether a part of a title names the site: by its own word or letters of its host."""
        letters = LETTERS.sub("", key(part))
        return self.is_site(part) or (len(letters) > 2 and letters in self.host)

    def is_site(self, name: str) -> bool:
        """Whether `name` is the site's."""
        folded = key(name)
        return folded in self.sites or LETTERS.sub("", folded) in self.names


def key(text: str) -> str:
    """What two spellings of one headline share."""
    folded = fold(text)
    for quote in "\"'«»‹›“”„‚`´":
        folded = folded.replace(quote, "")
    return folded.casefold().strip(" .…")


def headings(blocks: Iterable[RawBlock]) -> list[Heading]:
    """The headings that readers see, the blocks of one joined, in reading order."""
    found: list[Heading] = []
    home: Element | None = None
    for place, block in enumerate(blocks):
        if not block.level or block.element.hidden or len(block.text) > LONGEST:
            continue
        own = next(e for e in block.element.ancestors() if e.is_a.level)
        if own is home:
            if len(found[-1].parts) == PARTS:
                continue
            found[-1] = found[-1]._replace(parts=(*found[-1].parts, block.text))
        else:
            aside = block.level == 1 and in_trail(own)
            found.append(Heading(block.level, (block.text,), aside, place))
        home = own
    return found[:HEADINGS]


def in_trail(element: Element) -> bool:
    """Whether an element stands in a trail of links to the sections above the page."""
    return any(e.tag == "nav" or TRAIL.search(e.classes) for e in islice(element.ancestors(), 5))


def choose(said: Said, blocks: Sequence[RawBlock]) -> tuple[str, str]:
    """The headline and its source; empty where a page has none."""
    bare = list(said.bare())
    names = {key(text): text for _, text in reversed(bare)}
    seen = [h for h in headings(blocks) if not h.aside]
    first = [h for h in seen if h.level == 1 and not said.in_title(h.text)]
    least = min(map(len, names), default=0)
    for heading in (*first, *(h for h in seen if h.level > 1)):
        if heading.level > 1 and (len(heading.text) < least or not names):
            continue  # on most pages this spares the keys of all but a few
        if text := confirmed(heading, names):
            return text, "dom"
        if heading.level == 1 and (text := restyled(heading, names)):
            return text, "dom"
    said_so = list(names)[:PARTS]
    likely = [max((alike(h.text, name) for name in said_so), default=0.0) for h in first[:PARTS]]
    alone = len(first) == 1 and told(blocks[: first[0].place]) <= ABOVE
    if first and (not bare or max(likely) > LIKE or alone):
        return first[likely.index(max(likely))].text, "dom"
    return (bare[0][1], bare[0][0]) if bare else ("", "")


def told(blocks: Iterable[RawBlock]) -> int:
    """How many of the blocks are texts that a story may consist of."""
    return sum(len(b.text) > TOLD and 2 * b.link_chars < len(b.text) for b in blocks)


def confirmed(heading: Heading, names: Collection[str]) -> str:
    """What of `heading` another source has as well: all, a line, or what follows a kicker."""
    whole = key(heading.text)
    if whole in names:
        return heading.text
    for text in heading.parts if len(heading.parts) > 1 else ():
        if key(text) in names:
            return text
    if any(whole.endswith(name) for name in names if len(name) > LEAST):
        for start in starts(heading.text):
            if key(heading.text[start:]) in names:
                return heading.text[start:]
    return ""


def restyled(heading: Heading, names: Mapping[str, str]) -> str:
    """The text of `heading`, whose kicker is set apart by style alone, as other sources write it.

    They part the two by a mark, or have another kicker.
    """
    whole = key(heading.text)
    for name, text in names.items():
        if SEPARATOR.sub(" ", name, count=1) == whole:
            return text
    tails = {name[mark.end() :] for name in names for mark in SEPARATOR.finditer(name)}
    if any(whole.endswith(tail) for tail in tails if len(tail) > LEAST):
        for start in starts(heading.text):
            unmarked = heading.text[: start - 1][-1:].isalnum()
            if unmarked and key(heading.text[start:]) in tails:
                return heading.text[start:]
    return ""


def starts(text: str) -> list[int]:
    """Where the words begin that a kicker may end before; not the first, and not the last few."""
    found = [match.start() for match in START.finditer(text[: KICKED + 1])][1:]
    return [start for start in found if len(text) - start > LEAST]


def alike(one: str, other: str) -> float:
    """Which share of the trigrams of the shorter text the longer one has."""
    a, b = trigrams(one), trigrams(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def trigrams(text: str) -> set[str]:
    """The runs of three letters."""
    letters = LETTERS.sub("", key(text))
    return {letters[i : i + 3] for i in range(len(letters) - 2)} or (
        {letters} if letters else set()
    )
