"""A folder of labelled pages, made for tests of the benchmarks."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from benchmarks import scoring
from benchmarks.peers import Output

BODY = "one two three four five\n\nsix seven eight nine ten"


def row(truth: dict[str, Any], text: str = BODY, **fields: Any) -> scoring.Row:
    """The figures of a page on which a system found `text` and `fields`."""
    return scoring.score(truth, Output(text, fields, ms=3.0, parse=1.0))


def folder(root: Path) -> Path:
    """Two sets with bodies, one without, below `root`; s1 publishes in all three."""
    for name, urls in {
        "a": [f"https://www.s{i}.com/{j}" for i in range(10) for j in range(2)],
        "b": [f"https://s{i}.co.uk/" for i in range(10)] + [""],
        "other": ["https://shop.s1.org/", "https://alone.net/"],
    }.items():
        (root / name).mkdir()
        lines = []
        for number, url in enumerate(urls):
            truth = {"id": f"p{number}", "url": url, "file": f"{number}.gz"}
            truth |= {"kind": "shop"} if name == "other" else {"body": "a\u2028b"}
            (root / name / f"{number}.gz").write_bytes(gzip.compress(b"<p>a b"))
            lines.append(json.dumps(truth, ensure_ascii=False))
        (root / name / "truth.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return root
