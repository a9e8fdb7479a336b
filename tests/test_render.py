from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # rich brings it
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper import render
from scraper.model import Article, Block, Cut, Kind, Reason, Verdict

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INLINE = [k for k in Kind if k not in (Kind.TABLE, Kind.CODE)]

HOSTILE = (
    """
# # a|## a|#|a #|a ##|####### a|#a|C#|- a|-|--|---|- - -|+ a|+|* a|***|_ _ _|===|=|> a|>|1. a|1) a
2024. A year|007) a|1234567890. a|1.5 million|-5 °C|~~~|```|``|a ~~b~~ c|~|**a**|*a*|__a__
snake_case|`a`|[a](b)|![a](b)|[a]: b|[^1]|<b>|<!-- a|</p>|<https://example.org>|&amp;|&#60;b&#62;|&lt|AT&T|&copy;
\\|\\\\|a\\|\\*a\\*|\\&amp;|a  b|"a" 'b'|é — “x”|: a|$a$|{a}|@a|https://a_b.example/c_d|١. a
<a|--- a
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

MARKUP = st.text(alphabet="\\`*_[]<>#+-=~&;:!().()1290 ab\"'^$/{}é", min_size=1, max_size=16)
LINES = MARKUP.map(lambda s: " ".join(s.split())).filter(bool)


def article(*blocks: Block, headline: str = "", **rest: Any) -> Article:
    empty: dict[str, Any] = {"url": "", "canonical_url": None, "site": "", "standfirst": ""}
    return Article(headline=headline, blocks=blocks, **empty | rest)


def elements(source: str) -> list[LexborNode]:
    body = LexborHTMLParser(source).body
    assert body is not None
    return [node for node in body.traverse(include_text=True) if node.tag != "body"]


def read(source: str) -> list[tuple[str, str]]:
    """The text of each innermost element of CommonMark, with the path that leads to it."""
    found = []
    for node in elements(COMMONMARK.render(source)):
        if node.tag == "-text" and (words := node.text(deep=False)).strip():
            path, at = "", node.parent
            while at is not None and at.tag != "body":
                path, at = f"{at.tag}/{path}", at.parent
            found.append((path.rstrip("/"), words))
    return found


SEEN_AS = {
    Kind.STANDFIRST: "p/strong",
    Kind.HEADING: "h3",
    Kind.LIST_ITEM: "ul/li",
    Kind.QUOTE: "blockquote/p",
}


@pytest.mark.parametrize("kind", INLINE)
def test_hostile_text_comes_out_of_markdown_as_it_went_in(kind: Kind) -> None:
    for words in HOSTILE:
        source = render.markdown(article(Block(kind, words, level=3), Block(Kind.PARAGRAPH, "z")))
        expected = [(SEEN_AS.get(kind, "p"), words), ("p", "z")]
        assert read(source) == expected, source


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.sampled_from(INLINE), LINES), max_size=4), LINES)
def test_any_line_comes_out_of_markdown_as_it_went_in(
    blocks: list[tuple[Kind, str]], headline: str
) -> None:
    source = render.markdown(article(*(Block(k, t, 3) for k, t in blocks), headline=headline))
    expected = [("h1", headline), *((SEEN_AS.get(k, "p"), t) for k, t in blocks)]
    assert read(source) == expected, source


def test_plain_text_stays_readable_in_markdown() -> None:
    for words in ("A. B: c; d, e! (f) 1.5 — 3 % of AT&T's C# #tag -5 +3 = {x} @y", "2024: 3. a"):
        assert render.markdown(article(Block(Kind.PARAGRAPH, words))) == words


def test_markdown() -> None:
    blocks = (
        Block(Kind.STANDFIRST, "It was late."),
        Block(Kind.PARAGRAPH, "They *all* said:"),
        Block(Kind.LIST_ITEM, "one"),
        Block(Kind.LIST_ITEM, "- two"),
        Block(Kind.HEADING, "Then", level=1),
        Block(Kind.HEADING, "Now", level=9),
        Block(Kind.QUOTE, "No."),
        Block(Kind.LIST_ITEM, "three"),
    )
    assert render.markdown(article(*blocks, headline="The 1st")) == (
        "# The 1st\n\n**It was late.**\n\nThey \\*all\\* said:\n\n- one\n- \\- two\n\n## Then\n\n"
        "###### Now\n\n> No.\n\n- three"
    )
    assert render.markdown(article()) == ""
    assert render.markdown(article(blocks[2])) == "- one"


@pytest.mark.parametrize(
    "code",
    [
        "a = 1",
        "if a:\n    *b*\n\n\tc",
        "```",
        "a\n````\nb",
        "`",
        "~~~",
        "# a",
        "<b>&amp;</b>",
        "\\",
    ],
)
def test_a_fence_holds_any_code(code: str) -> None:
    source = render.markdown(article(Block(Kind.CODE, code), Block(Kind.PARAGRAPH, "z")))
    assert read(source) == [("pre/code", f"{code}\n"), ("p", "z")]


@pytest.mark.parametrize("cell", ["a|b", "|", "\\", "a\\|b", "---", ":-:", "- a", "**a**", "<td>"])
def test_a_table_holds_any_cell(cell: str) -> None:
    table = Block(Kind.TABLE, f"Name\t{cell}\n{cell}\t1\tx\nlast")
    found = read(render.markdown(article(table, Block(Kind.PARAGRAPH, "z"))))
    row, head = "table/tbody/tr/td", "table/thead/tr/th"
    rows = [(head, "Name"), (head, cell), (row, cell), (row, "1"), (row, "x"), (row, "last")]
    assert found == [*rows, ("p", "z")]


def test_a_table_has_rows_of_one_width() -> None:
    assert render.markdown(article(Block(Kind.TABLE, "a\tb\nc\nd\te\tf"))) == (
        "| a | b |  |\n| --- | --- | --- |\n| c |  |  |\n| d | e | f |"
    )


# -- HTML ------------------------------------------------------------------------
ATTACKS = [
    "<script>alert(1)</script>",
    "</p></article><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' style='x",
    "<!-- a",
    "]]>",
    "&lt;b&gt;",
    "<b | <i>",
    "</pre></td>",
]
ALLOWED = set("article h1 h2 h3 h4 h5 h6 p ul li blockquote pre table tr td tbody".split())


@pytest.mark.parametrize("words", ATTACKS)
def test_html_takes_no_tag_and_no_attribute_from_text(words: str) -> None:
    blocks = [Block(kind, words, level=2) for kind in Kind]
    source = render.page(article(*blocks, headline=words))
    attributes = [a for n in elements(source) for a in n.attributes.items() if n.tag != "-text"]
    assert {n.tag for n in elements(source)} <= {*ALLOWED, "-text"}
    assert attributes == [("class", "standfirst")]
    joined = "".join(n.text(deep=False) for n in elements(source) if n.tag == "-text")
    assert bare(joined) == bare(words) * (1 + len(blocks))


def bare(words: str) -> str:
    return re.sub(r"[\s|]", "", words)  # Markdown parts a table's cells with bars


def test_html() -> None:
    blocks = (
        Block(Kind.STANDFIRST, "It was late."),
        Block(Kind.LIST_ITEM, "one"),
        Block(Kind.LIST_ITEM, "two"),
        Block(Kind.TABLE, "a\tb\nc"),
        Block(Kind.HEADING, "Then", level=1),
        Block(Kind.HEADING, "Now", level=9),
        Block(Kind.CODE, "if a:\n  b"),
        Block(Kind.QUOTE, "No."),
        Block(Kind.CAPTION, "A boat"),
        Block(Kind.LIST_ITEM, "three"),
    )
    assert render.page(article(*blocks, headline="A & B")).split("\n") == [
        "<article>",
        "<h1>A &amp; B</h1>",
        '<p class="standfirst">It was late.</p>',
        "<ul>",
        "<li>one</li>",
        "<li>two</li>",
        "</ul>",
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
        "<h2>Then</h2>",
        "<h6>Now</h6>",
        "<pre>if a:",
        "  b</pre>",
        "<blockquote>No.</blockquote>",
        "<p>A boat</p>",
        "<ul>",
        "<li>three</li>",
        "</ul>",
        "</article>",
    ]


# -- text, JSON, terminals ---------------------------------------------------------
def test_printable_strips_what_steers_a_terminal_and_no_more() -> None:
    every = "".join(map(chr, range(0x3000)))
    steers = {c for c in every if unicodedata.category(c) == "Cc" and c not in "\t\n"} | set(BIDI)
    assert render.printable(every) == "".join(c for c in every if c not in steers)
    assert render.printable("a\x1b[31mb\x9b2Jc\r\x07d") == "a[31mb2Jcd"


@pytest.mark.parametrize("function", [render.text, render.markdown, render.page])
def test_nothing_that_steers_a_terminal_is_rendered(function: Any) -> None:
    bad = f"a\x1b]0;x\x07\x9b\x00\r{BIDI}b"
    blocks = [Block(kind, bad, level=2) for kind in Kind]
    found = function(article(*blocks, headline=bad))
    assert not re.search(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{BIDI}]", found)
    assert found.count("b") >= len(blocks)


def test_text() -> None:
    blocks = (Block(Kind.STANDFIRST, "a"), Block(Kind.PARAGRAPH, "b & <c>"))
    assert render.text(article(*blocks, headline="H")) == "H\n\na\n\nb & <c>"
    assert render.text(article(*blocks)) == "a\n\nb & <c>"
    assert render.text(article(headline="H")) == "H"
    assert render.text(article()) == ""


def test_record_is_plain_json() -> None:
    when = datetime(2024, 3, 5, 10, 11, 12, tzinfo=timezone(timedelta(hours=2)))
    cut = Cut(Reason.SHARE_BAR, "share.en.x", "Share", "body/div", 3)
    found = render.record(
        article(
            Block(Kind.STANDFIRST, "Où ?"), Block(Kind.PARAGRAPH, "b", links=("/x",)),
            headline="H", published=when, verdict=Verdict.ARTICLE, cuts=(cut,),
            authors=("Ann",), sources={"headline": "og"},
        )
    )  # fmt: skip
    assert found["body"] == "Où ?\n\nb"
    assert list(found)[:3] == ["headline", "standfirst", "body"]
    again = json.loads(render.as_json(found))
    assert again["published"] == "2024-03-05T10:11:12+02:00"
    assert again["modified"] is None
    assert again["verdict"] == "article"
    assert again["blocks"][1] == {
        "kind": "paragraph", "text": "b", "level": 0, "path": "", "score": 1.0, "links": ["/x"]
    }  # fmt: skip
    assert again["cuts"][0]["reason"] == "share_bar"
    assert again["sources"] == {"headline": "og"}
    assert "Où" in render.as_json([found])
