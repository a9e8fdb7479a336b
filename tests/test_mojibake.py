"""UTF-8 read as Latin-1 is put right where a page is full of it, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.clean.mojibake import LEAST, mended


def broken(text: str) -> str:
    return text.encode().decode("latin-1")


WRITTEN = "It doesn’t — she said “so” – matter… "


def test_a_page_full_of_it_is_mended() -> None:
    assert mended("doesnâ\x80\x99t " * 3) == "doesn’t " * 3
    assert mended(broken(WRITTEN)) == WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        "Вчера в городе прошёл праздник",
        "Μια νέα μελέτη για τον τόπο",
        "今日は東京で、雨。",
        "Wałęsa, żółć – ‘tak’",
        "😀😀😀",
    ],
)
def test_whatever_the_script(text: str) -> None:
    assert mended(broken(text * 3)) == text * 3


def test_what_was_right_on_such_a_page_stays() -> None:
    right = "Château São Paulo naïve Ünal 今日 “x” "
    assert mended(right + broken(WRITTEN)) == right + WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        "doesnâ\x80\x99t",
        "An example: â\x80\x99 and â\x80\x9c are broken quotes",
        "L’âne et le château, là-bas : « Ça va ? » — À bientôt, maître. " * 9,
        "SÃO PAULO: a NAÇÃO não é só Ã, Â ou Ê. ÂNGULO, MAÇÃ, IRMÃ. " * 9,
        "Ã©, Ã¨ and Ã¼ may be meant",  # no control character in them
        "50\x80 60\x80 70\x80 80\x80",  # a euro of windows-1252
        "plain text",
        "",
    ],
)
def test_what_may_be_meant_is_left_alone(text: str) -> None:
    assert mended(text) == text


def test_bytes_that_are_no_character_stay() -> None:
    text = "\xc2\x80\x99 \xe0\x80\x80 \xf4\xbf\xbf\xbf " * LEAST
    assert mended(text).count("\xe0\x80\x80") == LEAST


@given(st.text())
def test_text_of_real_letters_stays(text: str) -> None:
    shown = "".join(char for char in text if not "\x80" <= char <= "\x9f")
    assert mended(shown) == shown


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_all_that_was_broken_is_put_right(text: str) -> None:
    assert mended(broken(WRITTEN + text)) == WRITTEN + text
