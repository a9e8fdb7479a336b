"""The benchmark of the fetcher: all loops bring the same pages, the ideal is the greatest bound."""

from __future__ import annotations

import pytest
from benchmarks import fetching
from benchmarks.fetching import Found, Run
from benchmarks.loopback import Shape, web


def test_every_loop_brings_every_page() -> None:
    with web(Shape(sites=2, pages=3, delay=0.001, sentences=20)) as feeds:
        found = fetching.measure(feeds, 1)
    brought = {(run.pages, run.size) for runs in found.runs.values() for run in runs}
    assert len(found.runs) == 3
    assert len(brought) == 1
    assert next(iter(brought))[0] == 6
    assert min(found.bounds.values()) > 0
    assert "fullest site, 4 x " in fetching.shown(found)


def test_the_ideal_is_what_no_loop_can_beat() -> None:
    runs = {"scraper": [Run(wall, 1.0, 6, 100) for wall in (3.0, 9.0, 5.0)]}
    found = Found(runs, {"fullest": 2.0, "cpu": 4.0})
    assert found.ideal == 4
    assert found.ratio == pytest.approx(1.25)
