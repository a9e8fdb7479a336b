from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from scraper.clean import dom
from scraper.clean.metadata import Metadata, Reader

URL = "https://news.example/town/bridge"
NODE = {
    "@type": "NewsArticle",
    "headline": "The bridge &amp; the boat",
    "datePublished": "2024-03-05T08:00:00+02:00",
    "dateModified": "2024-03-06T08:00:00+02:00",
    "author": [{"name": "Ann Lee"}, {"name": "Bo Day"}],
    "articleSection": "Town",
    "keywords": ["bridge", "boat"],
    "inLanguage": "en_GB",
    "isAccessibleForFree": "False",
    "articleBody": "One.\nTwo.",
}


def read(head: str = "", body: str = "", url: str = URL, node: Any = None) -> Metadata:
    script = f'<script type="application/ld+json">{json.dumps(node)}</script>' if node else ""
    page = f"<html><head>{script}{head}</head><body>{body}</body></html>"
    return Reader(dom.parse(page), url, datetime(2026, 1, 1, tzinfo=UTC)).read()


def test_every_field_of_json_ld() -> None:
    found = read(node=NODE)
    assert found.headline == "The bridge & the boat"
    assert found.published == datetime.fromisoformat("2024-03-05T08:00:00+02:00")
    assert found.modified == datetime.fromisoformat("2024-03-06T08:00:00+02:00")
    assert found.authors == ("Ann Lee", "Bo Day")
    assert (found.section, found.tags) == ("Town", ("bridge", "boat"))
    assert (found.language, found.free_access) == ("en-gb", False)
    assert found.text == "One.\nTwo."
    assert found.is_article
    assert set(found.sources.values()) == {"json-ld"}


def test_meta_tags_where_there_is_no_json_ld() -> None:
    head = """<link rel="canonical" href="/bridge"><meta property="OG:Title" content="The bridge">
        <meta property="og:type" content="article"><meta name="description" content="It broke.">
        <meta property="article:published_time" content="2024-03-05T08:00:00Z">
        <meta name="author" content="By Ann Lee"><meta name="keywords" content="bridge, boat">
        <meta property="og:image" content="/b.jpg">"""
    found = read(head)
    assert (found.headline, found.description) == ("The bridge", "It broke.")
    assert found.published == datetime(2024, 3, 5, 8, tzinfo=UTC)
    assert (found.authors, found.tags) == (("Ann Lee",), ("bridge", "boat"))
    assert found.canonical_url == "https://news.example/bridge"
    assert found.image_url == "https://news.example/b.jpg"
    assert found.is_article


def test_the_h1_that_another_source_confirms_is_the_headline() -> None:
    head = '<title>The bridge | News</title><meta property="og:title" content="Bridge: latest">'
    body = "<h1>Town</h1><h1>The <b>bridge</b></h1>"
    assert read(head, body).headline == "The bridge"
    assert read(head, "<h1>Town</h1>").headline == "Bridge: latest"
    assert read("", "<h1>Town</h1>").headline == "Town"


@pytest.mark.parametrize(
    ("head", "body", "url", "source"),
    [
        ('<meta name="w-published-date" content="2024-03-05">', "", URL, "meta"),
        ('<meta name="citation_publication_date" content="2024 Mar 5">', "", URL, "meta"),
        ("", '<time datetime="2024-03-05">Tuesday</time>', URL, "dom"),
        ("", "", "https://news.example/2024/03/05/bridge", "url"),
        ("", "", "https://news.example/20240305-bridge", "url"),
        # a day of another thing, one to come, and no day
        ('<meta name="expires-date" content="2024-03-05">', "", URL, None),
        ('<meta name="publisher" content="2024-03-05">', "", URL, None),
        ("", '<time datetime="2034-03-05">soon</time>', URL, None),
        ("", "", "https://news.example/2034/03/05/bridge", None),
        ("", "", "https://news.example/2024/13/05/bridge", None),
    ],
)
def test_where_the_day_may_stand(head: str, body: str, url: str, source: str | None) -> None:
    found = read(head, body, url)
    assert found.sources.get("published") == source
    assert (found.published and found.published.date()) == (
        datetime(2024, 3, 5, tzinfo=UTC).date() if source else None
    )


def test_json_ld_is_believed_before_all() -> None:
    head = '<meta property="article:published_time" content="2020-01-01">'
    found = read(head, '<time datetime="2021-01-01">', "https://a.example/2022/01/01/x", NODE)
    assert found.published == datetime.fromisoformat(str(NODE["datePublished"]))


def test_an_author_in_the_page() -> None:
    assert read("", '<p>By <a rel="author">Ann Lee</a></p>').authors == ("Ann Lee",)
    assert read("", '<p>By <a rel="nofollow">Ann Lee</a></p>').authors == ()
