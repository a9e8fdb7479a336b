from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper.clean.jsonld import (
    MAX_LENGTH,
    MAX_NODES,
    SCRIPTS,
    creators,
    is_article,
    main_first,
    nodes,
    read,
    types,
    unfold,
)  # fmt: skip

A = {"@type": "NewsArticle", "headline": "A"}
DEEP = 10_000


def found(*scripts: str, kind: str = "application/ld+json") -> list[Any]:
    tags = "".join(f'<script type="{kind}">{script}</script>' for script in scripts)
    tree = LexborHTMLParser(f"<html><head>{tags}</head><body><p>x</p></body></html>")
    return nodes(node.text() for node in tree.css(SCRIPTS))


READABLE: list[Any] = [
    ('{"a": 1}', {"a": 1}),
    ('\n\t {"a": 1} \n', {"a": 1}),
    # trailing commas
    ('{"a": 1,}', {"a": 1}),
    ('{"a": [1, 2, ], "b": {"c": 3 ,\n} , }', {"a": [1, 2], "b": {"c": 3}}),
    ('[{"a": 1},\n]', [{"a": 1}]),
    # commas that stand in a string are text
    ('{"a": "b,}", "c": "d, ]"}', {"a": "b,}", "c": "d, ]"}),
    # raw line breaks and tabs in a string
    ('{"a": "b\n\tc"}', {"a": "b\n\tc"}),
    # what HTML and XHTML authors wrap scripts in
    ('<!-- {"a": 1} -->', {"a": 1}),
    ('<!--\n{"a": 1,}\n-->', {"a": 1}),
    ('<![CDATA[{"a": 1}]]>', {"a": 1}),
    ('//<![CDATA[\n{"a": 1}\n//]]>', {"a": 1}),
    ('<!-- //<![CDATA[\n{"a": 1}\n//]]> -->', {"a": 1}),
    ('{"a": "<!-- b -->"}', {"a": "<!-- b -->"}),
    # scalars
    ('"a"', "a"),
    ("3", 3),
    ("null", None),
]


MENDED = [
    pytest.param('{"a": 1}{"b": 2}', [{"a": 1}, {"b": 2}], id="two-objects"),
    pytest.param('{"a": 1},\n{"b": 2,};', [{"a": 1}, {"b": 2}], id="a-list-without-brackets"),
    pytest.param('{"a": 1} var x = 2', {"a": 1}, id="text-behind"),
    pytest.param('{"a": 1}{"b": ', {"a": 1}, id="the-second-cut-off"),
    pytest.param('/* a, "b" */ {"a": 1}', {"a": 1}, id="comment-before"),
    pytest.param('{"a": 1, // one\n}', {"a": 1}, id="comment-behind-a-comma"),
    pytest.param('{"a": "https://b/*c*/",}', {"a": "https://b/*c*/"}, id="no-comment-in-a-string"),
    pytest.param(r'{"a": "l\'été", "b": "\"\\\u00e9"}', {"a": "l'été", "b": '"\\é'}, id="escapes"),
    pytest.param("{&quot;a&quot;: &quot;b&quot;}", {"a": "b"}, id="entities"),
    pytest.param('{"a": 1, "a": 2}', {"a": 2}, id="key-twice"),
    pytest.param('{"a": "\\ud800b"}', {"a": "\ud800b"}, id="lone-surrogate"),
]
BROKEN_TODAY = [
    pytest.param('/*<![CDATA[*/{"a": 1}/*]]>*/', {"a": 1}, id="css-cdata"),
    pytest.param('<!--\n{"a": 1}\n//-->', {"a": 1}, id="slashed-comment"),
    pytest.param('{"a": 1};', {"a": 1}, id="semicolon"),
    pytest.param('\ufeff{"a": 1}', {"a": 1}, id="bom"),
    pytest.param('{"a": "b,}",}', {"a": "b,}"}, id="comma-lost-from-a-string"),
]


@pytest.mark.parametrize(("script", "value"), READABLE + BROKEN_TODAY + MENDED)
def test_read(script: str, value: Any) -> None:
    assert read(script) == value


