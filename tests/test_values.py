from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.clean.values import moment, plain, texts, zoned


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


def test_the_keys_of_an_object_that_are_asked_for() -> None:
    term = {"@type": "DefinedTerm", "url": "u", "name": "n"}
    assert list(texts([term, "a"], ("name",))) == ["n", "a"]


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05T10:11:12Z", True),
        ("2024-03-05 10:11 +0200", True),
        ("Tue, 05 Mar 2024 10:11:12 GMT", True),
        ("2024-03-05T10:11:12", False),
        ("2024-03-05", False),
        ("2024-03-05 10:11 IST", False),
    ],
)
def test_whether_an_instant_says_its_offset(text: str, expected: bool) -> None:
    assert zoned(text) is expected
