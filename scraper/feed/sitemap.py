"""A news sitemap, or a plain one -> what it holds. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from scraper.errors import FeedError
from scraper.feed.dates import date
from scraper.feed.document import Document
from scraper.feed.entries import Found, Item
from scraper.feed.markup import elements, local_name, tree
from scraper.model import Page


def read(document: Document, page: Page, limit: int) -> Found:
    """The addresses of a `urlset` (sitemaps.org 0.9, with Google's news extension 0.9).

    Raises FeedError for a sitemap index, which lists sitemaps.
    """
    if document.root == "sitemapindex":
        raise FeedError(page.url, "is a sitemap index: it lists sitemaps, not articles")
    root = tree(document)
    items = [read_url(node) for node in islice(elements(root, "url"), limit)]
    return Found("sitemap", next(publications(root), ""), "", items)


def read_url(node: Any) -> Item:
    """One `url` element. A news sitemap dates the publication, a plain one the last change."""
    own = texts(node)
    news = next((texts(child) for child in node if local_name(child) == "news"), {})
    return Item(
        link=own.get("loc", ""),
        title=news.get("title", ""),
        published=date(news.get("publication_date", "")) or date(own.get("lastmod", "")),
    )


def publications(root: Any) -> Iterator[str]:
    """The names of the publications of a news sitemap."""
    for publication in elements(root, "publication"):
        name = texts(publication).get("name")
        if name:
            yield name


def texts(node: Any) -> dict[str, str]:
    """The text of each child of `node` that has some; the first of a name counts."""
    found: dict[str, str] = {}
    for child in node:
        if child.text and child.text.strip():
            found.setdefault(local_name(child), child.text.strip())
    return found
