from __future__ import annotations

import sys
from collections import Counter
from multiprocessing.pool import ThreadPool
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from benchmarks import held_out, pages, peers, scoring
from benchmarks.pages import LabelledPage
from labelled import BODY, folder, row


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return folder(tmp_path)


# -- pages and folds ---------------------------------------------------------------
def test_pages_of_a_folder(data: Path) -> None:
    assert pages.sets(data) == ["a", "b", "other"]
    found = pages.load(data, ["a", "b"])
    assert len(found) == 31
    assert found[0].body() == b"<p>a b"
    assert [p.id for p in pages.load(data, ["a"], limit=4)] == ["p0", "p5", "p10", "p15"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.example.com/a", "example"),
        ("http://example.co.uk", "example"),
        ("https://web.archive.org/web/2020/https://news.example.de/a", "example"),
        ("http://192.0.2.1/", "192.0.2.1"),
        ("", ""),
    ],
)
def test_publisher(url: str, name: str) -> None:
    assert pages.publisher(url) == name


def test_a_group_has_one_fold_and_sets_are_spread_evenly() -> None:
    keys = [("big", i % 40) for i in range(400)] + [("small", i) for i in range(30, 60)]
    found = pages.folds(keys, 5)
    assert all(
        len({f for f, k in zip(found, keys, strict=True) if k[1] == g}) == 1 for g in range(60)
    )
    for name, size in (("big", 80), ("small", 6)):
        share = Counter(f for f, k in zip(found, keys, strict=True) if k[0] == name)
        assert all(abs(share[fold] - size) <= 0.15 * size for fold in range(5)), share
    assert found == pages.folds(keys, 5)
    assert found != pages.folds(keys, 5, seed=1)


def test_no_publisher_is_in_both_halves(data: Path) -> None:
    every = pages.load(data, pages.sets(data))
    groups = {(p.set, p.id): held_out.group(p) for p in every}
    folds = held_out.split(every, every, data)
    assert sorted((p.set, p.id) for f in folds for p in f.pages) == sorted(groups)
    for fold in folds:
        assert not {held_out.group(p) for p in fold.pages} & {groups[k] for k in fold.training}
        taught = sum(bool({"body", "kind"} & set(p.truth)) for p in fold.pages)
        assert len(fold.training) + taught == 33


def test_pages_that_are_not_shown_train_all_the_same(data: Path) -> None:
    every = pages.load(data, pages.sets(data))
    whole = held_out.split(every, every, data)
    part = held_out.split(every, every[:3], data)
    assert [f.training for f in part] == [f.training for f in whole]
    assert sum(len(f.pages) for f in part) == 3


