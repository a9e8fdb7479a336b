from __future__ import annotations

import json
from collections import defaultdict
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import pytest
from benchmarks import __main__ as command
from benchmarks import floors, pages, peers, report, speed
from benchmarks.intervals import intervals
from benchmarks.peers import Output
from labelled import BODY, folder, row


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return folder(tmp_path)


# -- intervals ---------------------------------------------------------------------
def test_intervals_draw_sites_not_pages() -> None:
    good, bad = row({"body": BODY}), row({"body": BODY}, "")
    rows = [good] * 50 + [bad] * 50
    by_page = intervals({"ours": rows}, range(100)).systems["exact"]["ours"]
    by_site = intervals({"ours": rows}, [0] * 50 + [1] * 50).systems["exact"]["ours"]
    assert by_page.value == by_site.value == 0.5
    assert 0.35 < by_page.low < 0.45 < 0.55 < by_page.high < 0.65
    assert (by_site.low, by_site.high) == (0.0, 1.0)


def test_every_page_of_a_site_counts_in_intervals() -> None:
    rows = [row({"body": BODY})] * 3 + [row({"body": BODY}, "")]
    assert intervals({"ours": rows}, "aaab").systems["exact"]["ours"].value == 0.75


def test_intervals_of_the_difference_are_those_of_pairs() -> None:
    good, bad = row({"body": BODY}), row({"body": BODY}, "")
    mixed = [good, bad] * 30
    rows = {"ours": mixed, "same": list(mixed), "none": [bad] * 60}
    found = intervals(rows, range(60))
    assert found.best == {"shF1": "same", "exact": "same"}
    ahead = found.ahead["shF1"]
    assert (ahead.value, ahead.low, ahead.high) == (0.0, 0.0, 0.0)
    assert found == intervals(rows, range(60))
    assert found.systems["shF1"]["none"].high == 0.0


def test_pages_without_a_body_do_not_count_in_intervals() -> None:
    rows = [row({"body": BODY}), row({"present": ["x"]}), row({"body": BODY})]
    assert intervals({"ours": rows}, "aab").systems["shF1"]["ours"].low == 1.0


# -- floors ------------------------------------------------------------------------
KEPT: dict[str, Any] = {
    "sets": {"a": {"shF1": 0.9, "low": 0.05}},
    "speed": {"ratio": 5.0},
    "lowered": [],
}


def test_falls() -> None:
    def fallen(shingle: float, low: float, ratio: float) -> list[str]:
        values = floors.measured({"a": {"shF1": shingle, "low": low}}, {"ratio": ratio})
        return [str(fall) for fall in floors.falls(KEPT, values)]

    assert fallen(0.9, 0.05, 5.0) == []
    assert fallen(0.89951, 0.05, 9.0) == []  # as it is shown
    assert fallen(0.95, 0.01, 9.0) == []
    assert fallen(0.89, 0.06, 4.9) == [
        "a shF1: floor 0.900, is 0.890",
        "a low: ceiling 0.050, is 0.060",
        "speed ratio: floor 5.000, is 4.900",
    ]
    assert "speed ratio: floor 5.000, is not measured" in map(str, floors.falls(KEPT, {}))


def test_raised_floors_only_rise() -> None:
    values = {
        "a": {"shF1": 0.95, "low": 0.06},
        "b": {"capt": 0.1},
        "speed": {"ratio": 11.5, "xparse": 8.0},
    }
    new = floors.raised(KEPT, values)
    assert new["sets"] == {"a": {"shF1": 0.95, "low": 0.05}, "b": {"capt": 0.1}}
    assert new["speed"] == {"ratio": 10.0, "xparse": 9.2}  # times vary from run to run
    assert KEPT["sets"]["a"] == {"shF1": 0.9, "low": 0.05}


def test_a_lowered_floor_keeps_the_reason() -> None:
    values = {"a": {"shF1": 0.8, "low": 0.01}, "speed": {}}
    new = floors.lowered(KEPT, floors.falls(KEPT, values), "the truth was mended", "2026-01-02")
    assert new["sets"] == {"a": {"shF1": 0.8, "low": 0.05}}
    assert new["speed"] == {}
    assert new["lowered"] == [{
        "date": "2026-01-02",
        "reason": "the truth was mended",
        "figures": ["a shF1: floor 0.900, is 0.800", "speed ratio: floor 5.000, is not measured"],
    }]  # fmt: skip
    assert floors.falls(new, values) == []
    with pytest.raises(ValueError, match="reason"):
        floors.lowered(KEPT, [], " ", "2026-01-02")


# -- speed, report, command ----------------------------------------------------------
def test_every_stage_that_is_timed_exists() -> None:
    for _, names in speed.STAGES:
        for name in names:
            assert callable(speed.find(name)[2]), name


