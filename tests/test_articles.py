from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.errors import StoreError
from scraper.model import Article, Block, Cut, Kind, Outcome, Page, Reason, Verdict
from scraper.store import Saved, Store
from scraper.store.values import mend

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
DAY = timedelta(days=1)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as made:
        yield made


def article(
    url: str, *texts: str, headline: str = "Flood", canonical: str | None = None
) -> Article:
    blocks = tuple(Block(Kind.PARAGRAPH, text, path="body/p", links=("x",)) for text in texts)
    return Article(
        url,
        canonical,
        url.split("/")[2],
        headline,
        "",
        blocks,
        verdict=Verdict.ARTICLE,
        confidence=0.9,
    )


def page(url: str, body: bytes = b"<p>The page") -> Page:
    return Page(url, url, 200, {"etag": '"x"', "x-name": "é"}, body, NOW, etag='"x"')


def save(store: Store, made: Article, *, now: datetime = NOW, link: str = "") -> Saved:
    link_id = store.add_link(link or made.url, now=now)
    return store.save_article(link_id, page(link or made.url), made, now=now)


def test_an_article_comes_back_whole(store: Store) -> None:
    made = Article(
        url="https://a.example/1?utm_source=x",
        canonical_url="https://a.example/1",
        site="a.example",
        headline="Überschwemmung",
        standfirst="It rained.",
        blocks=(
            Block(Kind.STANDFIRST, "It rained.", path="a/b", score=0.25),
            Block(Kind.HEADING, "Later", level=3, links=("https://b.example/", "c")),
        ),
        authors=("Ann", "Ben"),
        published=datetime(2026, 11, 22, 9, 5, 7, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        modified=datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC),
        section="Weather",
        tags=("rain",),
        language="de",
        image_url="https://a.example/i.jpg",
        captions=("A street",),
        credits=("Photo: Cy",),
        free_access=False,
        site_name="The Ellesby Echo",
        licence="https://licences.example/by",
        reservations=("noai", "tdm"),
        verdict=Verdict.ARTICLE,
        verdict_reason="long enough",
        confidence=0.75,
        cuts=(
            Cut(Reason.NEWSLETTER, "news.en", "Sign up", "a/c", 4),
            Cut(Reason.CAPTION, "figure", "A street", "a/d", 9),
        ),
        sources={"headline": "og"},
    )
    saved = save(store, made)
    assert saved == Saved(article_id=1, new=True, revised=False, merged=False)
    stored = store.article(1)
    assert stored is not None
    assert stored.article == made
    assert stored.article.published is not None
    assert stored.article.published.utcoffset() == timedelta(hours=5, minutes=30)
    assert (stored.words, stored.revision, stored.first_seen, stored.last_seen) == (3, 1, NOW, NOW)
    assert stored.cleaner_version
    for key in ("https://A.example/1#top", "https://a.example/1?utm_source=x", 1):
        assert store.article(key) == stored
    assert [store.article(key) for key in (2, 10**30, "", "https://b.example/")] == [None] * 4
    assert (store.due_links(NOW), store.refused(9)) == ([], [])


def test_the_page_is_kept_as_served_until_it_is_pruned(store: Store) -> None:
    body = b"<html>\0\xff" + b"text " * 1000
    link = store.add_link("https://a.example/1", now=NOW)
    served = page("https://a.example/1", body)
    store.save_article(link, served, article(served.url, "One"), now=NOW)
    assert store.page(link) == served
    row = store.rows("SELECT size, length(body) AS packed FROM pages")[0]
    assert row["size"] == len(body) > row["packed"] * 10
    again = replace(served, fetched_at=NOW + DAY)
    store.save_article(link, again, article(served.url, "One"), now=NOW + DAY)
    assert store.counts()["pages"] == 1
    assert store.page(link) == again
    store.save_article(link, None, article(served.url), now=NOW)
    assert store.page(link) == again
    assert store.prune_pages(older_than=NOW + DAY) == 0
    assert store.prune_pages(older_than=NOW + DAY * 2) == 1
    assert store.page(link) is None


