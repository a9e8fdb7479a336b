"""Text of a page -> the story that only its scripts hold, as HTML. Pure.

Pages that are drawn in the browser carry their text in a state object: `__NEXT_DATA__`, the flight
data of React (`self.__next_f.push`), `window.__STATE__ = {…}`, JSON in JSON. Whatever framework it
is, the story is a long string literal with paragraphs in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script", re.DOTALL | re.IGNORECASE)
LITERAL = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
LONG = 300  # characters of a literal that may hold a story, and of what is one
PARAGRAPH = re.compile(r"<(?:p|br|div|h[2-6])\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,2000}>")
CODE = re.compile(r"[{};]\s*(?:function|var|const|return)\b|</?(?:script|style)\b")
JSON = re.compile(r"\s*(?:\w{1,8}:)?[\[{]")  # React numbers the rows of its flight data: `5:[…`
DEPTH = 3  # JSON in a string in JSON in a string
MAX_LENGTH = 5_000_000  # characters of scripts that are read


def story(source: str) -> str:
    """The HTML of the longest story in the string literals of the page's scripts; "" for none."""
    best, most = "", LONG
    read = 0
    for script in SCRIPT.finditer(source):
        read += len(script[1])
        if read > MAX_LENGTH:
            break
        for text in literals(script[1], DEPTH):
            if len(PARAGRAPH.findall(text)) < 2 or CODE.search(text):
                continue
            length = len(TAG.sub("", text))
            if length > most:
                best, most = text, length
    return best


def literals(source: str, depth: int) -> Iterator[str]:
    """The long strings in `source`, and those inside them."""
    at = source.find('"')
    while at >= 0 and (match := LITERAL.match(source, at)):
        if match.end() - at < LONG:
            at = match.end() - 1  # the quote may be the first of a string, if the one before wasn't
            continue
        at = source.find('"', match.end())
        try:
            text = json.loads(f'"{match[1]}"', strict=False)
        except ValueError:
            continue
        if not JSON.match(text):
            yield text
        if depth > 1 and '\\"' in match[1]:
            yield from literals(text, depth - 1)
