"""Composer: which of the blocks that the scorer chose are no text of the story after all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scraper.clean.compose import BELOW, ENTITLED, SURE, Composer
from scraper.clean.opened import Opened
from scraper.clean.outcome import Composed

STORY = [
    "The old bridge over the Ouse was closed to heavy traffic after an inspection found cracks in"
    " two of its cables, the council announced, and nobody knows how long the repair will take.",
    "Engineers had warned for years that the cables rust faster than anybody is able to paint, and"
    " that the salt which is strewn on the road every winter does the rest.",
    "A ferry will carry lorries until spring, according to the mayor, who has never liked either"
    " of them, and who would rather see a tunnel under the river and the harbour.",
    "Nobody asked the ferryman, whose boat was built in the year when his grandfather was born,"
    " and who has not been paid for the last four of its many voyages.",
]
PARAGRAPHS = [f"<p>{line}</p>" for line in STORY]
LINE = "The keeper of the harbour counts his boats"
HEADLINE = "Cracks close the old bridge"


def composed(
    body: str, head: str = "", *, scores: dict[str, float] | None = None, drop: Sequence[str] = ()
) -> Composed:
    """What becomes of a page when all blocks were chosen but those whose text is in `drop`.

    `scores` are by text; all others are sure.
    """
    opened = Opened(f"<html lang=en><head>{head}</head><body>{body}</body>", "")
    kept = {b.position for b in opened.blocks if b.text not in drop}
    sure = [(scores or {}).get(b.text, 0.99) for b in opened.blocks]
    return Composer(opened.blocks, kept, opened.meta, sure).compose()


def spoken(html: str, text: str) -> Composed:
    """What becomes of three paragraphs of `text` on a page that starts with `html`, and a line."""
    page = f"{html}<body>{f'<p>{text}</p>' * 3}<p>Newsletter</p></body>"
    opened = Opened(page, "")
    return Composer(opened.blocks, {0, 1, 2}, opened.meta).compose()


def texts(done: Composed) -> list[str]:
    return [block.text for block in done.blocks]


def why(done: Composed) -> dict[str, tuple[str, str]]:
    """Reason and rule of each cut."""
    return {cut.text: (cut.reason, cut.rule) for cut in done.cuts}


def within(box: str) -> str:
    """A story with a box in the middle."""
    return "".join(["<main>", *PARAGRAPHS[:2], box, *PARAGRAPHS[2:], "</main>"])


# -- class words ----------------------------------------------------------------
@pytest.mark.parametrize("words", ["related-box", "share-bar", "author-bio", "byline", "tag-list"])
def test_class_words_give_way_to_a_sure_score(words: str) -> None:
    page = within(f"<div class={words}><p>{LINE}</p></div>")
    assert texts(composed(page, scores={LINE: SURE + 0.01})) == [*STORY[:2], LINE, *STORY[2:]]
    unsure = composed(page, scores={LINE: SURE})
    assert texts(unsure) == STORY
    assert why(unsure)[LINE][1].endswith(".words")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("wp-caption", "caption.words"),
        ("factbox", "factbox.words"),
        ("twitter-tweet", "embed.words"),
        ("visually-hidden", "hidden.words"),
        ("newsletter-signup", "newsletter.words"),
        ("commentlist", "comments.words"),
        ("cookie-notice", "cookie.words"),
        ("affiliate-disclaimer", "disclosure.words"),
    ],
)
def test_some_class_words_give_way_to_no_score(words: str, rule: str) -> None:
    done = composed(within(f"<div class={words}><p>{LINE}</p></div>"), scores={LINE: 1.0})
    assert rule in ENTITLED
    assert texts(done) == STORY
    assert why(done)[LINE][1] == rule


def test_class_words_around_much_of_the_story_mean_something_else() -> None:
    done = composed(f"<div class=comments>{''.join(PARAGRAPHS)}</div><p>{LINE}</p>")
    assert texts(done) == [*STORY, LINE]
    half = f"<div class=comments>{''.join(PARAGRAPHS[2:])}</div>"
    assert texts(composed(f"{''.join(PARAGRAPHS[:2])}{half}")) == STORY


def test_an_aside_is_none_of_the_story() -> None:
    done = composed(within(f"<aside><p>{LINE}</p></aside>"))
    assert texts(done) == STORY
    assert why(done) == {LINE: ("site_chrome", "tag.aside")}
    assert texts(composed(f"<aside>{''.join(PARAGRAPHS)}</aside>")) == STORY


# -- headlines ------------------------------------------------------------------
def test_the_headline_is_dropped() -> None:
    title = f"<title>{HEADLINE}</title>"
    done = composed(f"<h1>{HEADLINE}</h1>{''.join(PARAGRAPHS)}", title)
    assert texts(done) == STORY
    assert why(done) == {HEADLINE: ("duplicate", "compose.headline")}
    respelt = f"“{HEADLINE.upper()}”"
    assert texts(composed(within(f"<p>{respelt}</p>"), title)) == STORY


def test_a_heading_of_the_first_level_above_the_story_is_dropped() -> None:
    line, headline = f"<h1>{LINE}</h1>", f"<h1>{HEADLINE}</h1>"
    title = f"<meta property=og:title content='{HEADLINE}'>"
    assert LINE not in texts(composed(f"{headline}{line}{within('')}", title))
    assert LINE in texts(composed(f"{headline}{within(line)}", title))


def test_what_stands_above_the_headline_is_dropped() -> None:
    above = f"Elsewhere: {STORY[3]}"
    title = f"<title>{HEADLINE}</title>"
    done = composed(f"<p>{above}</p><h1>{HEADLINE}</h1>{''.join(PARAGRAPHS[:3])}", title)
    assert texts(done) == STORY[:3]
    assert why(done)[above] == ("site_chrome", "compose.above_headline")


def test_a_headline_below_the_story_takes_nothing_away() -> None:
    title = f"<title>{HEADLINE}</title>"
    assert len(STORY[3]) < BELOW
    page = f"{''.join(PARAGRAPHS[:3])}<h1>{HEADLINE}</h1>{PARAGRAPHS[3]}"
    assert texts(composed(page, title)) == STORY
    page = f"{PARAGRAPHS[0]}<p>{HEADLINE}</p>{''.join(PARAGRAPHS[1:])}"  # it is no heading
    assert texts(composed(page, title)) == STORY


# -- labels, lines at the edges ----------------------------------------------------
def test_a_label_heads_the_links_behind_it() -> None:
    links = ["Ferry fares rise again in the spring", "Who pays for the harbour?"]
    box = "".join(f"<p><a href=/{n}>{link}</a></p>" for n, link in enumerate(links))
    done = composed(within(f"<p>Read also:</p>{box}"))
    assert texts(done) == STORY
    assert {why(done)[link][0] for link in links} == {"related_links"}
    # without a label they are the story's
    assert texts(composed(within(box))) == [*STORY[:2], *links, *STORY[2:]]


def test_a_label_heads_its_box() -> None:
    done = composed(within(f"<div><h3>Read also</h3><p>{LINE}</p></div>"))
    assert texts(done) == STORY
    assert why(done)[LINE][0] == "related_links"
    assert LINE in texts(composed(within(f"<h3>Read also</h3><p>{LINE}</p>")))


def test_a_byline_between_lead_and_story_is_dropped() -> None:
    author, line = "<meta name=author content='Jane Brookfield'>", "Jane Brookfield in Thornwick"
    byline = f"<p>{line}</p>"
    done = composed(f"{PARAGRAPHS[0]}{byline}{''.join(PARAGRAPHS[1:])}", author)
    assert texts(done) == STORY
    assert why(done)[line] == ("byline", "furniture.author")
    assert line in texts(composed(within(byline), author))  # the story has begun


def test_known_lines_behind_the_story_are_dropped() -> None:
    line = "Published on 4 March 2019"
    assert texts(composed(f"{''.join(PARAGRAPHS)}<p>{line}</p>")) == STORY


def test_a_paragraph_is_said_once() -> None:
    done = composed(within(PARAGRAPHS[0]))
    assert texts(done) == STORY
    assert why(done)[STORY[0]] == ("duplicate", "compose.repeat")
    assert texts(composed(within(f"<p>{LINE}</p><p>{LINE}</p>"))).count(LINE) == 2


@pytest.mark.parametrize(("count", "kept"), [(1, 0), (2, 0), (3, 3)])
def test_headings_at_the_end_head_nothing(count: int, kept: int) -> None:
    headings = "".join(f"<h2>Chapter {'I' * (n + 1)}</h2>" for n in range(count))
    done = composed(f"{''.join(PARAGRAPHS)}{headings}")
    assert len(texts(done)) == len(STORY) + kept


def test_a_caption_that_was_chosen_is_dropped() -> None:
    done = composed(within(f"<figure><img src=a.jpg><figcaption>{LINE}</figcaption></figure>"))
    assert texts(done) == STORY
    assert done.captions == [LINE]
    pictured = within(f"<div><img src=a.jpg><p>{LINE}</p></div>")
    assert texts(composed(pictured, scores={LINE: 0.6})) == STORY
    assert LINE in texts(composed(pictured))


def test_the_standfirst_is_taken_in_whatever_its_score() -> None:
    said = f"{LINE}, and he counts them every evening before the lamp is lit on the pier"
    page = f"<h1>{HEADLINE}</h1><p class=standfirst>{said}</p>{''.join(PARAGRAPHS)}"
    done = composed(page, f"<title>{HEADLINE}</title>", drop=[said])
    assert texts(done) == [said, *STORY]
    assert (done.standfirst, done.blocks[0].kind) == (said, "standfirst")


def test_a_standfirst_is_known_by_a_description_that_a_correction_left_behind() -> None:
    said = f"{LINE}, and he counts them every evening before the lamp is lit on the pier"
    meta = f'<title>{HEADLINE}</title><meta name=description content="{said}">'
    for now, found in (
        (said.replace("evening", "morning"), True),
        (said.replace("counts them every evening", "never saw one of those"), False),
    ):
        page = f"<h1>{HEADLINE}</h1><p>{now}</p>{''.join(PARAGRAPHS)}"
        assert composed(page, meta).standfirst == (now if found else "")


# -- the language ---------------------------------------------------------------
def test_the_phrases_are_those_of_the_language_that_the_story_speaks() -> None:
    german = (
        "Der Rat der Stadt hat sich am Montag getroffen, und die Brücke ist für eine Woche nicht"
        " mehr auf. Das ist es, was der Bürgermeister den Leuten im Saal mit auf den Weg gab."
    )
    known = {start: spoken(start, german) for start in ("", "<html lang=en>", "<html lang=cs>")}
    assert {done.language for done in known.values()} == {"de"}
    assert {why(done)["Newsletter"][1] for done in known.values()} == {"compose.outside"}
    czech = "<html lang=cs>"
    assert spoken(czech, "Most.").language == "cs"
    assert why(spoken(czech, "Most."))["Newsletter"][1] == "newsletter.cs.subscribe"
