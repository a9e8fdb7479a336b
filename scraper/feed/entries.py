"""What a reader found in a feed -> entries with usable, distinct links. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scraper import urls
from scraper.feed.plain import plain
from scraper.model import Entry, Page

TITLE, SUMMARY = 500, 2_000  # characters
LONGEST_URL = 8_000  # RFC 9110, 4.1: what every recipient should support


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as it stands in the feed: link not resolved, title and summary still markup."""

    link: str
    title: str = ""
    published: datetime | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader makes of a document."""

    kind: str  # as in model.Feed
    title: str
    home: str
    items: Iterable[Item]


def entries(items: Iterable[Item], page: Page) -> Iterator[Entry]:
    """The items that have an http(s) link, each address (normalised) once, in their order."""
    seen: set[str] = set()
    for item in items:
        url = absolute(page.final_url, item.link)
        if url is None or (key := urls.normalise(url)) in seen:
            continue
        seen.add(key)
        yield Entry(
            url=url,
            title=plain(item.title, TITLE),
            published=item.published,
            summary=plain(item.summary, SUMMARY),
            feed_url=page.url,
        )


def absolute(base: str, link: str) -> str | None:
    """`link` seen from `base` when the two make an http(s) address, else None."""
    if not link.strip() or len(link) > LONGEST_URL:
        return None
    try:
        url = urls.join(base, link)
        urls.split(url)
    except ValueError:
        return None
    return url
