"""Scripts -> the JSON-LD nodes of the page, broken ones read as far as can be. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]

SCRIPTS = 'script[type*="ld+json"]'  # the selector of the scripts that are read
# schema.org/Article and those of its subtypes that publishers use
ARTICLE_TYPES = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle"
    " OpinionNewsArticle ReviewNewsArticle AskPublicNewsArticle BlogPosting LiveBlogPosting"
    " SocialMediaPosting TechArticle ScholarlyArticle Report SatiricalArticle Review".split()
)
MAX_LENGTH = 2_000_000  # characters of one script: the largest of 2,497 pages has 0.6 million
MAX_NODES = 10_000
# what old pages put around a script's text, each end on its own
OPENING = ("<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA[")
CLOSING = ("//-->", "-->", "//]]>", "/*]]>*/", "]]>", ";")
TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)


def nodes(scripts: Iterable[str]) -> list[Node]:
    """Every object of every JSON-LD script, graphs and lists unfolded, in the order given."""
    found: list[Node] = []
    for script in scripts:
        found += unfold(read(script))
        if len(found) > MAX_NODES:
            break
    return found


def read(text: str) -> Any:
    """The value of one script; None when it can't be read. Never raises."""
    if len(text) > MAX_LENGTH:
        return None
    text = unwrapped(text)
    for mend in (False, True):
        attempt = TRAILING_COMMA.sub(lambda m: m[1] or "", text) if mend else text
        try:
            return json.loads(attempt, strict=False)  # raw line breaks in strings are common
        except (ValueError, RecursionError):
            continue
    return None


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
