"""Visits: what becomes of a link whose page was no article, or that its owner reserves."""

from __future__ import annotations

import asyncio

import pytest
from newssite import Reply, Skipping, config, headline, headlines, paper, serving, story, subscribed

from scraper import crawl
from scraper.clock import SystemClock
from scraper.crawl import Options
from scraper.fetch.chain import Chain
from scraper.frontier import Frontier
from scraper.store import DueLink, Store


def stub() -> str:
    """The story of number 1 as who has not paid sees it."""
    cut = story(1).partition("</p>")[0]
    closed = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}'
    )
    return (
        cut.replace("</head>", closed + "</script></head>") + "</p></article></main></body></html>"
    )


@pytest.mark.usefixtures("quick")
def test_a_stub_that_opens_becomes_an_article(store: Store) -> None:
    clock = Skipping()
    with serving(
        {**paper([1]), "/1.html": [Reply(stub()), Reply(stub()), Reply(story(1))]}
    ) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config(), clock=clock)
        assert [(r.state, r.verdict) for r in store.refused()] == [("skipped", "paywall")]
        assert crawl(store, config(), clock=clock).tally.pages_fetched == 0  # not so soon
        for new in (0, 1):  # it opens between the second look and the third
            clock.skipped += 4 * 86_400
            assert crawl(store, config(), clock=clock).tally.articles_new == new
        assert headlines(store) == [headline(1)]
        clock.skipped += 30 * 86_400
        assert crawl(store, config(), clock=clock).tally.pages_fetched == 0  # not for ever


@pytest.mark.usefixtures("quick")
def test_stubs_are_stored_where_the_settings_say_so(store: Store) -> None:
    clock = Skipping()
    with serving({**paper([1]), "/1.html": [Reply(stub()), Reply(story(1))]}) as site:
        subscribed(store, site.url("/rss.xml"))
        settings = config(also_store=("paywall",))
        crawl(store, settings, clock=clock)
        stored = store.article(site.url("/1.html"))
        assert stored is not None
        assert stored.article.verdict == "paywall"
        clock.skipped += 2 * 86_400
        assert crawl(store, settings, clock=clock).tally.articles_revised == 1
        stored = store.article(site.url("/1.html"))
        assert stored is not None
        assert stored.article.verdict == "article"


@pytest.mark.usefixtures("quick")
def test_the_links_of_a_paused_feed_wait(store: Store) -> None:
    clock = Skipping()
    with serving({**paper([1]), "/1.html": Reply(stub())}) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config(), clock=clock)
        store.set_feed_status(site.url("/rss.xml"), "paused")
        clock.skipped += 2 * 86_400
        site.served.clear()
        crawl(store, config(), clock=clock)
        assert site.served == []
        store.set_feed_status(site.url("/rss.xml"), "active")
        crawl(store, config(), clock=clock)
        assert ("/1.html", 304) in site.served


@pytest.mark.usefixtures("quick")
def test_failures_before_it_take_no_second_look_from_a_stub(store: Store) -> None:
    clock = Skipping()
    answers: list[str | Reply] = [*[Reply("", 500)] * 3, stub(), story(1)]
    with serving({**paper([1]), "/1.html": answers}) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config(), clock=clock)
        clock.skipped += 3600
        crawl(store, config(), clock=clock)
        (refused,) = store.refused()
        assert (refused.verdict, refused.attempts) == ("paywall", 4)
        clock.skipped += 2 * 86_400
        assert crawl(store, config(), clock=clock).tally.articles_new == 1


@pytest.mark.usefixtures("quick")
def test_a_stored_article_whose_page_is_gone_is_not_refused(store: Store) -> None:
    with serving({**paper([1]), "/1.html": [story(1), Reply("", 410)]}) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config())
        crawl(store, config(), Options(recheck=True))
        (row,) = store.rows("SELECT state, outcome FROM links")
        assert tuple(row) == ("gone", "gone")
        assert store.refused() == []
        assert headlines(store) == [headline(1)]


@pytest.mark.usefixtures("quick")
def test_a_second_look_asks_whether_anything_changed(store: Store) -> None:
    clock = Skipping()
    with serving({**paper([1]), "/1.html": [*[Reply(stub())] * 3, Reply(story(1))]}) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config(keep_pages_days=0), clock=clock)
        clock.skipped += 2 * 86_400
        assert crawl(store, config(keep_pages_days=0), clock=clock).tally.pages_fetched == 0
        assert ("/1.html", 304) in site.served
        site.served.clear()
        (refused,) = store.refused()
        assert (refused.outcome, refused.verdict, refused.attempts) == (
            "not_modified", "paywall", 2,
        )  # fmt: skip
        assert refused.reason
        clock.skipped += 4 * 86_400
        crawl(store, config(), clock=clock)
        assert ("/1.html", 304) in site.served
        site.served.clear()
        clock.skipped += 8 * 86_400
        assert crawl(store, config(), clock=clock).tally.articles_new == 1


