from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.clean.values import moment, names, people, plain, texts, without_site


# -- text ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("", ""),
        (" \n\t\u00a0", ""),
        ("  a \n b\u00a0\u2009c ", "a b c"),
        ("a &amp; b &quot;c&quot; &#8217;", 'a & b "c" ’'),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),  # once is enough
        ("<b>a</b><br/>b", "a b"),
        ("&lt;p class='x'&gt;a&lt;/p&gt;", "a"),
        ("a < b", "a < b"),
        ("I <3 you", "I <3 you"),
        ("<" + "a" * 300 + ">", "<" + "a" * 300 + ">"),  # too long for a tag
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_plain(text: str | None, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("text", ["a\ud800b", "a\0b"])
def test_plain_text_can_be_printed_and_stored(text: str) -> None:
    assert "\0" not in plain(text)
    plain(text).encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ["a"]),
        (" <i>a</i> &amp; b ", ["a & b"]),
        ("", []),
        (["a", " ", "b", None, 3, ["c"]], ["a", "b"]),
        ({"url": "u", "name": "n"}, ["u"]),
        ({"@value": "v", "@language": "fr"}, ["v"]),
        ({"name": "n"}, ["n"]),
        ({"url": None, "name": "n"}, ["n"]),
        ([{"name": "a"}, {"url": "b"}, {"@id": "c"}], ["a", "b"]),
        ({"url": {"name": "n"}}, []),
        ({}, []),
        (None, []),
        (3, []),
        (True, []),
        ({"url": "", "name": "n"}, ["n"]),
        ({"name": " "}, []),
    ],
)
def test_texts(value: Any, expected: list[str]) -> None:
    assert list(texts(value)) == expected


# -- names -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ann Lee", ["Ann Lee"]),
        ({"@type": "Person", "name": "Ann Lee"}, ["Ann Lee"]),
        ({"name": ["Ann Lee", "Bo Day"]}, ["Ann Lee", "Bo Day"]),
        ({"name": {"@value": "Ann Lee"}}, ["Ann Lee"]),
        ([{"name": "Ann Lee"}, "Bo Day", None, 3], ["Ann Lee", "Bo Day"]),
        ({"url": "https://example.org/ann"}, []),
        ({"name": None}, []),
        ({"name": 3}, []),
        ([[["Ann Lee"]]], []),
        (None, []),
        (3, []),
    ],
)
def test_names(value: Any, expected: list[str]) -> None:
    assert list(names(value)) == expected


@pytest.mark.parametrize(
    ("bylines", "expected"),
    [
        (["Ann Lee"], ["Ann Lee"]),
        (["By Ann Lee and Bo Day"], ["Ann Lee", "Bo Day"]),
        (["BY: Ann Lee"], ["Ann Lee"]),
        (["Ann Lee, Bo Day & Cy Roe"], ["Ann Lee", "Bo Day", "Cy Roe"]),
        (["Ann Lee; Bo Day | Cy Roe"], ["Ann Lee", "Bo Day", "Cy Roe"]),
        (["von Max Muster und Eva Muster"], ["Max Muster", "Eva Muster"]),
        (["Par Jean Dupont et Anne Durand"], ["Jean Dupont", "Anne Durand"]),
        (["por José y María"], ["José", "María"]),
        (["di Anna Rossi e Ugo Bianchi"], ["Anna Rossi", "Ugo Bianchi"]),
        (["door Jan de Vries en Piet Bakker"], ["Jan de Vries", "Piet Bakker"]),
        (["av Kari Holm og Per Dahl"], ["Kari Holm", "Per Dahl"]),
        (["Автор: Иван Петров и Анна Ким"], ["Иван Петров", "Анна Ким"]),
        # names that hold such words
        (
            ["Andy Anderson", "Eve Etling", "Bya Unden"],
            ["Andy Anderson", "Eve Etling", "Bya Unden"],
        ),
        (["Ludwig van Beethoven"], ["Ludwig van Beethoven"]),
        (["Ursula von der Leyen"], ["Ursula von der Leyen"]),
        # each once, in the first spelling
        (["Ann Lee", "ANN LEE", "By Ann Lee"], ["Ann Lee"]),
        (["Flann O’Brien", "Flann O'Brien"], ["Flann O’Brien"]),
        # no names
        (["https://example.org/ann", "www.example.org", "@ann", "ann@example.org"], []),
        (["admin", "Editor", "STAFF", "", "-", "4711", "By "], []),
        (["A" * 60, "B" * 61], ["A" * 60]),
        ([], []),
        (["Martin Luther King, Jr."], ["Martin Luther King, Jr."]),
        (["Ann Lee,Bo Day"], ["Ann Lee", "Bo Day"]),
        (["By"], []),
    ],
)
def test_people(bylines: list[str], expected: list[str]) -> None:
    assert list(people(bylines)) == expected


def test_a_page_has_only_so_many_people() -> None:
    assert len(people([f"Ann{n:02} Lee" for n in range(50)])) == 20
    assert len(list(names([f"Ann{n}" for n in range(80)]))) == 50


