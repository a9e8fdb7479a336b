"""Texts and class words -> the named rule that they meet, by reason and language. Pure.

The rules are written in rules/*.toml; what is read here, rules/*.json, is made of them by rulebook,
so that no pattern is parsed before a text comes that it may match: all of them take 0.5 s.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

from scraper.clean.gates import END
from scraper.clean.index import Gate, Index
from scraper.model import Reason

SPELLINGS = {
    **dict.fromkeys("’‘‚‛´`′", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    # Arabic vowel signs and the stretching mark, which writers set at will
    **dict.fromkeys(map(chr, (*range(0x64B, 0x653), 0x640)), ""),
    **dict.fromkeys("\xad\u200b\u200c\u200d\u200e\u200f\ufeff\u2060", ""),
    # as NFKC has them, which takes 20 times as long
    "…": "...",
    "\xa0": " ",
}
SPELT = re.compile(f"[{''.join(SPELLINGS)}]")
ANY = "any"  # the language of rules that hold in each
UNKNOWN = ""
STRUCTURE = "selectors.json"
STEM = 3  # letters: no class word that a pattern leaves open has fewer
ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}  # BCP 47: kinds of Norwegian, old codes


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase that gives a block away.

    `inside`: it may drop a block inside the story; else it only names the reason of a block that
    was dropped anyway.
    """

    name: str  # as in credit.fr.photo
    reason: Reason
    source: str  # a regular expression that ignores case
    inside: bool
    max: int  # characters: no longer block is tried

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the folded text of a block is searched for."""
        return re.compile(self.source, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Selector:
    """Whole class words (apart by space, hyphen, underscore), or a role, that say what it is."""

    name: str  # as in share.class
    reason: Reason
    source: str  # a regular expression, to be matched where a word begins

    @property
    def pattern(self) -> re.Pattern[str]:
        """The words, and the mark behind the last."""
        return whole(self.source)


# The first rule that fires on a text, and the first that may drop a block inside the story
Match = tuple[Rule | None, Rule | None]
# By a word, or its first letters: the numbers of selectors, what their matches begin with
Words = Mapping[str, Sequence[tuple[int, tuple[str, ...]]]]


@lru_cache(maxsize=2048)  # a block is folded three times on its way
def fold(text: str) -> str:
    """`text` with one spelling for quotes, apostrophes and dashes, NFKC, white space squeezed."""
    if not text.isascii():
        text = normal(respelt(text))
    if text.isprintable() and "  " not in text and text == text.strip():  # most are
        return text
    return " ".join(text.split())


def respelt(text: str) -> str:
    """`text` with the SPELLINGS, in a seventh of the time that `translate` takes."""
    return SPELT.sub(lambda found: SPELLINGS[found[0]], text)


def normal(text: str) -> str:
    """`text` in NFKC, with the SPELLINGS of what that brought."""
    if unicodedata.is_normalized("NFKC", text):
        return text
    return respelt(unicodedata.normalize("NFKC", text))


@cache
def whole(source: str) -> re.Pattern[str]:
    """A pattern of class words that ends where a word does."""
    return re.compile(f"(?:{source})(?:[-_ ]|$)")


def folder() -> Traversable:
    """The folder of the rules."""
    return resources.files("scraper.clean").joinpath("rules")


@cache
def files() -> Mapping[str, Traversable]:
    """The files of phrases as they are read here, by language; `any` is one."""
    found = {file.name: file for file in folder().iterdir()}
    names = [name for name in sorted(found) if name.endswith(".json")]
    return {name[:-5]: found[name] for name in names if name != STRUCTURE}


@cache
def phrases(name: str) -> tuple[Gate[Rule], ...]:
    """The phrases of a language, or of `any`, in the order in which they are written."""
    found = []
    for title, reason, source, inside, most, *row in json.loads(files()[name].read_bytes()):
        found.append(Gate(Rule(title, Reason(reason), source, inside, most), row))
    return tuple(found)


@cache
def structure() -> tuple[tuple[Selector, ...], Words, Words]:
    """The structural rules, the most precise first, and where they are found; see rulebook."""
    rows, words, stems = json.loads(folder().joinpath(STRUCTURE).read_bytes())
    tables = [
        {key: tuple((n, tuple(starts)) for n, starts in found) for key, found in table.items()}
        for table in (words, stems)
    ]
    known = tuple(Selector(name, Reason(reason), source) for name, reason, source in rows)
    return known, tables[0], tables[1]


class Phrases:
    """The phrases for a page: those of its language, of English, and of no language."""

    def __init__(self, language: str) -> None:
        name = language.split("-")[0]
        name = ALIASES.get(name, name)
        self.language = name if name in files() else UNKNOWN

    def match(self, text: str, *, inside: bool) -> Rule | None:
        """The first rule that fires on a block; with `inside` only those that may cut a story."""
        return self.match_many((text,))[0][inside]

    def match_many(self, texts: Sequence[str]) -> list[Match]:
        """For each text `match` of both kinds, with `inside` as index, in a sixth of the time."""
        return chosen(self.language).match([fold(text) for text in texts])

    def credit(self, text: str, *, inside: bool) -> Rule | None:
        """`match` where that is a photo credit, else None."""
        if chosen(self.language, Reason.PHOTO_CREDIT).match((fold(text),))[0][inside] is None:
            return None
        rule = self.match(text, inside=inside)
        return rule if rule and rule.reason is Reason.PHOTO_CREDIT else None


@cache
def chosen(language: str, reason: Reason | None = None) -> Index[Rule]:
    """The rules for a language (for an unknown one those of all), or those of one reason."""
    names = files() if language == UNKNOWN else dict.fromkeys((language, "en", ANY))
    pool = (gate for name in names for gate in phrases(name))
    return Index(gate for gate in pool if reason is None or gate.phrase.reason is reason)


def apart(words: str) -> str:
    """Class words with one mark between them."""
    return words.replace("-", " ").replace("_", " ")


@lru_cache(maxsize=8192)
def structure_reason(tag: str, words: str, role: str) -> tuple[str, Reason] | None:
    """Name and reason of the first structural rule that an element's class words or role meet.

    `words` are class and id, lowered, camel case set apart. The body and the root are no furniture.
    """
    if tag in ("html", "body", "article", "main") or not (words or role):
        return None
    seen = f"{words} role={role}" if role else words
    plain_words = apart(seen.removesuffix("\n"))
    known, whole, stems = structure()
    best, start = len(known), 0
    text = plain_words + END
    for word in plain_words.split(" "):
        for row in (whole.get(word), stems.get(word[:STEM])):
            for number, starts in row or ():
                if number < best and text.startswith(starts, start):
                    best = number if known[number].pattern.match(seen, start) else best
        start += len(word) + 1
    return (known[best].name, known[best].reason) if best < len(known) else None