def test_only_a_changed_text_is_a_revision(store: Store) -> None:
    first = article("https://a.example/1", "One", "Two")
    save(store, first)
    tagged = replace(
        first, tags=("new",), confidence=0.5, cuts=(Cut(Reason.TAGS, "r", "t", "p", 1),)
    )
    assert save(store, tagged, now=NOW + DAY) == Saved(1, new=False, revised=False, merged=False)
    assert [r.revision for r in store.revisions(1)] == [1]
    edited = replace(tagged, headline="Flood!", authors=("Ann",), cuts=())
    assert save(store, edited, now=NOW + 2 * DAY).revised
    assert save(store, article("https://a.example/1", "One"), now=NOW + 3 * DAY).revised
    history = store.revisions(1)
    assert [r.revision for r in history] == [1, 2, 3]
    assert [r.headline for r in history] == ["Flood", "Flood!", "Flood"]
    assert [r.body for r in history] == ["One\n\nTwo", "One\n\nTwo", "One"]
    assert history[1].changed == ("headline", "authors")
    assert history[1].seen_at == NOW + 2 * DAY
    stored = store.article(1)
    assert stored is not None
    assert (stored.revision, stored.first_seen, stored.last_seen) == (3, NOW, NOW + 3 * DAY)
    assert stored.article.body == "One"
    assert store.cuts(1) == []
    edits = store.rows("SELECT revision, headline_before, headline_after, body_after FROM edits")
    assert [tuple(row) for row in edits] == [
        (3, "Flood!", "Flood", "One"),
        (2, "Flood", "Flood!", "One\n\nTwo"),
    ]


def test_a_canonical_url_merges_links_of_one_site_only(store: Store) -> None:
    canonical = "https://a.example/story"
    save(store, article("https://a.example/1", "Old", canonical=canonical))
    amp = article("https://a.example/amp/1", "New", canonical=canonical + "?utm_source=amp#x")
    assert save(store, amp) == Saved(1, new=False, revised=True, merged=True)
    assert save(store, amp) == Saved(1, new=False, revised=False, merged=False)  # the same link
    bare = article(canonical, "New")  # the page itself declares nothing
    assert save(store, bare).merged
    stored = store.article("https://a.example/amp/1")
    assert stored is not None
    assert (stored.article.url, stored.article.body) == ("https://a.example/1", "New")
    assert stored.article.canonical_url == canonical
    thief = article("https://b.example/1", "Stolen", canonical=canonical)
    assert save(store, thief) == Saved(2, new=True, revised=False, merged=False)
    kept = store.article(canonical)
    assert kept is not None
    assert kept.article.body == "New"
    home = (article(f"https://c.example/{n}", str(n), canonical="https://c.example/") for n in "12")
    assert [save(store, made).new for made in home] == [True, True]


def test_a_refused_page_keeps_its_verdict_and_touches_no_article(store: Store) -> None:
    wall = replace(article("https://a.example/1"), verdict=Verdict.PAYWALL, verdict_reason="phrase")
    link = store.add_link(wall.url, now=NOW)
    store.link_failed(link, Outcome.DEADLINE, "30 s", next_try=NOW, state="failed", now=NOW)
    store.link_refused(link, wall, page(wall.url), now=NOW + DAY)
    (refused,) = store.refused(5)
    assert (refused.state, refused.outcome, refused.verdict) == ("skipped", "ok", "paywall")
    assert (refused.reason, refused.tried_at, refused.next_try) == ("phrase", NOW + DAY, None)
    assert refused.attempts == 2
    assert store.page(link) is not None
    assert (store.due_links(NOW + DAY), store.counts()["articles"]) == ([], 0)
    save(store, article(wall.url, "Text"))
    store.link_refused(link, wall, None, now=NOW)
    stored = store.article(wall.url)
    assert stored is not None
    assert stored.article.body == "Text"


def test_an_unknown_link_is_an_error_and_leaves_nothing(store: Store) -> None:
    made = article("https://a.example/1", "Text")
    with pytest.raises(StoreError, match="has no link 7"):
        store.save_article(7, page(made.url), made, now=NOW)
    with pytest.raises(StoreError, match="has no link 7"):
        store.link_refused(7, made, page(made.url), now=NOW)
    assert store.counts()["pages"] == 0