def test_each_page_is_cleaned_with_the_model_of_the_other_folds(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = pages.load(data, pages.sets(data))
    used: dict[str, str] = {}
    training, scorer = ModuleType("train"), ModuleType("scorer")
    samples = [SimpleNamespace(set=p.set, id=p.id) for p in every]
    vars(training)["load"] = lambda _: samples
    vars(training)["fit"] = lambda own, seed: " ".join(f"{s.set}/{s.id}" for s in own).encode()
    vars(scorer)["read"] = bytes.decode
    vars(scorer)["use"] = lambda model: used.update(model=model)
    monkeypatch.setitem(sys.modules, "benchmarks.train", training)
    monkeypatch.setitem(sys.modules, "scraper.clean.scorer", scorer)
    seen: dict[str, set[str]] = {}

    def run(body: bytes, url: str) -> dict[str, Any]:
        seen[url] = set(used["model"].split())
        return {"text": "a b"}

    monkeypatch.setattr(held_out, "started", lambda name: run)
    with ThreadPool(1) as pool:
        found = held_out.ours(held_out.split(every, every, data), pool)
    assert len(found) == len(every)
    assert found["a", "p0"]["exact"] == 1.0
    assert seen["https://www.s1.com/0"] == seen["https://shop.s1.org/"]
    assert not {"a/p2", "a/p3", "b/p1"} & seen["https://www.s1.com/0"]
    assert len(seen["https://www.s1.com/0"]) > 20


def test_page_of_no_publisher_is_a_group_of_its_own() -> None:
    first = LabelledPage("a", "1", "", {}, Path())
    second = LabelledPage("a", "2", "", {}, Path())
    assert held_out.group(first) != held_out.group(second)


# -- figures -----------------------------------------------------------------------
def test_tokens_are_words_and_cjk_characters() -> None:
    assert scoring.tokens("état d'urgence, 東京2026") == [
        "état",
        "d",
        "urgence",
        "東",
        "京",
        "2026",
    ]


def test_figures_of_a_body() -> None:
    found = row({"body": BODY}, BODY.replace("\n\n", "\n") + "\nmore")
    assert (found["p"], found["r"]) == (7 / 8, 1.0)
    assert found["f"] == pytest.approx(14 / 15)
    assert (found["exact"], found["low"], found["para"]) == (0.0, 0.0, 0.8)
    assert row({"body": BODY}, BODY.replace("\n\n", " "))["exact"] == 1.0
    assert row({"body": BODY}, "")["low"] == 1.0
    assert row({"body": ""}, "")["f"] == 1.0


def test_figures_of_what_may_not_be_shown() -> None:
    truth = {
        "body": BODY,
        "captions": ["six  seven", "a caption"],
        "credits": ["abcde", "two three"],
    }
    assert row(truth)["capt"] == 0.0  # the body holds the first
    assert row(truth, BODY + " a caption")["capt"] == 1.0
    assert "cred" not in row(truth, BODY + " abcde")  # one is too short, one belongs there
    found = row({"present": ["one two", "none"], "absent": ["ten", "eleven"]})
    assert found["snip"] == (1, 1, 1)
    assert scoring.summary([found])["snip"] == 0.5


@pytest.mark.parametrize(
    ("truth", "got", "figure", "value"),
    [
        ({"headline": "“A”  B–C"}, {"headline": '"a" b-c'}, "head", 1.0),
        ({"headline": "A"}, {"headline": None}, "head", 0.0),
        ({"published": "2024-05-01T10:00:00+02:00"}, {"date": "2024-05-01"}, "date", 1.0),
        ({"published": "2024-05-01"}, {"date": None}, "date", 0.0),
        ({"authors": ["Ann Lee", "Bo"]}, {"authors": ["ann lee"]}, "auth", 2 / 3),
        ({"tags": ["Bridge", "boat"]}, {"tags": ["bridge", "x"]}, "tags", 0.5),
        ({"tags": ["Bridge"]}, {"tags": None}, "tags", 0.0),
        (
            {"published": "2024-05-01T10:00:00+02:00"},
            {"when": "2024-05-01T10:00:59+02:00"},
            "when",
            1.0,
        ),
        (
            {"published": "2024-05-01T10:00:00+02:00"},
            {"when": "2024-05-01T08:00:00+00:00"},
            "when",
            0.0,
        ),
        ({"published": "2024-05-01T10:00:00+02:00"}, {"when": None}, "when", 0.0),
        ({"kind": "shop"}, {"verdict": "listing"}, "rejects", 1.0),
        ({"kind": "shop"}, {"verdict": None}, "rejects", 0.0),
        ({"body": "a"}, {"verdict": "listing"}, "lost", 1.0),
        ({"body": "a"}, {"verdict": None}, "lost", 1.0),
    ],
)
def test_figures_of_fields(
    truth: dict[str, Any], got: dict[str, Any], figure: str, value: float
) -> None:
    assert row(truth, **got)[figure] == pytest.approx(value)
    assert figure not in row(truth)  # a system that does not offer the field
    assert figure not in row({}, **got)


def test_a_summary_takes_macro_means_and_the_f1_of_them() -> None:
    rows = [row({"body": BODY}), row({"body": BODY}, ""), row({"kind": "shop"}, verdict="article")]
    found = scoring.summary(rows)
    assert found["shF1"] == 0.5
    assert (found["exact"], found["low"], found["rejects"]) == (0.5, 0.5, 0.0)
    assert (found["ms"], found["p99"], found["xparse"]) == (3.0, 3.0, 3.0)
    assert "date" not in found
    assert set(found) <= set(scoring.COLUMNS)


# -- peers -------------------------------------------------------------------------
def test_a_system_that_raises_is_all_wrong() -> None:
    def run(body: bytes, url: str) -> dict[str, Any]:
        raise ValueError("no")

    found = peers.answer("trafilatura", run, b"<p>a", "")
    assert (found.text, found.error) == ("", "ValueError: no")
    truth = {"body": BODY, "headline": "A", "authors": ["B"], "published": "2024-05-01"}
    figures = scoring.score(truth, found)
    assert [figures[k] for k in ("f", "head", "auth", "date", "errs")] == [0, 0, 0, 0, 1]


def test_answers_are_kept_by_page_and_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def run(body: bytes, url: str) -> dict[str, Any]:
        asked.append((body, url))
        return {"text": "\ud800é", "headline": "H"}

    monkeypatch.setattr(peers, "started", lambda name: run)
    monkeypatch.setattr(peers, "edition", lambda name: f"{name}-1")
    first = peers.recalled("readability", b"a", "u", tmp_path)
    assert peers.recalled("readability", b"a", "u", tmp_path) == first
    assert (first.text, first.fields) == ("\ud800é", {"headline": "H"})
    peers.recalled("readability", b"a", "v", tmp_path)
    peers.recalled("readability", b"b", "u", tmp_path)
    peers.recalled("justext", b"a", "u", tmp_path)
    assert asked == [(b"a", "u"), (b"a", "v"), (b"b", "u"), (b"a", "u")]


def test_a_missing_peer_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> peers.Run:
        raise ImportError("No module named 'absent'")

    def half(body: bytes, url: str) -> dict[str, Any]:
        raise ImportError("install another to read this language")

    monkeypatch.setitem(peers.PEERS, "absent", peers.System("absent-peer", absent))
    monkeypatch.setitem(peers.SYSTEMS, "absent", peers.PEERS["absent"])
    for call in (peers.started, peers.edition):
        with pytest.raises(peers.MissingPeerError, match=r"absent.*scraper\[bench\]"):
            call("absent")
    monkeypatch.setattr(peers, "edition", lambda name: name)
    monkeypatch.setattr(peers, "started", lambda name: half)
    with pytest.raises(peers.MissingPeerError, match=r"another.*scraper\[bench\]"):
        peers.recalled("absent", b"", "", tmp_path)
    assert not list(tmp_path.rglob("*.json"))
