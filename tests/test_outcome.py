"""Outcome: blocks, and cuts with reasons, of a page on which all is decided."""

from __future__ import annotations

import json

import pytest

from scraper import clean
from scraper.clean.furniture import Furniture, Why
from scraper.clean.opened import Opened
from scraper.clean.outcome import WORD, Composed, Outcome, own_text
from scraper.clean.text import settled
from scraper.model import Kind, Reason

STORY = [
    "The old bridge over the Ouse was closed to heavy traffic after an inspection found cracks.",
    "Engineers had warned for years that the cables rust faster than anybody is able to paint.",
    "A ferry will carry lorries until spring, according to the mayor, who likes neither of them.",
]
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in STORY)
LINE = "The keeper of the harbour counts his boats every evening"
HEADLINE = "Cracks close the old bridge"


def result(
    body: str, *, why: dict[str, Why] | None = None, standfirst: str = "", headline: str = ""
) -> Composed:
    """The outcome when the paragraphs of STORY were kept and the rest was not.

    `why` and `standfirst` are by text.
    """
    head = f"<title>{headline}</title>" if headline else ""
    opened = Opened(f"<html lang=en><head>{head}</head><body>{body}</body>", "")
    at = {b.text: b.position for b in opened.blocks}
    kept = {at[line] for line in STORY if line in at}
    reasons = {at[text]: each for text, each in (why or {}).items()}
    headlines = {at[headline]} if headline in at else set()
    furniture = Furniture(opened.blocks, opened.meta, "en")
    outcome = Outcome(opened.blocks, kept, furniture, reasons, headlines)
    return outcome.result([0.12345] * len(opened.blocks), at.get(standfirst))


def cuts(done: Composed) -> list[tuple[str, str, str]]:
    return [(cut.text, cut.reason, cut.rule) for cut in done.cuts]


def main(more: str = "") -> str:
    return f"<main><p>{STORY[0]}</p>{more}<p>{STORY[1]}</p><p>{STORY[2]}</p></main>"


# -- blocks ---------------------------------------------------------------------
def test_blocks_are_those_that_were_kept() -> None:
    done = result(main(f"<p>{LINE}</p>"), standfirst=STORY[0])
    assert [block.text for block in done.blocks] == STORY
    assert [block.kind for block in done.blocks] == [Kind.STANDFIRST, *[Kind.PARAGRAPH] * 2]
    assert done.standfirst == STORY[0]
    assert done.positions == [0, 2, 3]
    assert done.length == sum(map(len, STORY))
    assert {block.score for block in done.blocks} == {0.123}


def test_a_block_knows_its_links_and_level() -> None:
    linked = PARAGRAPHS.replace("bridge", "<a href=/b>bridge</a>").replace(
        "cables", "<i>cables</i>"
    )
    first, *_ = result(linked).blocks
    assert first.links == ("/b",)
    (block, *_) = result(f"<h3>{STORY[0]}</h3>").blocks
    assert (block.kind, block.level) == (Kind.HEADING, 3)


def test_a_path_has_the_last_eight_steps() -> None:
    deep = "".join(f'<div class="c{n} x">' for n in range(9)) + PARAGRAPHS
    done = result(f"{deep}<p>{LINE}</p>")
    eight = "div.c2/div.c3/div.c4/div.c5/div.c6/div.c7/div.c8/p"
    assert {block.path for block in done.blocks} == {eight}
    assert {cut.path for cut in done.cuts} == {eight}
    assert {block.path for block in result(PARAGRAPHS).blocks} == {"html/body/p"}


# -- cuts -----------------------------------------------------------------------
def test_a_short_link_outside_the_story_is_no_cut() -> None:
    link = "<p><a href=/a>{}</a></p>"
    longer = "x" * (WORD + 1)
    assert cuts(result(link.format("Sport") + main())) == []
    assert cuts(result(f"<p>Sport</p>{main()}")) == [("Sport", "site_chrome", "compose.outside")]
    assert [c[0] for c in cuts(result(link.format(longer) + main()))] == [longer]
    assert [c[0] for c in cuts(result(main(link.format("Sport"))))] == ["Sport"]


def test_a_short_link_that_a_rule_dropped_is_a_cut() -> None:
    why = {"Sport": Why(Reason.RELATED_LINKS, "related.any")}
    done = result(f"<p><a href=/a>Sport</a></p>{main()}", why=why)
    assert cuts(done) == [("Sport", "related_links", "related.any")]


