from __future__ import annotations

import gc
import json
import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper import Article, Page, Reason, Verdict, clean, clean_text
from scraper.clean import dom, encoding, peer, tables
from scraper.clean.bounds import MAX_ATTRIBUTES, MAX_DEPTH
from scraper.clean.rules import fold

FIXTURES = Path(__file__).parent.parent / "fixtures"
PAGES = sorted((FIXTURES / "pages").glob("*.html"))
WORDS = "The council of the old harbour town met again on Monday to weigh what to do.".split()


def blocks(tree: LexborHTMLParser) -> list[dom.RawBlock]:
    walk = dom.walk(tree)
    return tables.whole(walk.found, walk.elements)


def story(paragraphs: int, seed: int = 1) -> list[str]:
    chosen = random.Random(seed)
    return [
        f"Paragraph {n}: {' '.join(chosen.choices(WORDS, k=40))} So it was decided, {n} to {n + 3}."
        for n in range(paragraphs)
    ]


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang='en'><head><title>A story</title>{head}</head><body>{body}"


def folded(text: str) -> str:
    """Letters and digits only: blocks join what stands apart on the page with their own spaces."""
    return re.sub(r"\W+", "", fold(text)).casefold()


def kept_within(article: Article, source: str) -> bool:
    seen = folded(re.sub(r"<[^<>]*>", " ", source)) + folded(source)
    tree = dom.parse(source)
    seen += folded(tree.body.text(separator=" ") if tree.body else "")
    return all(folded(line) in seen for b in article.blocks for line in b.text.split("\n"))


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_only_removes(path: Path) -> None:
    source = encoding.decode(path.read_bytes())
    article = clean(source)
    assert article.blocks
    assert kept_within(article, source)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=400))
def test_any_bytes_give_an_article(body: bytes) -> None:
    assert isinstance(clean(body), Article)


TAGS = (
    "<p> </p> <div> </div> <br> <b> </b> <table> <tr> <td> </table> <ul> <li> <h2> </h2> <svg>"
    " <a href=x> </a> <script> </script> <style> <template> <p hidden> <!-- --> <object> <math>"
    " <span class=credit> </span> <figure> <figcaption> <img> <pre> <article> <select> </body>"
).split()
MARKUP = st.lists(st.one_of(st.sampled_from(TAGS), st.text(max_size=30)), max_size=60)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(MARKUP)
def test_any_markup_gives_an_article_of_its_own_text(parts: list[str]) -> None:
    source = "".join(parts)
    article = clean(source)
    assert kept_within(article, source)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from(PAGES))
def test_mutated_pages_give_an_article(seed: int, path: Path) -> None:
    chosen = random.Random(seed)
    body = bytearray(path.read_bytes())
    for _ in range(20):
        at = chosen.randrange(len(body))
        body[at : at + chosen.randrange(40)] = chosen.randbytes(chosen.randrange(8))
    assert isinstance(clean(bytes(body)), Article)


def test_the_same_input_gives_the_same_article() -> None:
    body = PAGES[0].read_bytes()
    assert clean(body) == clean(body)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<div>" * (MAX_DEPTH + 1), "nests"),
        (f"<p {' '.join(f'a{n}' for n in range(MAX_ATTRIBUTES * 2))}>x", "attributes"),
        ("", "empty"),
        (" \n ", "empty"),
    ],
)
def test_what_would_take_for_ever_is_refused_with_the_reason(source: str, reason: str) -> None:
    article = clean(source)
    assert article.verdict is Verdict.EMPTY
    assert reason in article.verdict_reason


def test_unclosed_paragraphs_do_not_count_as_nesting() -> None:
    assert clean(page("<p>" + "<p>".join(story(12)) + "<li>x" * 5000)).verdict is Verdict.ARTICLE


def test_an_attribute_name_with_a_quote_hides_nothing() -> None:
    lines = story(4)
    inner = "".join(f"<p>{line}</p>" for line in lines)
    article = clean(page(f'<article><h1>A story</h1><img src="x" wp-3737"="">{inner}</article>'))
    assert [block.text for block in article.blocks] == lines


