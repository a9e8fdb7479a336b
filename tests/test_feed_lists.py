from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper import feed
from scraper.errors import FeedError
from scraper.feed import FeedLink
from scraper.feed.plain import squeezed
from scraper.model import Page

FEEDS = Path(__file__).parent.parent / "fixtures" / "feeds"
URL = "https://www.site.example/news/"


def page(body: bytes | str) -> Page:
    data = body.encode() if isinstance(body, str) else body
    return Page(
        URL, URL, 200, {"content-type": "text/html"}, data, datetime(2024, 5, 8, tzinfo=UTC)
    )


def addresses(body: str) -> list[str]:
    return [link.url for link in feed.discover(page(body))]


def test_declared_feeds_are_found_once_with_comments_last() -> None:
    base = "https://www.gazette.example"
    assert feed.discover(page((FEEDS / "no_feed.html").read_bytes())) == (
        FeedLink(f"{base}/en/feed/", "rss", "Gazette » News"),
        FeedLink(f"{base}/atom.xml", "atom", "Atom"),
        FeedLink(f"{base}/feed.json", "json", ""),
        FeedLink(f"{base}/latest.json", "json", "Our JSON Feed"),
        FeedLink(f"{base}/comments/feed/", "rss", "Gazette » Comments Feed"),
    )


def test_links_that_look_like_feeds_are_the_second_choice() -> None:
    html = """<div><a href="/feed/">All <b>news</b></a> <a href="/sport/rss">Sport</a>
      <a href="x.RSS">x</a> <a href="/rss/world.xml">World</a> <a href="/sitemap.xml">Map</a>
      <a href="/feedback">Write</a> <a href="/seed">Seed</a> <a href="mailto:a@b/feed">m</a>
      <a href="/feed/#top">Again</a></div>"""
    assert feed.discover(page(html))[0] == FeedLink(
        "https://www.site.example/feed/", "", "All news"
    )
    assert addresses(html) == [
        "https://www.site.example/feed/",
        "https://www.site.example/sport/rss",
        "https://www.site.example/news/x.RSS",
        "https://www.site.example/rss/world.xml",
    ]


def test_a_page_without_feeds_has_none() -> None:
    assert addresses("<p>nothing</p><script>'<a href=/feed>'</script>") == []
    assert addresses("<link rel=alternate type=application/json href=/wp-json/x>") == []
    assert addresses("<link rel=stylesheet type=application/rss+xml href=/x>") == []
    assert addresses("") == []


def test_a_title_in_another_encoding_is_read() -> None:
    html = (
        "<meta charset=windows-1251>"
        "<link rel=alternate type=application/rss+xml href=/x title='Новости'>"
    )
    assert feed.discover(page(html.encode("cp1251")))[0].title == "Новости"


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000,
        "<link " + " ".join(f"a{n}" for n in range(200_000)) + ">",
        "<a href=/feed>" * 100_000,
        "<!--" * 500_000,
    ],
    ids=range(4),
)
def test_pages_made_to_be_slow_are_not(body: str) -> None:
    started = time.perf_counter()
    feed.discover(page(body))
    assert time.perf_counter() - started < 1.5


def test_nested_opml() -> None:
    body = (FEEDS / "nested.opml").read_bytes()
    assert feed.is_opml(body)
    assert feed.read_opml(body, "nested.opml") == (
        ("https://courrier.example/rss.xml", "Le Courrier & la Côte"),
        ("https://ledger.example/feed.json", "The Ledger"),
        ("https://valley.example/rss?a=1&b=2", "Old reader"),
    )


def test_what_is_no_opml_is_refused() -> None:
    rss = (FEEDS / "rss20.xml").read_bytes()
    assert not feed.is_opml(rss)
    with pytest.raises(FeedError, match=r"^feeds\.xml: is no OPML document$"):
        feed.read_opml(rss, "feeds.xml")


@pytest.mark.parametrize("subset", ["", "[<!ENTITY a 'b'>]", ' SYSTEM "opml.dtd"'])
def test_opml_with_a_doctype_is_refused(subset: str) -> None:
    body = f"<?xml version='1.0'?><!-- x --><!doctype opml {subset}><opml><body/></opml>".encode()
    assert feed.is_opml(body)
    with pytest.raises(FeedError, match="declares a DOCTYPE"):
        feed.read_opml(body, "list.opml")


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
ADDRESSES = st.builds("https://a.example/{}".format, st.text("azé中&<>'\"?=#%20;", max_size=12))


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(ADDRESSES, TEXTS), max_size=5), TEXTS)
def test_opml_round_trip(feeds: list[tuple[str, str]], title: str) -> None:
    body = feed.write_opml(feeds, title)
    assert feed.is_opml(body)
    assert feed.read_opml(body, "own") == tuple((url, squeezed(name)) for url, name in feeds)


def test_addresses_of_a_text_file() -> None:
    text = "\ufeff# feeds\r\nhttps://a.example/rss#top\n\n  http://b.example/feed  # weekly\n"
    assert feed.read_addresses(text, "feeds.txt") == (
        "https://a.example/rss#top",
        "http://b.example/feed",
    )


@pytest.mark.parametrize("bad", ["xyz", "ftp://a.example/", "file:///etc/passwd", "http://"])
def test_a_line_that_is_no_address_is_named(bad: str) -> None:
    with pytest.raises(FeedError) as caught:
        feed.read_addresses(f"# one\nhttps://a.example/\n{bad}\n", "feeds.txt")
    assert caught.value.subject == "feeds.txt"
    assert caught.value.reason.startswith(f"line 3: {bad!r} ")


def test_the_message_for_a_bad_line() -> None:
    with pytest.raises(FeedError, match=r"^f: line 1: 'xyz' is no http or https address$"):
        feed.read_addresses("xyz", "f")
