"""Stale articles: cleaned again from their pages, and no edit of the publisher's."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from newssite import Here, Reply, config, headline, paper, serving, story, subscribed

from scraper import Article, crawl
from scraper.clean import clean
from scraper.cli import run
from scraper.crawl import Options
from scraper.errors import CleanError
from scraper.model import Page, Verdict
from scraper.reclean import Recleaning, Wish, reclean
from scraper.store import Recleaned, Store

NOW_ALL = Options(every_feed=True)


class Newer(Here):
    """Cleans as a later version would: other words, and what `verdicts` says."""

    verdicts: dict[str, Verdict] = {}  # noqa: RUF012
    dies: frozenset[str] = frozenset()

    async def clean(self, page: Page) -> Article:
        await asyncio.sleep(0.01)
        path = "/" + page.url.rpartition("/")[2]
        if path in self.dies:
            raise CleanError(page.url, "took too long")
        found = clean(page)
        blocks = tuple(replace(b, text=b.text.replace("tower", "TOWER")) for b in found.blocks)
        verdict = Verdict.PAYWALL if b"Subscribe" in page.body else found.verdict
        return replace(found, blocks=blocks, verdict=self.verdicts.get(path, verdict))


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.reclean.Workers", Newer)
    monkeypatch.setattr(Newer, "verdicts", {})
    monkeypatch.setattr(Newer, "dies", frozenset())


def crawled(store: Store, numbers: range = range(1, 4), **pages: Any) -> None:
    with serving({**paper(numbers), **pages}) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config())


def versions(monkeypatch: pytest.MonkeyPatch, version: str = "9.0") -> None:
    monkeypatch.setattr("scraper.store.articles.VERSION", version)
    monkeypatch.setattr("scraper.store.recleaning.VERSION", version)


def bodies(store: Store) -> list[str]:
    return [row[0] for row in store.rows("SELECT body FROM articles ORDER BY id")]


@pytest.mark.usefixtures("quick", "newer")
def test_only_stale_articles_are_cleaned_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawled(store)
    assert reclean(store, config()).looked_at == 0
    versions(monkeypatch)
    before, changes = bodies(store), list[Recleaned]()
    report = reclean(store, config(), changed=changes.append)
    assert (report.looked_at, report.changed, report.same) == (3, 3, 0)
    assert all("TOWER" in body and "tower" not in body for body in bodies(store))
    assert [change.body[0] for change in changes] == before
    assert changes[0].changed == ("body",)
    assert reclean(store, config()).looked_at == 0
    again = reclean(store, config(), Wish(every=True))
    assert (again.looked_at, again.same) == (3, 3)
    assert [r[0] for r in store.rows("SELECT command FROM runs WHERE ended = 'ok'")] == [
        "crawl", *["reclean"] * 4,
    ]  # fmt: skip


@pytest.mark.usefixtures("quick", "newer")
def test_it_is_no_edit_and_found_by_its_new_words(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawled(store, range(1, 2))
    versions(monkeypatch)
    reclean(store, config())
    (revision,) = store.revisions(1)
    assert (revision.body, revision.revision) == (bodies(store)[0], 1)
    assert store.rows("SELECT * FROM edits") == []
    seen = store.rows("SELECT first_seen, last_seen, url, cleaner_version FROM articles")[0]
    assert seen["first_seen"] <= seen["last_seen"]
    assert seen["cleaner_version"] == "9.0"
    assert len(store.search("TOWER keeper")) == 1


@pytest.mark.usefixtures("quick", "newer")
def test_a_dry_run_writes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    crawled(store)
    versions(monkeypatch)
    before = bodies(store)
    assert reclean(store, config(), Wish(dry_run=True)).changed == 3
    assert bodies(store) == before
    assert store.count_stale() == 3


@pytest.mark.usefixtures("quick", "newer")
def test_what_cannot_be_cleaned_again_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    crawled(store, range(1, 5))
    versions(monkeypatch)
    store.write("DELETE FROM pages WHERE id = 1")
    (row,) = store.rows("SELECT url FROM links WHERE id NOT IN (SELECT link_id FROM pages)")
    gone = row["url"]
    left = [p for p in (f"/{n}.html" for n in range(1, 5)) if not gone.endswith(p)]
    monkeypatch.setattr(Newer, "verdicts", {left[0]: Verdict.LISTING})
    monkeypatch.setattr(Newer, "dies", frozenset({left[1]}))
    before = bodies(store)
    report = reclean(store, config())
    counts = (report.no_page, report.no_article, report.failed, report.changed)
    assert counts == (1, 1, 1, 1)
    assert sum(a == b for a, b in zip(before, bodies(store), strict=True)) == 3
    assert {line.rpartition("/")[2][:15] for line in report.doubtful} == {
        f"{left[0][1:]}: listing", f"{left[1][1:]}: took to",
    }  # fmt: skip


@pytest.mark.usefixtures("quick", "newer")
def test_the_latest_page_may_be_a_stub(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    crawled(store, range(1, 2))
    versions(monkeypatch)
    with store.transaction():
        (row,) = store.rows("SELECT id, url FROM links WHERE article_id IS NOT NULL")
        kept = store.page(row["id"])
        assert kept is not None
        stub = replace(kept, body=b"<!doctype html><p>Subscribe.", fetched_at=kept.fetched_at)
        empty = Article(kept.url, None, "127.0.0.1", "", "", ())
        store.link_refused(row["id"], empty, stub, now=kept.fetched_at)
    assert reclean(store, config()).changed == 1
    assert "TOWER" in bodies(store)[0]


@pytest.mark.usefixtures("quick", "newer")
def test_an_interrupted_run_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    crawled(store, range(1, 9))
    versions(monkeypatch)

    def after(report: Recleaning) -> None:
        if report.looked_at == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    first = reclean(store, config(), progress=after)
    assert first.ended == "interrupted"
    assert 3 <= first.looked_at < 8
    second = reclean(store, config())
    assert (second.ended, first.looked_at + second.looked_at) == ("ok", 8)
    assert store.count_stale() == 0


@pytest.mark.usefixtures("quick")
def test_an_edit_after_an_upgrade_is_the_publishers_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = story(1).replace("The last word", "The very last word")
    pages: dict[str, Any] = {**paper([1]), "/1.html": [Reply(story(1)), Reply(edited)]}
    with serving(pages) as site:
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config())
        versions(monkeypatch)
        monkeypatch.setattr(sys.modules["scraper.crawl"], "Workers", Newer)
        store.write("UPDATE links SET next_try = '2020-01-01T00:00:00Z'")
        crawl(store, config(), NOW_ALL)
    first, second = store.revisions(1)
    assert "TOWER" in first.body
    assert second.body == first.body.replace("The last word", "The very last word")


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.modules["scraper.crawl"], "Workers", Here)
    monkeypatch.setattr("scraper.reclean.Workers", Newer)
    with Store("articles.db") as store:
        crawled(store, range(1, 2))
    assert (run(["reclean"]), capsys.readouterr().out) == (
        0, "no article is of another version of the cleaner\n",
    )  # fmt: skip
    versions(monkeypatch)
    assert run(["reclean", "--dry-run", "--diff"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("article 1, http://127.0.0.1:")
    assert "keeper of the [-tower-]{+TOWER+}." in out
    assert out.endswith("1 article cleaned again: 1 changed (dry run: nothing was written)\n")
    assert run(["reclean", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["changed"], found["changes"][0]["changed"]) == (1, ["body"])
    assert found["changes"][0]["headline"] == [headline(1)] * 2
    assert run(["show", "1", "--diff"]) == 0
    assert capsys.readouterr() == ("", "scraper show: its text was never changed\n")
    assert run(["reclean", "--db", "none.db"]) == 2


def test_the_diff_of_an_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.modules["scraper.crawl"], "Workers", Here)
    edited = story(1).replace("The last word", "The very last word")
    with (
        Store("articles.db") as store,
        serving({**paper([1]), "/1.html": [Reply(story(1)), Reply(edited)]}) as site,
    ):
        subscribed(store, site.url("/rss.xml"))
        crawl(store, config())
        store.write("UPDATE links SET next_try = '2020-01-01T00:00:00Z'")
        crawl(store, config(), NOW_ALL)
    assert run(["show", "1", "--diff"]) == 0
    first, skipped, changed = capsys.readouterr().out.splitlines()
    assert first.startswith("revision 2, seen 20")
    assert (skipped, changed[:34]) == ("…", "The{+ very+} last word of story 1 ")
