"""An address or a file -> the feeds that it names: wires fetch and feed for `scraper add`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scraper import feed as feeds
from scraper import urls
from scraper.clean.encoding import decode
from scraper.clock import SystemClock
from scraper.config import Config
from scraper.errors import ConfigError, FeedError
from scraper.fetch import Accept, Fetcher, RobotsCache
from scraper.model import Page


@dataclass(frozen=True, slots=True)
class Found:
    """A feed to add; `title` and `kind` are "" until it is polled."""

    url: str
    title: str = ""
    kind: str = ""


def find(source: str, config: Config, robots: RobotsCache) -> Sequence[Found]:
    """The feeds that `source` names: itself, those of its home page, those of a list (text, OPML).

    Raises ConfigError for a file that can't be read, FetchError for an address that can't be had,
    FeedError when there is no feed in it.
    """
    if "://" not in source or Path(source).exists():
        return in_file(source)
    return asyncio.run(at_address(source, config, robots))


def in_file(name: str) -> Sequence[Found]:
    """The feeds of a file: OPML, or addresses one a line."""
    try:
        body = Path(name).read_bytes()
    except OSError as exc:
        hint = "" if "/" in name or not Path(name).suffix else "; an address begins with https://"
        raise ConfigError(name, f"{exc.strerror or exc}{hint}") from exc
    return listed(body, decode(body), name)


def listed(body: bytes, text: str, source: str) -> Sequence[Found]:
    """The feeds of an OPML document or of a list of addresses. Raises FeedError if it is empty."""
    if feeds.is_opml(body):
        found = [Found(url, title) for url, title in feeds.read_opml(body, source)]
    else:
        found = [Found(url) for url in feeds.read_addresses(text, source)]
    if not found:
        raise FeedError(source, "names no feed")
    return found


async def at_address(url: str, config: Config, robots: RobotsCache) -> Sequence[Found]:
    """The feeds at an address: a feed itself, else a list, else what a home page links to."""
    async with Fetcher(config, robots, SystemClock()) as fetcher:
        page = await fetcher.fetch(url, accept=Accept.ANY)
    if feeds.is_html(page):
        links = feeds.discover(page)
        if not links:
            raise FeedError(url, "is an HTML page that links to no feed")
        return [Found(links[0].url, links[0].title, links[0].kind)]
    if feeds.is_opml(page.body) or is_list(page):
        return listed(page.body, decode(page.body, page.headers.get("content-type", "")), url)
    found = feeds.parse(page)
    return [Found(page.moved_to or url, found.title, found.kind)]


def is_list(page: Page) -> bool:
    """Whether a page is a plain text whose first line is an address."""
    first = page.body[:2000].removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("latin-1")
    try:
        urls.split(first)
    except ValueError:
        return first.startswith("#")
    return True
