from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import scraper
from scraper import fingerprint
from scraper.fingerprint import alike, covered, shingles, sketch, word_hashes

WORDS = [f"w{n}" for n in range(5000)]


def text(seed: int, size: int = 400) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=size))


def changed(words: str, share: float, seed: int = 9) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) if rng.random() < share else w for w in words.split())


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("", 0),
        (" …-", 0),
        ("a", 1),
        (" One,two\n\nthree. ", 3),
        ("naïve nai\u0308ve", 2),
        ("हिन्दी भाषा", 2),  # vowel signs are marks, which are part of a word
        ("서울 날씨", 2),
        ("北京天气 ab,京", 6),
        ("ไทย x", 4),
        ("天\U00020000\U00020001", 3),
        ("a\ud800b", 2),
        ("go ☀\ufe0f on", 2),
    ],
)
def test_words(words: str, count: int) -> None:
    assert len(word_hashes(words)) == count


def test_the_same_word_is_the_same_anywhere_in_any_case() -> None:
    one, two, three = (
        word_hashes("Straße\u0301 und STRASSÉ"),
        word_hashes("UND"),
        word_hashes("dun"),
    )
    assert one[0] == one[2]
    assert one[1] == two[0] != three[0]


def test_shingles_are_runs_of_three_words_in_order() -> None:
    assert len(shingles("a b")) == 0
    runs = shingles("a b c a b c b a")
    assert len(runs) == 6
    assert runs[0] == runs[3]
    assert len(set(runs.tolist())) == 5  # "c b a" is not "a b c"


def test_a_sketch_stands_in_files_and_never_changes() -> None:
    keys = sketch(shingles(text(1) + " 北京天气 Straße"))
    assert b"".join(keys[:3]).hex() == "a7b3d7b85b22c1cefbf675df"
    assert len(set(keys)) == 24
    assert {len(key) for key in keys} == {4}


def test_a_sketch_is_the_same_in_another_process() -> None:
    code = (
        "from scraper.fingerprint import sketch, shingles\n"
        "print(b''.join(sketch(shingles(' '.join(map(str, range(99)))))).hex())"
    )
    root = str(Path(scraper.__file__).parents[1])
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert found == b"".join(sketch(shingles(" ".join(map(str, range(99)))))).hex() + "\n"


def test_a_short_text_has_no_sketch() -> None:
    assert sketch(shingles(" ".join(WORDS[:31]))) == ()
    assert sketch(shingles("buy now " * 500)) == ()
    assert len(sketch(shingles(" ".join(WORDS[:32])))) == 24


def test_copies_share_keys_as_often_as_shingles() -> None:
    shared = sizes = keys = 0
    for seed in range(60):
        one, other = shingles(text(seed)), shingles(changed(text(seed), 0.15))
        shared += len(np.intersect1d(one, other))
        sizes += len(np.unique(one)) + len(np.unique(other))
        keys += len({*sketch(one)} & {*sketch(other)})
    assert keys / (60 * 24) == pytest.approx(2 * shared / sizes, rel=0.1)


def test_alike_are_copies_and_not_texts_that_share_a_paragraph() -> None:
    original = text(1)
    one = shingles(original)
    assert alike(one, one) == 1.0
    assert alike(one, shingles(changed(original, 0.3))) > 0.8
    dropped = " ".join([text(7, 30), *changed(original, 0.3).split()[:240]])
    assert 0.6 < alike(one, shingles(dropped)) < 0.8
    shares = shingles(f"{text(2, 300)} {' '.join(original.split()[:100])}")
    assert 0.2 < alike(one, shares) < 0.35
    assert alike(one, shingles(text(3))) < 0.05
    assert alike(one, shingles("")) == alike(shingles(""), one) == 0.0


def test_what_a_text_covers() -> None:
    one, half = shingles(" ".join(WORDS[:102])), shingles(" ".join(WORDS[:52]))
    assert len(one) == 100
    assert covered(one, half) == 0.5
    assert covered(half, one) == 1.0
    assert covered(shingles(" ".join(WORDS[:97])), shingles(" ".join(WORDS[90:97]))) == 5 / 95


def test_a_text_without_end_is_read_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "MOST", 20)
    assert len(word_hashes("ab " * 50)) == 7
