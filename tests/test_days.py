from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.clean import days

DAY = datetime(2024, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("March 5, 2024", "en"),
        ("By Ann LeeMARCH 5TH, 2024Updated later", "en"),
        ("Tuesday, 5 Mar. 2024", "en"),
        ("5th of March 2024", "en"),
        ("3/5/2024", "en-us"),
        ("05/03/2024", "en-gb"),
        ("05/03/24", "fr"),
        ("05.03.2024, 8:00 Uhr", "en"),
        ("5. März 2024", "de"),
        ("5 de marzo de 2024", "es"),
        ("5 mars 2024", "fr"),
        ("5 marca 2024", "pl"),
        ("5. března 2024", "cs"),
        ("5 Mart 2024", "tr"),
        ("5 марта 2024 г.", "ru"),
        ("5 Μαρτίου 2024", "el"),
        ("2024年3月5日", "zh"),
        ("2024. 3. 5.", "ko"),
        ("2024-03-05 08:00", ""),
        ("13/03/2024, no: 2024/03/05", "xx"),
    ],
)
def test_a_day_in_a_line(line: str, language: str) -> None:
    assert DAY in [when for when, _ in days.in_line(line, language)]


@pytest.mark.parametrize(
    "line",
    ["31 February 2024", "March 2024", "Room 5, 2024 seats", "12.5.3 of 2024", "5/3", "1/2/33333"],
)
def test_no_day_in_a_line(line: str) -> None:
    assert list(days.in_line(line, "en")) == []


def test_the_seventh_month_of_czech_is_not_the_sixth() -> None:
    assert [w.month for w, _ in days.in_line("5. července 2024", "cs")] == [7]
    assert [w.month for w, _ in days.in_line("5. června 2024", "cs")] == [6]


@pytest.mark.parametrize(
    ("source", "hour"),
    [
        ('{"datePublished":"2024-03-05T08:00:00Z"}', 8),
        ('{\\"publishDate\\": \\"2024-03-05\\"}', 0),
        ("{&quot;publishedAt&quot;:&quot;2024-03-05 08:00&quot;}", 8),
        ('"publication_date":"2024-03-05"', 0),
    ],
)
def test_a_day_in_a_script(source: str, hour: int) -> None:
    assert days.in_scripts(source) == DAY.replace(hour=hour)


def test_a_script_without_a_day() -> None:
    assert days.in_scripts('{"published": true, "dateCreated": "2024-03-05"}') is None
    assert days.in_scripts('{"publisher": "2024-03-05"}') is None


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet='0123456789 ./-:年月日MarchDe,T\\"&quot;ublished', max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    assert all(when.tzinfo is UTC for when, _ in days.in_line(text, "en"))
    days.in_path(text)
    days.in_scripts(f'"datePublished":"{text}"')


def test_an_instant_without_an_offset_is_placed_by_another() -> None:
    when = DAY.replace(hour=8, minute=5)
    east = datetime.fromisoformat("2024-03-05T08:05:30+02:00")
    assert days.placed(when, [DAY, east]) is east
    assert days.placed(when, [east.replace(hour=9)]) is when
    assert days.placed(DAY, [east]) is east  # of a day alone any instant in it
    assert days.placed(DAY, [east.replace(day=6)]) is DAY
    assert days.placed(when, []) is when
