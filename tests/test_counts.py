"""What site_health and feed_health show is kept by triggers: here beside what it would be counted
anew, by the views of the first migration."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.model import Article, Block, Entry, Kind, Outcome, Verdict
from scraper.store import Poll, Store, database, schema
from scraper.store.views_1 import VIEWS

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
HEALTH = ("site_health", "feed_health")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as made:
        yield made


def differing(connection: sqlite3.Connection) -> list[object]:
    """Rows of a view that are not those of the same view of the first migration."""
    for sql in schema.statements(VIEWS):
        if (name := sql.split()[2]) in HEALTH:
            connection.execute(f"DROP VIEW IF EXISTS temp.first_{name}")
            connection.execute(sql.replace(f"CREATE VIEW {name}", f"CREATE TEMP VIEW first_{name}"))
    found: list[object] = []
    for name in HEALTH:
        ours = connection.execute(f"SELECT * FROM {name}").fetchall()
        anew = connection.execute(f"SELECT * FROM first_{name}").fetchall()
        found += [
            pair
            for pair in zip(ours, anew, strict=True)
            if any(a != pytest.approx(b) if isinstance(b, float) else a != b
                   for a, b in zip(*pair, strict=True))
        ]  # fmt: skip
    return found


def article(url: str, canonical: str | None, confidence: float, words: int) -> Article:
    site = url.split("/")[2]
    blocks = (Block(Kind.PARAGRAPH, "word " * words),)
    return Article(
        url, canonical, site, "H", "", blocks, verdict=Verdict.ARTICLE, confidence=confidence
    )


def step(store: Store, chance: random.Random, now: datetime) -> None:
    """Something that happens to a store, or that its owner does to it."""
    url = f"https://{chance.choice('abc')}.example/{chance.randrange(12)}"
    link = store.add_link(url, now=now)
    does = chance.randrange(9)
    if does < 4:  # often one that another link has brought
        canonical = chance.choice((None, f"{url.rsplit('/', 1)[0]}/{chance.randrange(4)}"))
        made = article(url, canonical, chance.random(), chance.randrange(9))
        store.save_article(link, None, made, now=now)
    elif does == 4:
        made = replace(article(url, None, 0.5, 3), verdict=Verdict.LISTING)
        store.link_refused(link, made, None, now=now)
    elif does == 5:
        state = chance.choice(("failed", "gone", "blocked"))
        store.link_failed(link, Outcome.GONE, "x", next_try=None, state=state, now=now)
    elif does == 6:
        entries = tuple(Entry(f"{url}{n}", "T", None, "", "f") for n in range(2))
        poll = Poll((Entry(url, "T", None, "", "f"), *entries), "F", "rss", None, None, now, 60, 9)
        store.feed_polled(chance.randint(1, 2), poll, now=now)
    elif does == 7:
        store.write(
            "UPDATE links SET feed_id = ? WHERE id = ?", (chance.choice((None, 1, 2)), link)
        )
    else:
        owner = chance.choice((
            "DELETE FROM articles WHERE id = ?",
            "DELETE FROM links WHERE id = ? AND id NOT IN (SELECT link_id FROM articles)",
            "DELETE FROM links WHERE id > ? AND id NOT IN (SELECT link_id FROM articles)",
            "UPDATE articles SET site = 'moved.example' WHERE link_id = ?",
            "UPDATE links SET site = 'moved.example' WHERE id = ?",
            "INSERT INTO links (url, site, feed_id, state, article_id, found_at)"
            " SELECT url || '+', 'new.example', 1, 'fetched', article_id, '' FROM links"
            " WHERE id >= ? AND TRUE ON CONFLICT DO NOTHING",
            "INSERT INTO links (url, site, feed_id, state, found_at)"
            " SELECT url || '-', 'new.example', 1, 'gone', '' FROM links"
            " WHERE id >= ? AND TRUE ON CONFLICT DO NOTHING",
        ))  # fmt: skip
        store.write(owner, (link,))


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_what_counting_gives(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    with store.transaction():
        for number in (1, 2):
            store.add_feed(f"https://f.example/{number}", now=NOW)
        for number in range(120):
            step(store, chance, NOW + chance.randint(-2, 5) * HOUR + number * HOUR)
            if number % 10 == 9:
                assert differing(store.connection) == []
    assert store.rows("SELECT sum(articles) AS n FROM feed_health")[0]["n"] > 0
    store.write("DELETE FROM articles")
    store.write("DELETE FROM links")
    assert differing(store.connection) == []
    assert store.rows("SELECT * FROM site_health") == []
    assert [row["articles"] for row in store.rows("SELECT articles FROM feed_health")] == [0, 0]


OLD = """
INSERT INTO feeds (url, url_key, next_poll, added_at)
VALUES ('f', 'f', 'n', 'n'), ('g', 'g', 'n', 'n');
INSERT INTO links (id, url, site, feed_id, state, found_at) VALUES
  (1, 'u1', 'a', 1, 'fetched', 'n'), (2, 'u2', 'a', 1, 'fetched', 'n'),
  (3, 'u3', 'a', 1, 'fetched', 'n'), (4, 'u4', 'b', 1, 'gone', 'n'),
  (5, 'u5', 'a', NULL, 'skipped', 'n'), (6, 'u6', 'c', 2, 'new', 'n');
