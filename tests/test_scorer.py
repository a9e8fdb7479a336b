"""Scorer: sums of leaves against plain Python, a model's way to bytes and back, broken bytes."""

from __future__ import annotations

import io
import json
import random
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scraper.clean import features, scorer
from scraper.clean.scorer import SCALE, Model, Trees
from scraper.errors import CleanError

FEATURES = 9


def grown(count: int = 40, depth: int = 4, seed: int = 0, most: int = SCALE) -> Trees:
    """Random trees; their borders are whole numbers, so that rows meet them."""
    rng = np.random.default_rng(seed)
    return Trees(
        rng.integers(0, FEATURES, (count, depth)),
        rng.integers(-2, 3, (count, depth)).astype(np.float32),
        rng.integers(-most, most, (count, 2**depth)).astype(np.int32),
        int(rng.integers(-SCALE, SCALE)),
    )


def table(count: int, seed: int = 1) -> npt.NDArray[np.float32]:
    """Random rows, some of their numbers equal to borders."""
    rng = np.random.default_rng(seed)
    return (rng.integers(-6, 7, (count, FEATURES)) / 2).astype(np.float32)


def plain(trees: Trees, row: list[float]) -> float:
    """The sum of the leaves that a row falls into, a tree at a time."""
    total = trees.bias
    for feature, border, leaves in zip(trees.feature, trees.border, trees.leaves, strict=True):
        leaf = 0
        for level, (asked, at) in enumerate(zip(feature, border, strict=True)):
            leaf |= (row[asked] > at) << level
        total += int(leaves[leaf])
    return total / SCALE


@pytest.mark.parametrize("depth", [1, 4, 6, 8])
@pytest.mark.parametrize("count", [1, 40, 300])
def test_total_against_plain_python(count: int, depth: int) -> None:
    trees = grown(count, depth, seed=depth)
    rows = table(7)
    assert trees.total(rows).tolist() == [plain(trees, row) for row in rows.tolist()]


@pytest.mark.parametrize("count", [0, 1, scorer.CHUNK, 2 * scorer.CHUNK + 1])
def test_many_rows_are_the_same_as_each_alone(count: int) -> None:
    trees = grown()
    rows = table(count)
    found = trees.total(rows)
    assert found.shape == (count,)
    for number in {0, scorer.CHUNK - 1, scorer.CHUNK, count - 1} & set(range(count)):
        assert found[number] == plain(trees, rows[number].tolist())


def test_the_layout_of_the_rows_is_all_the_same() -> None:
    rows = table(50)
    wanted = grown().total(rows).tolist()
    assert grown().total(np.asfortranarray(rows)).tolist() == wanted
    assert grown().total(np.repeat(rows, 2, axis=1)[:, ::2]).tolist() == wanted


def test_a_filled_up_level_is_never_passed() -> None:
    trees = Trees(
        np.array([[0, 0]]), np.array([[0.5, np.inf]], dtype=np.float32),
        np.array([[1, 2, 99, 99]], dtype=np.int32) * SCALE, 0,
    )  # fmt: skip
    assert trees.total(np.array([[0], [1], [np.finfo("f4").max]], "f4")).tolist() == [1, 2, 2]


def test_the_order_of_the_trees_changes_no_bit() -> None:
    trees, rows = grown(500), table(30)
    wanted = trees.total(rows)
    order = list(range(500))
    random.Random(0).shuffle(order)
    other = Trees(trees.feature[order], trees.border[order], trees.leaves[order], trees.bias)
    assert other.total(rows).tobytes() == wanted.tobytes()
    assert (wanted * SCALE == np.rint(wanted * SCALE)).all()


def test_leaves_may_pass_int32_on_their_way() -> None:
    leaf = np.array([[2**30] * 2, [2**30 - 1] * 2, [-(2**30)] * 2], dtype=np.int32)
    trees = Trees(np.zeros((3, 1), np.intp), np.zeros((3, 1), np.float32), leaf, 2**40)
    assert trees.total(np.ones((1, 1), np.float32)).tolist() == [(2**30 - 1 + 2**40) / SCALE]


def test_a_row_with_too_few_features() -> None:
    with pytest.raises(CleanError, match="of 3"):
        grown().total(table(2)[:, :3])


