"""Features: what each column says of a block, against pages small enough to count by hand."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.clean import dom, features, titled
from scraper.clean.furniture import key
from scraper.clean.metadata import Metadata
from scraper.clean.nest import BITS, TAG_NUMBER, TAGS, Nest, bit_columns
from scraper.clean.words import GROUPS, groups

NAMES = features.names()
LONG = "The old bridge over the river Ouse was closed to all heavy traffic on Monday, police said. "
PAGE = f"""<body>
<div class="nav"><ul><li><a href=/a>Home</a></li><li><a href=/b>News</a></li></ul></div>
<div class="story"><h1>Bridge closed</h1><p>{LONG}</p><p>Its <b>cables</b> rust.</p><p>{LONG}</p>
<div class="related"><p><a href=/c>Read more about the bridge</a></p></div><p>{LONG * 2}</p></div>
<p hidden>{LONG}</p><footer>Imprint</footer></body>"""
HOME, NEWS, HEADLINE, FIRST, RUST, SECOND, MORE, LAST, UNSEEN, FOOTER = range(10)


def walked(page: str) -> dom.Walk:
    return dom.walk(dom.parse(page))


def table(page: str = PAGE, meta: Metadata | None = None) -> dict[str, npt.NDArray[np.float32]]:
    """The columns of a page by name."""
    walk = walked(page)
    found = features.matrix(walk.found, walk.elements, meta or Metadata())
    assert found.shape == (len(walk.found), len(NAMES))
    assert found.dtype == np.float32
    # of two columns of one name, a group's and a tag's, the group's
    return dict(reversed(list(zip(NAMES, found.T, strict=True))))


def test_names_are_one_a_column() -> None:
    twice = set(GROUPS) & set(TAGS)
    assert len(NAMES) - len(set(NAMES)) == 2 * len(twice)
    assert NAMES[0] == "size"
    assert NAMES[-1] == f"around_{BITS[-1]}"


def test_the_columns_are_contiguous() -> None:
    walk = walked(PAGE)
    assert features.matrix(walk.found, walk.elements, Metadata()).T.flags.c_contiguous


def test_text() -> None:
    found = table()
    assert found["size"][HOME] == 4
    assert found["words"][HEADLINE] == 2
    assert found["capitals"][HEADLINE] == pytest.approx(1 / 12)
    assert found["links"][[HOME, FIRST]].tolist() == [1, 0]
    assert found["anchors"][[HOME, FIRST]].tolist() == [1, 0]
    assert found["commas"][FIRST] == 1
    assert found["stops"][LAST] == 2
    assert table("<p>Read on …</p><p>Read on</p>")["trails"].tolist() == [1, 0]


def test_a_cjk_character_says_as_much_as_three_letters() -> None:
    found = table("<p>大橋封閉</p>")
    assert found["size"].tolist() == [12]
    assert found["page_cjk"].tolist() == [1]
    assert table()["page_cjk"][0] == 0


def test_form() -> None:
    found = table(PAGE.replace("<p>Its", "<img src=x.jpg><p>Its"))
    assert np.flatnonzero(found["hidden"]).tolist() == [UNSEEN]
    assert np.flatnonzero(found["level"]).tolist() == [HEADLINE]
    assert np.flatnonzero(found["images"]).tolist() == [RUST]
    assert found["above_images"][[HOME, FIRST]].tolist() == [0, 1]
    # the text around <b> makes its paragraph the owner
    assert found["tag"][RUST] == found["home_tag"][RUST] == TAG_NUMBER["p"]
    assert found["above_tag"][FOOTER] == 0  # of body nothing is told
    assert found["depth"][MORE] == found["depth"][FIRST] + 1


def test_a_block_in_an_inline_element_has_its_home_outside() -> None:
    found = table("<div><p><span><b>All bold</b></span></p></div>")
    assert found["tag"].tolist() == [TAG_NUMBER["b"]]
    assert found["home_tag"].tolist() == [TAG_NUMBER["p"]]
    assert found["above_tag"].tolist() == [TAG_NUMBER["div"]]


def test_containers() -> None:
    found = table()
    sizes = found["size"]
    story = sizes[HEADLINE : LAST + 1].sum()
    assert found["home_share"][FIRST] == pytest.approx(sizes[FIRST] / sizes.sum())
    assert found["up1_share"][FIRST] == pytest.approx(story / sizes.sum())
    assert found["up1_blocks"][[HOME, FIRST, MORE]].tolist() == [2, 6, 1]
    assert found["up1_told"][FIRST] == 3
    assert found["up1_links"][MORE] == 1
    assert found["up2_links"][MORE] == pytest.approx(sizes[MORE] / story)
    assert found["up1_headings"][FIRST] == 1
    assert found["up1_part"][FIRST] == pytest.approx(sizes[FIRST] / story)
    assert found["up1_place"][SECOND] == pytest.approx(3 / 6)
    assert found["up1_mean"][FIRST] == pytest.approx(story / 6)
    assert found["home_alike"][HOME] == 2  # <li>
    assert found["page_told"][0] == 4
    told = found["home_told_share"][[FIRST, SECOND, LAST]]
    assert told.sum() == pytest.approx(1)  # what is hidden tells nothing
    assert found["home_told_share"][UNSEEN] == 0


def test_twins() -> None:
    found = table()
    assert found["sibling_many"][[HOME, FIRST, MORE]].tolist() == [2, 5, 1]
    assert found["cousin_many"][HOME] == 2
    assert found["shape_many"][FIRST] == 4
    assert found["sibling_gap"][FIRST] == pytest.approx((LAST - HEADLINE) / 4)
    assert found["shape_gap"][FIRST] == pytest.approx((LAST - FIRST) / 3)
    assert found["sibling_stopped"][FIRST] == pytest.approx(4 / 5)
    assert found["shape_mean"][FIRST] == pytest.approx(found["size"][[3, 4, 5, 7]].mean())
    assert found["shape_links"][MORE] == 1


def test_story() -> None:
    found = table()
    inside = list(range(HEADLINE, LAST + 1))
    assert np.flatnonzero(found["in_top"]).tolist() == inside
    assert found["up1_score"][FIRST] == 1
    assert found["from_top"][FIRST] == pytest.approx(1 / 10)
    assert found["to_end"][LAST] == pytest.approx(1 / 10)
    assert np.flatnonzero(found["core0.9"]).tolist() == inside
    assert np.flatnonzero(found["core0.5"]).tolist() == [LAST]
    assert found["core0.9_place"][[HOME, HEADLINE]].tolist() == [-1, 0]


def test_headline() -> None:
    meta = Metadata(headline="“Bridge Closed”", description=f"News: {LONG}", text=LONG * 3)
    found = table(meta=meta)
    assert np.flatnonzero(found["headline"]).tolist() == [HEADLINE]
    assert np.flatnonzero(found["h1"]).tolist() == [HEADLINE]
    assert found["below"].tolist() == list(range(-2, 8))
    assert found["size_below"][FIRST] == len("Bridge closed")
    assert found["headline_words"][HEADLINE] == 1
    assert found["headline_words"][FIRST] == pytest.approx(2 / 17)
    assert np.flatnonzero(found["described"]).tolist() == [FIRST, SECOND, UNSEEN]
    assert np.flatnonzero(found["stated"]).tolist() == [FIRST, SECOND, LAST, UNSEEN]
    assert found["repeated"][[HOME, FIRST]].tolist() == [1, 3]


def test_of_two_headlines_the_last_before_most_of_the_text_counts() -> None:
    page = f"<p>A</p><p>Fog</p><p>B</p><h1>Fog</h1><p>{LONG}</p><p>{LONG}</p><p>Fog</p>"
    found = table(page, Metadata(headline="Fog"))
    assert found["below"].tolist() == [-3, -2, -1, 0, 1, 2, 3]


def test_without_a_headline_the_first_heading_stands_for_it() -> None:
    assert table()["below"][HEADLINE] == 0
    found = table("<p>A</p><p>B</p>")
    assert found["headline_known"].tolist() == found["below"].tolist() == [0, 0]
    assert found["stated"].tolist() == [-1, -1]


def test_neighbours() -> None:
    found = table()
    sizes = found["size"]
    assert found["size-2"].tolist() == sizes[[0, 0, 0, 1, 2, 3, 4, 5, 6, 7]].tolist()
    assert found["size+1"].tolist() == sizes[[1, 2, 3, 4, 5, 6, 7, 8, 9, 9]].tolist()
    assert found["heading-1"][FIRST] == 1
    assert found["same+1"][[FIRST, SECOND]].tolist() == [1, 0]
    assert found["told-1"][[RUST, FOOTER]].tolist() == [1, 0]
    assert found["told_before"][[HEADLINE, RUST, SECOND, FOOTER]].tolist() == [99, 1, 2, 2]
    assert found["told_after"][[HOME, RUST, MORE, LAST]].tolist() == [3, 1, 1, 99]
    assert found["same_before"][MORE] == 0
    assert found["told_around3"][MORE] == sizes[[FIRST, SECOND, LAST]].sum()
    assert found["told_size_above"][RUST] == sizes[FIRST]
    assert found["told_size_below"][SECOND] == sizes[LAST]


def test_meanings() -> None:
    found = table()
    assert np.flatnonzero(found["around_nav"]).tolist() == [HOME, NEWS]
    assert np.flatnonzero(found["near_related"]).tolist() == [MORE]
    assert np.flatnonzero(found["around_article"]).tolist() == list(range(HEADLINE, LAST + 1))
    assert found["near_footer"][FOOTER] == 1
    assert found["near_ul"][HOME] == found["around_ul"][HOME] == 1


def test_meanings_are_inherited_from_any_depth() -> None:
    page = "<div class=comments>" + "<div>" * 40 + "<p>I agree" + "</div>" * 40 + "</div><p>B"
    found = table(page)
    assert found["around_comment"].tolist() == [1, 0]
    assert found["near_comment"].tolist() == [0, 0]


def random_page(seed: int) -> str:
    """A page of boxes within boxes, some empty, some inline, some hidden."""
    rng = random.Random(seed)
    tags = ["div", "p", "span", "b", "ul", "li", "section", "a", "h2"]

    def box(depth: int) -> str:
        tag = rng.choice(tags)
        inner = "".join(box(depth + 1) for _ in range(rng.randrange(4))) if depth < 6 else ""
        text = rng.choice(["", "\xad", "Fog. ", LONG, "大橋封閉。", "A & B <br>"])
        hidden = rng.choice(["", "", "", " hidden"])
        return f"<{tag} class={rng.choice(['nav', 'story', 'x'])}{hidden}>{text}{inner}</{tag}>"

    return "<p>Begin" + "".join(box(0) for _ in range(5))


@pytest.mark.parametrize("seed", range(12))
def test_nest_against_walks_up_the_tree(seed: int) -> None:
    walk = walked(random_page(seed))
    nest = Nest(walk.elements, walk.found)
    held = [e for e in walk.elements if e.end > e.start]
    near, around = nest.near(), nest.around()
    for block, owner, home in zip(walk.found, nest.owner, nest.home, strict=True):
        assert held[owner] is block.element
        assert held[home] is block.element.home()
        assert held[nest.parent[home]] is (block.element.home().parent or held[0])
        above = groups([e.classes for e in block.element.ancestors()])
        words = (1 << len(GROUPS)) - 1
        assert int(near[owner]) & words == above[0] | (above[1] if len(above) > 1 else 0)
        assert int(around[owner]) & words == np.bitwise_or.reduce(above)
    found = table(random_page(seed))
    assert all(np.isfinite(column).all() for column in found.values())


def test_bit_columns_put_the_lowest_bit_first() -> None:
    found = bit_columns(np.array([1, 2 | 1 << len(BITS) - 1], dtype=np.uint64))
    assert found.shape == (len(BITS), 2)
    assert np.argwhere(found).tolist() == [[0, 0], [1, 1], [len(BITS) - 1, 1]]


@pytest.mark.parametrize("page", ["<p>A", "A", "<p hidden>A", "<h1>A</h1>", "<a href=x>A</a>"])
def test_a_page_of_one_block(page: str) -> None:
    found = table(page)
    assert all(np.isfinite(column).all() for column in found.values())
    assert found["size+2"].tolist() == found["size-2"].tolist() == [1]


TEXTS = st.text(st.sampled_from("ab. …\"'«»’  \xa0\t\nÉß½ﬁ大،`ـ\u200b-–A"), max_size=12)


@given(st.lists(TEXTS, max_size=6))
def test_keys_are_those_of_each_text(texts: list[str]) -> None:
    assert titled.keys(texts) == [key(text) for text in texts]


def test_a_nul_parts_no_texts() -> None:
    assert titled.keys(["A\0b", "É\0", "c"]) == ["a b", "é", "c"]
    found = table("<p>Fog</p><p>B</p>", Metadata(headline="Fog\0bank", description="\0"))
    assert found["headline_words"].tolist() == [1, 0]


@given(TEXTS, st.lists(TEXTS, max_size=6))
def test_shared_words(title: str, texts: list[str]) -> None:
    words = [key(text).split() for text in texts]
    wanted = set(key(title).split())
    plain = [len(wanted & set(own)) / max(len(own), 1) for own in words]
    assert titled.shared(key(title), [key(text) for text in texts]) == plain


def test_described_needs_more_than_twenty_characters() -> None:
    opening = "a" * 21
    assert titled.described(opening, [opening, opening[1:], opening + "b"]) == [True, False, True]
    assert titled.described("a" * 20, ["a" * 21]) == [False]


@given(st.text("ab ", max_size=90), st.lists(st.text("ab ", min_size=1, max_size=70), max_size=5))
def test_stated(body: str, texts: list[str]) -> None:
    assert titled.stated(body, texts) == [text[:60] in body for text in texts]
