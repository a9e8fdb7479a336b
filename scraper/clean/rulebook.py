"""rules/*.toml -> rules with their proof, and the rules/*.json that run time reads. Pure.

Nothing here runs when a page is cleaned. Whoever changes a rule runs `make rules`; a test fails
when the JSON is not that of the TOML.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Generic, TypeVar

from scraper.clean.gates import END, openings, parsed
from scraper.clean.index import row
from scraper.clean.rules import STEM, Rule, Selector, apart
from scraper.errors import CleanError
from scraper.model import Reason

MAX = 300  # characters: no longer block is tried, unless the rule says so
DEPTHS = (16, 12, 8, 6, 4)  # characters: an opening of class words goes past the first

STRUCTURE = "selectors"
R = TypeVar("R", Rule, Selector)
Beginnings = dict[str, list[tuple[int, list[str]]]]


@dataclass(frozen=True, slots=True)
class Proven(Generic[R]):
    """A rule, with a text that it fires on and one that it must not."""

    rule: R
    fires: str
    near_miss: str


@cache
def load() -> Mapping[str, tuple[Proven[Rule], ...]]:
    """The phrases by language, `any` among them. Raises CleanError naming a rule that is wrong."""
    return {name: tuple(rules(name, table)) for name, table in files().items() if name != STRUCTURE}


@cache
def selectors() -> tuple[Proven[Selector], ...]:
    """The structural rules, the most precise first. Raises CleanError naming one that is wrong."""
    return tuple(
        Proven(Selector(name, *checked(name, each)), each["fires"], each["near_miss"])
        for topic, short, each in flat(files()[STRUCTURE])
        for name in (f"{topic}.{short}",)
    )


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
        for short, each in rows.items():
            yield topic, short, each


def rules(language: str, table: Mapping[str, Any]) -> Iterator[Proven[Rule]]:
    """The phrases of one file."""
    for topic, short, each in flat(table):
        name = f"{topic}.{language}.{short}"
        reason, source = checked(name, each)
        inside, most = bool(each.get("inside", False)), int(each.get("max", MAX))
        rule = Rule(name, reason, source, inside, most)
        yield Proven(rule, each["fires"], each["near_miss"])


def checked(name: str, each: Mapping[str, Any]) -> tuple[Reason, str]:
    """Reason and pattern of a rule. Raises CleanError when it is not whole."""
    missing = {"reason", "pattern", "fires", "near_miss"} - set(each)
    if missing:
        raise CleanError(name, f"lacks {', '.join(sorted(missing))}")
    try:
        return Reason(each["reason"]), re.compile(each["pattern"], re.IGNORECASE).pattern
    except (ValueError, re.error) as exc:
        raise CleanError(name, str(exc)) from exc


def compiled() -> dict[str, str]:
    """What the JSON files must hold, by name. Raises CleanError naming a rule that is wrong."""
    found = {STRUCTURE: lines(structure())}
    for name, proven in load().items():
        found[name] = lines(
            [r.name, r.reason, r.source, r.inside, r.max, *row(r.source)]
            for r in (each.rule for each in proven)
        )
    return found


def lines(rows: Iterable[Any]) -> str:
    """A JSON list, an element a line."""
    texts = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in rows)
    return "[\n" + ",\n".join(texts) + "\n]\n"


def structure() -> tuple[list[tuple[str, str, str]], Beginnings, Beginnings]:
    """The selectors; those by the first word of what they match; those by its first letters."""
    words: Beginnings = {}
    stems: Beginnings = {}
    known = [each.rule for each in selectors()]
    for number, selector in enumerate(known):
        rows: dict[str, list[str]] = {}
        for opening in openings(parsed(selector.pattern.pattern), apart, DEPTHS):
            first = re.split(f"(?<=[ {END}])", opening, maxsplit=1)[0]
            key = first[:-1] if first[-1] in (" ", END) else first[:STEM] + END
            rows.setdefault(key, []).append(opening)
        for key, starts in rows.items():
            table = stems if key[-1:] == END else words
            table.setdefault(key.rstrip(END), []).append((number, starts))
    return [(s.name, s.reason, s.source) for s in known], words, stems
