"""RSS 0.9x to 2.0, RDF or Atom -> what it holds. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import feedparser

from scraper.errors import FeedError
from scraper.feed.dates import date, second_opinion
from scraper.feed.document import Document
from scraper.feed.entries import Found, Item
from scraper.model import Page

KINDS = {"rss": "rss", "rdf": "rdf", "feed": "atom"}

ITEM = re.compile(r"<((?:[\w.-]+:)?(?:item|entry))(?=[\s>/])", re.IGNORECASE)
# What feedparser is slow on, and nothing here needs: it compares each tag of an item with all
# others (20,000 categories took 12 s), each attribute of an element and each prefix likewise.
TAGS = re.compile(
    r"<((?:[\w.-]+:)?(?:category|keywords|subject|tags))(?=[\s>/])[^<>]*"
    r"(?:/>|>[^<]*+(?:<!\[CDATA\[[^<\]]*+\]\]>[^<]*+)*+</\1\s*>)",
    re.IGNORECASE,
)
LONG_TAG = re.compile(r"<[\w:][^<>]{8000,}>?")
PREFIX = re.compile(r"\bxmlns:([\w.-]+)\s*=")
MAX_PREFIXES = 100
MAX_TAGS = 500_000  # took 16 s at worst, nested; a feed of 10,000 items has some 200,000
# A guid is a link unless it says otherwise, and often it is neither: then it must not become one.
NO_LINK = re.compile(r"<guid>(?!\s*(?:<!\[CDATA\[\s*)?https?:)", re.IGNORECASE)

# What feedparser let out on 8,000 mutated feeds (KeyError, OverflowError, TypeError, UnicodeError),
# their families, and what the parsers below it raise (SGMLParseError is a RuntimeError).
ESCAPES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read(document: Document, page: Page, limit: int) -> Found:
    """The feed, of which at most the first `limit` items are parsed.

    Raises FeedError for what feedparser fails on, and for markup made to be slow.
    """
    text = tamed(document.text, page.url, limit)
    try:
        result: Any = feedparser.parse(
            io.BytesIO(text.encode("utf-8")),  # never text: feedparser would open it as a path
            response_headers={
                "content-type": "application/xml; charset=utf-8",
                "content-location": page.final_url,
            },
            resolve_relative_uris=False,  # within summaries: they are stripped to text
            sanitize_html=False,
        )
    except ESCAPES as exc:
        raise FeedError(page.url, f"is no feed: broken markup ({type(exc).__name__})") from exc
    feed = dict(result.feed)
    items = read_items(islice(result.entries, limit))
    return Found(KINDS[document.root], as_text(feed, "title"), as_text(feed, "link"), items)


def tamed(text: str, url: str, limit: int) -> str:
    """`text` with no more items than `limit`, and without what makes feedparser slow or fail."""
    text = LONG_TAG.sub("", TAGS.sub("", shortened(text, limit)))
    if text.count("<") > MAX_TAGS:
        raise FeedError(url, f"is no feed: over {MAX_TAGS:,} tags")
    if len(set(PREFIX.findall(text))) > MAX_PREFIXES:
        raise FeedError(url, f"is no feed: over {MAX_PREFIXES} namespace prefixes")
    return NO_LINK.sub('<guid isPermaLink="false">', text)


def shortened(text: str, limit: int) -> str:
    """`text` without the items past `limit`; what follows the last item stays.

    50,000 items took feedparser 15 s.
    """
    extra = next(islice(ITEM.finditer(text), limit, None), None)
    if extra is None:
        return text
    closing = f"</{extra[1]}>"
    end = text.rfind(closing, extra.start())
    return text[: extra.start()] + (text[end + len(closing) :] if end >= 0 else "")


def read_items(found: Iterator[Any]) -> Iterator[Item]:
    """feedparser's entries. As plain dicts: its own warn when `updated` is asked for."""
    for entry in map(dict, found):
        yield Item(
            link=as_text(entry, "feedburner_origlink") or as_text(entry, "link"),
            title=as_text(entry, "title"),
            published=moment(entry, "published") or moment(entry, "updated"),
            summary=as_text(entry, "summary"),
        )


def moment(entry: dict[str, Any], name: str) -> datetime | None:
    """The date `name` with its own offset; what only feedparser can read is in UTC."""
    raw = as_text(entry, name)
    parsed = entry.get(f"{name}_parsed")
    return date(raw) or (second_opinion(raw, parsed) if parsed else None)


def as_text(members: dict[str, Any], name: str) -> str:
    """The value of `name` if it is text, else ""."""
    value = members.get(name)
    return value if isinstance(value, str) else ""
