"""The bytes of a page -> what a system makes of them, and its CPU time; peers' answers are kept.

A peer's answer is kept under a key of its version, its adapter's source, the page's bytes and URL,
so that only what changed is run again: the six need ten minutes of CPU for 2,500 pages.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

Run = Callable[[bytes, str], dict[str, Any]]


class MissingPeerError(Exception):
    """A peer is not installed; the message names the extra that brings it."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a system made of a page.

    `fields` holds those of headline, authors, tags, date (a day), when (an instant; both ISO 8601),
    verdict and confidence that the system offers, None where it found nothing. `ms` is CPU
    milliseconds, `parse` those of a bare Lexbor parse of the same bytes just before.
    """

    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    ms: float = 0.0
    parse: float = 0.0
    error: str = ""  # what was raised


@dataclass(frozen=True, slots=True)
class System:
    """How a system is called: `start` imports it and gives the function to call for each page."""

    distribution: str
    start: Callable[[], Run]
    fields: tuple[str, ...] = ()


def scraper(second_opinion: str = "auto") -> Run:
    """The project, with the scorer that is in use in this process."""
    package = importlib.import_module("scraper")

    def run(body: bytes, url: str) -> dict[str, Any]:
        a = package.clean(body, url=url or None, second_opinion=second_opinion)
        when = a.published.isoformat() if a.published else None
        return {
            "text": a.body, "headline": a.headline, "authors": list(a.authors),
            "tags": list(a.tags), "date": when and when[:10], "when": when,
            "verdict": a.verdict.value, "confidence": a.confidence,
        }  # fmt: skip

    return run


def trafilatura() -> Run:
    """With the metadata, as the project is measured with them too.

    Its tags alone: with its categories their F1 on `fundus` is .239, without .246.
    """
    extract = importlib.import_module("trafilatura").bare_extraction

    def run(body: bytes, url: str) -> dict[str, Any]:
        d = extract(
            body, url=url or None, with_metadata=True, include_comments=False, include_tables=True
        )
        if d is None:
            raise ValueError("found no text")
        authors = [name.strip() for name in (d.author or "").split(";") if name.strip()]
        return {
            "text": d.text or "", "headline": d.title, "date": d.date, "authors": authors,
            "tags": list(d.tags or ()),
        }  # fmt: skip

    return run


def decoder() -> Callable[[bytes], str]:
    """Bytes to text for the peers that want text, the same for each: trafilatura's."""
    decode: Callable[[bytes], str] = importlib.import_module("trafilatura.utils").decode_file
    return decode


def readability() -> Run:
    """The summary's text, with a line for each block."""
    document, html = (
        importlib.import_module("readability").Document,
        importlib.import_module("lxml.html"),
    )
    decode = decoder()

    def run(body: bytes, url: str) -> dict[str, Any]:
        d = document(decode(body))
        tree = html.fromstring(d.summary())
        for element in tree.iter("br", "p", "h1", "h2", "h3", "h4", "li", "div"):
            element.tail = "\n" + (element.tail or "")
        return {"text": tree.text_content(), "headline": d.short_title()}

    return run


def newspaper() -> Run:
    """Without the natural language steps; tags are the page's keywords, the better of its two.

    It raises on Korean and Arabic pages unless NLTK's `punkt_tab` data was downloaded.
    """
    article, decode = importlib.import_module("newspaper").Article, decoder()

    def run(body: bytes, url: str) -> dict[str, Any]:
        a = article(url or "https://example.org/a", fetch_images=False)
        a.download(input_html=decode(body))
        a.parse()
        day = a.publish_date.date().isoformat() if a.publish_date else None
        return {
            "text": a.text, "headline": a.title, "authors": list(a.authors), "date": day,
            "tags": list(a.meta_keywords or a.tags or ()),
        }  # fmt: skip

    return run


def resiliparse() -> Run:
    """Main content only."""
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    decode = decoder()

    def run(body: bytes, url: str) -> dict[str, Any]:
        text = extract(
            decode(body), main_content=True, alt_texts=False, links=False, list_bullets=False
        )
        return {"text": text}

    return run


