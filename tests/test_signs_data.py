"""signs.toml: patterns fire on their examples, and spare near misses and the bundled stories."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from scraper.clean.rules import fold

LANGUAGES = "en fr de es it pt nl pl ru uk el tr sv da no fi cs hu ro ja zh ko ar he id vi".split()
ANY = "any"
FIXTURES = Path(__file__).parents[1] / "fixtures"
QUOTED = re.compile(r'"[^"]{12,}"')  # a story that quotes a dialog does not speak as one
TEXT = resources.files("scraper.clean").joinpath("signs.toml").read_text("utf-8")
SIGNS: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(TEXT)
PAIRS = [(kind, language) for kind, rows in SIGNS.items() for language in rows]
# What would take exponential time on a text that almost matches: a repeat of a repeat
NESTED = re.compile(r"[^\\][+*]\)[+*]|[^\\]\}\)[+*]|\.[*+](?!\?)")

each_pair = pytest.mark.parametrize(("kind", "language"), PAIRS, ids=[".".join(p) for p in PAIRS])


@cache
def pattern(kind: str, language: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return re.compile("|".join(sources(kind, language)), re.IGNORECASE)


def sources(kind: str, language: str) -> list[str]:
    written = SIGNS[kind][language]["pattern"]
    return [written] if isinstance(written, str) else written


def stories() -> Iterator[str]:
    """The paragraphs and headlines of the bundled articles."""
    paths = [*FIXTURES.glob("pages/*.json"), *FIXTURES.glob("site/expected/*.json")]
    assert len(paths) > 25
    for path in paths:
        page = json.loads(path.read_text("utf-8"))
        if page.get("verdict", "article") == "article":
            yield from (page.get("headline") or "", page.get("standfirst") or "")
            yield from page["body"].split("\n")


@pytest.mark.parametrize("kind", ["consent", "challenge", "error", "prompt"])
def test_kind_has_every_language(kind: str) -> None:
    assert set(SIGNS[kind]) == {*LANGUAGES, ANY}


@each_pair
def test_pattern(kind: str, language: str) -> None:
    row = SIGNS[kind][language]
    assert set(row) == {"pattern", "fires", "near_miss"}
    assert 3 <= len(row["fires"]) <= 6
    assert 2 <= len(row["near_miss"]) <= 4
    assert [source for source in sources(kind, language) if NESTED.search(source)] == []
    assert pattern(kind, language).search("") is None
    for text in row["fires"]:
        assert pattern(kind, language).search(fold(text)), text
    for text in row["near_miss"]:
        for each in {language, ANY}:
            found = pattern(kind, each).search(fold(text))
            assert found is None, f"{each} takes {found[0]!r} in {text!r}"


def test_bundled_stories_are_spared() -> None:
    texts = {QUOTED.sub(" ", fold(text)) for text in stories() if text.strip()}
    assert len(texts) > 200
    taken = [
        f"{kind}.{language} takes {found[0]!r} in {text!r}"
        for kind, language in PAIRS
        for text in texts
        if (found := pattern(kind, language).search(text))
    ]
    assert taken == []