def test_a_stage_has_only_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.process_time", lambda: now[0])
    spent: dict[str, float] = defaultdict(float)
    inner = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    part = speed.timed(wait, "part", spent, inner)

    def all_of_it() -> None:
        wait(1.0)
        part(2.0)
        part(3.0)

    speed.timed(all_of_it, "whole", spent, inner)()
    assert spent == {"part": 5.0, "whole": 1.0}


def test_ratios_are_of_sums_without_the_warm_pages(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = {
        peers.ALONE: iter([900.0, 900.0, 2.0, 4.0]),
        "scraper": iter([900.0, 900.0, 4.0, 5.0]),
        "trafilatura": iter([90.0, 90.0, 12.0, 6.0]),
    }
    monkeypatch.setattr(speed, "started", lambda name: name)
    monkeypatch.setattr(
        speed, "answer", lambda name, run, body, url: Output("", ms=next(times[name]), parse=0.5)
    )
    found = speed.ratios(pages.load(data, ["a"])[:2])
    assert (found["ms"], found["p99"]) == (3.0, 4.0)
    assert found["xparse"] == pytest.approx(6.0)
    assert (found["ratio"], found["p99_ratio"], found["pages"]) == (3.0, 3.0, 2)
    assert found["auto"] == 1.5


def test_a_stopwatch_leaves_nothing_behind() -> None:
    before = [speed.find(name)[2] for _, names in speed.STAGES for name in names]
    with speed.stopwatch():
        assert speed.find(speed.STAGES[0][1][0])[2] is not before[0]
    assert [speed.find(name)[2] for _, names in speed.STAGES for name in names] == before


def test_tables_are_aligned() -> None:
    figures = {"ours": {"shF1": 0.5, "errs": 3}, "another": {"errs": 0, "ms": 12.34}}
    assert report.figures(figures) == (
        "          shF1  errs    ms\nours     0.500     3     -\nanother      -     0  12.3"
    )


def test_the_worst_pages_come_first(data: Path) -> None:
    own = pages.load(data, ["a"])[:3]
    rows = [row({"body": BODY}), row({"body": BODY}, ""), row({"body": BODY}, BODY[:24])]
    lines = report.worst(own, rows, 2).split("\n")
    assert [line.split()[0] for line in lines] == ["worst", "p1", "p2"]
    assert lines[2].split()[2:] == ["1.000", "0.286"]


def test_a_full_run_fails_below_its_floors(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "floor.json"
    found = command.Found({"a": {"scraper": {"shF1": 0.8}}}, speed={"ratio": 6.0})
    monkeypatch.setattr(command, "measure", lambda args: found)
    argv = [str(data), "--floors", str(file)]
    assert command.main(argv) == 0
    assert "there are no floors yet" in capsys.readouterr().err
    assert command.main([*argv, "--raise-floor"]) == 0
    assert floors.read(file)["sets"] == {"a": {"shF1": 0.8}}
    found.sets["a"]["scraper"]["shF1"] = 0.7
    assert command.main(argv) == 1
    assert capsys.readouterr().err == "below the floor: a shF1: floor 0.800, is 0.700\n"
    assert command.main([*argv, "--limit", "3"]) == 0
    assert command.main([*argv, "--raise-floor"]) == 1  # never lowers
    assert command.main([*argv, "--lower-floor", "why"]) == 0
    assert floors.read(file)["lowered"][0]["reason"] == "why"
    assert command.main([*argv, "--json", str(tmp_path / "o.json")]) == 0
    assert json.loads((tmp_path / "o.json").read_text())["speed"] == {"ratio": 6.0}


@pytest.mark.parametrize(
    "wrong",
    [["--limit", "3", "--raise-floor"], ["--lower-floor", " "], ["--sets", "c"], ["--peers", "x"]],
)
def test_a_wrong_command_line_is_refused(wrong: list[str], data: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main([str(data), *wrong])


def test_a_missing_peer_ends_the_run(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(peers.PEERS, "absent", peers.System("absent-peer", peers.scraper))
    assert command.main([str(data), "--peers", "absent"]) == 2
    assert "scraper[bench]" in capsys.readouterr().err


def test_a_whole_run_prints_figures_of_the_shipped_model(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "times", lambda args, found: None)
    with ThreadPool(1) as pool:
        args = command.arguments([str(data), "--shipped", "--peers", "", "--worst", "1"])
        found = command.Found()
        command.quality(args, found, pool)
    assert set(found.sets) == {"a", "b", "other"}
    assert found.sets["a"]["scraper"]["errs"] == 0
    printed = capsys.readouterr().out
    assert "a: 20 pages of 10 publishers" in printed
    assert "95 % intervals" in printed
    assert "rejects" in printed