def justext() -> Run:
    """With the stop words of all its languages, as it is told none.

    English alone gives it a shF1 of .849, .137, .211 on samples of wcxb, fundus, daniel; all of
    them .873, .876, .697.
    """
    module = importlib.import_module("justext")
    words = frozenset().union(*map(module.get_stoplist, module.get_stoplists()))

    def run(body: bytes, url: str) -> dict[str, Any]:
        found = module.justext(body, words)
        return {"text": "\n".join(p.text for p in found if not p.is_boilerplate)}

    return run


def boilerpy3() -> Run:
    """The article extractor."""
    module = importlib.import_module("boilerpy3.extractors")
    extractor, decode = module.ArticleExtractor(raise_on_failure=False), decoder()

    def run(body: bytes, url: str) -> dict[str, Any]:
        return {"text": extractor.get_content(decode(body))}

    return run


SCRAPER = System(
    "scraper", scraper, ("headline", "authors", "tags", "date", "when", "verdict", "confidence")
)
PEERS = {
    "trafilatura": System("trafilatura", trafilatura, ("headline", "authors", "tags", "date")),
    "readability": System("readability-lxml", readability, ("headline",)),
    "newspaper": System("newspaper4k", newspaper, ("headline", "authors", "tags", "date")),
    "resiliparse": System("resiliparse", resiliparse),
    "justext": System("jusText", justext),
    "boilerpy3": System("boilerpy3", boilerpy3),
}
ALONE = "scraper, no second opinion"
SYSTEMS = {
    "scraper": SCRAPER, ALONE: System("scraper", lambda: scraper("never"), SCRAPER.fields), **PEERS,
}  # fmt: skip
INSTALL = "install the extra: pip install 'scraper[bench]'"
WARM = b"<html><body><article><h1>One</h1>" + b"<p>A few words, to start with.</p>" * 20


@cache
def started(name: str) -> Run:
    """The system `name`, imported and warm. Raises MissingPeerError."""
    try:
        run = SYSTEMS[name].start()
    except ImportError as exc:
        raise MissingPeerError(f"{name}: {exc}; {INSTALL}") from exc
    answer(name, run, WARM, "")
    return run


def answer(name: str, run: Run, body: bytes, url: str) -> Output:
    """What `run`, the system `name`, makes of a page; what it raises is kept as `error`."""
    start = time.process_time()
    LexborHTMLParser(body)
    parse = time.process_time() - start
    found: dict[str, Any] = {}
    error = ""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = run(body, url)
        except Exception as exc:  # a peer's failure is a figure
            error = f"{type(exc).__name__}: {exc}"[:200]
    ms = 1000 * (time.process_time() - start)
    fields = {key: found.get(key) for key in SYSTEMS[name].fields}
    return Output(found.get("text") or "", fields, ms, 1000 * parse, error)


@cache
def edition(name: str) -> str:
    """The version of a peer and of the way it is called."""
    start = PEERS[name].start
    source = inspect.getsource(start) + inspect.getsource(decoder)
    try:
        number = version(PEERS[name].distribution)
    except PackageNotFoundError as exc:
        raise MissingPeerError(f"{name} is not installed; {INSTALL}") from exc
    return f"{name}-{number}-{hashlib.sha256(source.encode()).hexdigest()[:8]}"


def recalled(name: str, body: bytes, url: str, folder: Path) -> Output:
    """What the peer `name` makes of a page, from `folder` if it holds it, else kept there."""
    page = hashlib.sha256(body + b"\0" + url.encode()).hexdigest()[:32]
    file = folder / edition(name) / f"{page}.json"
    if file.exists():
        return Output(**json.loads(file.read_text("utf-8")))
    found = answer(name, started(name), body, url)
    if found.error.startswith(("ImportError", "ModuleNotFoundError")):  # for some languages only
        raise MissingPeerError(f"{name}: {found.error}; {INSTALL}")
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False) as part:
        json.dump(asdict(found), part)
    Path(part.name).replace(file)  # two processes may write one page
    return found
