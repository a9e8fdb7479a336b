"""A running fetcher -> the sizes of what it holds; two of them -> what grew."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path

Sizes = Mapping[str, float]

MEMORY = "MB of RSS"
# What may come on top: over 45,000 requests MEMORY rose by 1.2, blocks by 460, objects by 52.
BOUNDS = {MEMORY: 5.0, "blocks": 3000, "objects": 500}
BOUND = 64  # for anything else: as many sites are under way at once


def sizes(fetcher: object) -> dict[str, float]:
    """What the process holds, and what each table below `fetcher` does. Linux only.

    Blocks are those of Python's allocator, objects those that its collector knows.
    """
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    found: dict[str, float] = {
        MEMORY: pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "blocks": sys.getallocatedblocks(),
        "objects": len(gc.get_objects()),
        "open files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "tasks": len(asyncio.all_tasks()),
    }
    return found | tables(fetcher)


def tables(root: object) -> dict[str, float]:
    """The lengths of the containers in `root` and in what of `scraper.fetch` hangs on it."""
    found: dict[str, float] = {}
    left, known = [("", root)], {id(root)}
    while left:
        path, one = left.pop()
        for name, value in attributes(one).items():
            here = f"{path}{name.strip('_')}"
            if isinstance(value, dict | list | set | deque):
                found[here] = len(value)
            elif type(value).__module__.startswith("scraper.fetch") and id(value) not in known:
                known.add(id(value))
                left.append((f"{here}.", value))
    return found


def attributes(one: object) -> dict[str, object]:
    """The attributes of an object, those in slots among them."""
    names = [n for cls in type(one).__mro__ for n in getattr(cls, "__slots__", ())]
    return {n: getattr(one, n) for n in names if hasattr(one, n)} | getattr(one, "__dict__", {})


def grown(before: Sizes, after: Sizes) -> list[str]:
    """What is larger than before by more than its bound, a line each."""
    lines = []
    for name, value in after.items():
        was, bound = before.get(name, 0), BOUNDS.get(name, BOUND)
        if value > was + bound:
            lines.append(f"{name} grew from {was:,.0f} to {value:,.0f}, by more than {bound:,.0f}")
    return lines
