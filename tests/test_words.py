"""What the class words of elements mean."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.clean.words import BIT, GROUPS, STEM, WORDS, bits, groups

# What a word is, in the plainest way
PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def named(found: int) -> set[str]:
    return {name for name, bit in BIT.items() if found & bit}


@pytest.mark.parametrize(
    ("classes", "meant"),
    [
        ("sidebar", {"side"}),
        ("SideBar", {"side"}),
        ("site-NAV", {"nav"}),
        ("article__body", {"article", "body"}),
        ("articleBody", {"article", "body"}),
        ("articlebody", {"article"}),  # a short word inside another one may be chance
        ("relatedPosts", {"related"}),
        ("xyzcommentsxyz", {"comment"}),
        ("XMLMenu", {"nav"}),
        ("newsletter-signup2", {"newsletter"}),
        ("xcontenzz", set()),
        ("badge", set()),  # "ad" is no part of it
        ("rating", {"comment", "product"}),
        ("td-block-span12", {"box"}),
        ("x1 y2", set()),
        ("", set()),
    ],
)
def test_groups(classes: str, meant: set[str]) -> None:
    assert [named(found) for found in groups([classes, "nav", classes])] == [meant, {"nav"}, meant]


CLASSES = st.lists(
    st.sampled_from([*"aBC -_1é\u212a", "nav", "Nav", "XMLNav", "story"]), max_size=9
).map("".join)


@given(st.lists(CLASSES, min_size=1, max_size=4))
def test_classes_read_in_one_go_are_those_read_word_by_word(classes: list[str]) -> None:
    wanted = []
    for each in classes:
        found = 0
        for word in PARTS.findall(each):
            found |= bits(word.lower())
        wanted.append(found)
    assert groups(classes) == wanted


def test_every_word_can_be_met() -> None:
    for word in WORDS:
        assert PARTS.findall(word) == [word]


def test_each_group_has_a_bit_and_all_fit() -> None:
    assert len(set(BIT.values())) == len(GROUPS) < 64
    assert named(WORDS["rating"]) == {"comment", "product"}


@given(st.lists(st.sampled_from([*WORDS, "xq", "z"]), min_size=1, max_size=4).map("".join))
def test_an_unknown_word_means_what_the_long_words_in_it_mean(word: str) -> None:
    wanted = 0
    for known, group in WORDS.items():
        if len(known) >= STEM and known in word:
            wanted |= group
    assert bits(word) == WORDS.get(word, wanted)