@pytest.mark.parametrize("box", ["nav", "footer", "header", "div class=breadcrumb"])
def test_links_in_a_menu_are_no_cuts(box: str) -> None:
    inner = f"<p><a href=/a>{LINE}</a></p><p>{LINE}</p>"
    found = cuts(result(f"<{box}>{inner}</{box.split()[0]}>{main()}"))
    assert [text for text, _, _ in found] == [LINE]
    assert found[0][1] in ("navigation", "site_chrome")


def test_what_is_hidden_is_no_cut() -> None:
    assert cuts(result(main(f"<p hidden>{LINE}</p>"))) == []
    assert cuts(result(main(f"<p>{LINE}</p>"))) == [(LINE, "low_score", "scorer")]


def test_where_a_block_stands_says_why_it_was_dropped() -> None:
    link = f"<p><a href=/a>{LINE}</a></p>"
    assert cuts(result(main(link))) == [(LINE, "related_links", "links.inside")]
    assert cuts(result(main() + link)) == [(LINE, "related_links", "links.outside")]
    assert cuts(result(f"{main()}<p>{LINE}</p>")) == [(LINE, "site_chrome", "compose.outside")]


def test_the_headline_is_a_duplicate() -> None:
    done = result(f"<h2>{HEADLINE}</h2>{main()}", headline=HEADLINE)
    assert cuts(done) == [(HEADLINE, "duplicate", "compose.headline")]


def test_a_caption_with_a_credit_behind_it_gives_two_cuts() -> None:
    caption, credit = "A bridge in the fog.", "Photo: Jane Brookfield/Reuters"
    page = f"<figure><img src=a.jpg><figcaption>{caption} {credit}</figcaption></figure>"
    done = result(main(page))
    assert [(cut.text, cut.reason) for cut in done.cuts] == [
        (caption, "caption"), (credit, "photo_credit"),
    ]  # fmt: skip
    assert {cut.position for cut in done.cuts} == {1}
    assert (done.captions, done.credits) == ([caption], [credit])
    plain = result(main(f"<figure><figcaption>{caption}</figcaption></figure>"))
    assert (len(plain.cuts), plain.captions, plain.credits) == (1, [caption], [])


def test_a_line_with_a_credit_behind_it_is_a_caption() -> None:
    line = f"{LINE}. Photo: Jane Brookfield/Reuters"
    done = result(main(f"<p>{line}</p>"))
    assert done.captions == [f"{LINE}."]
    assert done.cuts[0].rule == "compose.credit_behind"


def test_a_credit_alone_is_one_cut() -> None:
    done = result(main("<p>Photo: Jane Brookfield/Reuters</p>"))
    assert (len(done.cuts), done.captions) == (1, [])
    assert done.credits == ["Photo: Jane Brookfield/Reuters"]


def test_a_credit_behind_the_headline_is_without_it() -> None:
    credit = "Photo: Jane Brookfield/Reuters"
    done = result(main(f"<p>{HEADLINE} {credit}</p>"), headline=HEADLINE)
    assert [cut.text for cut in done.cuts] == [credit]
    assert own_text(HEADLINE, HEADLINE) == HEADLINE
    assert own_text(LINE, "") == LINE


def test_nothing_kept() -> None:
    done = result(f"<main><p>{LINE}</p></main>")
    assert (done.blocks, done.positions, done.length) == ([], [], 0)
    assert cuts(done) == [(LINE, "site_chrome", "compose.outside")]


def test_scripts_in_a_headline_are_none_of_it() -> None:
    source = "<h1>The town <script>var a = 1;</script><style>.h{color:red}</style>meets</h1>"
    assert clean(source + "<p>It met at eight in the old hall by the river.</p>").headline == (
        "The town meets"
    )


def test_a_story_in_flight_data_is_found() -> None:
    told = "".join(
        f"<p>The council met again on day {n} to weigh what to do.</p>" for n in range(9)
    )
    row = "5:" + json.dumps(["$", {"state": json.dumps({"body": told})}])
    script = f"<script>self.__next_f.push([1,{json.dumps(row)}])</script>"
    assert [b.text[:12] for b in clean(f"<html><body>{script}").blocks] == ["The council "] * 9


def test_of_a_bare_line_only_vague_reasons_give_way_to_the_score() -> None:
    disclaimer, day = Why(Reason.COMMENT_DISCLAIMER, "a"), Why(Reason.DATE_LINE, "b")
    assert settled(disclaimer, 0.99) is disclaimer
    assert settled(day, 0.99) is None
    assert settled(day, 0.5) is day
    assert settled(None, 0.5) is None
    assert settled(None, 0.01) == Why(Reason.LOW_SCORE, "scorer.text")
