"""Pages made up, and real ones damaged -> those on which the cleaner breaks a promise.

    PYTHONPATH=tests python -m benchmarks.fuzz [--pages 100000] [--data DATA] [--seed 0]

The promises: any bytes give an article, within LIMIT; what it says stands on the page; the same
bytes give the same article. With DATA, a folder of labelled pages, some of them are damaged, too.
Exit 1 where a promise was broken. `--only N` runs page N again and writes it to a file.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
import traceback
import unicodedata
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from benchmarks import pages
from benchmarks.hostile import made
from scraper import Article, clean
from scraper.clean import jsonld, state
from scraper.clean.bounds import refusal
from scraper.clean.opened import read
from scraper.clean.rules import fold
from scraper.clean.tags import RAW, SKIPPED, learn
from scraper.clean.values import plain

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "pages"
URL = "https://www.example.org/news/2024/05/17/story.html"
LIMIT = 10.0  # seconds for a page
ASKED = 200  # one page in so many has a second opinion, which takes ten times as long
AGAIN = 50  # one in so many is cleaned twice
SHOWN = 3  # failures of each kind that are printed
SAMPLE = 40  # pages of each labelled set

MARKS = re.compile(r"[\W_]+")
HIDDEN = "[hidden], [aria-hidden=true], [style]"


def fault(body: bytes, *, asked: bool = False, again: bool = False) -> str:
    """Which promise the cleaner breaks on a page, and how; "" for none."""
    opinion = "auto" if asked else "never"
    started = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        article = clean(body, URL, second_opinion=opinion)
        if again and repr(clean(body, URL, second_opinion=opinion)) != repr(article):
            return "another article the second time"
    except Exception:  # whatever it is, it is what is looked for
        return "raises " + "".join(traceback.format_exc(limit=-3)).strip()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if (took := time.monotonic() - started) > LIMIT:
        return f"took {took:.1f} s"
    return "" if refusal(source := read(body)) else added(article, source)


def added(article: Article, source: str) -> str:
    """The first line of an article that does not stand on the page; "" for none."""
    wanted = {bare(line): name for name, text in said(article) for line in text.split("\n")}
    for seen in shown(source):
        wanted = {line: name for line, name in wanted.items() if line not in seen}
        if not wanted:
            return ""
    line, name = next(iter(wanted.items()))
    return f"adds to {name}: {line[:200]!r}"


def said(article: Article) -> Iterator[tuple[str, str]]:
    """Every text of an article that a page shows, and where the article has it."""
    yield "headline", article.headline
    yield "standfirst", article.standfirst
    yield from (("captions", text) for text in (*article.captions, *article.credits))
    yield from (("cuts", cut.text) for cut in article.cuts)
    yield from (("blocks", block.text) for block in article.blocks)


def bare(text: str) -> str:
    """The letters and digits of `text`, folded, without accents: no seam changes those."""
    text = fold(text)
    return MARKS.sub("", text if text.isascii() else unicodedata.normalize("NFKD", text))


def shown(source: str) -> Iterator[str]:
    """The text of a page, bare: with ever less that readers don't see, then of its JSON."""
    tree = LexborHTMLParser(source)
    scripts = [node.text() or "" for node in tree.css(jsonld.SCRIPTS)]
    without(tree, "script, style")
    yield text(tree)
    contents = [node.attributes.get("content") or "" for node in tree.css("meta[content]")]
    titles = [node.text() or "" for node in tree.css("title, h1")]
    for content in dict.fromkeys([*contents, *titles]):  # may hold HTML themselves
        yield from plain_texts(content)
    for selector in (", ".join(RAW), ", ".join(sorted(SKIPPED)), HIDDEN, "caption, figcaption"):
        without(tree, selector)
        yield text(tree)
    for script in scripts:
        yield from plain_texts(" \n ".join(strings(jsonld.read(script))))
    yield from plain_texts(state.story(source))


def without(tree: LexborHTMLParser, selector: str) -> None:
    """Takes the elements that match out of the tree; of HIDDEN those that are hidden."""
    found = {
        node.mem_id: node for node in tree.css(selector)
        if node.parent is not None and node.tag not in ("html", "body")
        and (selector != HIDDEN or learn((node.html or "<p>")[1:].partition(">")[0]).hidden)
    }  # fmt: skip
    for node in [node for node in found.values() if not within(node, found)]:
        node.decompose()


def within(node: LexborNode, others: Container[int]) -> bool:
    """Whether a node stands in one of `others`, which goes with all it holds."""
    up = node.parent
    while up is not None and up.mem_id not in others:
        up = up.parent
    return up is not None


def text(tree: LexborHTMLParser) -> str:
    """All text of a tree, bare."""
    return bare(tree.root.text(separator="") if tree.root else "")


def plain_texts(found: str) -> Iterator[str]:
    """`found` as it stands, without tags, and as HTML."""
    if found.strip():
        yield bare(found)
        yield bare(plain(found))
        yield text(LexborHTMLParser(read(found)))


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def late(number: int, frame: FrameType | None) -> None:
    """Ends the page that takes too long."""
    raise TimeoutError(f"{LIMIT} s")


def sources(data: Path | None) -> list[bytes]:
    """The real pages that are damaged: the fixtures, and some of each labelled set."""
    found = [path.read_bytes() for path in sorted(FIXTURES.glob("*.html"))]
    if data is not None:
        found += [page.body() for page in pages.load(data, pages.sets(data), SAMPLE)]
    return found


def run(seed: int, numbers: Sequence[int], real: Sequence[bytes]) -> list[tuple[int, str]]:
    """The failures among the pages `numbers`."""
    before = signal.signal(signal.SIGALRM, late)
    found = []
    try:
        for number in numbers:
            body = made(seed, number, real)
            if why := fault(body, asked=number % ASKED == 0, again=number % AGAIN == 0):
                found.append((number, why))
    finally:
        signal.signal(signal.SIGALRM, before)
    return found


def kind_of(why: str) -> str:
    """What failures have in common: the error, or the field to which is added."""
    return why.rpartition("\n")[2].partition(":")[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the pages, prints what broke."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.fuzz", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of the one page to run")
    options = parser.parse_args(arguments)
    real = sources(options.data)
    numbers = range(options.pages) if options.only is None else [options.only]
    start = time.process_time()
    failures = run(options.seed, numbers, real)
    seconds = time.process_time() - start
    print(f"{len(numbers)} pages, {seconds:.0f} s, {len(failures)} failures")
    for kind, found in Counter(kind_of(why) for _, why in failures).most_common():
        print(f"{found} x {kind}, the first of them:")
        first = [each for each in failures if kind_of(each[1]) == kind][:SHOWN]
        for number, why in first:
            print(f"seed {options.seed}, page {number}: {why}")
    if options.only is not None:
        path = Path(f"fuzz-{options.seed}-{options.only}.html")
        path.write_bytes(made(options.seed, options.only, real))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
