"""The rule files: every rule fires on its example, spares its near miss, and is quick."""

from __future__ import annotations

import re
from functools import cache
from time import perf_counter
from typing import Any

import pytest

from scraper.clean.dom import ATTRIBUTE, TOKEN, Walk
from scraper.clean.furniture import spaced
from scraper.clean.rules import (
    Phrases,
    Rule,
    Selector,
    fold,
    load,
    made,
    rules,
    selectors,
    structure_reason,
)
from scraper.errors import CleanError
from scraper.model import Reason

LANGUAGES = "fr en de es it pt nl pl ru uk el tr sv da no fi cs hu ro ja zh ko ar he id vi".split()
LEAST = 12  # rules a language
SLOWEST = 0.005  # seconds for a pattern on 2,000 characters
PAIRS = [(language, rule) for language, row in load().items() for rule in row]
NAMES = [rule.name for _, rule in PAIRS]
SELECTORS = selectors()
ROW = {"reason": "tags", "pattern": "^x$", "fires": "x", "near_miss": "y"}

each_selector = pytest.mark.parametrize("selector", SELECTORS, ids=[s.name for s in SELECTORS])


@cache
def phrases(language: str) -> Phrases:
    return Phrases(language)


@pytest.mark.parametrize(("language", "rule"), PAIRS, ids=NAMES)
def test_rule(language: str, rule: Rule) -> None:
    fires(language, rule)  # one test a rule: three would take longer than what they check
    spares(language, rule)
    well_made(language, rule)


def fires(language: str, rule: Rule) -> None:
    assert rule.pattern.search(fold(rule.fires))
    for inside in {False, rule.inside}:
        found = phrases(language).match(rule.fires, inside=inside)
        assert found is not None
        assert found.reason is rule.reason, found.name


def spares(language: str, rule: Rule) -> None:
    found = phrases(language).match(rule.near_miss, inside=True)
    assert found is None, found and found.name


def well_made(language: str, rule: Rule) -> None:
    assert rule.name.split(".")[1] == language
    assert re.fullmatch(r"\w+\.\w+\.\w+", rule.name)
    assert rule.pattern.groups == 0
    assert not re.search(r"\(\?[a-zA-Z]+\)", rule.pattern.pattern), "flags for the whole pattern"
    if rule.inside:
        for part in outermost(rule.pattern.pattern).split("|"):
            assert part.startswith("^"), "^ binds one alternative only"
    for text in ("a" * 2000, " " * 2000, (rule.fires * 2000)[:2000]):
        assert duration(rule.pattern, text) < SLOWEST


@each_selector
def test_selector_fires(selector: Selector) -> None:
    assert seen(selector.fires) is selector.reason


@each_selector
def test_selector_near_miss(selector: Selector) -> None:
    assert seen(selector.near_miss) is not selector.reason


def test_names_are_unique() -> None:
    names = NAMES + [selector.name for selector in SELECTORS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages(language: str) -> None:
    assert len(load()[language]) >= LEAST


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({k: v for k, v in ROW.items() if k != "near_miss"}, "near_miss"),
        (ROW | {"reason": "boredom"}, "boredom"),
        (ROW | {"pattern": "("}, "unterminated"),
    ],
)
def test_a_wrong_rule_is_named(row: dict[str, Any], why: str) -> None:
    with pytest.raises(CleanError, match=rf"^topic\.xx\.short: .*{why}"):
        list(rules("xx", {"topic": {"short": row}}))
    with pytest.raises(CleanError, match=rf"^topic\.short: .*{why}"):
        made("topic.short", row)


def seen(start_tag: str) -> Reason | None:
    """What the structural rules make of an element, given as its start tag."""
    match = TOKEN.fullmatch(start_tag)
    assert match is not None
    element = Walk().child(match[2], dict(ATTRIBUTE.findall(match[3])))
    found = structure_reason(element.tag, spaced(element.classes), element.role)
    return found[1] if found else None


def outermost(pattern: str) -> str:
    """`pattern` without escapes, sets and groups: what binds at its top level."""
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "", re.sub(r"\\[\[\]]", "", pattern))
    groups = 1
    while groups:
        bare, groups = re.subn(r"\([^()]*\)", "", bare)
    return bare


def duration(pattern: re.Pattern[str], text: str) -> float:
    """Seconds for a search, the best of three tries: a busy machine makes no rule slow."""
    best = SLOWEST
    for _ in range(3):
        start = perf_counter()
        pattern.search(text)
        best = min(perf_counter() - start, best)
        if best < SLOWEST:
            break
    return best
