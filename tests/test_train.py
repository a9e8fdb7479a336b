"""Training: labels of a page, its bare lines, CatBoost's trees as ours. No tree is grown here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks import samples, train
from benchmarks.pages import LabelledPage
from labelled import folder

from scraper.clean import features, peer, scorer
from scraper.clean.opened import Opened

STORY = [
    "The old bridge over the Ouse was closed to heavy traffic on Monday after cracks were found,"
    " and nobody knows how long the repair of its cables will take.",
    "Engineers had warned for years that its cables rust faster than anybody is able to paint.",
    "A ferry will carry lorries until spring, said the mayor, who has never liked either of them.",
]
PAGE = f"""<html><head><title>Bridge closed</title></head><body><ul><li>Home</ul>
<main><h1>Bridge closed</h1><div><p>{STORY[0]}</p><p hidden>{STORY[0]}</p><p>Read also</p>
<p>{STORY[1]}</p></div><p>{STORY[2]}</p></main><footer>Imprint</footer></body></html>"""
HOME, HEADLINE, FIRST, UNSEEN, ALSO, SECOND, LAST, IMPRINT = range(8)


def told(*positions: int) -> samples.Floats:
    """The labels of a page on which the blocks at `positions` are article."""
    found = np.zeros(8, dtype=np.float32)
    found[list(positions)] = 1
    return found


def many(opened: Opened) -> samples.Floats:
    return np.array([len(b.text.split()) for b in opened.blocks], dtype=np.float32)


# -- pages -------------------------------------------------------------------------
def test_a_naive_scraper_takes_all_around_the_story_that_is_shown() -> None:
    opened = Opened(PAGE, "")
    whole = samples.naive(opened, told(FIRST, SECOND, LAST), many(opened))
    assert whole.tolist() == [HEADLINE, FIRST, ALSO, SECOND, LAST]
    assert samples.naive(opened, told(FIRST, SECOND), many(opened)).tolist() == [
        FIRST,
        ALSO,
        SECOND,
    ]


def test_a_naive_scraper_takes_so_many_lines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "LINES", 2)
    opened = Opened(PAGE, "")
    found = samples.naive(opened, told(FIRST, SECOND, LAST), many(opened))
    assert found.tolist() == [HEADLINE, FIRST]


def test_lines_are_scored_as_bare_text_below_the_headline() -> None:
    opened = Opened(PAGE, "")
    at = np.array([FIRST, ALSO, LAST])
    rows, found, tokens = samples.lines(opened, told(FIRST, LAST), many(opened), at)
    assert found.tolist() == [1, 0, 1]
    assert tokens.tolist() == many(opened)[at].tolist()
    bare = f"<h1>Bridge closed</h1><p>{STORY[0]}</p><p>Read also</p><p>{STORY[2]}</p>"
    alone = Opened(f"<title>Bridge closed</title>{bare}", "")
    assert rows.tolist() == alone.features[1:].tolist()


def test_of_no_positions_there_are_no_lines() -> None:
    opened = Opened(PAGE, "")
    rows, found, tokens = samples.lines(
        opened, told(), many(opened), np.array([], dtype=np.int64)
    )  # fmt: skip
    assert rows.shape == (0, len(features.names()))
    assert len(found) == len(tokens) == 0


def part(rows: Sequence[float], tokens: Sequence[float]) -> samples.Lines:
    values = np.array(rows, dtype=np.float32)
    return values[:, None], values, np.array(tokens, dtype=np.float32)


def test_lines_are_stacked_and_weigh_as_much_as_two_pages() -> None:
    rows, found, weights = samples.stack([part([1, 2], [8, 0]), part([3], [24])], 3.0)
    assert rows.tolist() == [[1], [2], [3]]
    assert found.tolist() == [1, 2, 3]
    assert weights.sum() == pytest.approx(2 * samples.PAGE * 3)
    assert weights.tolist() == pytest.approx([60, 20, 100])  # as the roots of 9, 1, 25
    assert [len(column) for column in samples.stack([part([], []), part([], [])], 1.0)] == [0, 0, 0]


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        PAGE.replace("h1>", "h2>"),
        PAGE.replace("<title>Bridge closed", "<meta property=og:title content=Ouse><title>Ouse"),
    ],
    ids=["as h1", "as the title says", "as h1 alone"],
)
def test_a_sample_labels_no_headline(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "story", lambda source: [STORY[1]])
    monkeypatch.setattr(LabelledPage, "body", lambda _: page.encode())
    truth = {"body": "\n".join(["Bridge closed", *STORY])}
    found = samples.sample(LabelledPage("fundus", "1", "https://www.a.co.uk/", truth, tmp_path))
    assert found is not None
    assert found.labels.tolist() == told(FIRST, SECOND, LAST).tolist()
    assert found.publisher == "a"
    assert np.flatnonzero(found.theirs).tolist() == [SECOND]
    assert found.weights().sum() == pytest.approx(samples.PAGE * samples.WEIGHTS["fundus"])
    # the page as it was scraped naively, then its body alone
    assert found.text_labels.tolist() == [0, 1, 0, 1, 1, 1, 1, 1]
    assert len(found.text) == len(found.text_weights) == 8


# -- the model ---------------------------------------------------------------------
GROWN: dict[str, Any] = {
    "scale_and_bias": [0.5, [0.75]],
    "oblivious_trees": [
        {
            "splits": [
                {"float_feature_index": 2, "border": 0.5},
                {"float_feature_index": 0, "border": -1.5},
            ],
            "leaf_values": [1, 2, 4, 8],
        },
        {"splits": [{"float_feature_index": 1, "border": 3}], "leaf_values": [16, 32]},
        {"splits": None, "leaf_values": [64]},
    ],
}


def plain(row: Sequence[float]) -> float:
    """What CatBoost's JSON comes to, a tree at a time: the first split is the lowest bit."""
    scale, (total,) = GROWN["scale_and_bias"]
    for tree in GROWN["oblivious_trees"]:
        leaf = 0
        for level, split in enumerate(tree["splits"] or ()):
            leaf |= (row[split["float_feature_index"]] > split["border"]) << level
        total += scale * tree["leaf_values"][leaf]
    return float(total)


