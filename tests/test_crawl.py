from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from newssite import (
    Reply,
    Site,
    Skipping,
    config,
    headline,
    headlines,
    last_run,
    paper,
    rss,
    serving,
    story,
    subscribed,
)

from scraper import crawl, demo
from scraper.config import Config
from scraper.crawl import Options
from scraper.model import Outcome
from scraper.store import Store

NOW_ALL = Options(every_feed=True)


def links(store: Store, site: Site) -> dict[str, tuple[str, str | None, str | None]]:
    """path -> state, outcome, error of each link."""
    found = store.rows("SELECT url, state, outcome, last_error FROM links")
    return {row[0].removeprefix(site.base): (row[1], row[2], row[3]) for row in found}


@pytest.mark.usefixtures("quick")
def test_what_is_good_is_stored_once_and_asked_for_once(store: Store) -> None:
    both = {**paper(range(5)), "/b.xml": rss("/3.html", "/4.html?utm_source=b#top", "/5.html")}
    with serving({**both, "/5.html": story(5), "/robots.txt": "User-agent: *\n"}) as site:
        subscribed(store, site.url("/rss.xml"), site.url("/b.xml"))
        first = crawl(store, config())
        assert headlines(store) == sorted(headline(n) for n in range(6))
        assert site.asked() == dict.fromkeys([*both, "/5.html"], 1)
        assert (first.ended, first.worse, first.waiting) == ("ok", [], 0)
        tally = first.tally
        assert (tally.feeds_due, tally.feeds_ok, tally.links_new) == (2, 2, 6)
        assert (tally.pages_fetched, tally.articles_new, tally.failed) == (6, 6, 0)
        assert last_run(store) == ("ok", None, 6)
        assert site.served[0] == ("/robots.txt", 200)

        site.served.clear()
        assert crawl(store, config()).tally.feeds_due == 0  # none is due so soon
        assert site.served == []
        second = crawl(store, config(), NOW_ALL).tally
        assert sorted(site.served) == [("/b.xml", 304), ("/rss.xml", 304)]
        assert (second.feeds_unchanged, second.links_new, second.pages_fetched) == (2, 0, 0)
        assert store.counts()["articles"] == 6
        assert store.counts()["revisions"] == 6


@pytest.mark.usefixtures("quick")
def test_what_is_no_article_is_refused_with_the_reason(store: Store) -> None:
    with demo.served(0) as base:
        subscribed(store, *(base + path for path in demo.FEEDS))
        report = crawl(store, config())
    refused = {r.url.removeprefix(base): (r.state, r.outcome, r.verdict) for r in store.refused()}
    assert refused == {
        "/listing.html": ("skipped", "ok", "listing"),
        "/consent.html": ("skipped", "ok", "consent_wall"),
        "/stub.html": ("skipped", "ok", "paywall"),
        "/articles/lost-ferry-timetable.html": ("gone", "not_found", ""),
        "/private/draft.html": ("blocked", "blocked_by_robots", ""),
    }
    assert all(r.reason for r in store.refused())
    assert (report.tally.refused, report.tally.failed) == (3, 2)
    assert report.tally.articles_new == store.counts()["articles"] == 14
    assert report.worse == []


@pytest.mark.usefixtures("quick")
def test_a_feed_that_is_html_is_worse_once_and_stops_no_other(store: Store) -> None:
    with serving({**paper([1]), "/home": "<!doctype html><title>x</title><p>Hello"}) as site:
        subscribed(store, site.url("/home"))
        html = f"{site.url('/home')}: is an HTML page, not a feed"
        assert crawl(store, config()).worse == [html]
        subscribed(store, site.url("/rss.xml"))
        assert crawl(store, config(), NOW_ALL).worse == []
        assert headlines(store) == [headline(1)]
        site.answers["/rss.xml"] = Reply("no", 500)
        report = crawl(store, config(), NOW_ALL)
        assert report.worse == [
            f"{site.url('/rss.xml')}: answered 500 Internal Server Error",
            "every feed that was due failed (2)",
        ]
        broken, other = store.feeds()
    assert (broken.failures, other.failures) == (3, 1)
    assert broken.next_poll > other.next_poll > datetime.now(UTC)


@pytest.mark.usefixtures("quick")
def test_what_may_heal_is_asked_again_in_the_run(store: Store) -> None:
    busy = Reply("busy", 503, {"Retry-After": "20"})
    with serving(paper([1, 2, 3])) as site:
        site.answers["/1.html"] = [busy, story(1)]
        site.answers["/2.html"] = Reply("broken", 500)
        subscribed(store, site.url("/rss.xml"))
        clock = Skipping()
        before = clock.now()
        report = crawl(store, config(), clock=clock)
        assert headlines(store) == sorted([headline(1), headline(3)])
        assert clock.skipped >= 20
        asked = site.asked()
    assert (asked["/1.html"], asked["/2.html"], asked["/3.html"]) == (2, 3, 1)
    assert (report.tally.articles_new, report.tally.failed) == (2, 1)
    (failed,) = store.refused()
    assert (failed.state, failed.outcome, failed.attempts) == ("failed", "server_error", 3)
    assert failed.next_try is not None
    assert failed.next_try > before + timedelta(seconds=clock.skipped)


