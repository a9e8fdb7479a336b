"""The phrases of signs.toml: each fires on its texts, and none on those that are nearly its own."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from scraper.clean.rules import ANY, files, fold
from scraper.clean.signs import KINDS, PROMPT, known, sources

STUB = "stub"
ROWS = [(kind, language) for kind, rows in known().items() for language in rows]
PAGES = Path(__file__).parent.parent / "fixtures" / "pages"


@cache
def compiled(kind: str, language: str) -> re.Pattern[str]:
    source = "|".join(f"(?:{each})" for each in sources(known()[kind][language]))
    return re.compile(source, re.IGNORECASE)


def said(kind: str, language: str, text: str) -> str:
    """What a page in a language says: it is asked for what English and no language say, too."""
    for name in dict.fromkeys((language, "en", ANY)):
        if found := compiled(kind, name).search(fold(text)):
            return f"{kind}.{name}: {found[0]}"
    return ""


def test_each_kind_has_a_row_for_each_language_of_the_rules() -> None:
    assert set(known()) == {*KINDS, STUB}
    assert {frozenset(rows) for rows in known().values()} == {frozenset(files())}


@pytest.mark.parametrize(("kind", "language"), ROWS)
def test_a_row_fires_on_its_texts_and_on_no_near_miss(kind: str, language: str) -> None:
    row = known()[kind][language]
    assert 3 <= len(row["fires"]) <= 6
    assert 2 <= len(row["near_miss"]) <= 4
    silent = [text for text in row["fires"] if not compiled(kind, language).search(fold(text))]
    assert silent == []
    assert [found for text in row["near_miss"] if (found := said(kind, language, text))] == []


@pytest.mark.parametrize("language", [name for name in known()[STUB] if name != ANY])
def test_a_stub_is_a_prompt_and_most_prompts_are_no_stub(language: str) -> None:
    row = known()[STUB][language]
    assert [text for text in row["fires"] if not said(PROMPT, language, text)] == []
    assert sum(bool(said(PROMPT, language, text)) for text in row["near_miss"]) >= 2


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "You have 2 free articles left this month"),
        ("en", "Only subscribers can comment on this article."),
        ("en", "Continue reading"),
        ("de", "Sie haben 2 von 3 kostenlosen Artikeln gelesen"),
        ("de", "Zum Weiterlesen: drei Bücher über den Wald"),
        ("de", "Weiterlesen mit Werbung"),
        ("fr", "Article réservé aux abonnés"),
        ("pl", "Czytaj dalej"),
        ("ja", "続きを読む"),
        ("zh", "阅读全文"),
        ("zh", "加入會員，閱讀更多精彩內容"),
        ("ko", "계속 읽기"),
    ],
)
def test_counters_labels_and_links_to_more_are_no_stub(language: str, text: str) -> None:
    assert said(STUB, language, text) == ""


def test_stories_say_nothing_of_a_stub() -> None:
    pages = [json.loads(path.read_text("utf-8")) for path in PAGES.glob("*.json")]
    lines = [(page["language"][:2], line) for page in pages for line in page["body"].split("\n")]
    assert len(lines) > 100
    assert [found for language, line in lines if (found := said(STUB, language, line))] == []
