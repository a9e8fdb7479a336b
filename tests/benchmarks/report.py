"""Figures -> plain aligned tables. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from benchmarks.intervals import Interval, Intervals
from benchmarks.pages import LabelledPage
from benchmarks.scoring import COLUMNS, RIGHT, Row

TIMES = frozenset({"ms", "p99", "xparse", "parse", "ratio", "p99_ratio"})


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the first row the heads: the first column to the left, the others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def number(figure: str, value: float | None) -> str:
    """A figure as it is shown: a share with three digits, a time with one, a count without."""
    if value is None:
        return "-"
    if figure == "errs":
        return f"{value:.0f}"
    return f"{value:.1f}" if figure in TIMES else f"{value:.3f}"


def figures(systems: Mapping[str, Mapping[str, float]]) -> str:
    """A line a system, a column a figure; columns that nobody has are left out."""
    shown = [c for c in COLUMNS if any(c in found for found in systems.values())]
    rows = [["", *shown]]
    for name, found in systems.items():
        rows.append([name, *(number(c, found.get(c)) for c in shown)])
    return table(rows)


def bounds(found: Intervals) -> str:
    """A line a system: its value and interval of each figure; last, how far ours is ahead."""
    names = list(next(iter(found.systems.values())))
    values = found.systems.values()
    rows = [["95 % intervals", *found.systems]]
    rows += [[name, *(span(own[name]) for own in values)] for name in names]
    for peer in dict.fromkeys(filter(None, found.best.values())):
        cells = [span(found.ahead[f], "+") if found.best[f] == peer else "" for f in found.systems]
        rows.append([f"{names[0]} - {peer}", *cells])
    return table(rows)


def span(found: Interval, sign: str = "") -> str:
    """A value and its bounds."""
    value, low, high = (f"{x:{sign}.3f}" for x in (found.value, found.low, found.high))
    return f"{value} [{low}, {high}]"


def worst(pages: Sequence[LabelledPage], rows: Sequence[Row], count: int) -> str:
    """The pages with the lowest F1 of a set, worst first."""
    pairs = [(page, row) for page, row in zip(pages, rows, strict=True) if "f" in row]
    pairs.sort(key=lambda pair: (pair[1]["f"], pair[0].id))
    lines = [["worst", "F1", "precision", "recall"]]
    for page, row in pairs[:count]:
        lines.append([page.id, *(f"{row[key]:.3f}" for key in "fpr")])
    return table(lines) if pairs else ""


def reliability(rows: Sequence[Row], bins: int = 10) -> str:
    """How often bodies of each confidence are right: `#` up to the share, `|` at the promise."""
    told = [(row["confidence"], row["f"] > RIGHT) for row in rows if row.get("confidence")]
    lines = [["confidence", "pages", "mean", "right", "0 ... 1"]]
    for low in range(bins):
        own = [pair for pair in told if low <= min(pair[0] * bins, bins - 1e-9) < low + 1]
        if own:
            mean, right = (statistics.fmean(column) for column in zip(*own, strict=True))
            bar = "".join("|" if n == round(mean * 40) else "#" if n < right * 40 else " "
                          for n in range(41))  # fmt: skip
            lines.append([f"{low / bins:.1f} to {(low + 1) / bins:.1f}", f"{len(own)}",
                          f"{mean:.3f}", f"{right:.3f}", bar])  # fmt: skip
    return table(lines) if told else ""


def speed(found: Mapping[str, float], stages: Mapping[str, float]) -> str:
    """The times of the cleaner and of trafilatura, then where the cleaner's go."""
    keys = ("ms", "p99", "xparse")
    rows = [[f"speed, {found['pages']:.0f} pages", *keys]]
    rows.append(["scraper", *(f"{found[k]:.2f}" for k in keys)])
    rows.append(["trafilatura", *(f"{found[f'trafilatura_{k}']:.2f}" for k in keys)])
    rows.append(["times faster", f"{found['ratio']:.2f}", f"{found['p99_ratio']:.2f}", ""])
    rows.append(["with second opinions", f"x {found['auto']:.2f}", "", ""])
    rows.append(["bare parse", f"{found['parse']:.2f}", "", ""])
    whole = sum(stages.values())
    parts = [["stage", "ms", "share"]]
    parts += [[name, f"{ms:.3f}", f"{ms / whole:.1%}"] for name, ms in stages.items()]
    return f"{table(rows)}\n\n{table(parts)}"