def test_a_page_brings_its_charset_its_address_and_its_status() -> None:
    text = page("".join(f"<p>Déjà vu. {line}</p>" for line in story(4)))
    headers = {"content-type": "text/html; charset=windows-1252"}
    served = Page("http://a.example/", "http://b.example/x", 200, headers,
                  text.encode("cp1252"), datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    article = clean(served)
    assert article.url == "http://b.example/x"
    assert article.site == "b.example"
    assert "Déjà vu." in article.body


def test_text_that_only_a_script_holds_is_found() -> None:
    lines = story(5)
    html = "".join(f"<p>{line}</p>" for line in lines)
    state = json.dumps({"props": {"story": {"title": "A story", "html": html}}})
    nested = json.dumps(json.dumps({"contentHtml": html}))
    for script in (state, nested):
        article = clean(page(f'<div id="root"></div><script>window.__S={script}</script>'))
        assert [block.text for block in article.blocks] == lines
        assert article.verdict is Verdict.ARTICLE


def test_a_text_that_only_json_ld_holds_is_found() -> None:
    data = {"@type": "NewsArticle", "headline": "A story", "articleBody": "\n".join(story(3))}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    assert clean(page("<div></div>", script)).body == "\n\n".join(story(3))


def test_a_data_table_is_one_block_and_a_layout_table_is_none() -> None:
    rows = "<tr><th>Town</th><th>Votes</th></tr><tr><td>Thornwick</td><td>41</td></tr>"
    (block,) = blocks(dom.parse(f"<table>{rows}</table>"))
    assert block.text == "Town\tVotes\nThornwick\t41"
    layout = f"<table><tr><td>{'<p>x y z</p>' * 4}</td><td>Menu</td></tr><tr><td>a<td>b</table>"
    assert len(blocks(dom.parse(layout))) > 3


def test_a_story_of_short_paragraphs_keeps_its_dated_lines() -> None:
    days = [f"{n} March 2019 – The bridge is closed to lorries" for n in range(11, 17)]
    lines = ["It began with a crack.", "Nobody saw it but the ferryman.", *days, *story(4)]
    inner = "".join(f"<p>{line}</p>" for line in lines)
    body = clean(page(f"<article><h1>The bridge</h1>{inner}</article>")).body
    assert all(line in body for line in lines)


def test_a_headline_below_the_story_takes_nothing_away() -> None:
    lines = ["It began with a crack.", "Nobody saw it but the ferryman.", *story(4)]
    inner = "".join(f"<p>{line}</p>" for line in lines)
    head = '<meta property="og:title" content="The bridge reopens after six years">'
    aside = "<aside><p>The bridge reopens after six years</p></aside>"
    for title, below in ((head, aside), ("", "<p>…</p>")):
        article = clean(f"<html><head>{title}</head><body><article>{inner}</article>{below}")
        assert all(line in article.body for line in lines)


def test_breaks_make_paragraphs() -> None:
    found = blocks(dom.parse("<div>One<br>line<br> <br>Two<b>!</b></div>"))
    assert [(b.text, b.joined) for b in found] == [("One", False), ("line", True), ("Two!", False)]


def test_blocks_are_found_in_lines_nearest_to_the_story() -> None:
    lines = story(4)
    sidebar = f"<p>{lines[0]}</p><hr><p>Something else, said at some length beside the story.</p>"
    html = sidebar + "".join(f"<p>{line}</p>" for line in lines)
    raw = blocks(dom.parse(page(html)))
    assert peer.align(raw, lines) == {2, 3, 4, 5}


# -- naive text ---------------------------------------------------------------
def test_naive_text_keeps_its_body() -> None:
    text = "\n\n".join(["A story", *story(6)])
    article = clean_text(text)
    assert article.headline == "A story"
    assert article.body == "\n\n".join(story(6))
    assert clean_text(f"{article.headline}\n{article.body}").body == article.body


def test_naive_text_loses_its_furniture_with_reasons() -> None:
    disclaimer = "Comments express the views of their authors alone."
    above = ["A story", "A story© Agence Lumen / J. Brulon"]
    lines = [*above, *story(3), "All the news", disclaimer, "OK", "This site uses cookies."]
    article = clean_text("\n".join(lines))
    assert article.body == "\n\n".join(story(3))
    reasons = {cut.text: cut.reason for cut in article.cuts}
    assert reasons["© Agence Lumen / J. Brulon"] is Reason.PHOTO_CREDIT
    assert reasons["All the news"] is Reason.SITE_CHROME
    assert reasons["This site uses cookies."] is Reason.COOKIE_BANNER
    assert len(reasons) == len(lines) - 1 - 3


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=300))
def test_any_text_gives_lines_of_its_own(text: str) -> None:
    article = clean_text(text)
    assert all(folded(block.text) in folded(text) for block in article.blocks)


@pytest.mark.parametrize("collecting", [True, False])
def test_the_collector_rests_and_is_left_as_it_was(
    collecting: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    walk = dom.walk

    def watched(tree: LexborHTMLParser) -> dom.Walk:
        seen.append(gc.isenabled())
        return walk(tree)

    monkeypatch.setattr(dom, "walk", watched)
    was = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        clean(page("<p>" + "<p>".join(story(12))))
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if was else gc.disable)()
    assert set(seen) == {False}
