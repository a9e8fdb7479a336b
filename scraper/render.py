"""Article -> text, markdown, HTML, JSON. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from scraper.model import Article, Block, Kind

# Cc but line break and tab, and the marks that reverse what a terminal shows (Unicode TR 36)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# what CommonMark and GitHub's flavour read as markup: anywhere in a line (an entity's & too) …
MARKDOWN = re.compile(r"[\\`*_\[\]<>|~]|&(?=#?\w+;)")
# … and where a backslash keeps a line from being a list, a heading, a rule, or losing its last #
BLOCK_MARK = re.compile(
    r"^\s*(?:\d+(?=[.)](?:\s|$))|(?=(?:#+|[+-])(?:\s|$)|-[\s-]*$))|(?<=\s)(?=#+\s*$)"
)


def printable(text: str) -> str:
    """`text` without what would steer a terminal."""
    return CONTROL.sub("", text)


def text(article: Article) -> str:
    """Headline, blank line, body."""
    return printable("\n\n".join(part for part in (article.headline, article.body) if part))


def markdown(article: Article) -> str:
    """The article in CommonMark, the headline as its only first-level heading."""
    parts = [f"# {escaped(article.headline)}"] if article.headline else []
    last = None
    for block in article.blocks:
        part = markdown_block(block)
        if parts and block.kind is Kind.LIST_ITEM and last is Kind.LIST_ITEM:
            parts[-1] += f"\n{part}"
        else:
            parts.append(part)
        last = block.kind
    return printable("\n\n".join(parts))


def markdown_block(block: Block) -> str:
    """One block in CommonMark (tables as in GitHub's flavour)."""
    if block.kind is Kind.HEADING:
        return f"{'#' * min(6, max(2, block.level))} {escaped(block.text)}"
    if block.kind is Kind.LIST_ITEM:
        return f"- {escaped(block.text)}"
    if block.kind is Kind.QUOTE:
        return f"> {escaped(block.text)}"
    if block.kind is Kind.STANDFIRST:
        return f"**{escaped(block.text)}**"
    if block.kind is Kind.CODE:
        fence = "`" * (2 + max((len(run) for run in re.findall("`+", block.text)), default=1))
        return f"{fence}\n{block.text}\n{fence}"
    if block.kind is Kind.TABLE:
        rows = [[escaped(cell) for cell in row] for row in cells(block.text)]
        width = max(map(len, rows))
        lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
        return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])
    return escaped(block.text)


def escaped(words: str) -> str:
    """`words` with nothing that CommonMark would read as markup."""
    return BLOCK_MARK.sub(r"\g<0>\\", MARKDOWN.sub(r"\\\g<0>", words))


def cells(table: str) -> list[list[str]]:
    """The rows of a table block."""
    return [row.split("\t") for row in table.split("\n")]


TAGS = {
    Kind.LIST_ITEM: "li",
    Kind.QUOTE: "blockquote",
    Kind.CODE: "pre",
    Kind.STANDFIRST: 'p class="standfirst"',
}


def page(article: Article) -> str:
    """The article as a fragment of HTML: escaped text in eight tags, no attribute from the page."""
    return printable("\n".join(["<article>", *fragments(article), "</article>"]))


def fragments(article: Article) -> Iterator[str]:
    """The elements of `page`."""
    if article.headline:
        yield f"<h1>{html.escape(article.headline)}</h1>"
    listed = False
    for block in article.blocks:
        if (block.kind is Kind.LIST_ITEM) != listed:
            listed = not listed
            yield "<ul>" if listed else "</ul>"
        if block.kind is Kind.TABLE:
            rows = ("".join(f"<td>{html.escape(c)}</td>" for c in r) for r in cells(block.text))
            yield "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
            continue
        tag = TAGS.get(block.kind, "p")
        if block.kind is Kind.HEADING:
            tag = f"h{min(6, max(2, block.level))}"
        yield f"<{tag}>{html.escape(block.text)}</{tag.split()[0]}>"
    if listed:
        yield "</ul>"


def record(article: Article) -> dict[str, Any]:
    """The article as plain JSON values: every field, and the body."""
    fields = asdict(article)
    fields = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in fields.items()}
    return {
        "headline": article.headline,
        "standfirst": article.standfirst,
        "body": article.body,
    } | fields


def as_json(value: dict[str, Any] | Sequence[dict[str, Any]]) -> str:
    """JSON for people and programs: indented, text as it is."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=plain)


def plain(value: object) -> str:
    """What JSON has no form for: times in ISO 8601."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
