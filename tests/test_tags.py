"""What tags say and do, as the tree writes them; how text is shown."""

from __future__ import annotations

import pytest

from scraper.clean import tags
from scraper.clean.tags import CLASS, INLINE, PASSED, SKIPPED, VOID, learn, passed, squeezed, value
from scraper.model import Kind


@pytest.mark.parametrize(
    ("start", "classes"),
    [
        ("div", ""),
        ('div class="Story main"', "Story main"),
        ('div id="top"', "top"),
        ('div class="a" id="b"', "a b"),
        ('div id="b" class="a"', "a b"),
        ('div class="" id="b"', "b"),
        ('div class="a" id=""', "a"),
        ('div data-class="no" data-id="no"', ""),
        ('div title="class=no" class="a&amp;b"', "a&b"),
        ('div class="[&amp;>p]:mt-1" title="x"', "[&>p]:mt-1"),
        ('div wp-image-37"="" class="a"', "a"),
    ],
)
def test_classes(start: str, classes: str) -> None:
    tag = learn(start)
    assert (tag.name, tag.classes) == ("div", classes)


@pytest.mark.parametrize(
    ("attributes", "hidden"),
    [
        ('hidden=""', True),
        ('class="a" hidden="until-found"', True),
        ('aria-hidden="true"', True),
        ('id="a" aria-hidden="false"', False),
        ('style="color: red; display:none"', True),
        ('class="a" style="visibility : hidden"', True),
        ('style="display: block"', False),
        ('data-hidden="" title="hidden"', False),
        ('class="hidden"', False),  # what a class means is the scorer's business
    ],
)
def test_hidden(attributes: str, hidden: bool) -> None:
    assert learn(f"div {attributes}").hidden is hidden


def test_role_and_property() -> None:
    tag = learn('section class="a" role="main" itemprop="articleBody"')
    assert (tag.role, tag.itemprop, tag.classes) == ("main", "articleBody", "a")
    assert (learn('p class="a"').role, learn('p class="a"').itemprop) == ("", "")


@pytest.mark.parametrize(
    ("start", "does"),
    [
        ("/p", tags.CLOSE),
        ("/br-x", tags.CLOSE),
        ("!-- a --", tags.NOTHING),
        ("?xml", tags.NOTHING),
        ("", tags.NOTHING),
        ("br", tags.BREAK),
        ('br class="x"', tags.BREAK),
        ('img src="x"', tags.IMAGE),
        ("hr", tags.RULE),
        ('input type="text"', tags.NOTHING),
        ('svg class="x"', tags.SKIP),
        ("span", tags.INNER),
        ('span class="caption-text"', tags.INNER),
        ('span class="Photo_Author"', tags.OUTER),
        ('em class="a" id="image-source"', tags.OUTER),
        ('a class="credit"', tags.ANCHOR),
        ('amp-img src="x"', tags.PICTURE),
        ("pre", tags.PRE),
        ("div", tags.OUTER),
        ("my-element", tags.OUTER),
    ],
)
def test_what_a_tag_does(start: str, does: int) -> None:
    assert learn(start).does == does


def test_no_name_has_two_meanings() -> None:
    assert not VOID & SKIPPED
    assert not INLINE & (VOID | SKIPPED)
    assert not set(tags.KINDS) & (INLINE | VOID | SKIPPED)


def test_kinds() -> None:
    found = [(learn(f'{n} class="x"').kind, learn(n).level) for n in ("h1", "h6", "li", "p", "pre")]
    assert found == [
        (Kind.HEADING, 1),
        (Kind.HEADING, 6),
        (Kind.LIST_ITEM, 0),
        (None, 0),
        (Kind.CODE, 0),
    ]


def test_value() -> None:
    assert value('a href="/x?a=1&amp;b=2" class="c"', CLASS) == "c"
    assert value('a href="/x?a=1&amp;b=2"', ' href="') == "/x?a=1&b=2"
    assert value('a data-href="/x"', ' href="') == ""


@pytest.mark.parametrize(
    ("source", "start", "text", "left"),
    [
        ('p title="<b>">one<i>', 'p title="<b>"', "one", "i>"),
        ('p a="1" b="<" c=">">one<i>', 'p a="1" b="<" c=">"', "one", "i>"),
        ('p x"="" b="<<<<>"><i>', 'p x"="" b="<<<<>"', "", "i>"),
        ("div<p>one<i>", "div<p", "one", "i>"),
        ("!-- a<b> --c --><i>", "!-- a<b> --c --", "", "i>"),
        ('!-- "> -->one<i>', '!-- "> --', "one", "i>"),
    ],
)
def test_whole(source: str, start: str, text: str, left: str) -> None:
    pieces = ["before>", *source.split("<")]
    assert tags.whole(pieces, 1) == (start, text, f"{start}>{text}")
    assert [piece for piece in pieces[2:] if piece != PASSED] == [left]


def test_a_tag_without_an_end_hides_nothing() -> None:
    pieces = ['p title="a>one', "b>two"]
    assert tags.whole(pieces, 0) == ('p title="a', "one", 'p title="a>one')
    assert pieces[1] == "b>two"


@pytest.mark.parametrize(
    ("source", "piece", "text"),
    [
        ("g>no</g></svg>one<p>", "/svg>one", "one"),
        ("svg><svg class='x'></svg></svg></svg> \n<p>", "/svg> \n", ""),
        ("svgx></svgx></svg>&nbsp;<p>", "/svg>&nbsp;", ""),
        ("!-- <svg> --></svg>one<p>", "/svg>one", "one"),
        ("g>no", "/svg>", ""),
    ],
)
def test_passed(source: str, piece: str, text: str) -> None:
    rest = iter(source.split("<"))
    assert passed(rest, "svg") == (piece, text)
    assert list(rest) == (["p>"] if "<p>" in source else [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" a\n\tb  c ", "a b c"),
        ("a  b", "a b"),
        ("é\n b  c", "é b c"),
        ("a\xa0\xa0b\u2009c\u3000\u3000d", "a\xa0\xa0b\u2009c\u3000\u3000d"),
        ("in\xadter\u2060nal\ufeff", "internal"),
        ("a\u200bb \u2028 c\x85d", "a b c d"),
        ("&nbsp;a&nbsp;b&nbsp;", "a\xa0b"),
        ("&amp;nbsp; &amp;lt; &lt;&gt; R&amp;D", "&nbsp; &lt; <> R&D"),
        ("a\u200db \U0001f600", "a\u200db \U0001f600"),
    ],
)
def test_squeezed(text: str, shown: str) -> None:
    assert squeezed(text, 0) == shown


def test_squeezed_keeps_the_lines_of_code() -> None:
    assert squeezed("\n  a &amp;&amp; b\n\n\tc  d \n", 1) == "  a && b\n\n\tc  d"


def test_the_id_of_a_heading_is_no_class_word() -> None:
    assert tags.learn('h2 class="title" id="what-is-social-media"').classes == "title"
    assert tags.learn('div class="title" id="social-media"').classes == "title social-media"
