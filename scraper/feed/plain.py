"""Markup -> one line of plain text. Pure."""

from __future__ import annotations

import html
import re

INLINE = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|q|rp|rt|ruby|s"
    "|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
BLOCK = (
    "address|article|aside|audio|blockquote|body|br|button|canvas|caption|center|col|colgroup|dd"
    "|details|div|dl|dt|embed|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html"
    "|iframe|img|input|label|legend|li|link|main|map|meta|nav|noscript|object|ol|optgroup|option"
    "|p|param|picture|pre|section|select|source|summary|svg|table|tbody|td|textarea|tfoot|th"
    "|thead|title|tr|track|ul|video"
)
# Only HTML's own names are tags: "a<y and z>b" is text. No part runs past the next "<", so the
# time is linear; the second branch is for a quote that never closes.
REST = r"""(?![\w-])(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*|[^<>]*)(?:>|$)"""
INLINE_TAG = re.compile(f"</?(?:{INLINE}){REST}", re.IGNORECASE)
BLOCK_TAG = re.compile(f"</?(?:{BLOCK}){REST}", re.IGNORECASE)
SILENT = re.compile(r"<(/?)(?:script|style|template)(?![\w-])[^<>]*>?", re.IGNORECASE)
# Controls, lone surrogates, soft hyphens, and what turns the direction of a terminal's line.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
LONGEST = 50_000  # characters of markup looked at: 25 times the longest text kept


def plain(markup: str, longest: int) -> str:
    """The text of an HTML fragment, or of text, on one line of at most `longest` characters.

    Tags, comments, scripts and styles go, block tags leave a space, entities become characters.
    """
    text = markup[:LONGEST]
    if "<" in text:
        text = without_comments(text)
        text = without_scripts(text)
        text = INLINE_TAG.sub("", BLOCK_TAG.sub(" ", text))
    return squeezed(html.unescape(text))[:longest].rstrip()


def squeezed(text: str) -> str:
    """`text` on one line, without characters that nobody sees."""
    return " ".join(UNSEEN.sub("", text).split())


def without_comments(text: str) -> str:
    """`text` without `<!-- … -->`. Splits, because a pattern is quadratic on unclosed ones."""
    head, *rest = text.split("<!--")
    return head + "".join(part.partition("-->")[2] for part in rest)


def without_scripts(text: str) -> str:
    """`text` without its scripts, styles and templates, tags included."""
    kept: list[str] = []
    start, inside = 0, False
    for tag in SILENT.finditer(text):
        if not inside:
            kept.append(text[start : tag.start()])
        inside = not tag[1]
        start = tag.end()
    if not inside:
        kept.append(text[start:])
    return "".join(kept)
