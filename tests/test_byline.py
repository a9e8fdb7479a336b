from __future__ import annotations

import pytest

from scraper.clean.byline import BY, is_person, people, turned


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
        (["Ann Lee, " * 300, "Bo Day"], ["Bo Day"]),
        (["{{ author }}", "page.author", "a@b.example, Bo", "Written by"], []),
        # roles, places, degrees behind a name; agencies stay
        (["Ann Lee, senior editor", "Bo Day, Lille"], ["Ann Lee", "Bo Day"]),
        (["Ann Lee, AFP, Reuters"], ["Ann Lee", "AFP", "Reuters"]),
        (["Ann Lee, MD, PhD"], ["Ann Lee"]),
        (["Ann Lee; Sweidah", "AFP"], ["Ann Lee", "Sweidah", "AFP"]),
        (["Written by: Ann Lee", "Text: Bo Day"], ["Ann Lee", "Bo Day"]),
        (["신현주 기자", "박준석 기자 외 1명"], ["신현주", "박준석"]),
        (["作者：张三、李四"], ["张三", "李四"]),
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


def test_an_organisation_is_one_name() -> None:
    name = "Center for Art and Research"
    assert people([name, "Ann and Bo"], {name}) == (name, "Ann", "Bo")
    assert people([name]) == ("Center for Art", "Research")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann Lee", True),
        ("ANN LEE", True),
        ("Ursula von der Leyen", True),
        ("Charles d'Orléans le Vieux", True),
        ("Flann O’Brien", True),
        ("J. R. Tolkien", True),
        ("이문영", True),
        ("张三", True),
        ("Ann", False),
        ("ann lee", False),
        ("Ann walks Home", False),
        ("News Desk", False),
        ("Read More", False),
        ("Ann Lee 2", False),
        ("Tags: Town", False),
        ("One Two Three Four Five Six", False),
        ("", False),
    ],
)
def test_is_person(name: str, expected: bool) -> None:
    assert is_person(name) is expected


@pytest.mark.parametrize(
    "text", ["By Ann", "By: Ann", "ByAnn", "von Ann", "AUTHOR: Ann", "Autor: A"]
)
def test_what_a_byline_begins_with(text: str) -> None:
    assert BY.match(text)


@pytest.mark.parametrize("text", ["Bystander", "author Ann", "Dieter Ann", "Vonnegut", "Text Ann"])
def test_what_begins_no_byline(text: str) -> None:
    assert not BY.match(text)


def test_a_surname_that_stands_first() -> None:
    assert turned("Roy, Aniruddha") == "Aniruddha Roy"
    assert turned("Ann Lee, Bo Day") == "Ann Lee, Bo Day"
