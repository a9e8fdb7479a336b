"""OPML, or a text file of addresses <-> addresses of feeds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from scraper import urls
from scraper.errors import FeedError
from scraper.feed.document import document
from scraper.feed.markup import elements, tree
from scraper.feed.plain import squeezed

COMMENT = re.compile(r"(?:^|\s+)#.*")


def is_opml(body: bytes) -> bool:
    """Whether `body` is an OPML document."""
    return document(body).root == "opml"


def read_opml(body: bytes, source: str) -> tuple[tuple[str, str], ...]:
    """(address, title) of every outline with an `xmlUrl`, however deep, in order (OPML 2.0).

    Addresses are not checked. Raises FeedError with `source` for what is no OPML, and for OPML
    with a DOCTYPE: no list needs one, and entities can only do harm.
    """
    found = document(body)
    if found.root != "opml":
        raise FeedError(source, "is no OPML document")
    if found.doctype:
        raise FeedError(source, "declares a DOCTYPE, which is refused")
    feeds: list[tuple[str, str]] = []
    for outline in elements(tree(found), "outline"):
        values = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        url = values.get("xmlurl", "").strip()
        if url:
            feeds.append((url, squeezed(values.get("title") or values.get("text") or "")))
    return tuple(feeds)


def write_opml(feeds: Iterable[tuple[str, str]], title: str) -> bytes:
    """An OPML 2.0 document of (address, title) pairs, in UTF-8; white space is squeezed."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = squeezed(title)
    body = etree.SubElement(root, "body")
    for url, name in feeds:
        shown = squeezed(name)
        etree.SubElement(body, "outline", type="rss", text=shown, title=shown, xmlUrl=squeezed(url))
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))


def read_addresses(text: str, source: str) -> tuple[str, ...]:
    """The addresses of a text file, one a line; blank lines and `#` comments are skipped.

    Raises FeedError with `source`, the line's number and its text for what is no http(s) address.
    """
    found: list[str] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), start=1):
        address = COMMENT.sub("", line).strip()
        if not address:
            continue
        try:
            urls.split(address)
        except ValueError as exc:
            raise FeedError(source, f"line {number}: {address[:200]!r} {exc}") from exc
        found.append(address)
    return tuple(found)
