"""Two texts -> what went and what came."""

from __future__ import annotations

import random

import pytest

from scraper.diff import MOST_WORDS, marked, word_diff

CASES = [
    ("The old bridge.", "The new bridge.", ["The [-old-]{+new+} bridge."]),
    ("One.\n\nTwo.", "One.\n\nTwo.\n\nThree.", ["One.", "Two.", "{+Three.+}"]),
    ("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", ["One.", "[-Two.-]", "Three."]),
    ("It cost 10,000.", "It cost 12,000.", ["It cost [-10-]{+12+},000."]),
    ("北京天气", "北京的天气", ["[-北京天气-]{+北京的天气+}"]),
    ("", "New.", ["{+New.+}"]),
    ("Old.", "", ["[-Old.-]"]),
    ("", "", [""]),
    ("Same.", "Same.", ["Same."]),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_word_diff(before: str, after: str, expected: list[str]) -> None:
    assert [marked(paragraph) for paragraph in word_diff(before, after)] == expected


def texts(chance: random.Random) -> str:
    words = "bridge river, mayor. budget the 5 old\nline".split(" ")
    sizes = [chance.randrange(1, 9) for _ in range(chance.randrange(1, 6))]
    return "\n\n".join(" ".join(chance.choices(words, k=size)) for size in sizes)


@pytest.mark.parametrize("seed", range(50))
def test_both_versions_can_be_read_from_a_diff(seed: int) -> None:
    chance = random.Random(seed)
    before, after = texts(chance), texts(chance)
    found = word_diff(before, after)
    for skip, text in (("new", before), ("gone", after)):
        kept = ["".join(p.text for p in one if p.change != skip) for one in found]
        assert "".join("".join(kept).split()) == "".join(text.split())


def test_a_passage_of_a_book_goes_and_comes_as_a_whole() -> None:
    chance = random.Random(1)
    book = " ".join(chance.choices("abcdefgh", k=MOST_WORDS))
    (found,) = word_diff(book, book[2:] + " z")
    assert [piece.change for piece in found] == ["gone", "new"]
