from __future__ import annotations

import shutil
import statistics
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from benchmarks import corpus, filling, plans, storing

from scraper.store import Store

WORDS = 2_000  # of a language: the whole 120,000 take seconds to make up


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("storing") / "a.db"
    with Store(made) as store:
        assert list(filling.fill(store, corpus.articles(300, words=WORDS))) == [300]
    return made


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as made:
        yield made


def test_articles_are_the_same_each_time_and_as_long_as_real_ones() -> None:
    found = list(corpus.articles(400, words=WORDS))
    assert found[:9] == list(islice(corpus.articles(400, words=WORDS), 9))
    lengths = sorted(len(one.article.body) for one in found if one.article.language != "zh")
    assert 0.7 < statistics.median(lengths) / 1991 < 1.3
    assert lengths[-1] < 45_000
    languages = Counter(one.article.language for one in found)
    assert languages.keys() == corpus.LANGUAGES.keys()
    assert languages.most_common(1)[0][0] == "en"
    words = Counter(
        word for one in found if one.article.language == "en" for word in one.article.body.split()
    )
    (_, first), (_, second), *_ = words.most_common(2)
    assert 1 < first / second < 2  # Zipf's law, with Mandelbrot's offset


def test_what_is_loaded_in_bulk_is_what_saving_gives(store: Store, tmp_path: Path) -> None:
    (one,) = corpus.articles(1, words=WORDS)
    with Store(tmp_path / "b.db") as other:
        filling.add_feeds(other)
        link = other.add_link(one.article.url, now=one.seen)
        other.save_article(link, None, one.article, now=one.seen)
        saved, loaded = other.article(1), store.article(1)
    assert saved is not None
    assert loaded is not None
    assert loaded.article == saved.article
    assert (loaded.link_id, loaded.words) == (saved.link_id, saved.words)
    assert store.search(one.article.headline)[0].article_id == 1
    assert store.rows("PRAGMA foreign_key_check") == []
    assert 0 < len(store.rows("SELECT * FROM syndicated")) <= 14
    counts = store.counts()
    assert (counts["articles"], counts["links"], counts["revisions"]) == (300, 337, 306)
    assert store.rows("SELECT sum(articles) AS n FROM site_health")[0]["n"] == 300
    assert store.rows("SELECT sum(articles) AS n FROM feed_health")[0]["n"] == 300


def test_every_query_of_the_store_is_answered_by_an_index(store: Store) -> None:
    shown = plans.plans(store)
    assert plans.faults(shown) == []
    assert {name for name, _ in shown} >= {*plans.views(store), "search, the best"}


def test_a_query_that_reads_a_whole_table_is_told(path: Path) -> None:
    with Store(path) as store:
        store.connection.execute("BEGIN")
        store.connection.execute("DROP INDEX articles_by_date")
        steps = [
            ("latest", row["detail"])
            for row in store.rows("EXPLAIN QUERY PLAN SELECT * FROM latest LIMIT 20")
        ]
        store.connection.execute("ROLLBACK")
    assert plans.faults(steps) == [
        "latest: reads a whole table: SCAN articles",
        "latest: sorts: USE TEMP B-TREE FOR ORDER BY",
    ]
    whole = ["SCAN a", "SCAN articles_fts VIRTUAL TABLE INDEX 0:", "SCAN links"]
    fine = [
        "SCAN articles USING COVERING INDEX articles_facts",
        "SCAN f VIRTUAL TABLE INDEX 0:M3>",
        "SCAN articles_fts VIRTUAL TABLE INDEX 0:=M3",
        "SCAN site_counts",
    ]
    assert len(plans.faults([("x", step) for step in whole])) == len(whole)
    assert plans.faults([("x", step) for step in fine]) == []


def test_the_benchmark_measures_a_file_and_fails_what_is_too_slow(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(corpus, "articles", partial(corpus.articles, words=WORDS))
    monkeypatch.setattr(storing, "VIEW_RUNS", 2)
    monkeypatch.setattr(storing, "LIMITS", {"search": 1e6, "view": 1e6})
    copy = shutil.copy(path, tmp_path / "copy.db")  # it grows
    options = ["--db", str(copy), "--queries", "9", "--inserts", "2"]
    assert storing.main(options) == 0
    out = capsys.readouterr().out
    for name in ("9 searches: p50", "latest: p50", "reclean, all 60 stale", "inserts/s", "plans"):
        assert name in out
    monkeypatch.setattr(storing, "LIMITS", {"search": 0.0, "view": 1e6})
    assert storing.main(options) == 1
    assert "9 searches: p99 is" in capsys.readouterr().err


def test_percentiles() -> None:
    found = [float(n) for n in range(1, 501)]
    assert [storing.percentile(found, share) for share in (0.5, 0.99, 1.0)] == [250.0, 495.0, 500.0]
    assert storing.percentile([7.0], 0.99) == 7.0