@pytest.mark.parametrize(
    "script",
    [
        "",
        " ",
        "{",
        '{"a": }',
        "{'a': 1}",
        "alert(1)",
        "<!-- -->",
        "1" * 5000,
        "[" * DEEP + "]" * DEEP,
        '{"@graph":[' * DEEP + "]}" * DEEP,
        '{"a":' * DEEP + "1" + "}" * DEEP,
        "[" * DEEP,
    ],
    ids=lambda s: s[:12],
)
def test_what_cannot_be_read_is_nothing(script: str) -> None:
    assert read(script) is None
    assert found(script) == []


def test_a_script_too_long_is_not_read() -> None:
    fitting = f'{{"a": "{"x" * (MAX_LENGTH - 9)}"}}'
    assert len(fitting) == MAX_LENGTH
    assert read(fitting) is not None
    assert read(f"{fitting} ") is None


def seconds(script: str) -> float:
    before = time.perf_counter()
    read(script)
    return time.perf_counter() - before


@pytest.mark.parametrize("script", [
    "{" + ", " * 50_000, "<!--" * 50_000, "{," + " " * 50_000, "{" + "/*" * 50_000,
    "{" + '"\\' * 50_000, "{" + '\\"' * 50_000, "{" + '"a" /' * 50_000, "{}" * 50_000,
])  # fmt: skip
def test_hostile_scripts_are_read_in_no_time(script: str) -> None:
    assert seconds(script) < 0.5


def test_a_wrapping_that_does_not_end() -> None:
    # eight times as much may take eight times as long, or a little more
    short = min(seconds("-->" + " " * 500 + "x") for _ in range(3))
    assert seconds("-->" + " " * 4000 + "x") < 16 * short + 0.01


# -- unfolding -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "headlines"),
    [
        (A, ["A"]),
        ([A, {"headline": "B"}], ["A", "B"]),
        ([[A], [[{"headline": "B"}]]], ["A", "B"]),
        ({"@graph": [{"headline": "B"}, A]}, [None, "B", "A"]),
        ({"@graph": A}, [None, "A"]),
        ({"@type": "WebPage", "mainEntity": A}, [None, "A"]),
        ({"mainEntityOfPage": {"@id": "x"}, "headline": "B"}, ["B", None]),
        ({"headline": "B", "hasPart": [A]}, ["B", "A"]),
        ({"@graph": [{"@graph": [{"mainEntity": [A]}]}]}, [None, None, None, "A"]),
        ({"author": A}, [None]),  # somebody's article, not this page's
        # wrong types
        ({"@graph": "A", "mainEntity": 3, "hasPart": None, "mainEntityOfPage": True}, [None]),
        (["A", 3, None, True, 1.5, [], {}], [None]),
        ("A", []),
        (None, []),
    ],
)
def test_unfold(value: Any, headlines: list[str | None]) -> None:
    assert [n.get("headline") for n in unfold(value)] == headlines
    assert [n.get("headline") for n in found(json.dumps(value))] == headlines


def test_unfold_goes_only_so_deep() -> None:
    def nested(depth: int, inner: Any) -> Any:
        for _ in range(depth):
            inner = [inner]
        return inner

    assert list(unfold(nested(5, A))) == [A]
    assert list(unfold(nested(DEEP, A))) == []
    value: Any = {"n": 0}
    for n in range(1, DEEP):
        value = {"@graph": [value], "n": n}
    assert [n["n"] for n in unfold(value)] == [DEEP - 1 - n for n in range(5)]


def test_the_scripts_of_a_page_in_their_order() -> None:
    scripts = ('{"n": 1}', "broken", "null", '[{"n": 2}, {"n": 3}]', '{"n": 4}')
    assert [n["n"] for n in found(*scripts)] == [1, 2, 3, 4]
    assert found('{"n": 1}', kind="application/ld+json; charset=utf-8") == [{"n": 1}]
    assert found('{"n": 1}', kind="application/json") == []
    assert found('{"n": 1}', kind="text/javascript") == []
    assert found("", kind="application/ld+json") == []


def test_a_page_has_only_so_many_nodes() -> None:
    many = json.dumps([{}] * (MAX_NODES + 1))
    assert len(found(many, many, many)) == MAX_NODES + 1


