from __future__ import annotations

import pytest

from scraper.clean import dom
from scraper.clean.signed import SURE, authors, shown
from scraper.model import Cut, Reason

TEXT = "<p>It began with a crack that nobody saw but the ferryman.</p>"


def named(body: str, cuts: dict[int, Reason] | None = None, least: float = 0) -> tuple[str, ...]:
    page = f"<html><body><p>Menu</p><h1>The bridge</h1>{body}</body></html>"
    raw = dom.walk(dom.parse(page)).found
    end = max(b.position for b in raw if b.text.startswith("It began"))
    found = [Cut(reason, "", "", "", place) for place, reason in (cuts or {}).items()]
    return authors(raw, found, 1, end, least)


@pytest.mark.parametrize(
    "line",
    [
        "<p>By Ann Lee</p>",
        "<p>ByAnn Lee</p>",
        "<p>Words: Ann Lee, chief editor</p>",
        "<p>5 March 2024 by Ann Lee</p>",
        "<p>March 5, 2024 | Ann Lee | Town</p>",
        "<p>By Ann LeeMarch 5, 2024</p>",
        "<p>By Ann LeePublished: Jan 29</p>",
        "<p>By Ann Lee in Town</p>",
        "<p>Ann Lee</p>",
        "<p>Written by</p><p>Ann Lee</p>",
        "<p class=author>Ann LeeTravel Reporter</p>",
        "<p>Reviewed by Bo Day</p><p>By Ann Lee</p>",
        "<p>Reviewed by</p><p>Bo Day</p><p>By Ann Lee</p>",
        "<p>Photo by Bo Day</p><p>Ann Lee</p>",
        '<p>See <a href="/authors/ann">Ann Lee</a> for more</p>',
        "<p class=byline>Ann Lee</p><p class=related-author>Bo Day</p>",
    ],
)
def test_a_line_beside_the_headline(line: str) -> None:
    assert named(line + TEXT) == ("Ann Lee",)


@pytest.mark.parametrize(
    "line",
    [
        "<p>Town</p>",
        "<p>Read More</p>",
        "<p>Ann Lee fell into the river</p>",
        "<p>Photo by Ann Lee</p>",
        "<p hidden>By Ann Lee</p>",
        "<h2>Ann Lee</h2>",
        "<p>By Monday it was gone, and nobody knew why</p>",
        f"<p>By Ann Lee {'and on ' * 40}</p>",
    ],
)
def test_a_line_that_names_nobody(line: str) -> None:
    assert named(line + TEXT) == ()


def test_two_lines_that_look_alike_name_two() -> None:
    pair = "<p class=byline>Ann Lee</p><p class=byline>Bo Day</p>"
    assert named(pair + TEXT) == ("Ann Lee", "Bo Day")
    assert named(pair.replace("byline>Bo", "x>Bo") + TEXT) == ("Ann Lee",)


def test_far_lines_count_where_they_were_cut_as_bylines_or_link_to_a_profile() -> None:
    far = TEXT * 20
    assert named(f"{far}<p>Bo Day</p>{TEXT * 5}") == ()
    assert named(f"{far}<p>By Bo Day</p>{TEXT * 5}") == ()
    assert named(f"{far}<p>By Bo Day</p>{TEXT * 5}", {22: Reason.BYLINE}) == ("Bo Day",)
    link = '<p>More <a rel="author" href="/bo">Bo Day</a></p>'
    assert named(far + link + TEXT * 5) == ()  # too far for a link alone
    assert named(f"<p>By Ann Lee</p>{far}{link}") == ("Ann Lee",)
    assert named(f"{far}<p>Written by Bo Day</p>") == ("Bo Day",)  # right below the story


def test_a_bare_name_is_not_enough_against_what_the_page_declares() -> None:
    assert named(f"<p>Ann Lee</p>{TEXT}", least=SURE) == ()
    assert named(f"<p>By Ann Lee</p>{TEXT}", least=SURE) == ("Ann Lee",)


def test_an_account_or_a_house_where_the_page_calls_it_the_author() -> None:
    assert named(f"<p class=author>yucy</p>{TEXT}") == ("yucy",)
    assert named(f"<p>By The Town Team</p>{TEXT}") == ("The Town Team",)
    assert named(f"<p>yucy</p>{TEXT}") == ()


def test_whether_readers_see_a_name() -> None:
    raw = dom.walk(dom.parse("<html><body><p>Dr Lee says</p></body></html>")).found
    assert shown(("Bo Day", "Ann Lee"), raw)
    assert not shown(("Bo Day",), raw)
    assert not shown((), raw)
