"""Character classes are counted text by text, as a slow count of each does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.clean import characters as c


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("azéßøжωñ", c.SMALL),
        ("AZÉØЖΩÑ", c.CAPITAL),
        ("0459", c.DIGIT),
        (" \n\t\xa0\u3000\u202f", c.SPACE),
        ("漢字かなカナ한글", c.CJK),
        (".!?…。！؟।", c.STOP),
        (",;、，،", c.COMMA),
        (":：", c.COLON),
        ("\"'«“”‘’「」", c.QUOTE),
        ("()[]（）", c.BRACKET),
        ("|•→›■", c.BULLET),
        ("-–—", c.DASH),
        ("@#%&+=*/€©®", c.SIGN),
        ("\x00\x01\u2191\ufffd😀\U0010ffff", c.OTHER),
        ("אבשםعربيไทยहिन्दी", c.SMALL),  # letters of scripts without cases
    ],
)
def test_classes(text: str, name: int) -> None:
    found, edges = c.counts([text])
    assert found[0, name] == len(text) == found.sum()
    assert edges.tolist() == [[name, name]]


def test_each_text_has_a_row() -> None:
    found, edges = c.counts(["Ab1.", "漢", "— x"])
    assert found.shape == (3, c.CLASSES)
    assert found.sum(axis=1).tolist() == [4, 1, 3]
    assert edges.tolist() == [[c.CAPITAL, c.STOP], [c.CJK, c.CJK], [c.DASH, c.SMALL]]


@given(st.lists(st.text(st.characters(), min_size=1), min_size=1))
def test_counts_are_those_of_each_character(texts: list[str]) -> None:
    found, edges = c.counts(texts)
    for row, ends, text in zip(found, edges, texts, strict=True):
        classes = [c.TABLE[min(ord(char), 0x10000)] for char in text]
        assert row.tolist() == np.bincount(classes, minlength=c.CLASSES).tolist()
        assert ends.tolist() == [classes[0], classes[-1]]
