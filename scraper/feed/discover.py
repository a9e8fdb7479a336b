"""HTML page -> the feeds that it links to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper import urls
from scraper.feed.document import decoded
from scraper.feed.entries import TITLE, absolute
from scraper.feed.plain import squeezed
from scraper.model import Page

TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
}
# Types of much else too: they count when address or title names a feed.
VAGUE_TYPES = {
    "application/json": "json",
    "application/rdf+xml": "rdf",
    "application/xml": "rss",
    "text/xml": "rss",
}
NAMES_FEED = re.compile(r"(?<![a-z])(?:json)?(?:feeds?|rss|atom|rdf)(?![a-z])", re.IGNORECASE)
FEED_PATH = re.compile(
    r"/(?:feed|rss|atom)/?$|\.(?:rss|atom)$|(?:rss|atom|feed)[^?]*\.xml$", re.IGNORECASE
)
# Lexbor's time is quadratic in depth and in the attributes of a tag (40,000 open <div> took 2.5 s),
# so it sees no tags but those that matter here, and no endless ones.
OTHER_TAGS = re.compile(
    r"<(?!(?:base|link|/?(?:a|script|style|title))(?![\w-])|!--)[^<>]*>|<[^<>]{5000,}>?",
    re.IGNORECASE,
)
MOST = 5_000  # links looked at: a page of a million took 12 s


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page points to. `kind` is rss, atom, json, rdf; "" when the page is silent."""

    url: str
    kind: str
    title: str


def discover(page: Page) -> tuple[FeedLink, ...]:
    """The feeds that an HTML page declares (HTML, 4.6.7.1), else those that it links to.

    In the page's order, each address once, feeds of comments last. Empty when there are none.
    """
    text = decoded(page.body, page.headers.get("content-type", ""))
    tree = LexborHTMLParser(OTHER_TAGS.sub("", text))
    base = page.final_url
    for node in tree.css("base[href]"):
        base = absolute(base, node.attributes.get("href") or "") or base
        break
    links = distinct(declared(tree, base)) or distinct(anchors(tree, base))
    return tuple(sorted(links, key=of_comments))


def declared(tree: LexborHTMLParser, base: str) -> Iterator[FeedLink]:
    """What `<link rel="alternate">` names."""
    for node in islice(tree.css("link[rel][href]"), MOST):
        values = {name: value or "" for name, value in node.attributes.items()}
        url = absolute(base, values["href"])
        if url is None or "alternate" not in values["rel"].lower().split():
            continue
        mime = values.get("type", "").partition(";")[0].strip().lower()
        title = squeezed(values.get("title", ""))[:TITLE]
        kind = TYPES.get(mime)
        if kind is None and NAMES_FEED.search(f"{urlsplit(url).path} {title}"):
            kind = VAGUE_TYPES.get(mime)
        if kind is not None:
            yield FeedLink(url, kind, title)


def anchors(tree: LexborHTMLParser, base: str) -> Iterator[FeedLink]:
    """The links whose address looks like a feed's."""
    for node in islice(tree.css("a[href]"), MOST):
        url = absolute(base, node.attributes.get("href") or "")
        if url and FEED_PATH.search(urlsplit(url).path):
            yield FeedLink(url, "", squeezed(node.text())[:TITLE])


def distinct(links: Iterator[FeedLink]) -> list[FeedLink]:
    """Each address (normalised) once, the first of them."""
    found: dict[str, FeedLink] = {}
    for link in links:
        found.setdefault(urls.normalise(link.url), link)
    return list(found.values())


def of_comments(link: FeedLink) -> bool:
    """Whether it is a feed of readers' comments."""
    return "/comments/feed" in urlsplit(link.url).path or "comments" in link.title.lower()
