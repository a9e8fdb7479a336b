from __future__ import annotations

import pytest

from scraper.clean.bounds import MAX_ATTRIBUTES, MAX_DEPTH, MAX_LENGTH, WINDOW, bound, refusal

MANY = " ".join(f"a{n}" for n in range(MAX_ATTRIBUTES + 1))
FEW = " ".join(f"a{n}" for n in range(MAX_ATTRIBUTES - 1))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<div>" * (MAX_DEPTH + 1), "nests"),
        ("<p>x</p>" * 9000 + "<b>" * (MAX_DEPTH + 1), "nests"),
        ("<div><p>" * (MAX_DEPTH + 1), "nests"),
        ("x" * 3333 + f"<p {MANY}>", "attributes"),
        (f"<p>x<p {MANY}><p>", "attributes"),
        (f'<p a=b="c {MANY}>', "attributes"),
        (f'<p " {MANY}>', "attributes"),
        ("x" * (MAX_LENGTH + 1), "characters"),
    ],
    ids=[
        "deep",
        "deep-at-the-end",
        "deep-among-shallow",
        "many",
        "many-within",
        "unquoted",
        "stray",
        "long",
    ],
)
def test_what_would_take_for_ever_is_refused(text: str, reason: str) -> None:
    assert reason in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * (MAX_DEPTH - 1),
        "<div></div>" * 4 * MAX_DEPTH,
        "<p><br>" * 4 * MAX_DEPTH,
        f"<p {FEW}>",
        f'<p title="{"word " * 3000}">',
        '<p title="' + "it's a word " * 3000 + '">',
        "<p title='" + 'a "word" or two ' * 3000 + "'>",
        f'<p title="{"half a word " * 3000}>{"and more " * 3000}">',
        f"<script>{'a = b;  ' * 3000}</script>",
        f"<p>{'word ' * 9000}",
        "<",
        "",
    ],
    ids=[
        "deep",
        "flat",
        "unclosed",
        "many",
        "quoted",
        "apostrophes",
        "quotes",
        "bracket",
        "script",
        "text",
        "open",
        "empty",
    ],
)
def test_what_pages_hold_is_not(text: str) -> None:
    assert refusal(text) == ""


def test_the_bound_is_never_less_than_the_depth() -> None:
    pad = "x" * (WINDOW // 8)
    assert bound(f"<b>{pad}" * 100) >= 100
    assert bound(f"<b>{pad}</b>" * 1000) < 20
