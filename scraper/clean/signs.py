"""signs.toml, vendors.toml -> what gives a page away that is no article, by language. Pure.

Only pages with little text ask for them, so that the patterns are compiled when first needed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from scraper.clean.rules import ALIASES, ANY

KINDS = ("consent", "challenge", "error", "prompt", "stub")
CONSENT, CHALLENGE, ERROR, PROMPT, STUB = KINDS


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who makes a bot check, and what its source holds."""

    name: str
    marks: tuple[str, ...]  # in lower case: one is enough


def table(name: str) -> Mapping[str, Any]:
    """A file of this package."""
    text = resources.files("scraper.clean").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def phrases(kind: str, language: str) -> re.Pattern[str]:
    """What a block of a page of this kind says, in a language (BCP 47).

    English and what no language owns are always there: vendors' pages are seldom translated whole.
    """
    rows = known()[kind]
    name = language.split("-")[0]
    name = ALIASES.get(name, name)
    wanted = (name, "en", ANY) if name in rows else ("en", ANY)
    parts = [f"(?:{source})" for each in dict.fromkeys(wanted) for source in sources(rows[each])]
    return re.compile("|".join(parts), re.IGNORECASE)


@cache
def known() -> Mapping[str, Any]:
    """The rows of signs.toml: kind -> language -> pattern, fires, near_miss."""
    return table("signs")


def sources(row: Mapping[str, Any]) -> Iterator[str]:
    """The regular expressions of a row."""
    pattern = row["pattern"]
    yield from [pattern] if isinstance(pattern, str) else pattern


@cache
def vendors() -> tuple[Vendor, ...]:
    """The makers of bot checks."""
    rows = table("vendors")["challenge"].values()
    return tuple(Vendor(row["name"], tuple(row["marks"])) for row in rows)


@cache
def place(kind: str) -> re.Pattern[str]:
    """The class words of an element that holds a dialog of this kind: consent, paywall, error."""
    return re.compile(table("vendors")["place"][kind]["pattern"], re.IGNORECASE)


@cache
def topics() -> tuple[str, ...]:
    """Words that consent dialogs can't do without, lowered."""
    return tuple(table("vendors")["topic"]["consent"])