def test_the_views_say_what_they_promise(store: Store) -> None:
    old = replace(
        article("https://a.example/1", "Two words"), published=NOW - DAY, authors=("A", "B")
    )
    save(store, old)
    undated = replace(article("https://b.example/2", "x", headline="Undated"), confidence=0.5)
    save(store, undated, now=NOW + DAY)
    newest = replace(
        article("https://b.example/3", "x y z", headline="Newest"), published=NOW + 2 * DAY
    )
    save(store, newest)
    for path, outcome, state in (("4", Outcome.GONE, "gone"), ("5", Outcome.TLS, "failed")):
        link = store.add_link(f"https://b.example/{path}", now=NOW)
        store.link_failed(link, outcome, "x", next_try=None, state=state, now=NOW)
    link = store.add_link("https://c.example/6", now=NOW)
    store.link_refused(link, undated, None, now=NOW)

    latest = store.rows("SELECT headline, published, authors FROM latest")
    assert [row["headline"] for row in latest] == ["Newest", "Undated", "Flood"]
    assert (latest[1]["published"], latest[2]["authors"]) == ("2026-11-23T15:49:18Z", "A, B")
    assert [row.headline for row in store.recent(2)] == ["Newest", "Undated"]
    (text,) = store.rows("SELECT text FROM article_text WHERE id = 1")[0]
    assert text == "Flood\n\nTwo words"
    sites = [tuple(row) for row in store.rows("SELECT * FROM site_health")]
    assert sites == [
        ("a.example", 1, 0, 0, "2026-11-22T15:49:18Z", 0.9, 2.0),
        ("b.example", 2, 0, 2, "2026-11-23T15:49:18Z", 0.7, 2.0),
        ("c.example", 0, 1, 0, None, None, None),
    ]
    store.add_feed("https://b.example/feed", title="B", now=NOW)
    store.write("UPDATE links SET feed_id = 1 WHERE url LIKE '%b.example/%'")
    store.feed_failed(1, "no answer", next_poll=NOW, now=NOW)
    (feed,) = (tuple(row) for row in store.rows("SELECT * FROM feed_health"))
    assert feed[1:6] == ("B", "https://b.example/feed", "active", 1, "no answer")
    assert feed[6:] == ("2026-11-22T15:49:18Z", 2, "2026-11-23T15:49:18Z")


def test_an_article_deleted_by_hand_leaves_nothing_behind(store: Store) -> None:
    save(store, article("https://a.example/1", "Unmistakable"))
    assert store.search("unmistakable")
    store.write("DELETE FROM articles WHERE id = 1")
    assert store.search("unmistakable") == []
    assert (store.counts()["revisions"], store.counts()["cuts"]) == (0, 0)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(headline=ANY_TEXT, texts=st.lists(ANY_TEXT, max_size=3), name=ANY_TEXT)
def test_any_text_is_stored_mended_and_else_unchanged(
    store: Store, headline: str, texts: list[str], name: str
) -> None:
    cut = Cut(Reason.LOW_SCORE, name, headline, name, 1 << 80)
    made = replace(
        article("https://a.example/1", *texts, headline=headline),
        authors=(name,),
        tags=(name, "'; DROP TABLE articles; --"),
        sources={name: name},
        published=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        cuts=(cut,),
    )
    saved = save(store, made)
    stored = store.article(saved.article_id)
    assert stored is not None
    assert stored.article.headline == mend(headline)
    assert stored.article.body == mend(made.body)
    assert stored.article.authors == (mend(name),)
    assert stored.article.sources == {mend(name): mend(name)}
    assert (stored.article.published, stored.article.cuts[0].text) == (None, mend(headline))
    body = store.rows("SELECT body FROM articles WHERE id = ?", (saved.article_id,))[0]["body"]
    assert body == mend(made.body)
    assert not save(store, made).revised  # what was mended is not seen as an edit


def test_a_stub_leaves_a_whole_article_as_it_is(store: Store) -> None:
    whole = replace(article("https://a.example/1", "Whole"), verdict=Verdict.ARTICLE)
    save(store, whole)
    stub = replace(article("https://a.example/1", "Stub"), verdict=Verdict.PAYWALL)
    other = replace(stub, url="https://a.example/1?ref=x", canonical_url=whole.url)
    assert save(store, stub) == Saved(article_id=1, new=False, revised=False, merged=False)
    assert save(store, other) == Saved(article_id=1, new=False, revised=False, merged=True)
    stored = store.article(1)
    assert stored is not None
    assert (stored.article.headline, stored.article.verdict) == (whole.headline, Verdict.ARTICLE)
    assert store.counts()["revisions"] == 1


def test_a_link_that_brought_an_article_is_never_shown_as_refused(store: Store) -> None:
    made = article("https://a.example/1", "One")
    save(store, made)
    store.link_refused(1, replace(made, verdict=Verdict.PAYWALL), None, now=NOW + DAY)
    assert store.refused() == []
    assert store.counts()["links_skipped"] == 0