INSERT INTO articles (id, link_id, url, canonical_key, site, headline, standfirst, body, blocks,
  words, authors, section, tags, language, captions, credits, verdict, verdict_reason, confidence,
  sources, cleaner_version, first_seen, last_seen)
SELECT id, id, url, url, site, 'H', '', 'B', '[]', 7 * id, '[]', '', '[]', '', '[]', '[]',
  'article', '', 0.25 * id, '{}', '0.0.1', '2026-0' || (4 - id), 'n' FROM links WHERE id < 3;
UPDATE links SET article_id = min(id, 2) WHERE id < 4;
"""


def test_an_old_file_is_counted_when_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = (n for n, m in enumerate(schema.MIGRATIONS) if "site_counts" in m.sql)
    with monkeypatch.context() as old:
        old.setattr(database, "MIGRATIONS", schema.MIGRATIONS[:number])
        Store(tmp_path / "a.db").close()
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.executescript(OLD)
    connection.close()
    with Store(tmp_path / "a.db") as store:
        assert differing(store.connection) == []
        assert [tuple(row) for row in store.rows("SELECT * FROM site_health")] == [
            ("a", 2, 1, 0, "2026-03", 0.375, 10.5),
            ("b", 0, 0, 1, None, None, None),
        ]
        shown = store.rows("SELECT articles, last_article FROM feed_health")
        assert [tuple(row) for row in shown] == [(2, "2026-03"), (0, None)]
        assert store.rows("SELECT mended FROM articles")[0]["mended"] == "[]"


def test_stale_articles_are_found_by_their_cleaner(store: Store) -> None:
    with store.transaction():
        for number, version in enumerate(("1", "2", "1", "3", "2", "10"), 1):
            url = f"https://a.example/{number}"
            store.add_link("https://a.example/0", now=NOW)  # so that numbers differ
            store.save_article(
                store.add_link(url, now=NOW), None, article(url, None, 1.0, 1), now=NOW
            )
            store.write("UPDATE articles SET cleaner_version = ? WHERE id = ?", (version, number))
    assert store.stale_articles("2") == [(1, 2), (3, 4), (4, 5), (6, 7)]
    assert store.stale_articles("2", after_id=1, limit=2) == [(3, 4), (4, 5)]
    assert [number for number, _ in store.stale_articles("4")] == [1, 2, 3, 4, 5, 6]
    assert store.stale_articles("2", after_id=6) == []
    store.write("DELETE FROM articles")
    assert store.stale_articles("2") == []