@pytest.mark.parametrize(
    ("kind", "expected", "article"),
    [
        ("NewsArticle", {"NewsArticle"}, True),
        ("http://schema.org/NewsArticle", {"NewsArticle"}, True),
        ("https://schema.org/BlogPosting", {"BlogPosting"}, True),
        (["WebPage", "https://schema.org/Report"], {"WebPage", "Report"}, True),
        (["Article", 3, None, {}, ["NewsArticle"]], {"Article"}, True),
        ("WebPage", {"WebPage"}, False),
        ("newsarticle", {"newsarticle"}, False),
        ("NewsArticles", {"NewsArticles"}, False),
        ("", {""}, False),
        (None, set(), False),
        (3, set(), False),
        ({"@id": "NewsArticle"}, set(), False),
        ([], set(), False),
    ],
)
def test_types(kind: Any, expected: set[str], article: bool) -> None:
    assert types({"@type": kind}) == expected
    assert is_article({"@type": kind}) == article


def test_a_node_without_a_type() -> None:
    assert types({}) == frozenset()
    assert not is_article({"headline": "A"})


# -- whose page, whose name ---------------------------------------------------------
HERE = "https://www.news.example/town/bridge?x=1"


@pytest.mark.parametrize(
    "own",
    [
        {"url": "http://news.example/town/bridge/"},
        {"mainEntityOfPage": HERE},
        {"mainEntityOfPage": {"@type": "WebPage", "@id": "https://news.example/town/bridge#page"}},
        {"mainEntityOfPage": {"url": HERE}},
        {"@id": HERE},
    ],
)
def test_the_node_of_this_page_comes_first(own: Any) -> None:
    mine = {"headline": "B", **own}
    assert main_first([{"url": "https://news.example/a"}, {}, mine], [HERE])[0] is mine


@pytest.mark.parametrize("own", [{"url": 3}, {"url": "http://[x"}, {"@id": ["a"]}, {"url": "#a"}])
def test_nodes_of_other_pages_stay_in_order(own: Any) -> None:
    found = [{"n": 1}, {"n": 2, **own}]
    assert main_first(found, [HERE, "", "http://[y"]) == found


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ann Lee", [("Ann Lee", False)]),
        ({"@type": "Person", "name": "Ann Lee"}, [("Ann Lee", False)]),
        ({"@type": "Organization", "name": "AFP"}, [("AFP", True)]),
        ({"@type": ["Thing", "NewsMediaOrganization"], "name": "AFP"}, [("AFP", True)]),
        ({"name": ["Ann Lee", "Bo Day"]}, [("Ann Lee", False), ("Bo Day", False)]),
        ({"name": {"@value": "Ann Lee"}}, [("Ann Lee", False)]),
        ([{"name": "Ann Lee"}, "Bo Day", None, 3], [("Ann Lee", False), ("Bo Day", False)]),
        ({"@id": "#ann"}, [("Ann Lee", False)]),  # who stands elsewhere on the page
        ({"@id": "#bo"}, []),
        ({"@id": ["#ann"]}, []),
        ({"url": "https://example.org/ann"}, []),
        ({"name": 3}, []),
        ([[["Ann Lee"]]], []),
        (3, []),
    ],
)
def test_creators(author: Any, expected: list[tuple[str, bool]]) -> None:
    known = {"#ann": {"@id": "#ann", "@type": "Person", "name": "Ann Lee"}}
    assert list(creators({"author": author}, known)) == expected
    assert list(creators({"creator": author}, known)) == expected


def test_a_node_has_only_so_many_creators() -> None:
    assert len(list(creators({"author": [f"Ann{n}" for n in range(80)]}, {}))) == 50


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["@graph", "@type", "mainEntity", "hasPart", "a"]), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(JSON, st.sampled_from(["{}", "<!--{}-->", "//<![CDATA[\n{}\n//]]>"]))
def test_any_json_is_read_and_any_node_has_types(value: Any, wrapping: str) -> None:
    assert read(wrapping.replace("{}", json.dumps(value))) == value
    for node in unfold(value):
        assert isinstance(is_article(node), bool)
        assert all(isinstance(name, str) for name in types(node))


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet='{}[]",:\\ \n\0a1e-.<!>/*', max_size=40))
def test_no_text_makes_it_raise(text: str) -> None:
    assert isinstance(list(unfold(read(text))), list)
