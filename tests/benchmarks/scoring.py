"""What a person found on a page, what a system made of it -> figures; figures of pages -> a set's.

shF1    F1 of macro precision and recall over shingles of four tokens, each CJK character a token:
        the measure of the public article-extraction benchmark
exact   share of pages whose body has exactly the tokens of the truth
para    F1 of paragraphs: lines of the truth and of the body, folded
low     share of pages with an F1 under 0.8: the failures that a user would notice
snip    F1 over the snippets that must and must not be there
capt, cred  share of pages whose body shows a photo caption, a credit, that the true one does not
head    headlines right;  date  days right;  auth, tags  F1 of author names, of tags
when    instants right to the minute, offset included, of those that the truth gives with an offset
rejects share of the pages that are no articles called so;  lost  true articles called so
sure    share of articles with a confidence over .9;  right  share of those with an F1 over .9
empty   share of pages without a body;  errs  pages where the system raised: all wrong
ms, p99 CPU milliseconds a page;  xparse  the same over a bare Lexbor parse of the same bytes
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from benchmarks.peers import Output

TOKEN = re.compile(r"\w+")
CJK = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
OFFSET = re.compile(r"[+-]\d\d:\d\d$")
QUOTES = re.compile(r"[\"'“”„«»‘’‚‹›`´\xad]")
DASHES = re.compile(r"[‐‑‒–—―]")
LOW = 0.8
SURE = RIGHT = 0.9
MEANS = (
    "exact", "para", "low", "capt", "cred", "head", "date", "when", "auth", "tags", "rejects",
    "lost", "empty",
)  # fmt: skip
COLUMNS = ("shF1", *MEANS[:3], "snip", *MEANS[3:], "sure", "right", "errs", "ms", "p99", "xparse")
CEILINGS = frozenset({"low", "capt", "cred", "lost", "empty", "errs", "ms", "p99", "xparse"})
Row = dict[str, Any]  # the figures of one page; a figure that its truth cannot give is not there


def tokens(text: str) -> list[str]:
    """Words; each CJK character is one."""
    return TOKEN.findall(CJK.sub(r" \g<0> ", text))


def shingles(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Runs of four tokens; a shorter text is one."""
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)) if words)


def precision_recall(truth: Sequence[str], got: Sequence[str]) -> tuple[float, float]:
    """Over the shingles of two lists of tokens."""
    a, b = shingles(truth), shingles(got)
    if a == b:
        return 1.0, 1.0
    hit = (a & b).total()
    return hit / max(1, b.total()), hit / max(1, a.total())


def f1(p: float, r: float) -> float:
    """The harmonic mean."""
    return 2 * p * r / (p + r) if p + r else 0.0


def fold(text: str) -> str:
    """Without case, kinds of quotes and dashes, and white space."""
    text = QUOTES.sub("", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(DASHES.sub("-", text).split())


def squeeze(text: str) -> str:
    """White space as single blanks."""
    return " ".join(text.split())


def score(truth: Mapping[str, Any], got: Output) -> Row:
    """The figures of one page."""
    return {
        **body(truth, got.text),
        **shown(truth, squeeze(got.text)),
        **fields(truth, got.fields),
        **verdict(truth, got.fields),
        "empty": float(not got.text.strip()),
        "errs": int(bool(got.error)),
        "ms": got.ms,
        "parse": got.parse,
    }


def body(truth: Mapping[str, Any], text: str) -> Row:
    """p, r, f (their F1), exact, low, para."""
    if "body" not in truth:
        return {}
    want, have = tokens(truth["body"]), tokens(text)
    p, r = precision_recall(want, have)
    f = f1(p, r)
    found: Row = {"p": p, "r": r, "f": f, "exact": float(want == have), "low": float(f < LOW)}
    a, b = (Counter(fold(x) for x in t.split("\n") if x.strip()) for t in (truth["body"], text))
    if len(a) > 1:
        found["para"] = 2 * (a & b).total() / (a.total() + b.total())
    return found


def shown(truth: Mapping[str, Any], text: str) -> Row:
    """capt, cred, and snip: hits, misses and what is too much."""
    found: Row = {}
    own = squeeze(truth.get("body") or "")
    for name, key in (("capt", "captions"), ("cred", "credits")):
        rows = [squeeze(x) for x in truth.get(key) or ()]
        if rows := [x for x in rows if len(x) > 5 and x not in own]:
            found[name] = float(any(x in text for x in rows))
    present, absent = (
        [squeeze(x) in text for x in truth.get(k) or ()] for k in ("present", "absent")
    )
    found["snip"] = (sum(present), len(present) - sum(present), sum(absent))
    return found


def fields(truth: Mapping[str, Any], got: Mapping[str, Any]) -> Row:
    """head, date, auth, tags, when: where both the truth has it and the system offers it."""
    found: Row = {}
    if truth.get("headline") and "headline" in got:
        found["head"] = float(fold(truth["headline"]) == fold(got["headline"] or ""))
    published = truth.get("published") or ""
    if published and "date" in got:
        found["date"] = float(published[:10] == (got["date"] or "")[:10])
    for figure, key in (("auth", "authors"), ("tags", "tags")):
        if truth.get(key) and key in got:
            a, b = set(map(fold, truth[key])), set(map(fold, got[key] or ()))
            found[figure] = 2 * len(a & b) / (len(a) + len(b))
    if OFFSET.search(published) and "when" in got:
        found["when"] = float(same_instant(published, got["when"]))
    return found


def same_instant(truth: str, got: str | None) -> bool:
    """Whether two ISO 8601 instants are less than a minute apart and have one offset."""
    a, b = datetime.fromisoformat(truth), datetime.fromisoformat(got) if got else None
    if b is None or a.utcoffset() != b.utcoffset():
        return False
    return abs((a - b).total_seconds()) < 60


def verdict(truth: Mapping[str, Any], got: Mapping[str, Any]) -> Row:
    """rejects of a page that is no article, lost of one that is."""
    if "verdict" not in got:
        return {}
    if truth.get("kind"):  # a failure tells nothing of the page
        return {"rejects": float(got["verdict"] not in (None, "article"))}
    if "body" not in truth:
        return {}
    return {"lost": float(got["verdict"] != "article"), "confidence": got.get("confidence")}


def summary(rows: Sequence[Row]) -> dict[str, float]:
    """The figures of a set of pages; one that no page can give is not there."""
    found: dict[str, float] = {}

    def mean(key: str) -> float | None:
        values = [row[key] for row in rows if key in row]
        return statistics.fmean(values) if values else None

    if (p := mean("p")) is not None and (r := mean("r")) is not None:
        found["shF1"] = f1(p, r)
    for key in MEANS:
        if (value := mean(key)) is not None:
            found[key] = value
    told = [row["f"] > RIGHT for row in rows if (row.get("confidence") or 0) > SURE]
    if told:
        found["sure"] = len(told) / sum("confidence" in row for row in rows)
        found["right"] = statistics.fmean(told)
    hit, miss, extra = (sum(row["snip"][i] for row in rows) for i in range(3))
    if hit + miss + extra:
        found["snip"] = 2 * hit / (2 * hit + miss + extra)
    times = sorted(row["ms"] for row in rows)
    found["errs"] = sum(row["errs"] for row in rows)
    found["ms"] = statistics.fmean(times)
    found["p99"] = times[int(len(times) * 0.99)]
    found["xparse"] = sum(times) / sum(row["parse"] for row in rows)
    return found
