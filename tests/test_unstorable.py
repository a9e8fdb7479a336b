"""Text as hostile as it comes: what SQLite can hold comes back as it was, the rest is mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.model import Article, Block, Cut, Entry, Kind, Page, Reason, Verdict
from scraper.store import Poll, Store
from scraper.store.values import fits, mend

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
HOSTILE = (
    "'; DROP TABLE articles; --",
    '") OR 1=1; PRAGMA writable_schema=ON',
    "? :name @x $y %s {0} %(z)s",
    'headline : "x" NEAR(a b, 2) ^c d* AND OR NOT + - ( {a b} : e',
    "INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')",
    "\x01\x02\x07\x08\x0b\x0c\x0e\x1b[2J\x1b]0;title\x07\x7f\x80\x9b31m",
    "a\r\nb\rc\td\u2028e\u2029f\ufefff",
    "\u202ereversed\u202c \u200b\u200d\u00ad\u2066",
    "\ufffd\ufffe\uffff\U0010ffff\ue000\ufdd0",
    "⟦marks⟧ e\u0301 \u1e9b\u0323 ﬁ İ ß",
    "北京\u200b天气 ที่นี่ 🏳️‍🌈",
    "x" * 100_000,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("hostile") / "a.db") as made:
        yield made


def article(text: str) -> Article:
    """An article that has a text wherever a page can put one."""
    block = Block(Kind.PARAGRAPH, text, path=text, links=(text,))
    return Article(
        url=f"https://a.example/{text}", canonical_url=text, site="a.example", headline=text,
        standfirst=text, blocks=(replace(block, kind=Kind.STANDFIRST), block), authors=(text,),
        section=text, tags=(text,), language=text, image_url=text, captions=(text,),
        credits=(text,), site_name=text, licence=text, reservations=(text,),
        verdict=Verdict.ARTICLE, verdict_reason=text, sources={text: text},
        cuts=(Cut(Reason.NEWSLETTER, text, text, text, 1),),
    )  # fmt: skip


def stored(store: Store, made: Article, number: int) -> tuple[Article, str]:
    """How an article comes back, and its column `mended`."""
    link = store.add_link(f"https://a.example/{number}", now=NOW)
    page = Page(made.url, made.url, 200, {"x": made.headline}, b"", NOW)
    saved = store.save_article(link, page, replace(made, canonical_url=None), now=NOW)
    store.save_article(link, page, made, now=NOW)
    found = store.article(saved.article_id)
    assert found is not None
    row = store.row("SELECT body, mended FROM articles WHERE id = ?", (saved.article_id,))
    assert row is not None
    assert row["body"] == found.article.body
    return found.article, row["mended"]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_text_comes_back_as_it_was(store: Store, number: int) -> None:
    text = HOSTILE[number]
    made = article(text)
    assert stored(store, made, number) == (made, "[]")
    assert len(store.revisions(number + 1)) == 1
    (hit, *_) = store.search("北京" if number == 10 else "marks", limit=1) or [None]
    assert hit is None or hit.headline == HOSTILE[hit.article_id - 1]
    for query in (text, f'"{text}"', f"-{text} x*"):
        store.search(query)


def test_hostile_titles_of_feeds_and_links_come_back_as_they_were(store: Store) -> None:
    for number, text in enumerate(HOSTILE, 1):
        store.add_feed(f"https://f.example/{number}", title="", now=NOW)
        known = store.feeds()[-1].id
        entry = Entry(f"https://a.example/{number}/new", text, None, "", "f")
        poll = Poll((entry,), text, "rss", text, text, NOW, 60.0, 9)
        assert store.feed_polled(known, poll, now=NOW) == 1
        store.add_feed(f"https://g.example/{number}", title=text, now=NOW)
    assert [f.title for f in store.feeds() if "/f." in f.url] == list(HOSTILE)
    assert [f.etag for f in store.feeds() if "/f." in f.url] == list(HOSTILE)
    assert [f.title for f in store.feeds() if "/g." in f.url] == list(HOSTILE)
    titles = [link.title for link in store.due_links(NOW) if link.url.endswith("/new")]
    assert titles == list(HOSTILE)
    assert store.rows("PRAGMA integrity_check")[0][0] == "ok"


@dataclass(frozen=True)
class Case:
    changes: dict[str, Any]  # of an article
    lost: dict[str, Any]  # how they come back
    mended: str


FAR = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
PLAIN = Block(Kind.PARAGRAPH, "x")
CUT = Cut(Reason.NEWSLETTER, "r", "x", "p", (1 << 63) - 1)
CASES = (
    Case({"headline": "a\0b"}, {"headline": "ab"}, '["headline"]'),
    Case({"headline": "a\ud800"}, {"headline": "a\ufffd"}, '["headline"]'),
    Case(
        {"blocks": (replace(PLAIN, text="\ud83dx"),)},
        {"blocks": (replace(PLAIN, text="\ufffdx"),)},
        '["blocks"]',
    ),
    Case({"blocks": (replace(PLAIN, links=("\0",)),)}, {"blocks": (replace(PLAIN, links=("",)),)},
         '["blocks"]'),
    Case({"authors": ("Ann", "B\udfff")}, {"authors": ("Ann", "B\ufffd")}, '["authors"]'),
    Case({"published": FAR, "modified": FAR}, {"published": None, "modified": None},
         '["published","modified"]'),
    Case({"confidence": float("nan")}, {"confidence": 0.0}, '["confidence"]'),
    Case({"cuts": (replace(CUT, text="\0x", position=1 << 70),)}, {"cuts": (CUT,)}, '["cuts"]'),
    Case({"sources": {"\0": "og"}, "section": "\udc00"},
         {"sources": {"": "og"}, "section": "\ufffd"}, '["section","sources"]'),
    Case({"evidence": {"x": float("inf")}}, {"evidence": {}}, "[]"),  # not stored at all
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.mended)
def test_what_cannot_be_stored_is_mended_and_named(tmp_path: Path, case: Case) -> None:
    plain = replace(article("plain"), url="https://a.example/2", canonical_url=None)
    made = replace(plain, **case.changes)
    with Store(tmp_path / "a.db") as store:
        neighbour = replace(plain, url="https://a.example/1")
        assert stored(store, neighbour, 1) == (neighbour, "[]")
        found, mended = stored(store, made, 2)
        assert mended == case.mended
        assert found == replace(made, **case.lost)
        assert stored(store, neighbour, 1) == (neighbour, "[]")
        store.save_article(2, None, plain, now=NOW)
        assert store.rows("SELECT mended FROM articles WHERE id = 2")[0]["mended"] == "[]"


ANY = st.recursive(
    st.text(st.characters(exclude_categories=()), max_size=5)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(ANY)
def test_what_fits_is_left_as_it_is_and_nothing_else(value: Any) -> None:
    assert fits(value) == (mend(value) == value)
    assert fits(mend(value))


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_that_fits_comes_back_as_it_was(store: Store, text: str) -> None:
    made = article(text)
    assert stored(store, made, 10_000 + crc32(text.encode())) == (made, "[]")
