"""The quick paths of rules and selectors find what the plain ones find, on rule texts mangled."""

from __future__ import annotations

import random
import re

import pytest

from scraper.clean import gates
from scraper.clean.index import Gate, Index, row
from scraper.clean.rulebook import load, selectors
from scraper.clean.rules import Phrases, Rule, chosen, fold, structure_reason
from scraper.model import Reason

SEED = 7
TEXTS = [text for known in load().values() for r in known for text in (r.fires, r.near_miss)]
# letters that IGNORECASE holds equal, digits of other scripts, what `fold` changes
ODD = "İıſςßٳ٣०9’“–…\xa0\u200b`©|:.(- \n"
TAGS = [s for rule in selectors() for s in (rule.fires, rule.near_miss)]
WORDS = [*re.findall(r"[a-z0-9]+", " ".join(s.rule.source for s in selectors())), "story", ""]


def mangled(text: str, rnd: random.Random) -> str:
    """`text` cut, joined to another, in capitals, or with a strange character in it."""
    at = rnd.randrange(len(text) + 1)
    other = rnd.choice(TEXTS)
    changed = (
        text.upper(), text[at:], text[:at], f"{text} {other}", f"{other} {text}",
        text[:at] + rnd.choice(ODD) + text[at:], text[:at] + rnd.choice(ODD) + text[at + 1 :],
    )  # fmt: skip
    return rnd.choice(changed)


def plainly(language: str, text: str) -> tuple[Rule | None, Rule | None]:
    """What `match_many` says, with each pattern tried."""
    folded = fold(text)
    pool = [proven.rule for name in (language, "en", "any") for proven in load()[name]]
    fired = [
        rule
        for rule in sorted(dict.fromkeys(pool), key=lambda rule: rule.max)
        if len(folded) <= rule.max and rule.pattern.search(folded)
    ]
    return next(iter(fired), None), next((rule for rule in fired if rule.inside), None)


@pytest.mark.parametrize("language", [name for name in load() if name != "any"])
def test_the_index_finds_what_each_pattern_finds(language: str) -> None:
    rnd = random.Random(f"{SEED} {language}")
    own = [text for each in load()[language] for text in (each.fires, each.near_miss)]
    texts = [*own, *(mangled(text, rnd) for text in own), mangled(rnd.choice(TEXTS), rnd), "", "x"]
    wanted = [plainly(language, text) for text in texts]
    phrases = Phrases(language)
    assert phrases.match_many(texts) == wanted
    for text, (fired, strict) in zip(texts, wanted, strict=True):
        assert phrases.match(text, inside=False) == fired
        assert phrases.match(text, inside=True) == strict
        credit = fired if fired and fired.reason is Reason.PHOTO_CREDIT else None
        assert phrases.credit(text, inside=False) == credit


def test_most_texts_pass_no_gate() -> None:
    texts = [
        fold(text) for name in ("fr", "pl", "ru") for r in load()[name] for text in (r.near_miss,)
    ]
    tried = [
        number for text in texts for number in chosen("de").alone(gates.plain(text) + gates.END)
    ]
    assert len(tried) < 3 * len(texts)  # of 84 gates


def test_selectors_find_what_each_pattern_finds() -> None:
    rnd = random.Random(SEED)
    known = [proven.rule for proven in selectors()]
    plain = [(s, re.compile(f"(?:^|[-_ ]){s.pattern.pattern}")) for s in known]
    named = 0
    for _ in range(3000):
        words = "".join(rnd.choice(WORDS) + rnd.choice("-_  ") for _ in range(rnd.randrange(1, 5)))
        words = words.strip() if rnd.random() < 0.7 else words + rnd.choice(WORDS)
        role = rnd.choice(("", "", "navigation", "doc-toc", "banner\n"))
        seen = f"{words} role={role}" if role else words
        found = next(((s.name, s.reason) for s, pattern in plain if pattern.search(seen)), None)
        assert structure_reason("div", words, role) == found, (words, role)
        named += found is not None
    assert named > 1000


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("^(?:the )?tags?$", {"tag\0", "tags\0", "the tag\0", "the tags"}),
        (r"^\d{1,2} min", {"0 min", "00 min"}),
        ("^[Aß]b.*c", {"ab", "ßb"}),
        ("^x{2,3}(?!y)z", {"xxz", "xxxz"}),
        (".{0,3}ab", set()),
        ("^(?:a|b?)$", {"a\0", "b\0", "\0"}),
    ],
)
def test_openings(pattern: str, wanted: set[str]) -> None:
    assert set(gates.openings(gates.parsed(pattern))) == wanted


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("(?:reporter|editor).{9}a", {"reporter", "editor"}),
        ("x(?:rare words|b?) ?y", {"x"}),
        (r"(?:\d\d|19)[a-z]", {"00"}),
        ("(?:tags?|tag cloud)", {"tag"}),
        (r"[\W_]*", set()),
    ],
)
def test_needs(pattern: str, wanted: set[str]) -> None:
    found = set(gates.needs(gates.wanted(gates.parsed(pattern))))
    assert found == wanted or (pattern.startswith("x") and found <= {"x", "y"})


def test_anchored() -> None:
    for pattern, wanted in {"^a|^b": True, "(?:^a)": True, "^a|b": False, "a^": False}.items():
        assert gates.anchored(gates.parsed(pattern)) is wanted


@pytest.mark.parametrize(
    ("pattern", "low", "held"),
    [
        ("(?:photo|image).{9}by", "an image of it by me", True),
        ("(?:photo|image).{9}by", "by an editor", False),
        (r"\d{1,2}:\d\d", "0:00", True),
        (r"\d{4}", "000 0", False),
        ("a{2,}b", "aa ab", True),
        ("(?:x|y z?) ?(?:a|b?)", "y", False),
        ("(?:ab?)+c", "ac", True),
        ("(?=q)a(?!b)", "a", True),
        (r"[\W_]*", "", True),
    ],
)
def test_holds(pattern: str, low: str, held: bool) -> None:
    assert gates.holds(low, gates.wanted(gates.parsed(pattern))) is held


def test_a_pattern_is_compiled_for_a_text_that_holds_what_it_wants() -> None:
    rule = Rule("topic.xx.short", Reason.TAGS, "^(?:photo|image) .*(?:agency|press)$", True, 99)
    gate = Gate(rule, row(rule.source))
    index = Index([gate])
    assert index.match(["photo of a bridge"]) == [(None, None)]
    assert gate.search is None
    assert index.match(["photo of the press"]) == [(rule, rule)]
    assert gate.search is not None


@pytest.mark.parametrize("language", ["xx", "../en", "selectors", "", "is-IS"])
def test_an_unknown_language_takes_the_rules_of_all(language: str) -> None:
    texts = [proven.fires for known in load().values() for proven in known[:3]]
    assert all(fired for fired, _ in Phrases(language).match_many(texts))
    assert Phrases(language).language == ""
