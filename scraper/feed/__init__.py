"""Page -> feed: RSS, RDF, Atom, JSON Feed, sitemap; lists of feeds. Pure."""

from __future__ import annotations

from scraper.errors import FeedError
from scraper.feed import jsonfeed, sitemap, xmlfeed
from scraper.feed.discover import FeedLink, discover
from scraper.feed.document import HTML_ROOTS, LIST_ROOTS, Document, document
from scraper.feed.entries import TITLE, absolute, entries
from scraper.feed.lists import is_opml, read_addresses, read_opml, write_opml
from scraper.feed.plain import plain
from scraper.model import Feed, Page

__all__ = [
    "FeedLink",
    "discover",
    "is_html",
    "is_opml",
    "parse",
    "read_addresses",
    "read_opml",
    "write_opml",
]

HTML_TYPES = ("text/html", "application/xhtml+xml")
READERS = {
    "rss": xmlfeed.read,
    "rdf": xmlfeed.read,
    "feed": xmlfeed.read,
    "json": jsonfeed.read,
    "urlset": sitemap.read,
    "sitemapindex": sitemap.read,
}


def parse(page: Page, *, limit: int = 10_000) -> Feed:
    """The feed in `page`, with the entries of its first `limit` items that have an http(s) link.

    Reads RSS 0.9x to 2.0, RDF (RSS 1.0), Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1, sitemaps with
    and without the news extension. What the body is decides, never what the server calls it.
    Titles are plain text of at most 500 characters, summaries of at most 2,000. Raises FeedError
    with `page.url` and why it is no feed; a feed without entries is a feed.
    """
    found = document(page.body, page.headers.get("content-type", ""))
    reader = READERS.get(found.root)
    if reader is None:
        raise FeedError(page.url, refusal(found, page))
    feed = reader(found, page, limit)
    return Feed(
        url=page.url,
        kind=feed.kind,
        title=plain(feed.title, TITLE),
        entries=tuple(entries(feed.items, page)),
        home=absolute(page.final_url, feed.home),
    )


def is_html(page: Page) -> bool:
    """Whether `page` is HTML: by its markup, else by its Content-Type unless it is a feed."""
    return looks_html(document(page.body, page.headers.get("content-type", "")), page)


def looks_html(found: Document, page: Page) -> bool:
    """Whether a document is HTML."""
    if found.root in HTML_ROOTS:
        return True
    mime = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    return mime in HTML_TYPES and found.root not in LIST_ROOTS | {"json"}


def refusal(found: Document, page: Page) -> str:
    """Why a document is no feed."""
    if not found.text.strip():
        return "is empty"
    if looks_html(found, page):
        return "is an HTML page, not a feed"
    if found.root == "opml":
        return "is an OPML list of feeds, not a feed"
    if found.root:
        return f"is no feed: its root element is <{found.root[:40]}>"
    return "is no feed: neither XML nor JSON"
