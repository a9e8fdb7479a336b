from __future__ import annotations

import pytest

from scraper.clean import dom
from scraper.clean.headline import LONGEST, Said, choose

SEO = "Bridges: all that you must know in 2024"


def chosen(
    body: str, own: str = "", og: str = "", title: str = "", site: str = "The Gazette"
) -> tuple[str, str]:
    said = Said([own] if own else [], [og] if og else [], title, [site], "www.town-news.example")
    raw = dom.walk(dom.parse(f"<html><body>{body}</body></html>")).found
    return choose(said, raw)


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
        ("시장 사임ㅣ가제트", "가제트", "시장 사임"),
        ("The mayor resigns ⋆", "", "The mayor resigns"),
        # by the host's letters, all of them or a label
        ("The mayor resigns | Town News", "", "The mayor resigns"),
        ("The mayor resigns | News - Town.News", "", "The mayor resigns"),
        ("The mayor resigns | Politics", "", "The mayor resigns | Politics"),
        ("The mayor | No", "", "The mayor | No"),
        ("", "The Gazette", ""),
    ],
)
def test_without_site(title: str, site: str, expected: str) -> None:
    assert Said(sites=[site], host="www.town-news.example").without_site(title) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("THE GAZETTE", True), ("town-news", True), ("town-news.example", True), ("News", False)],
)
def test_the_site_by_name(name: str, expected: bool) -> None:
    assert Said(sites=["The Gazette"], host="www.town-news.example").is_site(name) is expected


def test_the_h1_that_another_source_has_too() -> None:
    body = "<h1>Town</h1><h2>Boats</h2><h1>The <b>bridge</b></h1>"
    assert chosen(body, og="The bridge | The Gazette", title=SEO) == ("The bridge", "dom")
    assert chosen(body, title="The bridge - The Gazette") == ("The bridge", "dom")


def test_a_lower_heading_that_another_source_has_too() -> None:
    body = "<h1>Our blog</h1><h3>The bridge</h3>"
    assert chosen(body, og="The bridge") == ("The bridge", "dom")
    assert chosen(body, og="Blog") == ("Our blog", "dom")


def test_an_seo_title_gives_way_to_what_readers_see() -> None:
    assert chosen("<h1>A bridge falls</h1>", og=SEO, title=SEO) == ("A bridge falls", "dom")
    several = "<h1>Sign in</h1><h1>All about the bridges</h1>"
    assert chosen(several, og=SEO) == ("All about the bridges", "dom")
    assert chosen("<h1>Sign in</h1><h1>Menu</h1>", own=SEO, og="x") == (SEO, "json-ld")


@pytest.mark.parametrize(
    "body",
    [
        "<h1>The Gazette</h1>",
        "<h1>Town News</h1>",
        "<h1 hidden>A bridge falls</h1>",
        "<nav><h1>A bridge falls</h1></nav>",
        "<div class=bread-crumb><h1>A bridge falls</h1></div>",
        f"<h1>{'bridge ' * LONGEST}</h1>",
        "",
    ],
)
def test_what_is_no_headline_although_an_h1(body: str) -> None:
    assert chosen(body, own=SEO) == (SEO, "json-ld")
    assert chosen(body, title=SEO) == (SEO, "title")
    assert chosen(body) == ("", "")


def test_an_h1_within_the_story_is_a_headline_only_if_it_resembles_one() -> None:
    told = "<p>It began with a crack that nobody saw but the ferryman, and he said nothing.</p>"
    told = told.replace("nothing", "nothing to the people of the town")
    assert chosen(f"{told}<h1>The ferryman</h1>", own=SEO) == ("The ferryman", "dom")
    assert chosen(f"{told}{told}<h1>The ferryman</h1>", own=SEO) == (SEO, "json-ld")
    assert chosen(f"{told}{told}<h1>All of the bridges</h1>", own=SEO)[1] == "dom"


BRIDGE = "A bridge falls into the river"


@pytest.mark.parametrize(
    ("heading", "own", "og", "expected"),
    [
        # another source has the headline without the kicker
        (f"<h1>Town: {BRIDGE}</h1>", "", BRIDGE, BRIDGE),
        (f"<h1>“Oh”{BRIDGE}</h1>", f"“Oh”: {BRIDGE}", BRIDGE, BRIDGE),
        (f"<h2><span>In town </span>{BRIDGE}</h2>", "", BRIDGE, BRIDGE),
        (f"<h1><div>In town</div>{BRIDGE}</h1>", "", BRIDGE, BRIDGE),
        # all have it, and part it by a mark
        (f"<h1>In town {BRIDGE}</h1>", f"In town: {BRIDGE}", "", f"In town: {BRIDGE}"),
        # two kickers
        (f"<h1>In town {BRIDGE}</h1>", "", f"News: {BRIDGE}", BRIDGE),
        # near misses: the opening is of the headline itself, or too long, or the rest too short
        (f"<h1>Joe: {BRIDGE}</h1>", "", f"Joseph: {BRIDGE}", f"Joe: {BRIDGE}"),
        (f"<h1>{'long ' * 15}{BRIDGE}</h1>", "", BRIDGE, f"{'long ' * 15}{BRIDGE}"),
        ("<h1>In town: It fell</h1>", "", "It fell", "In town: It fell"),
    ],
)
def test_a_kicker(heading: str, own: str, og: str, expected: str) -> None:
    assert chosen(heading, own, og) == (expected, "dom")
