"""Pages that come in an article's place, and articles that look like them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scraper import clean
from scraper.clean import signs
from scraper.clean.opened import Opened
from scraper.clean.outcome import Composed
from scraper.clean.walls import Page, consent, words

WALLS = Path(__file__).parent.parent / "fixtures" / "walls"
URL = "https://www.morgenblatt.example/news/2026/11/a-story-of-some-length"


def cases() -> list[Any]:
    return [pytest.param(path, id=path.stem) for path in sorted(WALLS.glob("*.json"))]


@pytest.mark.parametrize("case", cases())
def test_a_page_is_what_it_is(case: Path) -> None:
    wanted = json.loads(case.read_text("utf-8"))
    article = clean(case.with_suffix(".html").read_bytes(), url=URL)
    assert article.verdict.value == wanted["verdict"], article.verdict_reason
    assert article.verdict_reason
    assert (article.confidence > 0) == (wanted["verdict"] == "article")


def test_there_are_sixty_pages_of_twelve_languages() -> None:
    wanted = [json.loads(path.read_text("utf-8")) for path in WALLS.glob("*.json")]
    refused = [each for each in wanted if each["verdict"] != "article"]
    assert len(refused) >= 60
    assert len({each["language"][:2] for each in refused}) >= 12


@pytest.mark.parametrize("name", signs.table("vendors")["challenge"])
def test_a_vendor_is_told_by_the_challenge_and_not_by_a_sensor(name: str) -> None:
    row = signs.table("vendors")["challenge"][name]
    assert all(mark == mark.lower() for mark in row["marks"])
    assert any(mark in row["fires"].lower() for mark in row["marks"])
    assert not any(mark in row["near_miss"].lower() for mark in row["marks"])


@pytest.mark.parametrize("kind", signs.table("vendors")["place"])
def test_a_place_is_told_by_its_class_words(kind: str) -> None:
    row = signs.table("vendors")["place"][kind]
    assert signs.place(kind).search(row["fires"])
    assert not signs.place(kind).search(row["near_miss"])


def test_phrases_are_those_of_a_language_of_english_and_of_none() -> None:
    german = signs.phrases(signs.ERROR, "de-at")
    assert german.search("Die angeforderte Seite wurde nicht gefunden")
    assert german.search("Page not found")
    assert not german.search("Sidan kunde inte hittas")
    assert signs.phrases(signs.ERROR, "").search("Page not found")


def test_words_of_scripts_without_spaces_are_estimated() -> None:
    assert words(["one two", "three"]) == 3
    assert words(["雪に覆われた谷あいの作業場に水音だけが響く"]) == 13


DIALOG = "<p>We and our 212 partners store and/or access information on a device.</p>" * 3
STORY = "<p>" + "The council of Ellesby closed the harbour bridge on Monday. " * 5 + "</p>"


@pytest.mark.parametrize(
    ("body", "wall"),
    [
        (f"<div class='x'>{DIALOG}</div>", True),
        (f"<div class='qc-cmp2-ui'>{DIALOG}</div>", True),
        (f"<div class='qc-cmp2-ui'>{DIALOG}</div>{STORY * 3}", False),
        (f"<div class='x'>{DIALOG}</div>{STORY * 3}", False),
        (STORY.replace("harbour bridge", "cookie office"), False),
    ],
    ids=["a wall", "a named wall", "a banner", "a banner without a name", "a story on cookies"],
)
def test_a_dialog_beside_a_story_is_a_banner(body: str, wall: bool) -> None:
    opened = Opened(f"<html lang=en><body>{body}</body></html>", URL)
    page = Page(opened.text, opened.blocks, [1.0] * len(opened.blocks), opened.meta, Composed())
    assert bool(consent(page)) is wall


def test_thai_words_are_estimated() -> None:
    assert words(["สภาเมืองปิดสะพานท่าเรือเมื่อวันจันทร์" * 10]) > 50


BRIEF = (
    "<p>" + "The ferry to Ellesby was three hours late on its first trip of the year. " * 5 + "</p>"
)


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>Ferry late</h1>{BRIEF}<div hidden><h1>Something went wrong</h1></div>",
        f"<h1>Service unavailable: no ferry for the north until Friday</h1>{BRIEF}{BRIEF}",
        f"<h1>Attention required! New rules for drivers on the bridge</h1>{BRIEF}{BRIEF}",
    ],
    ids=["a hidden error", "a headline on errors", "a headline that asks for attention"],
)
def test_a_brief_is_an_article(body: str) -> None:
    assert clean(f"<html lang=en><body>{body}", url=URL).verdict == "article"


def test_the_frame_of_a_story_in_a_script_is_no_check() -> None:
    text = "The council of Ellesby closed the bridge on Monday, said the mayor. " * 14
    script = json.dumps({"@type": "NewsArticle", "headline": "Bridge", "articleBody": text})
    article = clean(
        f"<html lang=en><script type='application/ld+json'>{script}</script>"
        "<body><p>Please enable JavaScript to view this site.</p>",
        url=URL,
    )
    assert (article.verdict, article.confidence) == ("article", 0.5)


@pytest.mark.parametrize("url", ["http://[", "//[", "http://℀.com/"])
def test_what_is_no_address_is_no_fault(url: str) -> None:
    assert clean(f"<h1>Ferry late</h1>{BRIEF}", url=url).verdict == "article"
