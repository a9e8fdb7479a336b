from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from scraper.clean import clean, dom
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
    tree = dom.parse(page)
    reader = Reader(tree, url, datetime(2026, 1, 1, tzinfo=UTC))
    return reader.read(dom.walk(tree).found)


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
    body = "<h1>Town</h1><h1>The <b>bridge</b><script>x()</script></h1>"
    assert read(head, body).headline == "The bridge"
    assert read(head, "<h1>Town</h1>").headline == "Town"
    assert read(head).headline == "Bridge: latest"
    assert read(head, body, node={**NODE, "headline": "Town"}).headline == "Town"


def test_names_of_the_site_are_no_part_of_a_headline() -> None:
    head = "<title>The bridge | {}</title>"
    publisher = {"@type": "NewsArticle", "publisher": {"name": "Gazette"}}
    assert read(head.format("Gazette"), node=publisher).headline == "The bridge"
    assert read(head.format("Gazette"), node={"@type": "WebSite", "name": "Gazette"}).headline
    named = '<meta property="og:site_name" content="The Echo">' + head.format("The Echo")
    assert read(named).headline == "The bridge"
    assert read(head.format("News")).headline == "The bridge"  # as in the host's name
    assert read(head.format("Boats")).headline == "The bridge | Boats"


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


def test_an_instant_without_an_offset_takes_that_of_another_source() -> None:
    head = '<meta property="article:published_time" content="2024-03-05T08:00:00+02:00">'
    node = {"@type": "Article", "datePublished": "2024-03-05 08:00:00.0"}
    assert str(read(head, node=node).published) == "2024-03-05 08:00:00+02:00"
    node["datePublished"] = "2024-03-05"
    assert str(read(head, node=node).published) == "2024-03-05 08:00:00+02:00"
    node["datePublished"] = "2024-03-05T07:00:00Z"
    assert str(read(head, node=node).published) == "2024-03-05 07:00:00+00:00"


def test_the_article_of_this_page_is_read_first() -> None:
    other = {"@type": "NewsArticle", "url": "https://news.example/boat", "author": "Bo Day"}
    mine = {"@type": "NewsArticle", "mainEntityOfPage": URL, "author": "Ann Lee", "headline": "A"}
    found = read(node=[other, mine])
    assert (found.authors, found.headline) == (("Ann Lee",), "A")
    assert read(node=[other, {**mine, "mainEntityOfPage": "/x"}]).authors == ("Bo Day",)


def test_a_web_page_serves_where_no_article_says_it() -> None:
    page = {"@type": "WebPage", "dateModified": "2024-03-06", "author": {"@id": "#ann"}}
    found = read(node=[page, {"@id": "#ann", "@type": "Person", "name": "Ann Lee"}])
    assert found.modified == datetime(2024, 3, 6, tzinfo=UTC)
    assert found.authors == ("Ann Lee",)
    assert read(node=[{**page, "@type": "Comment"}]).modified is None


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="author" content="by Ann Lee">',
        '<meta name="paper.author.name" content="Ann Lee">',
        '<meta name="articleauthor" content="Ann Lee">',
        '<meta name="citation_author" content="Lee, Ann">',
        '<meta name="twitter:label1" content="Written by">'
        '<meta name="twitter:data1" content="Ann Lee">',
        '<meta name="author" content="https://a.example/ann"><meta name="byl" content="Ann Lee">',
        '<meta name="author" content="News"><meta name="dc.creator" content="Ann Lee">',
    ],
)
def test_where_an_author_may_stand(head: str) -> None:
    assert read(head).authors == ("Ann Lee",)


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="authority" content="Ann Lee">',
        '<meta name="author_id" content="Ann Lee">',
        '<meta name="citation_author_institution" content="Ann Lee">',
        '<meta name="twitter:label1" content="Est. reading time">'
        '<meta name="twitter:data1" content="Ann Lee">',
    ],
)
def test_where_no_author_stands(head: str) -> None:
    assert read(head).authors == ()


def test_the_site_signs_only_where_nobody_else_does() -> None:
    node = {"@type": "Article", "author": [{"@type": "Organization", "name": "News"}]}
    alone = read(node=node)
    assert (alone.authors, alone.house) == (("News",), True)
    beside = read('<meta name="author" content="Ann Lee">', node=node)
    assert (beside.authors, beside.house, beside.sources["authors"]) == (
        ("Ann Lee",),
        False,
        "meta",
    )
    agency = {"@type": "Article", "author": [{"name": "News"}, {"name": "AFP"}]}
    assert read(node=agency).authors == ("AFP",)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta name="keywords" content="bridge, boat; town">', ("bridge", "boat", "town")),
        (
            '<meta property="article:tag" content="Bridge, old"><meta property="article:tag" '
            'content="#Boat"><meta name="keywords" content="a, b">',
            ("Bridge, old", "Boat"),
        ),
        (
            '<meta property="article:tag" content="Art, Song"><meta name="keywords" content="a">',
            ("a",),
        ),
        ('<meta name="my-keywords" content="a, a, , b">', ("a", "b")),
        (f'<meta name="keywords" content="{"long " * 30}, a">', ("a",)),
        ('<meta name="keyword-count" content="3">', ()),
    ],
)
def test_tags(head: str, expected: tuple[str, ...]) -> None:
    assert read(head).tags == expected


