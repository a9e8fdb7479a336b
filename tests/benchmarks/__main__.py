"""Labelled pages -> the cleaner's figures on sites that it was not trained on, beside its peers'.

    PYTHONPATH=tests python -m benchmarks DATA [--sets a,b] [--limit 50] [--worst 20]

DATA holds sets of labelled pages (see pages.py). For each fifth of the sites a scorer is trained on
the pages of the others, and the whole cleaner runs with it. A full run ends with exit code 1, and a
line for each, when figures are below the floors in floor.json. What the figures are: scoring.py.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

# there is a process for each core, and threads that wait count as CPU time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks import floors, held_out, report, speed
from benchmarks.intervals import Intervals, intervals
from benchmarks.pages import LabelledPage, load, sets
from benchmarks.peers import PEERS, MissingPeerError, edition
from benchmarks.scoring import Row, summary

STEP = 5  # every fifth page is timed: 500 give the mean within 3 %
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scraper-bench"


@dataclass(slots=True)
class Found:
    """What a run measured."""

    sets: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    intervals: dict[str, Intervals] = field(default_factory=dict)
    speed: dict[str, float] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser("benchmarks", description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("data", type=Path, help="the folder of labelled pages")
    add("--sets", help="show these sets only, with commas; no floors")
    add("--limit", type=int, help="show at most so many pages of each set; no floors")
    add("--shipped", action="store_true", help="train nothing: the shipped model, which has seen "
        "labelled pages; no floors")  # fmt: skip
    add("--peers", default=",".join(PEERS), help="the peers to show, with commas; all of them")
    add("--cache", type=Path, default=CACHE, help="where peers' answers are kept; %(default)s")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="processes; %(default)s")
    add("--worst", type=int, default=0, metavar="N", help="name the N worst pages of each set")
    add("--json", type=Path, metavar="FILE", help="write the figures there, too")
    add("--floors", type=Path, default=floors.FILE, metavar="FILE", help="%(default)s")
    add("--raise-floor", action="store_true", help="keep what is better as the new floor")
    add("--lower-floor", metavar="REASON", help="bring floors down to the figures below them")
    args = parser.parse_args(argv)
    held = sets(args.data)
    args.sets = args.sets.split(",") if args.sets else held
    args.peers = [name for name in args.peers.split(",") if name]
    args.full = args.sets == held and not args.limit and not args.shipped
    if not held:
        parser.error(f"{args.data}: holds no set (a folder with truth.jsonl)")
    if unknown := [*set(args.sets) - set(held), *set(args.peers) - set(PEERS)]:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if not args.full and (args.raise_floor or args.lower_floor is not None):
        parser.error("floors are for full runs: without --sets, --limit, --shipped")
    if args.lower_floor is not None and not args.lower_floor.strip():
        parser.error("a floor is lowered for a reason: give one")
    return args


def by_set(pages: Sequence[LabelledPage], rows: Sequence[Row], name: str) -> list[Row]:
    """The rows of the set `name`."""
    return [row for page, row in zip(pages, rows, strict=True) if page.set == name]


def quality(args: argparse.Namespace, found: Found, pool: Pool) -> None:
    """Measures and prints the figures of each set."""
    pages = load(args.data, args.sets, args.limit)
    every = load(args.data, sets(args.data))
    folds = held_out.split(every, pages, None if args.shipped else args.data)
    if not args.shipped:
        say(f"training on {held_out.prepare(args.data):,} pages, without a fifth at a time")
    say(f"cleaning {len(pages):,} pages")
    ours = held_out.ours(folds, pool)
    rows = {"scraper": [ours[page.set, page.id] for page in pages]}
    say(f"peers: answers are kept in {args.cache}; to get them first takes ten minutes of CPU")
    tasks = [(page, args.peers, args.cache / "peers") for page in pages]
    theirs = pool.map(held_out.theirs, tasks, 16)
    rows |= {name: [answers[name] for answers in theirs] for name in args.peers}
    if drawn := report.reliability(rows["scraper"]):
        print(f"\n{drawn}")
    for name in args.sets:
        own = [page for page in pages if page.set == name]
        groups = [held_out.group(page) for page in own]
        parts = {system: by_set(pages, values, name) for system, values in rows.items()}
        found.sets[name] = {system: summary(values) for system, values in parts.items()}
        print(f"\n{name}: {len(own)} pages of {len(set(groups))} publishers")
        print(report.figures(found.sets[name]))
        if any("p" in row for row in parts["scraper"]):
            found.intervals[name] = intervals(parts, groups)
            print(f"\n{report.bounds(found.intervals[name])}")
        if args.worst and (lines := report.worst(own, parts["scraper"], args.worst)):
            print(f"\n{lines}")


def times(args: argparse.Namespace, found: Found) -> None:
    """Measures and prints the speed of the shipped model, before other processes are there."""
    pages = load(args.data, args.sets, args.limit)[::STEP]
    say(f"timing {len(pages)} pages")
    found.speed, found.stages = speed.ratios(pages), speed.profile(pages)
    print(report.speed(found.speed, found.stages))


def guarded(args: argparse.Namespace, found: Found) -> list[floors.Fall]:
    """What is below its floor, once floors are raised and lowered as asked."""
    ours = {name: systems["scraper"] for name, systems in found.sets.items()}
    values = floors.measured(ours, found.speed)
    before = kept = floors.read(args.floors)
    if args.raise_floor:
        kept = floors.raised(kept, values)
    if args.lower_floor is not None:
        day = datetime.now(UTC).date().isoformat()
        kept = floors.lowered(kept, floors.falls(kept, values), args.lower_floor, day)
    if kept != before:
        floors.write(kept, args.floors)
    return floors.falls(kept, values)


def say(text: str) -> None:
    """What goes on, beside the tables."""
    print(text, file=sys.stderr, flush=True)


def measure(args: argparse.Namespace) -> Found:
    """All figures, printed as they come."""
    start = time.monotonic()
    found = Found()
    for name in args.peers:
        edition(name)  # a missing peer is an error now, not in ten minutes
    times(args, found)
    with multiprocessing.get_context("spawn").Pool(args.jobs) as pool:
        quality(args, found, pool)
    found.seconds = time.monotonic() - start
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """0 well, 1 below a floor, 2 could not run."""
    args = arguments(argv)
    try:
        found = measure(args)
    except MissingPeerError as exc:
        say(f"benchmarks: {exc}")
        return 2
    fallen = guarded(args, found) if args.full else []
    if args.full and not args.floors.exists():
        say(f"{args.floors}: there are no floors yet; --raise-floor writes them")
    if args.json:
        data: dict[str, Any] = asdict(found) | {"falls": [str(fall) for fall in fallen]}
        args.json.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    for fall in fallen:
        say(f"below the floor: {fall}")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
