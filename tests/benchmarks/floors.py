"""Figures, the floors kept in a file -> what fell below them; new floors. A floor only rises.

The file holds {"sets": {set: {figure: floor}}, "speed": {figure: floor}, "lowered": [...]}. The
floor of a figure that is better when small (`low`, `xparse`) is a ceiling.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.scoring import CEILINGS

FILE = Path(__file__).with_name("floor.json")
FIGURES = ("shF1", "exact", "para", "low", "snip", "capt", "cred", "rejects", "lost")
SPEED = ("xparse", "ratio", "p99_ratio")
# Times of one machine differ by 3 % from run to run, ratios between machines by 10 %.
SLACK = 1.15
DIGITS = 3
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fall:
    """A figure that is worse than its floor; `value` None: it was not measured."""

    place: str  # the set, or "speed"
    figure: str
    floor: float
    value: float | None

    def __str__(self) -> str:
        word = "ceiling" if self.figure in CEILINGS else "floor"
        value = "not measured" if self.value is None else f"{self.value:.3f}"
        return f"{self.place} {self.figure}: {word} {self.floor:.3f}, is {value}"


def measured(sets: Mapping[str, Figures], speed: Figures) -> dict[str, dict[str, float]]:
    """The figures that have floors, as they are compared: by set, and "speed"."""
    found = {name: pick(figures, FIGURES) for name, figures in sets.items()}
    return {**found, "speed": pick(speed, SPEED)}


def pick(figures: Figures, names: Sequence[str]) -> dict[str, float]:
    """The figures `names` where there are, rounded."""
    return {name: round(figures[name], DIGITS) for name in names if name in figures}


def read(file: Path) -> dict[str, Any]:
    """The floors; none without a file."""
    if not file.exists():
        return {"sets": {}, "speed": {}, "lowered": []}
    kept: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return kept


def places(kept: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, float]]]:
    """The floors of each set, and of the speed."""
    yield from kept["sets"].items()
    yield "speed", kept["speed"]


def falls(kept: Mapping[str, Any], found: Mapping[str, Figures]) -> list[Fall]:
    """The figures below their floors, in the file's order; those not measured are."""
    return [
        Fall(place, figure, floor, value)
        for place, floors in places(kept)
        for figure, floor in floors.items()
        for value in [found.get(place, {}).get(figure)]
        if value is None or better(figure, floor, value)
    ]


def better(figure: str, a: float, b: float) -> bool:
    """Whether `a` is better than `b`."""
    return a < b if figure in CEILINGS else a > b


def raised(kept: Mapping[str, Any], found: Mapping[str, Figures]) -> dict[str, Any]:
    """The floors with every figure that is better or new; times keep some slack."""
    new: dict[str, Any] = json.loads(json.dumps(kept))
    for place, figures in found.items():
        own = new["speed"] if place == "speed" else new["sets"].setdefault(place, {})
        for figure, value in figures.items():
            floor = slackened(place, figure, value)
            if figure not in own or better(figure, floor, own[figure]):
                own[figure] = floor
    return new


def slackened(place: str, figure: str, value: float) -> float:
    """What a figure may fall to when `value` was reached."""
    if place != "speed":
        return value
    return round(value * SLACK if figure in CEILINGS else value / SLACK, DIGITS)


def lowered(
    kept: Mapping[str, Any], fallen: Sequence[Fall], reason: str, day: str
) -> dict[str, Any]:
    """The floors brought down to what fell below them, and why, on which day.

    Raises ValueError when `reason` says nothing.
    """
    if not reason.strip():
        raise ValueError("a floor is lowered for a reason: give one")
    new: dict[str, Any] = json.loads(json.dumps(kept))
    for fall in fallen:
        own = new["speed"] if fall.place == "speed" else new["sets"][fall.place]
        if fall.value is None:
            del own[fall.figure]
        else:
            own[fall.figure] = slackened(fall.place, fall.figure, fall.value)
    if fallen:
        new["lowered"].append({"date": day, "reason": reason, "figures": [str(f) for f in fallen]})
    return new


def write(kept: Mapping[str, Any], file: Path) -> None:
    """Keeps the floors."""
    file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")
