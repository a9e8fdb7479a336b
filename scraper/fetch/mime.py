"""Content type, first bytes -> is it what was asked for. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

SNIFFED = 1024  # bytes


class Accept(StrEnum):
    """What a request is for."""

    PAGE = "page"  # HTML
    FEED = "feed"  # anything but what is plainly no text
    ANY = "any"


HEADERS = {
    Accept.PAGE: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    Accept.FEED: "application/rss+xml,application/atom+xml,application/feed+json,"
    "application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5",
    Accept.ANY: "*/*",
}
HTML_TYPES = {"text/html", "application/xhtml+xml"}

# Not application/octet-stream: servers send it for want of a better word, so it is sniffed.
BINARY = re.compile(
    r"(?:image|audio|video|font|model)/.+"
    r"|application/(?:pdf|zip|epub\+zip|msword|wasm|java-archive|x-(?:7z|rar|zip)-compressed|x-tar"
    r"|vnd\.(?:rar|ms-|openxmlformats|oasis\.|android).*|(?:x-)?font-.+|x-shockwave-flash)"
)

# WHATWG MIME Sniffing, 7.1: the tags that make a document HTML, each ended by a space or ">".
TAGS = re.compile(
    rb"<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br"
    rb"|p)[\s>])",
    re.IGNORECASE,
)
PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*(?:<!--.*?-->\s*)*)?", re.DOTALL)
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def essence(content_type: str) -> str:
    """The type and subtype of a Content-Type, lowered, without parameters."""
    return re.split("[;,]", content_type, maxsplit=1)[0].strip().lower()


def is_binary(content_type: str) -> bool:
    """Whether the type alone says that this is neither a page nor a feed."""
    return BINARY.fullmatch(essence(content_type)) is not None


def is_html(content_type: str, head: bytes) -> bool:
    """Whether a document of this type, which begins with `head`, is HTML."""
    if essence(content_type) in HTML_TYPES:
        return True
    if head.startswith(UTF16_MARKS):
        head = head[2:].replace(b"\0", b"")
    start = PROLOGUE.match(head)
    return TAGS.match(head, start.end() if start else 0) is not None
