"""Scripts -> the JSON-LD nodes of the page, broken ones read as far as can be. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from scraper.clean.values import texts

Node = Mapping[str, Any]

SCRIPTS = 'script[type*="ld+json"]'  # the selector of the scripts that are read
# schema.org/Article and those of its subtypes that publishers use
ARTICLE_TYPES = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle"
    " OpinionNewsArticle ReviewNewsArticle AskPublicNewsArticle BlogPosting LiveBlogPosting"
    " SocialMediaPosting TechArticle ScholarlyArticle Report SatiricalArticle Review".split()
)
# Of what else a page may be or hold as a whole; its dates and authors serve where no article's do.
PAGE_TYPES = frozenset(
    "WebPage ItemPage MedicalWebPage AboutPage FAQPage QAPage Recipe HowTo CreativeWork Course"
    " LearningResource VideoObject PodcastEpisode".split()
)
PUBLISHERS = frozenset("Organization NewsMediaOrganization Corporation WebSite Blog".split())
MAX_LENGTH = 2_000_000  # characters of one script: the largest of 2,497 pages has 0.6 million
MAX_NODES = 10_000
# what old pages put around a script's text, each end on its own
OPENING = ("<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA[")
CLOSING = ("//-->", "-->", "//]]>", "/*]]>*/", "]]>", ";")
# A string, whole or cut off; a comment; a comma with nothing behind. Each is scanned only once,
# whatever is missing: an unended comment at every other character took minutes. (No possessive
# quantifiers: Python 3.11.2, Debian's, matches nothing with some of them.)
STRING = r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)'
COMMENT = re.compile(rf"({STRING})|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
TRAILING_COMMA = re.compile(rf"({STRING})|,(?=\s*[}}\]])", re.DOTALL)
ESCAPE = re.compile(r"\\(?:([\"\\/bfnrt]|u[0-9a-fA-F]{4})|(.))", re.DOTALL)
BETWEEN = re.compile(r"[\s,;]*")
MAX_VALUES = 100  # of one script
DECODER = json.JSONDecoder(strict=False)  # raw line breaks in strings are common


def nodes(scripts: Iterable[str]) -> list[Node]:
    """Every object of every JSON-LD script, graphs and lists unfolded, in the order given."""
    found: list[Node] = []
    for script in scripts:
        found += unfold(read(script))
        if len(found) > MAX_NODES:
            break
    return found


def read(text: str) -> Any:
    """The value of one script, a list where it holds several; None when it can't be read.

    Never raises. What JSON (RFC 8259) forbids and publishers write is read: comments, trailing
    commas, raw line breaks, needless escapes, quotes as entities, text behind a value.
    """
    if len(text) > MAX_LENGTH:
        return None
    text = unwrapped(text)
    try:
        return values(text, partly=False)
    except (ValueError, RecursionError):
        pass
    try:
        return values(mended(text), partly=True)
    except (ValueError, RecursionError):
        return None


def values(text: str, *, partly: bool) -> Any:
    """The value of a text, a list of several; `partly`: those before what can't be read.

    Raises ValueError when there is none, RecursionError for one that is too deep.
    """
    found: list[Any] = []
    at = 0
    while (at < len(text) or not found) and len(found) < MAX_VALUES:
        try:
            value, at = DECODER.raw_decode(text, at)
        except ValueError:
            if partly and found:
                break
            raise
        found.append(value)
        if match := BETWEEN.match(text, at):
            at = match.end()
    return found[0] if len(found) == 1 else found


def mended(text: str) -> str:
    """`text` without comments and trailing commas, its strings with valid escapes."""
    if '"' not in text:
        text = html.unescape(text)
    text = COMMENT.sub(lambda m: ESCAPE.sub(escaped, m[1]) if m[1] else "", text)
    return TRAILING_COMMA.sub(lambda m: m[1] or "", text).strip()


def escaped(match: re.Match[str]) -> str:
    """An escape of JSON as it is, of any other character the character alone."""
    return match[0] if match[1] else match[2]


def unwrapped(text: str) -> str:
    """The text of a script without comments, CDATA marks and semicolons around it."""
    text = text.lstrip("\ufeff").strip()
    for _ in range(4):
        for mark in OPENING:
            text = text.removeprefix(mark).lstrip()
        for mark in CLOSING:
            text = text.removesuffix(mark).rstrip()
    return text


def unfold(value: Any, depth: int = 0) -> Iterator[Node]:
    """The objects in `value`: of lists, of `@graph`, and what is the main entity of a page."""
    if depth > 8:
        return
    if isinstance(value, list):
        for item in value:
            yield from unfold(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart"):
            if isinstance(value.get(key), list | dict):
                yield from unfold(value[key], depth + 1)


def types(node: Node) -> frozenset[str]:
    """The types of a node, without the vocabulary's address."""
    found = node.get("@type")
    names = found if isinstance(found, list) else [found]
    return frozenset(n.rsplit("/", 1)[-1] for n in names if isinstance(n, str))


def is_article(node: Node) -> bool:
    """Whether a node describes an article."""
    return bool(types(node) & ARTICLE_TYPES)


def main_first(found: Iterable[Node], addresses: Iterable[str]) -> list[Node]:
    """The nodes, those first whose own address is one of `addresses`; else in their order."""
    rows = list(found)
    if len(rows) < 2:
        return rows
    wanted = {address(link) for link in addresses if link} - {""}
    return sorted(rows, key=lambda node: not wanted & set(map(address, own(node))))


def own(node: Node) -> Iterator[str]:
    """The addresses that a node gives as its page's."""
    for key in ("mainEntityOfPage", "url", "@id"):
        value = node.get(key)
        link = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(link, str):
            yield link


def address(link: str) -> str:
    """Host and path of an address, as two spellings of one share them; "" for none."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return (parts.netloc.removeprefix("www.") + parts.path).rstrip("/") if parts.netloc else ""


def creators(node: Node, known: Mapping[str, Node]) -> Iterator[tuple[str, bool]]:
    """The names of a node's authors, and whether each is called an organisation.

    An author is a string, an object, or a list of either; `known` has the objects that others
    refer to by their `@id`.
    """
    value = node.get("author") or node.get("creator")
    for item in (value if isinstance(value, list) else [value])[:50]:
        whom: Any = item
        if isinstance(item, dict):
            ident = item.get("@id")
            if not item.get("name") and isinstance(ident, str):
                whom = known.get(ident, item)
            told = whom.get("name")
        else:
            told = item
        house = isinstance(whom, dict) and bool(types(whom) & PUBLISHERS)
        for name in texts(told):
            yield name, house
