from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scraper.clean import dom
from scraper.clean.metadata import Metadata
from scraper.clean.signature import beside, earlier, headed, tags, when
from scraper.model import Cut, Reason

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
    return when(raw, meta, source, headed(raw, meta.headline, story), LATEST)


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


@pytest.mark.parametrize(
    ("body", "plainly", "changed"),
    [
        ("<p>5 March 2024</p>", DAY, None),
        ("<p>Updated 5 March 2024</p>", None, DAY),
        ("<p>Last updated</p><p>5 March 2024</p>", None, DAY),
        ("<p>1 March 2024</p><p>Aktualisiert am 5. März 2024</p>", DAY.replace(day=1), DAY),
        ("<p>3/5/2024</p>", None, None),  # two days
        ("<p hidden>5 March 2024</p>", None, None),
        ("<p>x</p>" * 4 + "<p>5 March 2024</p>", None, None),  # too far
        ("<p>x</p>" * 4 + "<p class=date>5 March 2024</p>", DAY, None),
        (STORY, None, None),
    ],
)
def test_the_days_beside_the_headline(
    body: str, plainly: datetime | None, changed: datetime | None
) -> None:
    raw = dom.walk(dom.parse(f"<html><body><p>x</p>{TITLE}{body}</body></html>")).found
    assert beside(raw, "en", 1) == (plainly, changed)


def test_an_earlier_day_than_the_declared_one() -> None:
    assert earlier(Metadata(published=DAY.replace(day=7)), DAY)
    assert not earlier(Metadata(published=DAY.replace(day=6)), DAY)  # may be but the zone
    assert not earlier(Metadata(published=DAY.replace(day=1)), DAY)
    assert not earlier(Metadata(), DAY)
    assert not earlier(Metadata(published=DAY), None)


def test_the_headline_may_stand_behind_a_kicker() -> None:
    page = "<h1>News</h1><p>x</p><h2>In town The bridge</h2><h2>The bridges</h2>"
    raw = dom.walk(dom.parse(f"<html><body>{page}</body></html>")).found
    assert headed(raw, "The bridge", 0) == 2
    assert headed(raw, "The boat", 3) == headed(raw, "", 3) == 0


def test_tags_that_were_cut_by_the_story() -> None:
    links = '<ul><li><a href="/t/a">#Bridge</a><a href="/t/b"> Boat, </a></li></ul>'
    raw = dom.walk(dom.parse(f"<html><body>{TITLE}{STORY}{links}</body></html>")).found
    cut = [Cut(Reason.TAGS, "", "", "", 2)]
    assert tags(raw, cut, 0, 1) == ("Bridge", "Boat")
    assert tags(raw, [Cut(Reason.NAVIGATION, "", "", "", 2)], 0, 1) == ()
    assert tags(raw, [Cut(Reason.TAGS, "", "", "", 99)], 0, 1) == ()
    assert tags(raw * 20, [Cut(Reason.TAGS, "", "", "", 32)], 0, 1) == ()
