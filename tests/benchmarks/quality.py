"""Labelled pages -> the cleaner's figures, beside trafilatura's.

    python tests/benchmarks/quality.py DATA [--sets a,b] [--worst 10]

DATA/<set>/truth.jsonl has a page a line: `file` (gzipped HTML below the set's folder), `url`, and
what a person found on it: `body`, `headline`, `published`, `present` and `absent` snippets,
`captions`, `credits`, `kind` (of a page that is no article).

shF1    F1 of macro precision and recall over shingles of four tokens, each CJK character a token:
        the measure of the public article-extraction benchmark
exact   share of pages whose body has exactly the tokens of the truth
low     share of pages with an F1 under 0.8
snip    F1 over the snippets;  capt, cred  share of pages that show a caption, a credit
lost    true articles called no article;  rejects  other pages called so
head    headlines right;  date  days right;  ms  CPU milliseconds a page
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import re
import statistics
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

TOKEN = re.compile(r"\w+")
CJK = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
Row = dict[str, Any]


def tokens(text: str) -> list[str]:
    """Words; each CJK character is one."""
    return TOKEN.findall(CJK.sub(r" \g<0> ", text))


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Runs of four tokens; a shorter text is one."""
    t = tokens(text)
    return Counter(tuple(t[i : i + 4]) for i in range(max(1, len(t) - 3)) if t)


def precision_recall(truth: str, got: str) -> tuple[float, float]:
    """Over shingles."""
    a, b = shingles(truth), shingles(got)
    hit = (a & b).total()
    if a == b:
        return 1.0, 1.0
    return hit / max(1, b.total()), hit / max(1, a.total())


def f1(p: float, r: float) -> float:
    """The harmonic mean."""
    return 2 * p * r / (p + r) if p + r else 0.0


def fold(text: str) -> str:
    """Without case, kinds of quotes and dashes, and white space."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[\"'“”„«»‘’‚‹›`´\xad]", "", text)
    return " ".join(re.sub(r"[‐‑‒–—―]", "-", text).split())


def scraper(body: bytes, url: str | None) -> Row:
    """The project."""
    from scraper import clean

    a = clean(body, url=url)
    day = a.published.date().isoformat() if a.published else None
    return {"text": a.body, "headline": a.headline, "date": day, "verdict": a.verdict.value}


def trafilatura(body: bytes, url: str | None) -> Row:
    """The peer that ours is built on for now."""
    from trafilatura import bare_extraction

    d: Any = bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if d is None:
        return {"text": "", "headline": None, "date": None}
    return {"text": d.text or "", "headline": d.title, "date": d.date}


SYSTEMS: dict[str, Callable[[bytes, str | None], Row]] = {
    "scraper": scraper,
    "trafilatura": trafilatura,
}


def score(truth: Row, got: Row) -> Row:
    """The figures of one page."""
    text = got["text"]
    found: Row = {}
    if "body" in truth:
        found["p"], found["r"] = precision_recall(truth["body"], text)
        found["f"] = f1(found["p"], found["r"])
        found["exact"] = float(tokens(truth["body"]) == tokens(text))
        found["low"] = float(found["f"] < 0.8)
    if "verdict" in got and ("body" in truth or "kind" in truth):
        name = "rejects" if truth.get("kind") else "lost"
        found[name] = float(got["verdict"] != "article")
    if truth.get("headline"):
        found["head"] = float(fold(truth["headline"]) == fold(got["headline"] or ""))
    if truth.get("published"):
        found["date"] = float(truth["published"][:10] == (got["date"] or "")[:10])
    squeezed, body = " ".join(text.split()), " ".join((truth.get("body") or "").split())
    for name, key in (("capt", "captions"), ("cred", "credits")):
        rows = [" ".join(x.split()) for x in truth.get(key) or ()]
        if rows := [x for x in rows if len(x) > 5 and x not in body]:
            found[name] = float(any(x in squeezed for x in rows))
    for key in ("present", "absent"):
        found[key] = [" ".join(x.split()) in squeezed for x in truth.get(key) or ()]
    return found


def measured(row: tuple[Row, Path], systems: list[str]) -> dict[str, Row]:
    """One page through each system."""
    truth, file = row
    body = gzip.decompress(file.read_bytes())
    out = {}
    for name in systems:
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = SYSTEMS[name](body, truth.get("url"))
        out[name] = score(truth, got) | {"ms": 1000 * (time.process_time() - start)}
        out[name]["id"] = truth["id"]
    return out


def summary(rows: list[Row]) -> Row:
    """The figures of one set."""
    found: Row = {}

    def mean(key: str) -> float | None:
        values = [r[key] for r in rows if key in r]
        return statistics.mean(values) if values else None

    if (p := mean("p")) is not None and (r := mean("r")) is not None:
        found["shF1"] = f1(p, r)
    for key in ("exact", "low", "head", "date", "capt", "cred", "rejects", "lost"):
        if (value := mean(key)) is not None:
            found[key] = value
    hit = sum(sum(r["present"]) for r in rows)
    miss = sum(len(r["present"]) for r in rows) - hit
    extra = sum(sum(r["absent"]) for r in rows)
    if hit:
        found["snip"] = 2 * hit / (2 * hit + miss + extra)
    found["ms"] = mean("ms")
    return found


def labelled(folder: Path) -> Iterator[tuple[Row, Path]]:
    """The pages of a set."""
    # U+2028 stands in strings: only "\n" ends a line
    for line in (folder / "truth.jsonl").read_text("utf-8").rstrip("\n").split("\n"):
        truth = json.loads(line)
        yield truth, folder / truth["file"]


def main() -> None:
    """Prints a line for each set and system."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", help="which sets, with commas; all of them")
    parser.add_argument("--worst", type=int, default=0, help="name the N worst pages of each set")
    args = parser.parse_args()
    sets = (
        args.sets.split(",")
        if args.sets
        else [p.parent.name for p in sorted(args.data.glob("*/truth.jsonl"))]
    )
    if not sets:
        parser.error(f"{args.data}: holds no set (a folder with truth.jsonl)")
    with multiprocessing.get_context("spawn").Pool() as pool:
        for name in sets:
            rows = pool.map(
                partial(measured, systems=list(SYSTEMS)), list(labelled(args.data / name)), 8
            )
            print(f"{name}: {len(rows)} pages")
            for system in SYSTEMS:
                own = [row[system] for row in rows]
                figures = "  ".join(
                    f"{k} {v:.3f}" if k != "ms" else f"ms {v:.1f}" for k, v in summary(own).items()
                )
                print(f"  {system:12} {figures}", flush=True)
            ranked = sorted(
                (r["scraper"] for r in rows if "f" in r["scraper"]), key=lambda r: r["f"]
            )
            for row in ranked[: args.worst]:
                print(f"      {row['f']:.3f} {row['id']}")


if __name__ == "__main__":
    main()
