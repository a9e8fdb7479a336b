"""Figures of pages -> 95 % bootstrap intervals of shF1 and exact, by site. Pure.

Whole sites are drawn, as the pages of one site are right or wrong together. All systems see the
same draws, so that the interval of a difference is that of the pair.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.scoring import Row

SAMPLES = 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the bounds that 95 % of its draws lie in."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """Of each figure: each system's interval, the best peer, and by how much the first is ahead."""

    systems: Mapping[str, Mapping[str, Interval]]  # figure -> system -> interval
    best: Mapping[str, str]  # figure -> the peer with the highest value; "" without peers
    ahead: Mapping[str, Interval]  # figure -> the first system minus that peer


def intervals(
    rows: Mapping[str, Sequence[Row]], sites: Sequence[Hashable], seed: int = 0
) -> Intervals:
    """The intervals over `rows`: of each system the figures of the same pages; the first is ours.

    `sites` has the site of each page. Deterministic for a seed. Pages without a body do not count.
    """
    drawn = {name: draws(own, sites, seed) for name, own in rows.items()}
    ours, *peers = drawn
    systems: dict[str, dict[str, Interval]] = {}
    best: dict[str, str] = {}
    ahead: dict[str, Interval] = {}
    for figure in ("shF1", "exact"):
        values = {name: found[figure] for name, found in drawn.items()}
        systems[figure] = {name: interval(value) for name, value in values.items()}
        best[figure] = max(peers, key=lambda name: values[name][0], default="")
        if best[figure]:
            ahead[figure] = interval(values[ours] - values[best[figure]])
    return Intervals(systems, best, ahead)


def interval(values: Floats) -> Interval:
    """The first value with the 2.5 % and 97.5 % quantiles of the others."""
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return Interval(float(values[0]), float(low), float(high))


def draws(rows: Sequence[Row], sites: Sequence[Hashable], seed: int) -> dict[str, Floats]:
    """shF1 and exact: first over all pages, then over each of the samples of sites."""
    whole = [(site, row) for site, row in zip(sites, rows, strict=True) if "p" in row]
    number = {site: i for i, site in enumerate(dict.fromkeys(site for site, _ in whole))}
    sums = np.zeros((len(number), 4))
    for site, row in whole:
        sums[number[site]] += (1.0, row["p"], row["r"], row["exact"])
    size = len(number)
    picks = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), SAMPLES)
    pages, p, r, exact = (np.vstack([np.ones(size), picks]) @ sums).T
    # the number of pages falls out of 2pr / (p + r) but for one power
    with np.errstate(invalid="ignore"):
        both = np.where(p + r > 0, 2 * p * r / (p + r), 0.0)
    return {"shF1": both / pages, "exact": exact / pages}
