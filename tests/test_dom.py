"""The walk: every text once, in reading order; links, images, breaks, ranges of elements."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.clean import dom
from scraper.clean.tags import RAW, SKIPPED
from scraper.model import Kind

INVISIBLE = re.compile("[\\s\xad\u200b\u2060\ufeff]+")


def walked(body: str) -> dom.Walk:
    return dom.walk(dom.parse(f"<!doctype html><body>{body}"))


def texts(body: str) -> list[str]:
    return [block.text for block in walked(body).found]


def only(body: str) -> dom.RawBlock:
    (block,) = walked(body).found
    return block


def element(walk: dom.Walk, name: str) -> dom.Element:
    return next(e for e in walk.elements if e.tag == name)


@pytest.mark.parametrize(
    "kept",
    [
        '<p title="a < b > c">text',
        '<p title="<p>" data-x="</p>">text',
        '<p title="a&quot;<b>" class="x">text',
        '<p wp-image-37"="">text',
        '<p wp-image-37"="" title="<>">text',
        "<p =x=y>text",
        "<div<p>text</div>",
        "<p><!-- no --><!-- <p>no</p> -->text<!-- a > b --->",
        "<p><!-- > <!-- no -->text<!---->",
        "<p><!-- a> <p>no</p> -->text",
        "<p>te<!-- between -->xt",
        "<svg><title>no</title><g><svg>no</svg></g><link></svg><p>text",
        "<p>te<button>no <b>no</b><!-- <button> --></button>xt",
        "<p>text<select><option>no<option>no</select>",
        "<p>text<button>no",
        "<template><p>no</p></template><noscript><p>no</p></noscript><p>text",
        "<script>'<p>no</p>'</script><style>p{}</style><iframe><p>no</iframe><p>text",
        "<xmp><p>no</p></xmp><p>text",
        "<div><p><b>text",
        "<div><a href='x'><span>text",
        "<p>text<bgsound><keygen><frame><wbr>",
        "<svg></svg>text",
        '<p>text<span style="display: none">no</span>',
        "<p>text<span hidden>no<b>no</b></span><i aria-hidden=true>no</i>",
        "<p>te<b>\xad</b>xt\u200b",
        "<textarea><p>no</p></textarea><p>text",
    ],
)
def test_only_what_is_shown_is_text(kept: str) -> None:
    assert texts(kept) == ["text"]


@pytest.mark.parametrize("cut", ["<", "<>", "a<b>c", "a>b<c", "<p><p><p><p><p>"])
def test_a_tree_that_leaves_angles_in_values_is_read_alike(cut: str) -> None:
    # as older releases of Lexbor write them
    source = f'<body><p title="{cut}" class="x">te<b id="{cut}">xt</b></p><p>more</p></body>'
    walk = dom.Walk()
    walk.read(source.split("<")[1:], walk.elements[0])
    assert [(b.text, b.element.classes) for b in walk.found] == [("text", "x"), ("more", "")]


def test_an_element_in_an_unknown_void_one_keeps_its_place() -> None:
    walk = walked("<div><bgsound><keygen><frame><basefont><p>one</p></div><p>two</p>")
    parents = [b.element.parent for b in walk.found]
    assert [parent.tag for parent in parents if parent] == ["div", "body"]


def test_entities_are_undone_once() -> None:
    assert texts("<p>&amp;lt;b&amp;gt; &lt;i&gt; &amp;amp;") == ["&lt;b&gt; <i> &amp;"]


def test_white_space_collapses_and_no_break_spaces_stay() -> None:
    assert texts("<p>  one\n\t two\xa0%&nbsp;\u3000three&nbsp;<p>a\xadb\u2060c \u200b d") == [
        "one two\xa0%\xa0\u3000three",
        "abc d",
    ]


def test_what_shows_nothing_is_no_block_and_part_of_none() -> None:
    walk = walked("<p>&nbsp;</p><p><b>&nbsp; \ufeff</b></p><p>&nbsp;<i>one</i>&nbsp;</p>")
    assert [(b.text, b.element.tag) for b in walk.found] == [("one", "i")]
    assert element(walk, "b").end == element(walk, "b").start


def test_breaks() -> None:
    walk = walked("<p>one<br>two<br><br>three<br>&nbsp;<br>four<hr>five<br></p><p>six")
    found = [(b.text, b.joined) for b in walk.found]
    assert found == [
        ("one", False),
        ("two", True),
        ("three", False),
        ("four", False),
        ("five", False),
        ("six", False),
    ]


def test_a_break_before_any_text_joins_nothing() -> None:
    assert [b.joined for b in walked("<p>one<p><br>two<div><br></div>three").found] == [False] * 3


def test_preformatted_text_keeps_its_lines() -> None:
    block = only("<pre>\n\n  if a:\n<b>    b</b>\n    <i>c</i> &amp; d<br>e\n</pre>")
    assert block.text == "  if a:\n    b\n    c & d\ne"
    assert block.kind is Kind.CODE
    assert texts("<pre>a\nb</pre>c\nd") == ["a\nb", "c d"]


def test_kinds_and_levels() -> None:
    walk = walked(
        "<h2><span>a</span></h2><ul><li>b<li><p>c</ul><blockquote><p>d</blockquote>"
        "<figure><figcaption>e</figcaption></figure><blockquote><article>f</article></blockquote>"
        "<h3>g<section>h</section></h3><dl><dt>i<dd>j</dl>"
    )
    assert [(b.text, b.kind, b.level) for b in walk.found] == [
        ("a", Kind.HEADING, 2),
        ("b", Kind.LIST_ITEM, 0),
        ("c", Kind.LIST_ITEM, 0),
        ("d", Kind.QUOTE, 0),
        ("e", Kind.CAPTION, 0),
        ("f", Kind.PARAGRAPH, 0),
        ("g", Kind.HEADING, 3),
        ("h", Kind.PARAGRAPH, 0),
        ("i", Kind.LIST_ITEM, 0),
        ("j", Kind.LIST_ITEM, 0),
    ]
    assert walk.found[0].element.level == 2
    assert walk.found[1].element.level == 0


def test_a_credit_stands_apart_from_its_line() -> None:
    assert texts("<p>A bridge <span class=photo-credit>Jane Doe</span> in fog") == [
        "A bridge",
        "Jane Doe",
        "in fog",
    ]


def test_links_and_their_characters() -> None:
    block = only(
        '<p>See <a class=x href="/a?b=1&amp;c=2">the  bridge</a> or <a href=/d><i> it </i></a>'
    )
    assert block.links == ("/a?b=1&c=2", "/d")
    assert block.link_chars == len("the  bridge") + len("it")
    assert only('<p><a name=x>href="no"> href="no"</a>').links == ()


def test_blocks_in_a_link_all_have_it() -> None:
    walk = walked("<a href=/a><h3>one</h3><p>two</p></a><p>three</p>")
    assert [(b.links, b.link_chars) for b in walk.found] == [(("/a",), 3), (("/a",), 3), ((), 0)]


def test_a_link_without_text_is_no_link_of_the_next_block() -> None:
    walk = walked("<div><a href=/a><img src=b></a></div><p>one <a href=/c>two</a></p><p>three")
    assert [b.links for b in walk.found] == [("/c",), ()]


def test_images_stand_before_a_block_and_count_four_levels_up() -> None:
    walk = walked(
        "<main><section><div><figure><a><img></a><amp-img></amp-img></figure></div>"
        "<p>one<img>two</p></section></main><p>three"
    )
    assert [b.images for b in walk.found] == [3, 0]
    images = {e.tag: e.images for e in walk.elements}
    assert images | {"a": 1, "figure": 2, "div": 2, "section": 3, "main": 2, "body": 1} == images


def test_an_amp_image_holds_what_follows_it_not() -> None:
    walk = walked("<p>one <amp-img src=x><span>two</span></amp-img> three</p>")
    assert [(b.text, b.element.tag) for b in walk.found] == [("one two three", "p")]


def test_links_of_one_class_share_their_tag() -> None:
    walk = walked("<a class=x href=1>a</a><a href=2 class=x>b</a><a href=3>c</a><p>d</p><p>e</p>")
    tags = [e.is_a for e in walk.elements if e.tag in ("a", "p")]
    assert [tags[0] is tag for tag in tags] == [True, True, False, False, False]
    assert tags[3] is tags[4]


def test_pages_share_tags_without_attributes_only() -> None:
    one, other = (walked('<p>a<p id=b class="c">d</p></p><svg/>') for _ in range(2))
    tags = [[e.is_a for e in walk.elements if e.tag == "p"] for walk in (one, other)]
    assert tags[0][0] is tags[1][0]
    assert tags[0][1] is not tags[1][1]
    assert one.tags is not other.tags and 'p id="b" class="c"' not in walked("<p>").tags


def test_what_elements_say() -> None:
    walk = walked('<div id=b class="A c" role=main itemprop=articleBody hidden><p>x</div><p>y')
    div = element(walk, "div")
    assert (div.classes, div.role, div.itemprop, div.hidden) == (
        "A c b",
        "main",
        "articleBody",
        True,
    )
    assert [b.element.hidden for b in walk.found] == [True, False]
    assert [e.tag for e in walk.found[0].element.ancestors()] == ["p", "div", "body", "html"]
    assert [e.index for e in walk.elements] == list(range(len(walk.elements)))


@pytest.mark.parametrize(
    "line",
    [
        "<b>a</b> b",
        "a <b>b</b>",
        "<b>a</b><i><u>b</u></i>",
        "a<b><i>b</i></b>",
        "<u>a</u>b<u>c</u>",
    ],
)
def test_a_block_is_the_innermost_element_around_all_of_it(line: str) -> None:
    assert only(f"<div><p>{line}</p></div>").element.tag == "p"


def test_home_is_no_inline_element() -> None:
    block = only("<div><p><b><i>x</i></b></p></div>")
    assert (block.element.tag, block.element.home().tag) == ("i", "p")


def test_an_empty_page_has_no_block() -> None:
    for page in ("", "<frameset><frame></frameset>", "<html></html>"):
        walk = dom.walk(dom.parse(page))
        assert walk.found == []
        assert all(e.start == e.end == 0 for e in walk.elements)


def test_a_comment_of_many_tags_is_one() -> None:
    assert texts(f"<p>one<!--{'<p>' * 5_000}--></p>two") == ["one", "two"]


NAMES = "div p b i a span ul li h2 blockquote pre td svg button section em".split()
TEXT = st.text(st.sampled_from("ab <>&\"'\n\xa0\xad\u200b\u3000é中-!"), max_size=12)


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    escaped = draw(TEXT).replace("&", "&amp;").replace("<", "&lt;")
    if not depth or draw(st.integers(0, 3)) == 0:
        return escaped + draw(
            st.sampled_from(["", "<br>", "<hr>", "<img src='<>'>", "<!-- <p> -->"])
        )
    inner = "".join(draw(st.lists(elements(depth - 1), max_size=4)))
    name = draw(st.sampled_from(NAMES))
    title = draw(TEXT).replace("&", "&amp;").replace('"', "&quot;")
    return f'<{name} title="{title}" class="c{len(title)}">{inner}</{name}>{escaped}'


@given(st.lists(elements(), max_size=5).map("".join))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_text_stands_in_one_block(body: str) -> None:
    tree = dom.parse(f"<body>{body}")
    found = dom.walk(tree).found
    tree.strip_tags([*RAW, *SKIPPED])
    assert tree.body is not None
    wanted = INVISIBLE.sub("", tree.body.text())
    assert INVISIBLE.sub("", "".join(block.text for block in found)) == wanted
    assert all(INVISIBLE.sub("", block.text) for block in found)


@given(st.lists(elements(), max_size=5).map("".join))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_the_blocks_of_an_element_are_contiguous(body: str) -> None:
    walk = dom.walk(dom.parse(f"<body>{body}"))
    assert [block.position for block in walk.found] == list(range(len(walk.found)))
    held: dict[dom.Element, list[int]] = {}
    for block in walk.found:
        for around in block.element.ancestors():
            held.setdefault(around, []).append(block.position)
    for one in walk.elements:
        assert 0 <= one.start <= one.end <= len(walk.found)
        if one.parent is not None and one.start < one.end:
            assert one.parent.start <= one.start
            assert one.end <= one.parent.end
        if one.home() is one:
            assert held.get(one, []) == list(range(one.start, one.end))
        else:  # an inline one stands in a part of its first and last block
            assert set(held.get(one, [])) <= set(range(one.start, one.end))


def test_two_brackets_in_a_row_are_no_fault() -> None:
    """Found by 100,000 made pages: the name of a tag may hold `<<`."""
    done = dom.Walk()
    done.read(["p>one", "", "b>two", "/b>", "/p>"], done.elements[0])
    done.flush()
    assert [block.text for block in done.found] == ["onetwo"]
