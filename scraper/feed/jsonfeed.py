"""JSON Feed 1.0 or 1.1 -> what it holds. Pure."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scraper.errors import FeedError
from scraper.feed.dates import date
from scraper.feed.document import Document
from scraper.feed.entries import Found, Item
from scraper.model import Page

Members = dict[str, Any]


def read(document: Document, page: Page, limit: int) -> Found:
    """The feed of jsonfeed.org/version/1.1. Raises FeedError for other JSON."""
    try:
        feed = json.loads(document.text)
    except (ValueError, RecursionError) as exc:  # RecursionError: 100,000 nested brackets
        raise FeedError(page.url, f"is no feed: broken JSON ({str(exc)[:100]})") from exc
    if "jsonfeed.org/version/1" not in text(feed, "version"):
        raise FeedError(page.url, "is no feed: JSON, but not a JSON Feed")
    found = feed.get("items")
    items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    home = text(feed, "home_page_url")
    return Found("json", html.escape(text(feed, "title")), home, read_items(items[:limit]))


def read_items(items: list[Members]) -> Iterator[Item]:
    """The items of a feed. `url` is the article; an `id` that is an address is one too."""
    for item in items:
        identity = text(item, "id")
        yield Item(
            link=text(item, "url")
            or text(item, "external_url")
            or (identity if identity.startswith(("http://", "https://")) else ""),
            title=html.escape(text(item, "title")),
            published=first_date(item),
            summary=html.escape(text(item, "summary") or text(item, "content_text"))
            or text(item, "content_html"),
        )


def first_date(item: Members) -> datetime | None:
    """When the item was published, else when it was modified."""
    return date(text(item, "date_published")) or date(text(item, "date_modified"))


def text(members: Members, name: str) -> str:
    """The member `name` if it is text, else ""."""
    value = members.get(name)
    return value if isinstance(value, str) else ""