@pytest.mark.usefixtures("quick")
def test_what_is_gone_is_not_asked_again(store: Store) -> None:
    with serving(paper([1])) as site:
        site.answers |= {"/b.xml": Reply("", 410), "/rss.xml": rss("/1.html", "/2.html")}
        subscribed(store, site.url("/b.xml"), site.url("/rss.xml"))
        assert crawl(store, config()).worse == [f"{site.url('/b.xml')}: answered 410 Gone"]
        assert [feed.status for feed in store.feeds()] == ["gone", "active"]
        assert links(store, site)["/2.html"] == ("gone", "not_found", "answered 404 Not Found")
        crawl(store, config(), NOW_ALL)
        assert site.asked() == {"/b.xml": 1, "/rss.xml": 2, "/1.html": 1, "/2.html": 1}


@pytest.mark.usefixtures("quick")
def test_a_feed_that_moved_is_known_under_its_new_address(store: Store) -> None:
    with serving(paper([1])) as site:
        site.answers["/old.xml"] = Reply("", 301, {"Location": "{{base}}/rss.xml"})
        subscribed(store, site.url("/old.xml"))
        crawl(store, config())
        crawl(store, config(), NOW_ALL)
        assert [feed.url for feed in store.feeds()] == [site.url("/rss.xml")]
        assert site.asked() == {"/old.xml": 1, "/rss.xml": 2, "/1.html": 1}


@pytest.mark.usefixtures("quick")
def test_what_robots_disallow_is_never_asked_for(store: Store) -> None:
    rules = "User-agent: *\nDisallow: /2\nDisallow: /b.xml\n"
    with serving({**paper([1, 2]), "/robots.txt": rules, "/b.xml": rss()}) as site:
        subscribed(store, site.url("/rss.xml"), site.url("/b.xml"))
        report = crawl(store, config())
        assert links(store, site)["/2.html"][:2] == ("blocked", "blocked_by_robots")
        assert report.worse == [f"{site.url('/b.xml')}: is disallowed by {site.url('/robots.txt')}"]
        assert site.asked() == {"/rss.xml": 1, "/1.html": 1}


@pytest.mark.usefixtures("quick")
def test_only_one_host_is_visited(store: Store) -> None:
    with serving(paper([1])) as one, serving(paper([2]), "127.0.0.2") as two:
        subscribed(store, one.url("/rss.xml"), two.url("/rss.xml"))
        store.add_link(one.url("/3.html"), now=datetime.now(UTC))
        assert crawl(store, config(), Options(only="127.0.0.2")).tally.feeds_due == 1
        assert (one.served, headlines(store)) == ([], [headline(2)])
        crawl(store, config(), Options(only=one.base.removeprefix("http://")))
        assert one.asked() == {"/rss.xml": 1, "/1.html": 1, "/3.html": 1}
        assert two.asked() == {"/rss.xml": 1, "/2.html": 1}


@pytest.mark.usefixtures("quick")
def test_a_page_that_changed_is_a_revision(store: Store) -> None:
    with serving(paper([1, 2])) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config())
        now = datetime.now(UTC)
        for row in store.rows("SELECT id FROM links"):  # makes both due again
            store.link_failed(
                row[0], Outcome.DEADLINE, "x", next_try=now - timedelta(1), state="failed", now=now
            )
        site.answers["/1.html"] = story(1, "The council has since denied all of it, twice.")
        tally = crawl(store, config()).tally
        assert (tally.pages_fetched, tally.articles_new, tally.articles_revised) == (1, 0, 1)
        stored = store.article(site.url("/1.html"))
        assert stored is not None
        assert "has since denied" in stored.article.body
        assert [r.changed for r in store.revisions(stored.id)] == [(), ("body",)]
        assert store.counts()["revisions"] == 3


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("settings", "kept"), [(config(), 1), (config(keep_pages_days=0), 0)])
def test_pages_are_kept_as_the_settings_say(store: Store, settings: Config, kept: int) -> None:
    with serving(paper([1])) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, settings)
    assert (store.counts()["articles"], store.counts()["pages"]) == (1, kept)


@pytest.mark.usefixtures("quick")
def test_a_site_that_asks_for_patience_is_left_alone_in_the_next_run_too(store: Store) -> None:
    with serving(paper([1, 2, 3])) as site:
        site.answers["/1.html"] = Reply("busy", 429, {"Retry-After": "3600"})
        subscribed(store, site.url("/rss.xml"))
        assert crawl(store, config()).tally.articles_new == 0
        asked = site.asked()["/1.html"]
        assert crawl(store, config()).tally.pages_fetched == 0
        assert (asked, site.asked()["/1.html"], site.asked()["/2.html"]) == (1, 1, 0)
        store.set_site_backoff("127.0.0.1", None)
        assert crawl(store, config()).tally.articles_new == 2


@pytest.mark.usefixtures("quick")
def test_articles_of_before_the_syndication_index_are_compared(store: Store) -> None:
    copies = {**paper([1]), "/2.html": story(1)}
    with serving(copies, "127.0.0.2") as one, serving(copies, "127.0.0.3") as other:
        subscribed(store, one.url("/rss.xml"), other.url("/rss.xml"))
        crawl(store, config())
        assert len(store.rows("SELECT * FROM syndicated")) == 2
        store.write("UPDATE articles SET cluster_id = NULL")
        store.write("UPDATE fingerprints SET keys = NULL")
        assert store.rows("SELECT * FROM syndicated") == []
        crawl(store, config())
        assert len(store.rows("SELECT * FROM syndicated")) == 2
