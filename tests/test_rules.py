"""The rule files: every rule fires on its example, spares its near miss, and is quick."""

from __future__ import annotations

import re
from functools import cache
from time import perf_counter
from typing import Any

import pytest
from renew_rules import stale

from scraper.clean.furniture import spaced
from scraper.clean.rulebook import Proven, checked, load, rules, selectors
from scraper.clean.rules import Phrases, Rule, Selector, fold, structure_reason
from scraper.clean.tags import learn
from scraper.errors import CleanError
from scraper.model import Reason

LANGUAGES = "fr en de es it pt nl pl ru uk el tr sv da no fi cs hu ro ja zh ko ar he id vi".split()
LEAST = 12  # rules a language
SLOWEST = 0.005  # seconds for a pattern on 2,000 characters
PAIRS = [(language, proven) for language, row in load().items() for proven in row]
NAMES = [proven.rule.name for _, proven in PAIRS]
SELECTORS = selectors()
ROW = {"reason": "tags", "pattern": "^x$", "fires": "x", "near_miss": "y"}

each_selector = pytest.mark.parametrize("selector", SELECTORS, ids=[s.rule.name for s in SELECTORS])


@cache
def phrases(language: str) -> Phrases:
    return Phrases(language)


@pytest.mark.parametrize(("language", "proven"), PAIRS, ids=NAMES)
def test_rule(language: str, proven: Proven[Rule]) -> None:
    fires(language, proven)  # one test a rule: three would take longer than what they check
    spares(language, proven)
    well_made(language, proven)


def fires(language: str, proven: Proven[Rule]) -> None:
    rule = proven.rule
    assert rule.pattern.search(fold(proven.fires))
    for inside in {False, rule.inside}:
        found = phrases(language).match(proven.fires, inside=inside)
        assert found is not None
        assert found.reason is rule.reason, found.name


def spares(language: str, proven: Proven[Rule]) -> None:
    found = phrases(language).match(proven.near_miss, inside=True)
    assert found is None, found and found.name


def well_made(language: str, proven: Proven[Rule]) -> None:
    rule, pattern = proven.rule, proven.rule.pattern
    assert rule.name.split(".")[1] == language
    assert re.fullmatch(r"\w+\.\w+\.\w+", rule.name)
    assert pattern.groups == 0
    assert not re.search(r"\(\?[a-zA-Z]+\)", rule.source), "flags for the whole pattern"
    if rule.inside:
        for part in outermost(rule.source).split("|"):
            assert part.startswith("^"), "^ binds one alternative only"
    for text in ("a" * 2000, " " * 2000, (proven.fires * 2000)[:2000]):
        assert duration(pattern, text) < SLOWEST


@each_selector
def test_selector_fires(selector: Proven[Selector]) -> None:
    assert seen(selector.fires) is selector.rule.reason


@each_selector
def test_selector_near_miss(selector: Proven[Selector]) -> None:
    assert seen(selector.near_miss) is not selector.rule.reason


def test_names_are_unique() -> None:
    names = NAMES + [selector.rule.name for selector in SELECTORS]
    assert len(names) == len(set(names))


def test_what_is_read_is_what_is_written() -> None:
    assert sorted(path.name for path in stale()) == [], "a rule has changed: run `make rules`"


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
        checked("topic.short", row)


def seen(start_tag: str) -> Reason | None:
    """What the structural rules make of an element, given as its start tag."""
    tag = learn(start_tag[1:-1])
    found = structure_reason(tag.name, spaced(tag.classes), tag.role)
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
