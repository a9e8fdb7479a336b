from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scraper import Article, Verdict, clean

FIXTURES = Path(__file__).parent.parent / "fixtures"
BASE = "http://127.0.0.1:8765"


def pages() -> list[tuple[Path, Path, str]]:
    """Page, expectation, address; of every fixture that is a page."""
    found = [(p.with_suffix(".html"), p, "") for p in (FIXTURES / "pages").glob("*.json")]
    for expected in (FIXTURES / "site" / "expected").glob("*.json"):
        name = f"articles/{expected.stem}.html"
        if not (FIXTURES / "site" / name).exists():
            name = f"{expected.stem}.html"
        found.append((FIXTURES / "site" / name, expected, f"{BASE}/{name}"))
    return sorted(found)


# Pages that the cleaner gets wrong, and what it would take to get them right.
KNOWN = {"caption-as-paragraph": "a caption in a bare <p> below an image: needs a learned scorer"}
# A line with both is one block; which of the two names it is a matter of taste.
SIGNATURE = {"byline", "date_line"}


def squeezed(text: str) -> str:
    return " ".join(text.split())


def cleaned(page: Path, url: str) -> Article:
    return clean(page.read_bytes().replace(b"{{base}}", BASE.encode()), url=url or None)


def parameter(case: tuple[Path, Path, str]) -> Any:
    why = KNOWN.get(case[1].stem)
    marks = [pytest.mark.xfail(reason=why, strict=True)] if why else []
    return pytest.param(case, id=case[1].stem, marks=marks)


@pytest.fixture(params=[parameter(case) for case in pages()])
def case(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Article]:
    page, expected, url = request.param
    wanted = json.loads(expected.read_text("utf-8"))
    return wanted, cleaned(page, wanted.get("url", url))


def test_page(case: tuple[dict[str, Any], Article]) -> None:
    wanted, article = case
    if "verdict" in wanted:
        assert article.verdict.value == wanted["verdict"], article.verdict_reason
        return
    assert article.verdict is Verdict.ARTICLE, article.verdict_reason
    assert squeezed(article.headline) == squeezed(wanted["headline"])
    got = [squeezed(block.text) for block in article.blocks]
    assert got == [squeezed(text) for text in wanted["body"].split("\n\n")]
    assert squeezed(article.standfirst) == squeezed(wanted["standfirst"])
    assert article.language == wanted["language"]
    assert article.published is not None
    assert article.published.isoformat() == wanted["published"]


def test_page_says_what_it_dropped(case: tuple[dict[str, Any], Article]) -> None:
    wanted, article = case
    for removed in wanted.get("removed", ()):
        text = squeezed(removed["text"])
        assert text not in squeezed(article.body)
        reasons = {cut.reason.value for cut in article.cuts if text in squeezed(cut.text)}
        if removed["reason"] in SIGNATURE and reasons & SIGNATURE:
            continue
        assert removed["reason"] in reasons, (text, reasons)


def test_the_fixtures_are_there() -> None:
    assert len(pages()) >= 30
