"""What every format shares: encodings, dates, plain text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scraper import feed
from scraper.feed.dates import date
from scraper.feed.plain import plain
from scraper.model import Feed, Page

URL = "https://www.site.example/feed"


def parsed(body: bytes, content_type: str = "") -> Feed:
    headers = {"content-type": content_type} if content_type else {}
    return feed.parse(Page(URL, URL, 200, headers, body, datetime(2024, 5, 8, tzinfo=UTC)))


def published(raw: str) -> datetime | None:
    item = f"<item><link>/1</link><pubDate>{raw}</pubDate></item>"
    return parsed(f"<rss><channel>{item}</channel></rss>".encode()).entries[0].published


@pytest.mark.parametrize(
    ("codec", "declared", "header", "title"),
    [
        ("utf-8", "utf-8", "application/rss+xml; charset=iso-8859-1", "Мост"),  # a wrong server
        ("cp1251", "windows-1251", "text/xml", "Мост"),
        ("cp1251", "", "application/xml; charset=windows-1251", "Мост"),
        ("cp1252", "iso-8859-1", "", "café – “9 €”"),
        ("utf-16", "utf-16", "", "Мост"),
        ("utf-16-le", "utf-16", "", "Мост"),
        ("utf-8-sig", "utf-16", "", "Мост"),
        ("koi8-r", "KOI8-R", "", "Мост"),
        ("gb18030", "gb2312", "", "镕基"),
        ("iso2022_jp", "iso-2022-jp", "", "港の朝"),
        ("cp1252", "no-such-thing", "", "café"),
    ],
)
def test_encodings(codec: str, declared: str, header: str, title: str) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    xml = f"{head}<rss><channel><title>{title}</title></channel></rss>"
    assert parsed(xml.encode(codec), header).title == title


def test_one_bad_byte_spoils_one_character() -> None:
    xml = "<?xml version='1.0' encoding='utf-8'?><rss><channel><title>été X</title></channel></rss>"
    assert parsed(xml.encode().replace(b"X", b"\xc3")).title == "été \ufffd"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Mon, 06 May 2024 10:00:00 +0200", "2024-05-06T10:00:00+02:00"),
        ("Mon, 06 May 2024 10:00:00 EST", "2024-05-06T10:00:00-05:00"),
        ("Mon, 06 May 2024 10:00:00 CEST", "2024-05-06T10:00:00+02:00"),
        ("Mon, 06 May 2024 10:00:00 GMT+0530", "2024-05-06T10:00:00+05:30"),
        ("6 May 24 10:00 GMT", "2024-05-06T10:00:00+00:00"),
        ("2024-05-06T10:00:00Z", "2024-05-06T10:00:00+00:00"),
        ("2024-05-06 10:00:00 +0200", "2024-05-06T10:00:00+02:00"),
        ("2024-05-06 10:00:00 UTC", "2024-05-06T10:00:00+00:00"),
        ("2024-05-06T10:00:00.1234567-03:00", "2024-05-06T10:00:00.123456-03:00"),
        ("2024/05/06 10:00:00", "2024-05-06T10:00:00+00:00"),
        (" 2024-05-06\n", "2024-05-06T00:00:00+00:00"),
    ],
)
def test_dates_keep_their_offset(raw: str, expected: str) -> None:
    for found in (date(raw), published(raw)):
        assert found is not None
        assert found.isoformat() == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "Mon, 31 Feb 2024 09:00:00 +0200",
        "2024-13-01",
        "Mon, 06 May 2024 10:00:00 +9900",
        "0001-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "9999-12-31T23:59:59-12:00",
        "1" * 5000,
    ],
)
def test_impossible_dates_are_none(raw: str) -> None:
    assert date(raw) is None
    assert published(raw) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53+00:00"),
        ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00+00:00"),
        ("2024-5-6T9:5:0Z", "2024-05-06T09:05:00+00:00"),
    ],
)
def test_dates_that_only_feedparser_reads_are_in_utc(raw: str, expected: str) -> None:
    assert date(raw) is None
    assert published(raw) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("raw", ["2024년 05월 06일  10:00:00", "2004-július-13", "2024", "2024.5"])
def test_dates_that_feedparser_completes_with_todays_are_none(raw: str) -> None:
    assert published(raw) is None


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One</p><p>two<br>three</p>", "One two three"),
        ("<b>W</b>ord &amp; &eacute;", "Word & é"),
        ("if a<y and z>b", "if a<y and z>b"),
        ('<img alt="a > b" src="x">after', "after"),
        ('<p title="un"closed" x>out', "out"),
        ("a<!-- <p>no</p> -->b<!-- open", "ab"),
        ("x<script>if (a < b) c</script>y<style>p{}</style>z<script>", "xyz"),
        ("\x07bell\x9b \u202eevil\ud800 \t soft\xadhyphen\n", "bell evil softhyphen"),
        ("cut <a href='", "cut"),
    ],
)
def test_plain_text(markup: str, expected: str) -> None:
    assert plain(markup, 100) == expected
