"""A file, an address or standard input -> an Article, for `scraper clean`."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

from scraper.clean import clean_text
from scraper.clean.encoding import decode
from scraper.clock import SystemClock
from scraper.config import Config
from scraper.errors import ConfigError
from scraper.fetch import Fetcher, MemoryRobots
from scraper.model import Article, Page
from scraper.workers import Workers

MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|p|div|article|section|h1|meta|title|br)\b", re.IGNORECASE
)
BINARY = {
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"PK\x03\x04": "an archive",
    b"\x1f\x8b": "compressed",
    b"SQLite format 3": "a database",
}
UTF16 = (b"\xff\xfe", b"\xfe\xff")  # its text is half NULs


def article_of(source: str, config: Config) -> Article:
    """The article in a file, at an address, or on standard input (`-`).

    Raises ConfigError for a file that can't be read or is no page, FetchError for an address.
    """
    if "://" in source and not Path(source).exists():
        return asyncio.run(at_address(source, config))
    body = contents(source)
    for start, what in BINARY.items():
        if body.startswith(start):
            raise ConfigError(source, f"is {what}, no page")
    if b"\0" in body[:8192] and not body.startswith(UTF16):
        raise ConfigError(source, "is binary, no page")
    if source.endswith(".txt") or not MARKUP.search(decode(body[:65_536])):
        return clean_text(decode(body))
    return asyncio.run(in_worker(Page("", "", 200, {}, body, SystemClock().now()), config))


def contents(source: str) -> bytes:
    """The bytes of a file or of standard input."""
    try:
        if source == "-":
            return os.fdopen(0, "rb", closefd=False).read()
        return Path(source).read_bytes()
    except OSError as exc:
        raise ConfigError(source, exc.strerror or str(exc)) from exc


async def at_address(url: str, config: Config) -> Article:
    """Fetches and cleans one page."""
    async with Fetcher(config, MemoryRobots(), SystemClock()) as fetcher:
        page = await fetcher.fetch(url)
    return await in_worker(page, config)


async def in_worker(page: Page, config: Config) -> Article:
    """Cleans one page in a process that can be killed."""
    with Workers(config) as workers:
        return await workers.clean(page)