def test_trees_of_catboost_are_ours() -> None:
    found = train.exported(json.loads(json.dumps(GROWN)), 3)
    assert found.feature.shape == found.border.shape == (3, 3)
    assert found.leaves.shape == (3, 8)
    rows = [[a, b, c] for a in (-2, -1.5, 9) for b in (3, 4) for c in (0, 0.5, 1)]
    totals = found.total(np.array(rows, dtype=np.float32))
    assert totals.tolist() == [plain(row) for row in rows]
    assert len(set(totals)) == 8  # every leaf is met


def test_the_samples_of_other_truths_are_others(tmp_path: Path) -> None:
    data = folder(tmp_path)
    first = samples.fingerprint(data)
    assert samples.fingerprint(data) == first
    truth = data / "b" / "truth.jsonl"
    said = truth.read_text("utf-8")
    truth.write_text(said.replace("p1", "q1"), "utf-8")
    assert samples.fingerprint(data) != first
    truth.write_text(said, "utf-8")
    assert samples.fingerprint(data) == first


def test_the_samples_of_another_cleaner_are_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = samples.fingerprint(tmp_path)
    (tmp_path / "scorer.py").write_text("one")
    monkeypatch.setattr(scorer, "__file__", str(tmp_path / "scorer.py"))
    other = samples.fingerprint(tmp_path)
    (tmp_path / "scorer.py").write_text("two")
    assert len({first, other, samples.fingerprint(tmp_path)}) == 3


def test_a_model_says_what_it_was_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "story", lambda source: [])
    monkeypatch.setattr(LabelledPage, "body", lambda page: PAGE.encode())
    truth = {"body": STORY[0]}
    urls = ["https://a.com/1", "https://www.a.com/2", "https://b.com/"]
    found = [samples.sample(LabelledPage("x", "1", url, truth, tmp_path)) for url in urls]
    about = train.origin([each for each in found if each is not None])
    assert about["features"] == features.names()
    assert (about["pages"], about["blocks"], about["publishers"]) == ({"x": 3}, 24, 2)


def test_a_page_that_is_no_article_teaches_no_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LabelledPage, "body", lambda page: PAGE.encode())
    found = samples.sample(LabelledPage("x", "1", "https://a.com/", {"kind": "listing"}, tmp_path))
    assert found is not None
    assert not found.article
    lessons = train.Lessons()
    lessons.learn(found, np.zeros(8))
    assert (lessons.articles, lessons.good, lessons.weights) == ([False], [False], [4.0])
    assert lessons.candidates == lessons.gains == []
    assert len(lessons.pages) == 1


def test_a_body_is_right_when_the_scorer_finds_it_and_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "story", lambda source: [])
    monkeypatch.setattr(LabelledPage, "body", lambda page: PAGE.encode())

    def right(body: list[str], *kept: int) -> float:
        page = LabelledPage("x", "1", "https://a.com/", {"body": "\n".join(body)}, tmp_path)
        found = samples.sample(page)
        assert found is not None
        assert found.article
        return train.right(found, told(*kept).astype(float))

    assert right(STORY, FIRST, SECOND, LAST) == pytest.approx(1)
    assert right(STORY, FIRST, SECOND) < 0.9
    assert right([*STORY, *STORY[::-1]], FIRST, SECOND, LAST) < 0.9  # what no block holds
