"""Second opinion: what is proposed and described, when trafilatura is asked, what then is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pytest

from scraper.clean import clean, opinion, peer, scorer
from scraper.clean.opened import Opened
from scraper.clean.opinion import THRESHOLD
from scraper.cli import run
from scraper.errors import ConfigError
from scraper.model import Page
from scraper.workers import Workers

T = TypeVar("T")
LINES = [
    "The old bridge over the Ouse was closed to heavy traffic on Monday after cracks were found.",
    "Engineers had warned for years that its cables rust faster than anybody is able to paint.",
    "A ferry will carry lorries until spring, said the mayor, who has never liked either of them.",
    "Nobody asked the ferryman, whose boat was built in the year when his grandfather was born.",
]
PAGE = f"<html lang=en><body><main>{''.join(f'<p>{line}</p>' for line in LINES)}</main>"
SCORES = np.array([0.28, 0.95, 0.8, 0.7, 0.95, 0.5, 0.25, 0.15])
SIZES = np.full(8, 10.0)
ELEMENTS = np.array([(0, 8), (1, 7), (1, 5), (1, 4)])  # from the outside in
THEIRS = np.array([True, True, False, False, False, False, False, True])
NUMBER = {"theirs": 13, "both": 14, "either": 15}  # of the last candidates


def places(mask: npt.NDArray[np.bool_]) -> list[int]:
    return np.flatnonzero(mask).tolist()


class Peer:
    """Takes the place of trafilatura: counts its calls, finds the second paragraph alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, score: float) -> None:
        self.calls = 0
        monkeypatch.setattr(peer, "story", self.story)
        scores = property(lambda opened: [score] * len(opened.blocks))
        monkeypatch.setattr(Opened, "scores", scores)

    def story(self, source: str) -> list[str]:
        assert LINES[1] in source
        self.calls += 1
        return [LINES[1]]


@pytest.fixture
def promise(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], None]:
    """Makes the learned choice promise so much more F1 of one candidate."""

    def promise(name: str, gain: float) -> None:
        number = NUMBER[name]
        leaves = np.array([[0, round(gain * scorer.SCALE), 0, 0]], dtype=np.int32)
        border = np.array([[number - 0.5, number + 0.5]], dtype=np.float32)
        asked = np.zeros((1, 2), dtype=np.intp)
        choice = scorer.Trees(asked, border, leaves, scorer.SCALE)  # 1 more of every candidate
        monkeypatch.setattr(
            scorer, "_in_use", [scorer.Model({**scorer.shipped().trees, "choice": choice}, {})]
        )

    return promise


# -- numbers -------------------------------------------------------------------
def test_a_block_is_taken_above_the_threshold() -> None:
    scores = [0.99, THRESHOLD, THRESHOLD + 0.01, 0.0]
    assert opinion.chosen(Opened(PAGE, ""), scores, "never") == {0, 2}
    assert opinion.chosen(Opened("", ""), [], "auto") == set()


def test_expected_f1() -> None:
    scores, sizes = np.array([1.0, 0.5, 0.0]), np.array([10.0, 20.0, 30.0])

    def f1(*kept: bool) -> float:
        return opinion.expected_f1(scores, sizes, np.array(kept))

    assert f1(True, True, False) == pytest.approx(2 * 20 / (30 + 20))
    assert f1(True, False, False) == pytest.approx(2 * 10 / (10 + 20))
    assert f1(True, True, True) == pytest.approx(2 * 20 / (60 + 20))
    assert f1(False, False, False) == 0
    assert opinion.expected_f1(scores * 0, sizes, scores > 2) == 0


def test_a_cjk_character_weighs_three_letters() -> None:
    assert opinion.weights(Opened("<p>abcd</p><p>大橋 ab</p>", "")).tolist() == [4, 9]


def test_spans_are_those_of_elements_with_blocks_from_the_outside_in() -> None:
    found = opinion.spans(Opened("<div><p>a</p><i></i></div><p>b</p>", "")).tolist()
    assert found == [[0, 2], [0, 2], [0, 1], [0, 1], [1, 2]]  # html, body, div, p, p


def test_our_own_blocks_are_proposed_first_then_other_thresholds() -> None:
    found = [places(m) for m in opinion.proposed(SCORES, SIZES, ELEMENTS, THEIRS)]
    assert found[0] == [1, 2, 3, 4, 5]
    assert found[1 : 1 + len(opinion.OTHERS)] == [
        [0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5],
        [1, 2, 3, 4], [1, 2, 4], [1, 4],
    ]  # fmt: skip


def test_cores_nest() -> None:
    found = [places(m) for m in opinion.proposed(SCORES, SIZES, ELEMENTS, THEIRS)]
    assert found[7:13:2] == [[1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5]]
    assert found[8:13:2] == [[1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6]]