def test_tags_of_json_ld() -> None:
    terms = [{"@type": "DefinedTerm", "url": "/t/1", "name": "bridge"}, "boat"]
    assert read(node={**NODE, "keywords": terms}).tags == ("bridge", "boat")
    assert read(node={**NODE, "keywords": ["bridge, boat"]}).tags == ("bridge", "boat")


LINK = '<link rel="canonical" href="{}">'
SHARED = '<meta property="og:url" content="{}">'


@pytest.mark.parametrize(
    ("link", "shared", "expected"),
    [
        ("/bridge", "", "https://news.example/bridge"),
        ("", "https://news.example/bridge", "https://news.example/bridge"),
        # another site's, only if both say so
        ("https://wire.example/bridge", "", None),
        (
            "https://wire.example/bridge",
            "https://wire.example/bridge",
            "https://wire.example/bridge",
        ),
        ("https://wire.example/bridge", "https://news.example/b", "https://news.example/b"),
        # the home page, and no address
        ("https://news.example/", "", None),
        ("https://news.example", "/bridge", "https://news.example/bridge"),
        ("http://[x", "", None),
        ("http://", "", None),
    ],
)
def test_the_canonical_address(link: str, shared: str, expected: str | None) -> None:
    found = read(LINK.format(link) + SHARED.format(shared))
    assert found.canonical_url == expected
    assert ("canonical_url" in found.sources) == (expected is not None)


def test_another_host_of_the_site_is_no_other_site() -> None:
    link = "https://www.example.org/bridge"
    assert read(LINK.format(link), url="https://m.example.org/bridge").canonical_url == link


def test_a_page_without_an_address_is_believed() -> None:
    link = "https://news.example/bridge"
    assert read(LINK.format(link), url="").canonical_url == link


# -- with what stands on the page only -------------------------------------------------
BODY = (
    "<h1>The bridge</h1><p>{}</p>"
    + "<p>It began with a crack that nobody saw but the ferryman, and he said nothing of it.</p>"
    * 4
)


def test_an_author_in_the_page() -> None:
    found = clean(BODY.format('By <a rel="author">Ann Lee</a>'), url=URL)
    assert (found.authors, found.sources["authors"]) == (("Ann Lee",), "dom")
    head = '<meta name="author" content="Bo Day">'
    unseen = clean(head + BODY.format("By Ann Lee"), url=URL)
    assert unseen.authors == ("Ann Lee",)  # readers don't see the other
    seen = clean(head + BODY.format("By Ann Lee, photos: Bo Day"), url=URL)
    assert seen.authors == ("Bo Day",)


def test_the_day_by_the_headline_comes_before_a_later_declared_one() -> None:
    head = '<meta property="article:published_time" content="2024-03-09">'
    found = clean(head + BODY.format("5 March 2024"), url=URL)
    assert (str(found.published)[:10], found.sources["published"]) == ("2024-03-05", "line")
    later = clean(head + BODY.format("15 March 2024"), url=URL)
    assert (str(later.published)[:10], later.sources["published"]) == ("2024-03-09", "meta")


def test_no_story_is_changed_before_it_is_published() -> None:
    head = (
        '<meta property="article:published_time" content="2024-03-09T08:00:00+02:00">'
        '<meta property="article:modified_time" content="{}">'
    )
    after = clean(head.format("2024-03-09T06:00:00Z") + BODY.format(""), url=URL)
    assert str(after.modified) == "2024-03-09 06:00:00+00:00"
    before = clean(head.format("2024-03-09T05:59:00Z") + BODY.format(""), url=URL)
    assert before.modified is None
    assert "modified" not in before.sources


def test_the_day_of_a_change_that_only_readers_see() -> None:
    head = '<meta property="article:published_time" content="2024-03-09">'
    found = clean(head + BODY.format("Updated 15 March 2024"), url=URL)
    assert (str(found.modified)[:10], found.sources["modified"]) == ("2024-03-15", "line")
    assert clean(head + BODY.format("Updated 5 March 2024"), url=URL).modified is None
