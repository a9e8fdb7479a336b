from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scraper.clean import dom
from scraper.clean.metadata import Metadata
from scraper.clean.signature import when

LATEST = datetime(2026, 1, 2, tzinfo=UTC)
STORY = (
    "<p>It began with a crack that nobody saw but the ferryman, "
    "and only on 7 March 1999, or so they say.</p>"
)
TITLE = "<h1>The bridge</h1>"
DAY = datetime(2024, 3, 5, tzinfo=UTC)


def found(body: str, source: str = "", **fields: str) -> tuple[datetime, str] | None:
    raw = dom.walk(dom.parse(f"<html><body>{body}</body></html>")).found
    story = next((b.position for b in raw if b.text.startswith("It began")), 0)
    meta = Metadata(headline="The bridge", language="en", **fields)  # type: ignore[arg-type]
    return when(raw, meta, source, story, LATEST)


@pytest.mark.parametrize(
    "body",
    [
        f"{TITLE}<p>By Ann Lee, 5 March 2024</p>{STORY}",
        f"<p>5 March 2024</p>{TITLE}{STORY}",
        # of two days the first, unless it says when the story was changed
        f"{TITLE}<p>March 5, 2024. Updated: March 9, 2025</p>{STORY}",
        f"{TITLE}<p>Updated 9 March 2025</p><p>5 March 2024</p>{STORY}",
        # the nearest to the headline, and one in an element named for it before others
        f"{TITLE}{STORY}<p>5 March 2024</p><p>6 March 2024</p>",
        f"{TITLE}{STORY}<p>x</p><p>6 March 2024</p><p class=pub-date>5 March 2024</p>",
        # not today's, no sentence, not a day to come
        f"<p class=todays-date>1 January 2026</p>{TITLE}{STORY}<p>5 March 2024</p>",
        f"{TITLE}<p>Doors open 9 March 2031</p>{STORY}<p>5 March 2024</p>",
        f"{TITLE}{STORY}<hr hidden><p hidden>4 March 2024</p><p>5 March 2024</p>",
    ],
)
def test_the_day_in_the_line_nearest_to_the_headline(body: str) -> None:
    assert found(body) == (DAY, "line")


def test_scripts_and_the_image_where_no_line_is_dated() -> None:
    source = '<script>x = {"datePublished":"2024-03-05"}</script>'
    image = "https://img.example/2024/03/05/bridge.jpg"
    body = f"{TITLE}<p>By Ann Lee</p>{STORY}"
    assert found(body.replace("7 March 1999", ""), source, image_url=image) == (DAY, "script")
    assert found(f"{TITLE}<p>x</p>", "", image_url=image) == (DAY, "image")
    assert found(f"{TITLE}<p>x</p>", source.replace("2024", "2031")) is None
    assert found("") is None