def test_round_trip() -> None:
    trees = {"score": grown(), "choice": grown(10, 3)}
    data = Model(trees, {"made": "2026-01-01", "pages": 3}).write()
    found = scorer.read(data)
    assert found.provenance == {"made": "2026-01-01", "pages": 3}
    assert sorted(found.trees) == ["choice", "score"]
    for name, own in trees.items():
        for array in ("feature", "border", "leaves"):
            assert np.array_equal(getattr(found.trees[name], array), getattr(own, array))
        assert found.trees[name].bias == own.bias
        assert found.trees[name].total(table(9)).tolist() == own.total(table(9)).tolist()
    assert found.write() == data


def archive(said: Any, arrays: dict[str, Any] | None = None) -> bytes:
    """The bytes of a model file of these arrays, on top of right ones."""
    trees = grown(3, 2)
    right: dict[str, Any] = {
        "score.feature": trees.feature.astype(np.int16), "score.border": trees.border,
        "score.leaves": trees.leaves, "score.bias": np.array(5),
        "about": np.frombuffer(json.dumps(said).encode(), dtype=np.uint8),
    }  # fmt: skip
    file = io.BytesIO()
    np.savez(file, **(right | (arrays or {})))
    return file.getvalue()


ABOUT = {"format": scorer.FORMAT, "trees": ["score"], "provenance": {}}


def test_another_format() -> None:
    assert scorer.read(archive(ABOUT)).trees["score"].bias == 5
    with pytest.raises(CleanError, match="has format 99, this version reads 1"):
        scorer.read(archive(ABOUT | {"format": 99}))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"garbage", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"\x93NUMPY\x01\x00garbage",
        archive(ABOUT)[:-40], archive(ABOUT)[:300], archive([1]), archive({}), archive("x"),
        archive(ABOUT | {"trees": ["score", "choice"]}), archive(ABOUT | {"trees": 3}),
        archive(ABOUT, {"about": np.array([1.5])}),
        archive(ABOUT, {"about": np.array(["a"], dtype=object)}),
    ],
)  # fmt: skip
def test_bytes_that_are_no_model(data: bytes) -> None:
    with pytest.raises(CleanError, match="is no model"):
        scorer.read(data)


def test_an_array_alone_is_no_model() -> None:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    with pytest.raises(CleanError, match="is no model"):
        scorer.read(file.getvalue())


@pytest.mark.parametrize(
    "arrays",
    [
        {"score.feature": np.zeros(3, np.int16)},
        {"score.feature": np.full((3, 2), -1, np.int16)},
        {"score.border": np.zeros((3, 1), np.float32)},
        {"score.leaves": np.zeros((3, 8), np.int32)},
        {"score.leaves": np.full((3, 4), 2**30, np.int32)},
        {
            "score.feature": np.zeros((3, 9), np.int16),
            "score.border": np.zeros((3, 9), np.float32),
            "score.leaves": np.zeros((3, 512), np.int32),
        },
        {"score.bias": np.array([1, 2])},
    ],
)
def test_arrays_that_do_not_fit(arrays: dict[str, Any]) -> None:
    with pytest.raises(CleanError, match="is no model"):
        scorer.read(archive(ABOUT, arrays))


def test_any_broken_byte_gives_a_model_or_a_clean_error() -> None:
    data = Model({"score": grown(3, 2)}, {}).write()
    rng = random.Random(0)
    refused = 0
    for _ in range(400):
        broken = bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        try:
            scorer.read(bytes(broken))
        except CleanError:
            refused += 1
    assert refused > 100


def test_use_names_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer, "_in_use", [])
    other = Model({}, {})
    scorer.use(other)
    assert scorer.model() is other
    scorer.use(Model({}, {"second": True}))
    assert scorer.model() is not other


def test_the_model_that_is_shipped_scores_blocks() -> None:
    found = scorer.shipped()
    assert found is scorer.shipped()
    names = features.names()
    score = found.trees["score"].total(np.zeros((3, len(names)), dtype=np.float32))
    assert np.isfinite(score).all()


def test_the_model_that_is_shipped_is_small_and_says_what_it_reads() -> None:
    found = scorer.shipped()
    assert list(found.provenance["features"]) == list(features.names())  # in the same order
    assert set(found.trees) == {"choice", "genre", "score", "text", "trust"}
    for name in ("score", "text"):
        assert found.trees[name].feature.max() < len(features.names())
    assert len(resources.files("scraper.clean").joinpath(scorer.NAME).read_bytes()) < 1_000_000
