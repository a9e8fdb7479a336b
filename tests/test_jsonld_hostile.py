from __future__ import annotations

import json
import random
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.clean.metadata import Metadata, Reader

HERE = "https://www.news.example/town/bridge?x=1"
DEEP = 10_000
WHOLE = {
    "@context": "https://schema.org", "@type": "NewsArticle", "@id": HERE, "headline": "A bridge",
    "name": "A bridge", "description": "It broke.", "author": {"@type": "Person", "name": "Ann"},
    "publisher": {"@type": "Organization", "name": "News"}, "datePublished": "2024-03-05",
    "dateModified": "2024-03-06", "keywords": "a, b", "articleSection": "Town", "image": "/a.jpg",
    "articleBody": "One.", "mainEntityOfPage": HERE, "isAccessibleForFree": True,
}  # fmt: skip
TYPES: list[Any] = [
    None, True, 0, -1, 1.5, 10**400, float("nan"), float("inf"), "", " ", "\ud800", "\0",
    "<b>x</b>", "&lt;p&gt;", "x" * 5000, "2024-99-99T99:99+99:99", "http://[", [], [[]], [None], {},
    {"name": []},
    {"@id": HERE}, {"@id": 3, "name": {"name": 3}}, {"url": {"url": 3}}, [{"name": "x"}] * 300,
    {"@type": {"@type": []}, "name": "x"},
]  # fmt: skip
HOSTILE = {
    "trailing commas": '{"@type": "Article", "headline": "A",, "author": [,"B",],}',
    "comments": '{/* a */ "@type": "Article" // b\n, "headline": "/*"}',
    "unended comment": '{"@type": "Article", /* ' + "x*" * 5000,
    "raw newlines": '{"@type": "Article", "headline": "A\r\n\tB\u2028C\0"}',
    "lone surrogates": '{"@type": "Article", "headline": "\\ud83d A \\udc00", "author": "\\ud800"}',
    "10 MB": '{"@type": "Article", "headline": "' + "x" * 10_000_000 + '"}',
    "1 MB of separators": '{"@type": "Article", "headline": "' + " | x" * 250_000 + '"}',
    "1 MB of names": '{"@type": "Article", "author": "' + "Ann Lee, " * 110_000 + '"}',
    "1 MB of dates": '{"@type": "Article", "datePublished": ["x"' + ',"x"' * 200_000 + "]}",
    "10,000 levels": '{"@type": "Article", "headline": ' + "[" * DEEP + "]" * DEEP + "}",
    "10,000 graphs": '{"@graph": [' * DEEP + '{"@type": "Article"}' + "]}" * DEEP,
    "duplicate keys": '{"@type": "Article", "@type": 3, "headline": "A", "headline": {"a": 3}}',
    "NaN": '{"@type": "Article", "headline": NaN, "datePublished": -Infinity, "author": 1e999}',
    "HTML in strings": '{"@type": "Article", "headline": "<h1>A</h1><i>b()", "author": "<a>B"}',
    "several graphs": '{"@graph": [{"@type": "Article"}]}{"@graph": {"@graph": [[{"@type": []}]]}}',
    "a graph of itself": '{"@id": "#a", "@type": "Article", "author": {"@id": "#a"}, "name": "#a"}',
    "no object": "[null, 3, [[[]]], true]",
    "5,000 nodes": "[" + '{"@type": "Article", "author": {"@id": "#a"}},' * 5_000 + "{}]",
}  # fmt: skip


def metadata(*scripts: str) -> Metadata:
    tags = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    tree = LexborHTMLParser(f"<html><head>{tags}<title>x</title></head><body>x</body></html>")
    return Reader(tree, HERE, None).read()


def safe(meta: Metadata) -> None:
    """What is stored and printed can be."""
    for text in (meta.headline, meta.description, meta.section, *meta.authors, *meta.tags):
        assert isinstance(text, str)
        text.encode()
    for when in (meta.published, meta.modified):
        assert when is None or when.tzinfo is not None
    assert meta.free_access in (None, True, False)


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_ld_never_raises(script: str) -> None:
    safe(metadata(script))
    assert metadata(script, json.dumps(WHOLE)).authors  # and spoils nothing beside it


@pytest.mark.parametrize("field", WHOLE)
def test_a_wrong_type_in_a_field_leaves_the_others(field: str) -> None:
    for value in TYPES:
        found = metadata(json.dumps({**WHOLE, field: value}))
        safe(found)
        if field not in ("@type", "articleSection"):
            assert found.section == "Town", value


def test_mutations_of_json_ld_never_raise() -> None:
    dice = random.Random(4)
    for source in (json.dumps(WHOLE), *(s[:3000] for s in HOSTILE.values())):
        for _ in range(25):
            text = list(source)
            for _ in range(dice.randint(1, 6)):
                at = dice.randrange(len(text))
                text[at : at + dice.choice((0, 1, 8))] = dice.choice('{}[]",:\\/*<&\n\0\ud8001é')
            safe(metadata("".join(text).replace("</script", "")))
