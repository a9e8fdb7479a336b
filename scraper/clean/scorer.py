"""Feature matrix -> P(block is article text), by boosted oblivious trees. Pure.

All nodes of one level of an oblivious tree ask the same question, so that a tree of depth d is d
comparisons and one look-up: a page takes half a millisecond in numpy, without a training library.
Kohavi, "Bottom-up induction of oblivious read-once decision graphs" (ECML 1994); boosted as in
Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features" (NeurIPS 2018).
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scraper.errors import CleanError

FORMAT = 1
SCALE = 2**20  # leaves are whole numbers: their sum is the same on every machine, in any order
NAME = "model.npz"
# Rows at once: what they need, 3 MB, stays with the process. Of 600 rows at once the system takes
# the memory back each time, and gives it anew for three times the time of the sums.
CHUNK = 128
DEEPEST = 8  # levels: a leaf's number is a byte
# What numpy raises for bytes that are no archive of arrays, or a broken one
BROKEN = (
    ValueError, LookupError, TypeError, AttributeError, OSError, EOFError, RuntimeError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
ARRAYS = ("feature", "border", "leaves", "bias")

_in_use: list[Model] = []


class Questions(NamedTuple):
    """What the levels of some trees ask, each question once: four levels of ten repeat one."""

    feature: npt.NDArray[np.intp]  # a question
    border: npt.NDArray[np.float32]  # questions x 1
    number: npt.NDArray[np.intp]  # depth x trees, the question that a level asks


def different(feature: npt.NDArray[np.intp], border: npt.NDArray[np.float32]) -> Questions:
    """The questions of trees."""
    pairs = feature.astype(np.uint64) << 32 | border.view(np.uint32)
    _, first, number = np.unique(pairs, return_index=True, return_inverse=True)
    numbers = np.ascontiguousarray(number.reshape(feature.shape).T)
    return Questions(feature.ravel()[first], border.ravel()[first, None], numbers)


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted oblivious trees: for each row of features a sum of leaves."""

    feature: npt.NDArray[np.intp]  # trees x depth, the column that a level asks for
    border: npt.NDArray[np.float32]  # trees x depth, the answer is whether it is above
    leaves: npt.NDArray[np.int32]  # trees x 2**depth, times SCALE
    bias: int
    questions: Questions = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "questions", different(self.feature, self.border))

    def total(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """The sum of each row (rows x features); log-odds where the trees score.

        Raises CleanError when the trees ask for more features than there are.
        """
        known, asked = rows.shape[1], int(self.feature.max(initial=0))
        if asked >= known:
            raise CleanError(NAME, f"asks for feature {asked} of {known}")
        columns = rows.T  # those of a feature matrix are contiguous
        found = np.zeros(len(rows), dtype=np.int64)
        for at in range(0, len(rows), CHUNK):
            chunk = np.ascontiguousarray(columns[:, at : at + CHUNK])
            found[at : at + CHUNK] = self.sums(chunk)
        return (found + self.bias) / SCALE

    def sums(self, columns: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
        """The sum of the leaves that each of `columns` (features x rows) falls into."""
        trees, depth = self.feature.shape
        asked = self.questions
        answers = (columns.take(asked.feature, axis=0) > asked.border).view(np.uint8)
        leaf = np.zeros((trees, columns.shape[1]), dtype=np.uint8)
        answer = np.empty_like(leaf)
        for number in asked.number[::-1]:  # the first level is the lowest bit
            answers.take(number, axis=0, out=answer, mode="clip")  # "raise" makes a copy first
            leaf += leaf
            leaf |= answer
        # The leaves of all trees in one row, numbered in as few bits as do: half the time of int64
        first = np.arange(0, trees << depth, 1 << depth, dtype=np.min_scalar_type(trees << depth))
        at = (leaf + first[:, None]).astype(np.intp)
        found = self.leaves.ravel().take(at, mode="wrap")  # none does; twice as fast as "raise"
        total: npt.NDArray[np.int32] = found.sum(axis=0, dtype=np.int32)
        return total


@dataclass(frozen=True, slots=True)
class Model:
    """What one file holds: the trees by what they decide, and how they came about."""

    trees: dict[str, Trees]
    provenance: dict[str, Any]

    def write(self) -> bytes:
        """The model as the bytes of a file."""
        about = {"format": FORMAT, "trees": sorted(self.trees), "provenance": self.provenance}
        arrays: dict[str, Any] = {"about": np.frombuffer(json.dumps(about).encode(), np.uint8)}
        for name, trees in sorted(self.trees.items()):
            arrays[f"{name}.feature"] = trees.feature.astype(np.int16)
            arrays[f"{name}.border"] = trees.border
            arrays[f"{name}.leaves"] = trees.leaves
            arrays[f"{name}.bias"] = np.array(trees.bias, dtype=np.int64)
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()


def read(data: bytes) -> Model:
    """The model in the bytes of a file. Raises CleanError when they are none of this format."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            if about["format"] != FORMAT:
                raise CleanError(NAME, f"has format {about['format']}, this version reads {FORMAT}")
            found = {name: trees(file, name) for name in about["trees"]}
            return Model(found, about["provenance"])
    except BROKEN as exc:
        raise CleanError(NAME, f"is no model: {exc}") from exc


def trees(file: Any, name: str) -> Trees:
    """The trees called `name` in an opened file. Raises ValueError when they don't fit together."""
    feature, border, leaves, bias = (file[f"{name}.{array}"] for array in ARRAYS)
    count, depth = feature.shape
    fit = 1 <= depth <= DEEPEST and border.shape == feature.shape
    if not fit or leaves.shape != (count, 2**depth) or (feature < 0).any():
        raise ValueError(f"the arrays of {name!r} don't fit together")
    most = np.abs(leaves.astype(np.int64)).max(axis=1).sum()
    if most >= 2**31:
        raise ValueError(f"the leaves of {name!r} may add up to {most}, past 2**31")
    return Trees(
        feature.astype(np.intp), border.astype(np.float32), leaves.astype(np.int32), int(bias)
    )


def use(model: Model) -> None:
    """Makes `model` the one of this process: for trying another than the one that is shipped."""
    _in_use[:] = [model]


def model() -> Model:
    """The model of this process: the shipped one, unless `use` named another."""
    return _in_use[0] if _in_use else shipped()


@cache
def shipped() -> Model:
    """The model that comes with the package."""
    return read(resources.files("scraper.clean").joinpath(NAME).read_bytes())
