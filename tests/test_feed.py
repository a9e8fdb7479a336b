from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper import feed
from scraper.errors import FeedError
from scraper.model import Entry, Page

FEEDS = Path(__file__).parent.parent / "fixtures" / "feeds"
URL = "https://www.site.example/dir/feed.xml"
AT = datetime(2024, 5, 8, tzinfo=UTC)


def page(body: bytes | str, content_type: str = "", final_url: str = URL) -> Page:
    data = body.encode() if isinstance(body, str) else body
    return Page(
        URL, final_url, 200, {"content-type": content_type} if content_type else {}, data, AT
    )


def fixture(name: str) -> Page:
    return page((FEEDS / name).read_bytes())


def rss(items: str, head: str = "") -> Page:
    return page(f"<rss version='2.0'><channel>{head}{items}</channel></rss>")


def only(found: Page) -> Entry:
    (entry,) = feed.parse(found).entries
    return entry


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("name", "kind", "title", "home", "count"),
    [
        ("rss091.xml", "rss", "The Harbour Gazette", "http://gazette.example/", 2),
        ("rss092.xml", "rss", "Valley Notebook", "http://valley.example/", 1),
        ("rss20.xml", "rss", "Le Courrier & la Côte", "https://courrier.example/", 4),
        ("rdf.xml", "rdf", "港新聞", "https://minato.example/", 2),
        ("atom.xml", "atom", "Nordlys & Fjord", "https://nordlys.example/", 3),
        ("jsonfeed.json", "json", "The Ledger & Co", "https://ledger.example/", 3),
        ("news_sitemap.xml", "sitemap", "Prairie Post", None, 2),
        ("broken_ampersand.xml", "rss", "Salt & Vinegar Weekly", "https://sv.example/", 2),
        ("windows1251.xml", "rss", "Вечерний причал", "https://prichal.example/", 1),
    ],
)
def test_every_format_is_read(
    name: str, kind: str, title: str, home: str | None, count: int
) -> None:
    found = feed.parse(fixture(name))
    assert (found.url, found.kind, found.title, found.home) == (URL, kind, title, home)
    assert len(found.entries) == count
    assert {entry.feed_url for entry in found.entries} == {URL}


def test_entities_of_a_dtd_that_is_not_fetched_are_html_entities() -> None:
    entry = feed.parse(fixture("rss091.xml")).entries[1]
    assert (entry.title, entry.summary) == ("Café on the pier reopens", "After two winters shut.")


def test_an_rss_entry_is_plain_text_with_its_own_offset() -> None:
    entry = feed.parse(fixture("rss20.xml")).entries[0]
    assert entry.title == "L'été arrive à grands pas"
    assert entry.summary == "Des records sont attendus. Suite : demain."
    assert entry.published == at("2024-05-06T11:30:00+02:00")
    assert entry.published.utcoffset() == timedelta(hours=2)


def test_links_are_absolute_distinct_and_of_the_web() -> None:
    assert [entry.url for entry in feed.parse(fixture("rss20.xml")).entries] == [
        "https://courrier.example/meteo/ete?utm_source=rss",  # its twin from a campaign is skipped
        "https://courrier.example/guid/2",  # isPermaLink
        "https://www.site.example/relatif/3",
        "https://courrier.example/origine/4",  # feedburner:origLink
    ]


def test_a_guid_that_is_no_address_is_no_link() -> None:
    assert not feed.parse(rss("<item><guid>3f1c9a52</guid></item>")).entries
    assert only(rss("<item><guid> https://a.example/1</guid></item>")).url == "https://a.example/1"
    assert only(rss("<item><guid>7</guid><link>/8</link></item>")).url.endswith("example/8")


def test_atom_resolves_against_xml_base_and_leaves_it_again() -> None:
    found = feed.parse(fixture("atom.xml"))
    assert [entry.url for entry in found.entries] == [
        "https://nordlys.example/nyheter/sno",
        "https://arkiv.example/1924",
        "https://nordlys.example/nyheter/etter",
    ]
    assert found.entries[0].title == "Snø i mai: 3 < 5 grader"
    assert found.entries[0].summary == "Først regn, så snø."
    assert [entry.published for entry in found.entries] == [
        at("2024-05-06T08:15:30.500+02:00"),
        at("2024-05-05T23:00:00-03:30"),  # only updated
        None,  # the year 1
    ]


def test_a_relative_link_is_seen_from_where_the_feed_was_found() -> None:
    body = "<rss><channel><item><link>a</link></item></channel></rss>"
    entry = only(page(body, final_url="https://new.example/x/rss"))
    assert (entry.url, entry.feed_url) == ("https://new.example/x/a", URL)


def test_json_feed_items() -> None:
    first, second, third = feed.parse(fixture("jsonfeed.json")).entries
    assert first.title == "Rates <held> again"
    assert first.summary == "The bank left rates alone."
    assert first.published == at("2024-05-06T07:00:00-04:00")
    assert (second.url, second.title) == ("https://ledger.example/posts/by-id", "")
    assert (second.summary, second.published) == ("a < b, as they say", at("2024-05-05T12:00:00Z"))
    assert (third.url, third.published) == ("https://www.site.example/posts/relative", None)


