"""rules/*.toml -> named phrases for each reason and language, named class words. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from scraper.errors import CleanError
from scraper.model import Reason

SPELLINGS = str.maketrans(
    {
        **dict.fromkeys("’‘‚‛´`′", "'"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        # Arabic vowel signs and the stretching mark, which writers set at will
        **dict.fromkeys(map(chr, (*range(0x64B, 0x653), 0x640)), None),
        **dict.fromkeys("\xad\u200b\u200c\u200d\u200e\u200f\ufeff\u2060", None),
    }
)
MAX = 300  # characters: no longer block is tried, unless the rule says so
ANY = "any"  # the language of rules that hold in each
STRUCTURE = "selectors"
ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}  # BCP 47: kinds of Norwegian, old codes


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase that gives a block away, with a text that it fires on and one that it must not.

    `inside`: it may drop a block inside the story; else it only names the reason of a block that
    was dropped anyway.
    """

    name: str  # as in credit.fr.photo
    reason: Reason
    pattern: re.Pattern[str]
    inside: bool
    max: int
    fires: str
    near_miss: str


@dataclass(frozen=True, slots=True)
class Selector:
    """Whole class words (apart by space, hyphen, underscore), or a role, that say what it is."""

    name: str  # as in share.class
    reason: Reason
    pattern: re.Pattern[str]
    fires: str
    near_miss: str


@lru_cache(maxsize=2048)  # a block is folded three times on its way
def fold(text: str) -> str:
    """`text` with one spelling for quotes, apostrophes and dashes, NFKC, white space squeezed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(SPELLINGS)).translate(SPELLINGS)
    return " ".join(text.split())


@cache
def load() -> Mapping[str, tuple[Rule, ...]]:
    """The phrases by language, `any` among them. Raises CleanError naming a rule that is wrong."""
    return {name: tuple(rules(name, table)) for name, table in files().items() if name != STRUCTURE}


@cache
def selectors() -> tuple[Selector, ...]:
    """The structural rules, the most precise first. Raises CleanError naming one that is wrong."""
    found = []
    for topic, short, row in flat(files()[STRUCTURE]):
        name = f"{topic}.{short}"
        reason, pattern = made(name, row)
        whole = re.compile(f"(?:^|[-_ ])(?:{pattern.pattern})(?:[-_ ]|$)")
        found.append(Selector(name, reason, whole, row["fires"], row["near_miss"]))
    return tuple(found)


@cache
def files() -> dict[str, dict[str, Any]]:
    """The TOML files of the package, by name."""
    found = {}
    for file in sorted(resources.files("scraper.clean").joinpath("rules").iterdir(), key=str):
        if file.name.endswith(".toml"):
            try:
                found[file.name[:-5]] = tomllib.loads(file.read_text("utf-8"))
            except tomllib.TOMLDecodeError as exc:
                raise CleanError(f"rules/{file.name}", f"is no TOML: {exc}") from exc
    return found


def flat(table: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Topic, short name and row of each rule."""
    for topic, rows in table.items():
        for short, row in rows.items():
            yield topic, short, row


def rules(language: str, table: Mapping[str, Any]) -> Iterator[Rule]:
    """The phrases of one file."""
    for topic, short, row in flat(table):
        name = f"{topic}.{language}.{short}"
        reason, pattern = made(name, row)
        inside, most = bool(row.get("inside", False)), int(row.get("max", MAX))
        yield Rule(name, reason, pattern, inside, most, row["fires"], row["near_miss"])


def made(name: str, row: Mapping[str, Any]) -> tuple[Reason, re.Pattern[str]]:
    """Reason and pattern of a rule. Raises CleanError when it is not whole."""
    missing = {"reason", "pattern", "fires", "near_miss"} - set(row)
    if missing:
        raise CleanError(name, f"lacks {', '.join(sorted(missing))}")
    try:
        return Reason(row["reason"]), re.compile(row["pattern"], re.IGNORECASE)
    except (ValueError, re.error) as exc:
        raise CleanError(name, str(exc)) from exc


class Phrases:
    """The phrases for a page: those of its language, of English, and of no language."""

    def __init__(self, language: str) -> None:
        name = language.split("-")[0]
        name = ALIASES.get(name, name)
        self.tried = {inside: chosen(name, inside) for inside in (True, False)}

    def match(self, text: str, *, inside: bool) -> Rule | None:
        """The first rule that fires on a block; with `inside` only those that may cut a story."""
        folded = fold(text)
        for length, quick, row in self.tried[inside]:
            if len(folded) <= length and quick.search(folded):
                for rule in row:
                    if len(folded) <= rule.max and rule.pattern.search(folded):
                        return rule
        return None


@cache
def chosen(
    language: str, inside: bool
) -> tuple[tuple[int, re.Pattern[str], tuple[Rule, ...]], ...]:
    """The rules for a language in groups of equal length limit, each with all its patterns in one.

    Most blocks match nothing: one alternation says so in a tenth of the time of the single rules.
    """
    known = load()
    names = (language, "en", ANY) if language in known else tuple(known)
    pool = [r for n in dict.fromkeys(names) for r in known.get(n, ()) if r.inside or not inside]
    groups: dict[int, list[Rule]] = {}
    for rule in pool:
        groups.setdefault(rule.max, []).append(rule)
    return tuple(
        (
            most,
            re.compile("|".join(f"(?:{r.pattern.pattern})" for r in row), re.IGNORECASE),
            tuple(row),
        )
        for most, row in sorted(groups.items())
    )


@lru_cache(maxsize=8192)
def structure_reason(tag: str, words: str, role: str) -> tuple[str, Reason] | None:
    """Name and reason of the first structural rule that an element's class words or role meet.

    `words` are class and id, lowered, camel case set apart. The body and the root are no furniture.
    """
    if tag in ("html", "body", "article", "main") or not (words or role):
        return None
    seen = f"{words} role={role}" if role else words
    return next(((s.name, s.reason) for s in selectors() if s.pattern.search(seen)), None)