def reserved(directive: str) -> Reply:
    return Reply(story(1), headers={"X-Robots-Tag": directive})


@pytest.mark.usefixtures("quick")
def test_reservations_are_recorded_and_by_config_obeyed(store: Store) -> None:
    pages = {
        "/1.html": reserved("noai"),
        "/2.html": Reply(story(2), headers={"TDM-Reservation": "1"}),
    }
    with serving({**paper([1, 2, 3]), **pages}) as site:
        subscribed(store, site.url("/rss.xml"))
        settings = config(obey=("noai", "noarchive"))
        report = crawl(store, settings)
        assert headlines(store) == [headline(2), headline(3)]
        (refused,) = store.refused()
        assert (refused.state, refused.outcome) == ("blocked", "reserved")
        assert refused.reason == "its owner reserves it (noai)"
        assert store.counts()["pages"] == 2
        assert report.tally.failed == 1
        stored = store.article(site.url("/2.html"))
        assert stored is not None
        assert stored.article.reservations == ("tdm",)


@pytest.mark.parametrize(("obey", "kept"), [((), 1), (("noarchive",), 0), (("noai", "tdm"), 1)])
@pytest.mark.usefixtures("quick")
def test_noarchive_leaves_the_article_and_not_the_page(
    store: Store, obey: tuple[str, ...], kept: int
) -> None:
    with serving({**paper([1]), "/1.html": reserved("noarchive")}) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config(obey=obey))
        assert headlines(store) == [headline(1)]
        assert store.counts()["pages"] == kept


@pytest.mark.usefixtures("quick")
def test_what_was_unusual_on_the_way_is_noted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def note(chain: Chain) -> None:
        chain.notes = ("redirected from https to http", "more")

    monkeypatch.setattr(Chain, "_look_at_host", note)
    with serving(paper([1])) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config())
        assert [row[0] for row in store.rows("SELECT notes FROM links")] == [
            "redirected from https to http; more"
        ]


@pytest.mark.usefixtures("quick")
def test_a_strained_site_is_asked_more_slowly_in_the_next_run_too(store: Store) -> None:
    with serving({**paper([1]), "/1.html": [Reply("busy", 429), Reply(story(1))]}) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config(), clock=Skipping())
        assert headlines(store) == [headline(1)]
        assert store.site_delay("127.0.0.1") == 1.0


@pytest.mark.parametrize(("at_once", "peak"), [(1, 1), (3, 3)])
def test_links_of_a_site_are_visited_so_many_at_once(at_once: int, peak: int) -> None:
    running, most, seen = 0, 0, list[int]()

    async def visit(link: DueLink) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        seen.append(link.id)
        running -= 1

    async def run() -> None:
        frontier = Frontier(visit, SystemClock(), lambda url: at_once)
        for n in range(10):
            frontier.put(DueLink(n, f"http://a.example.org/{n}", None, "", None, 0))
            if n % 4 == 0:
                await asyncio.sleep(0)
        await frontier.drained()

    asyncio.run(run())
    assert (most, sorted(seen)) == (peak, list(range(10)))


@pytest.mark.usefixtures("quick")
def test_a_recheck_finds_edits_and_nothing_else(store: Store) -> None:
    edited = story(2).replace("The last word", "The very last word")
    counter = story(3).replace("<footer>", "<footer>1,234 readers")
    pages: dict[str, list[str | Reply]] = {
        "/2.html": [story(2), edited], "/3.html": [story(3), counter],
    }  # fmt: skip
    clock = Skipping()
    with serving({**paper([1, 2, 3]), **pages}) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config(), clock=clock)
        site.served.clear()
        tally = crawl(store, config(), Options(recheck=True), clock=clock).tally
        assert sorted(site.served) == [("/1.html", 304), ("/2.html", 200), ("/3.html", 200)]
        assert (tally.articles_revised, tally.pages_fetched, tally.articles_new) == (1, 2, 0)
        (edit,) = store.rows("SELECT url, changed FROM edits")
        assert (edit["url"], edit["changed"]) == (site.url("/2.html"), '["body"]')
        clock.skipped += 8 * 86_400
        site.served.clear()
        crawl(store, config(), Options(recheck=True), clock=clock)
        assert not any("html" in path for path, _ in site.served)  # a week later
