"""Data tables become a block each; layout tables stay what they hold."""

from __future__ import annotations

import pytest

from scraper.clean import dom, tables
from scraper.model import Kind

ROWS = "<tr><th>Town</th><th>Votes</th></tr><tr><td>Ayr</td><td>12</td></tr>"
DATA = f"<table>{ROWS}</table>"
LINES = "Town\tVotes\nAyr\t12"


def merged(body: str) -> tuple[list[dom.RawBlock], list[dom.Element]]:
    walk = dom.walk(dom.parse(f"<body>{body}"))
    return tables.whole(walk.found, walk.elements), walk.elements


def texts(body: str) -> list[str]:
    return [block.text for block in merged(body)[0]]


def test_a_line_a_row_and_a_tab_between_cells() -> None:
    found, elements = merged(f"<p>one</p>{DATA}<p>two</p>")
    assert [b.text for b in found] == ["one", LINES, "two"]
    assert [b.kind for b in found] == [Kind.PARAGRAPH, Kind.TABLE, Kind.PARAGRAPH]
    assert found[1].element is next(e for e in elements if e.tag == "table")


def test_positions_and_ranges_follow() -> None:
    found, elements = merged(f"<p>one</p><div>{DATA}<p>two</p></div>{DATA}<p>three</p>")
    assert [b.position for b in found] == [0, 1, 2, 3, 4]
    ranges = {e.tag: (e.start, e.end) for e in elements if e.tag in ("body", "div", "table")}
    assert ranges == {"body": (0, 5), "div": (1, 3), "table": (3, 4)}
    for e in elements:
        assert e.parent is None or e.start == e.end or e.parent.start <= e.start < e.end
        assert e.parent is None or e.end <= e.parent.end


def test_what_the_cells_held_is_counted() -> None:
    found, _ = merged(
        "<table><tr><td><img>a<td><a href=/b>bc</a><tr><td>d<td>e <a href=/f>f</a></table>"
    )
    assert [(b.text, b.link_chars, b.links, b.images) for b in found] == [
        ("a\tbc\nd\te f", 3, ("/b", "/f"), 1)
    ]


def test_a_caption_stays_apart_wherever_it_stands() -> None:
    found, _ = merged(f"<table><caption>Results</caption>{ROWS}</table>")
    assert [(b.text, b.kind) for b in found] == [("Results", Kind.CAPTION), (LINES, Kind.TABLE)]
    found, _ = merged(f"<table>{ROWS}<tr><td><figcaption>Map</figcaption></table><p>two")
    assert [(b.text, b.position) for b in found] == [(LINES, 0), ("Map", 1), ("two", 2)]


def test_a_cell_of_some_lines_is_one() -> None:
    assert texts("<table><tr><td>a<br>b<td>c<tr><td>d<td>e<tr><td>f<td>g</table>") == [
        "a b\tc\nd\te\nf\tg"
    ]


@pytest.mark.parametrize(
    "body",
    [
        f"<table><tr><td>menu<td>{DATA}<tr><td>x<td>y</table>",
        f"<div><table><tr><td><div>{DATA}</div></table></div>",
    ],
)
def test_only_a_table_without_tables_in_it_can_be_data(body: str) -> None:
    kinds = [b.kind for b in merged(body)[0]]
    assert kinds.count(Kind.TABLE) == 1
    assert LINES in texts(body)


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td>a<td>b<td>c<td>d</table>",  # one row
        "<table><tr><td>a<tr><td>b<tr><td>c<tr><td>d</table>",  # one column
        "<table><tr><td>a<td>b<tr><td>c</table>",  # three cells
        f"<table><tr><td>a<td>{'b' * 401}<tr><td>c<td>d</table>",  # a story in a cell
        "<table><tr><td><p>a<p>b<p>c<td>d<tr><td><p>e<p>f<p>g<td>h</table>",  # cells of many blocks
        "<table><tr><td><pre>1\n2</pre><td><pre>a\nb</pre><tr><td>c<td>d</table>",  # a listing
        "<table><caption>a</caption></table><p>b<p>c<p>d",
    ],
)
def test_a_layout_stays(table: str) -> None:
    walk = dom.walk(dom.parse(f"<body>{table}"))
    ranges = [(e.start, e.end) for e in walk.elements]
    assert tables.whole(walk.found, walk.elements) is walk.found
    assert [(e.start, e.end) for e in walk.elements] == ranges
    assert all(b.kind is not Kind.TABLE for b in walk.found)