@pytest.mark.parametrize(
    ("title", "site", "expected"),
    [
        ("The mayor resigns | The Gazette", "The Gazette", "The mayor resigns"),
        ("The mayor resigns - THE GAZETTE", "The Gazette", "The mayor resigns"),
        ("The Gazette: the mayor", "The Gazette", "The Gazette: the mayor"),
        ("The Gazette » The mayor resigns", "The Gazette", "The mayor resigns"),
        ("Mayor – who? – The Gazette", "The Gazette", "Mayor – who?"),
        ("Mayor - who?", "The Gazette", "Mayor - who?"),
        ("A well-known mayor", "mayor", "A well-known mayor"),
        ("The mayor resigns", "The Gazette", "The mayor resigns"),
        ("The Gazette", "The Gazette", "The Gazette"),
        ("The Gazette and its mayor | The Gazette", "The Gazette", "The Gazette and its mayor"),
        ("L’Écho | Le maire", "L'Écho", "Le maire"),
        # the site is unknown: a short end is taken for it
        ("The mayor resigns after a night | The Gazette", "", "The mayor resigns after a night"),
        ("Mayor | Council resigns at last", "", "Mayor | Council resigns at last"),
        ("", "The Gazette", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_without_site(title: str, site: str, expected: str) -> None:
    assert without_site(title, site) == expected


# -- dates -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05", "2024-03-05T00:00:00+00:00"),
        ("  2024-03-05\n", "2024-03-05T00:00:00+00:00"),
        ("20240305", "2024-03-05T00:00:00+00:00"),
        ("2024-03-05T10:11", "2024-03-05T10:11:00+00:00"),
        ("2024-03-05T10:11:12Z", "2024-03-05T10:11:12+00:00"),
        ("2024-03-05T10:11:12.345Z", "2024-03-05T10:11:12.345000+00:00"),
        ("2024-03-05T10:11:12.123456789Z", "2024-03-05T10:11:12.123456+00:00"),
        # the page's own offset is kept
        ("2024-03-05T10:11:12+02:00", "2024-03-05T10:11:12+02:00"),
        ("2024-03-05T10:11:12+0545", "2024-03-05T10:11:12+05:45"),
        ("2024-03-05T10:11:12-03", "2024-03-05T10:11:12-03:00"),
        ("2024-03-05 10:11:12 +0200", "2024-03-05T10:11:12+02:00"),
        ("2024-03-05T10:11:12+15:00", "2024-03-05T10:11:12+15:00"),
        ("Tue, 05 Mar 2024 10:11:12 +0200", "2024-03-05T10:11:12+02:00"),
        ("Tue, 05 Mar 2024 10:11:12 GMT", "2024-03-05T10:11:12+00:00"),
        ("March 5, 2024 10:11 PM", "2024-03-05T22:11:00+00:00"),
        ("5 March 2024", "2024-03-05T00:00:00+00:00"),
        # a bare name is no offset: IST is Irish, Indian and Israeli
        ("2024-03-05 10:11 IST", "2024-03-05T10:11:00+00:00"),
        # GMT+2 is two hours east of Greenwich, as JavaScript writes it
        ("Tue Mar 05 2024 10:11:12 GMT+0200 (CET)", "2024-03-05T10:11:12+02:00"),
        ("2024-03-05 10:11 UTC-03:00", "2024-03-05T10:11:00-03:00"),
        # with points the day comes first, everywhere
        ("03.05.2024", "2024-05-03T00:00:00+00:00"),
        ("31.05.2024 10:11", "2024-05-31T10:11:00+00:00"),
        # the ends of time
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_moment(text: str, expected: str) -> None:
    found = moment(text)
    assert found is not None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024",
        "yesterday",
        "10:11:12",
        "1709633472",
        "1709633472000",
        "0000-01-01",
        "2024-02-30",
        "2024-13-01",
        "2024-03-05T25:00",
        "2024-03-05T10:11:12+16:00",
        "2024-03-05T10:11:12-23:59",
        "2024-03-05T10:11:12+9999999999",
        "Zoo 2024 Zulu",
        "1.2024.3.4.5",
        "Jan 1 2024 99999999999999999999",
        "2024-03-05" + " " * 60,
        "(((2024(((((",
        ("2024-03-05T10:11:12+99:99"),  # ValueError: offset must be strictly between …
        ("2024-03-05T10:11:12-2400"),
    ],
)
def test_what_is_no_moment(text: str) -> None:
    assert moment(text) is None


def test_a_missing_part_is_never_taken_from_the_clock() -> None:
    found = moment("March 2024")
    assert found is None or found.day == 1


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.datetimes(timezones=st.timezones() | st.just(None)))
def test_any_iso_moment_comes_out_as_it_went_in(when: Any) -> None:
    offset = when.utcoffset() or timedelta()
    found = moment(when.isoformat())
    assert found is not None
    assert found.replace(tzinfo=None) == when.replace(tzinfo=None)
    assert found.utcoffset() == offset


DATE_PARTS = (
    "2024 1999 03 05 - / . : T Z +02:00 -0800 GMT EST am PM Mar Tue , 10:11:12 12 é".split()
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from([*DATE_PARTS, " ", " "]), max_size=14).map("".join))
def test_no_text_makes_a_date_raise_or_naive(text: str) -> None:
    found = moment(text)
    assert found is None or found.tzinfo is not None