def test_news_sitemap_entries_and_their_fallback() -> None:
    news, bare = feed.parse(fixture("news_sitemap.xml")).entries
    assert news.url == "https://prairie.example/2024/drought?a=1&b=2"
    assert (news.title, news.published) == ("Drought & debt", at("2024-05-06T06:00:00-05:00"))
    assert bare.url == "https://prairie.example/2024/rain"
    assert bare.published == datetime(2024, 5, 5, tzinfo=UTC)


def test_a_stray_ampersand_in_a_sitemap_stays_in_the_address() -> None:
    loc = "https://a.example/?x=1&y=2"
    for written in (loc, f"<![CDATA[{loc}]]>", loc.replace("&", "&amp;")):
        assert only(page(f"<urlset><url><loc>{written}</loc></url></urlset>")).url == loc


def test_a_stray_ampersand_in_rss_stays_in_the_address() -> None:
    entry = feed.parse(fixture("broken_ampersand.xml")).entries[0]
    assert entry.url == "https://sv.example/article?id=7&page=1"
    assert (entry.title, entry.summary) == ("Crisps & vinegar: a study", "Salt & more")
    assert entry.published == at("2024-05-07T08:00:00+05:30")


def test_texts_are_capped() -> None:
    title, summary = "t" * 999, "<![CDATA[<p>s</p>]]>" * 3000
    entry = only(
        rss(
            f"<item><link>/1</link><title>{title}</title>"
            f"<description>{summary}</description></item>"
        )
    )
    assert len(entry.title) == 500
    assert len(entry.summary) in (1999, 2000)  # no blank at the cut


def test_surrogates_and_controls_do_not_reach_the_texts() -> None:
    title = "a&#xD83D;&#0;&#99999999999;\x00\x0bb &#x1F600;"
    assert only(rss(f"<item><link>/1</link><title>{title}</title></item>")).title == "ab 😀"


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "", "is empty"),
        (b"\xef\xbb\xbf \n", "", "is empty"),
        (b"<!DOCTYPE html><title>x</title>", "", "is an HTML page, not a feed"),
        (b"<html><rss/></html>", "application/rss+xml", "is an HTML page, not a feed"),
        (b"<p>x</p>", "text/html", "is an HTML page, not a feed"),
        (b"<opml version='2.0'/>", "", "is an OPML list of feeds, not a feed"),
        (b"<svg/>", "", "is no feed: its root element is <svg>"),
        (b"plain words", "text/plain", "is no feed: neither XML nor JSON"),
        (b'{"a": 1}', "", "is no feed: JSON, but not a JSON Feed"),
        (b'{"a": ', "", "is no feed: broken JSON (Expecting value: line 1 column 7 (char 6))"),
        (b"<sitemapindex/>", "", "is a sitemap index: it lists sitemaps, not articles"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason(
    body: bytes, content_type: str, reason: str
) -> None:
    with pytest.raises(FeedError) as caught:
        feed.parse(page(body, content_type))
    assert (caught.value.subject, caught.value.reason) == (URL, reason)


@pytest.mark.parametrize(
    "body",
    [
        "<rss version='2.0'><channel/></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'/>",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        '{"version": "https://jsonfeed.org/version/1", "items": null}',
        "<urlset/>",
    ],
)
def test_a_feed_without_entries_is_a_feed(body: str) -> None:
    assert feed.parse(page(body, "text/html")).entries == ()


def test_a_feed_under_a_servers_warning_is_found() -> None:
    warning = b"<br /><b>Warning</b>: x <?xml version='1.0'?>\n"
    body = warning + rss("<item><link>/1</link></item>").body
    assert only(page(body, "text/html")).url == "https://www.site.example/1"


def test_is_html() -> None:
    assert feed.is_html(fixture("no_feed.html"))
    assert feed.is_html(page("<p>hello", "text/html; charset=utf-8"))
    assert not feed.is_html(page("<p>hello"))
    assert not feed.is_html(page((FEEDS / "rss20.xml").read_bytes(), "text/html"))
    assert not feed.is_html(page((FEEDS / "jsonfeed.json").read_bytes(), "text/html"))


@pytest.mark.parametrize("limit", [0, 3])
def test_the_limit_bounds_every_format(limit: int) -> None:
    numbers = range(10)
    items = "".join(f"<item><link>/{n}</link></item>" for n in numbers)
    atom = "".join(f"<entry><link href='/{n}'/></entry>" for n in numbers)
    urlset = "".join(f"<url><loc>/{n}</loc></url>" for n in numbers)
    json = ",".join(f'{{"url": "/{n}"}}' for n in numbers)
    for body in (
        f"<rss><channel>{items}<title>T</title></channel></rss>",
        f"<feed xmlns='http://www.w3.org/2005/Atom'>{atom}<title>T</title></feed>",
        f"<urlset>{urlset}</urlset>",
        f'{{"version": "https://jsonfeed.org/version/1", "items": [{json}]}}',
    ):
        found = feed.parse(page(body), limit=limit)
        assert [e.url for e in found.entries] == [
            f"https://www.site.example/{n}" for n in range(limit)
        ]


def test_items_past_the_limit_cost_nothing_and_what_follows_them_is_read() -> None:
    items = "".join(f"<item><link>/{n}</link></item>" for n in range(50_000))
    body = f"<rss><channel>{items}<title>T</title></channel></rss>"
    started = time.perf_counter()
    found = feed.parse(page(body), limit=100)
    assert (len(found.entries), found.title) == (100, "T")
    assert time.perf_counter() - started < 1.5  # parsing them all takes 6 s