def test_the_peers_blocks_are_proposed_last_and_with_ours() -> None:
    found = [places(m) for m in opinion.proposed(SCORES, SIZES, ELEMENTS, THEIRS)]
    assert len(found) == 16
    assert found[NUMBER["theirs"]] == [0, 1, 7]
    assert found[NUMBER["both"]] == [1]
    assert found[NUMBER["either"]] == [0, 1, 2, 3, 4, 5, 7]


@pytest.mark.parametrize("scores", [SCORES, SCORES * 0, SCORES * 0 + 1, SCORES[::-1] / 4])
@pytest.mark.parametrize("theirs", [THEIRS, THEIRS & False, THEIRS | True])
def test_each_candidate_is_described_by_a_finite_row(
    scores: npt.NDArray[np.float64], theirs: npt.NDArray[np.bool_]
) -> None:
    candidates = opinion.proposed(scores, SIZES, ELEMENTS, theirs)
    rows = opinion.described(scores, SIZES, candidates)
    assert rows.shape == (len(candidates), 21)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    assert np.isfinite(scorer.shipped().trees["choice"].total(rows)).all()


def test_what_describes_a_candidate() -> None:
    candidates = opinion.proposed(SCORES, SIZES, ELEMENTS, THEIRS)
    rows = opinion.described(SCORES, SIZES, candidates)
    assert rows[:, 0].tolist() == list(range(16))
    promised = [opinion.expected_f1(SCORES, SIZES, mask) for mask in candidates]
    assert rows[:, 1] == pytest.approx(promised)
    theirs = rows[NUMBER["theirs"]]
    assert theirs[4:7] == pytest.approx([3 / 5, 2 / 5, 4 / 5])  # its size, more, less than ours
    assert theirs[9:12].tolist() == [2, 4, 1]
    assert rows[NUMBER["both"], 11] == pytest.approx(2 * 1 / (1 + 3))
    assert (rows[:, 12:] == rows[0, 12:]).all()  # of the page


# -- when the peer is asked -----------------------------------------------------
def test_the_peer_is_never_asked(
    monkeypatch: pytest.MonkeyPatch, promise: Callable[[str, float], None]
) -> None:
    promise("theirs", 0.5)
    asked = Peer(monkeypatch, 0.5)
    assert [b.text for b in clean(PAGE, second_opinion="never").blocks] == LINES
    assert asked.calls == 0


@pytest.mark.parametrize(("score", "calls"), [(0.5, 1), (0.99, 0)])
def test_the_peer_is_asked_in_doubt_only(
    score: float, calls: int, monkeypatch: pytest.MonkeyPatch,
    promise: Callable[[str, float], None],
) -> None:  # fmt: skip
    promise("theirs", 0.5)
    asked = Peer(monkeypatch, score)
    taken = [LINES[1]] if calls else LINES
    assert [b.text for b in clean(PAGE, second_opinion="auto").blocks] == taken
    assert asked.calls == calls
    assert [b.text for b in clean(PAGE).blocks] == taken


@pytest.mark.parametrize(
    ("name", "gain", "wanted"),
    [
        ("theirs", opinion.GAIN + 0.01, {1}),
        ("theirs", opinion.GAIN - 0.01, {0, 1, 2, 3}),
        ("theirs", -0.5, {0, 1, 2, 3}),
        ("both", 0.5, {1}),
        ("either", 0.5, {0, 1, 2, 3}),
    ],
)
def test_a_candidate_must_promise_more_than_our_own_blocks(
    name: str, gain: float, wanted: set[int], monkeypatch: pytest.MonkeyPatch,
    promise: Callable[[str, float], None],
) -> None:  # fmt: skip
    promise(name, gain)
    Peer(monkeypatch, 0.5)
    opened = Opened(PAGE, "")
    assert opinion.chosen(opened, opened.scores, "auto") == wanted


@pytest.mark.parametrize("value", ["always", "", "Auto"])
def test_another_second_opinion_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match=f"second_opinion.*{value!r}, not auto or never"):
        clean(PAGE, second_opinion=value)


@pytest.mark.parametrize(
    ("options", "calls"),
    [([], 1), (["--second-opinion", "auto"], 1), (["--second-opinion", "never"], 0)],
)
def test_the_command_hands_its_option_on(
    options: list[str], calls: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], promise: Callable[[str, float], None],
) -> None:  # fmt: skip
    async def here(self: Workers, work: Callable[[Page], T], page: Page) -> T:
        return work(page)

    monkeypatch.setattr(Workers, "run", here)  # a process of its own takes two seconds to start
    monkeypatch.chdir(tmp_path)
    Path("page.html").write_text(PAGE, "utf-8")
    promise("theirs", 0.5)
    asked = Peer(monkeypatch, 0.5)
    run(["clean", "page.html", *options])
    said = capsys.readouterr().out
    assert asked.calls == calls
    assert [line in said for line in LINES] == [not calls, True, not calls, not calls]
