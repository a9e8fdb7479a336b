from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.model import Article, Block, Kind, Verdict
from scraper.store import Store, database, schema, syndication
from scraper.store.tables_syndication import SYNDICATION

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORDS = [f"w{n}" for n in range(5000)]
BEFORE = [m.sql for m in schema.MIGRATIONS].index(SYNDICATION)


def text(seed: int, size: int = 200) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=size))


def copy(story: str, seed: int = 0, share: float = 0.2) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) if rng.random() < share else w for w in story.split())


def save(store: Store, name: str, body: str, published: datetime | None = None) -> int:
    """The number of the article at an address such as `a.example/1`."""
    site = name.split("/")[0]
    blocks = (Block(Kind.PARAGRAPH, body),)
    made = Article(
        f"https://{name}", None, site, f"On {name}", "", blocks,
        published=published, verdict=Verdict.ARTICLE,
    )  # fmt: skip
    link = store.add_link(made.url, now=NOW)
    return store.save_article(link, None, made, now=NOW).article_id


def clusters(store: Store) -> dict[int, int | None]:
    return {r["id"]: r["cluster_id"] for r in store.rows("SELECT id, cluster_id FROM articles")}


def syndicated(store: Store) -> list[tuple[int, int]]:
    found = store.rows("SELECT cluster_id, article_id FROM syndicated")
    return [(row["cluster_id"], row["article_id"]) for row in found]


def keys(store: Store, article_id: int) -> int:
    found = store.row("SELECT count(*) AS n FROM bands WHERE article_id = ?", (article_id,))
    assert found is not None
    return int(found["n"])


def delete(store: Store, article_id: int) -> None:
    with store.transaction():
        store.write("UPDATE links SET article_id = NULL WHERE article_id = ?", (article_id,))
        store.write("DELETE FROM articles WHERE id = ?", (article_id,))


def test_copies_on_several_sites_are_one_cluster(store: Store) -> None:
    story = text(1)
    lead = text(5, 20)
    first = save(store, "a.example/1", story)
    alone = save(store, "a.example/2", text(2))
    second = save(store, "b.example/1", copy(story))
    third = save(store, "c.example/1", f"{lead} {' '.join(copy(story, 2).split()[40:])}")
    assert clusters(store) == {first: first, alone: None, second: first, third: first}
    assert syndicated(store) == [(first, first), (first, second), (first, third)]


def test_the_view_tells_who_was_first_and_the_latest_story_first(store: Store) -> None:
    save(store, "a.example/1", text(1), NOW)
    early = save(store, "b.example/1", copy(text(1)), NOW - HOUR)
    save(store, "a.example/2", text(2), NOW - 2 * HOUR)
    save(store, "b.example/2", copy(text(2)))  # no date: when it was first seen
    rows = [tuple(row) for row in store.rows("SELECT * FROM syndicated")]
    assert [row[:4] + row[5:6] for row in rows] == [
        (3, 3, "a.example", "On a.example/2", 1),
        (3, 4, "b.example", "On b.example/2", 0),
        (1, early, "b.example", "On b.example/1", 1),
        (1, 1, "a.example", "On a.example/1", 0),
    ]
    assert [row[4] for row in rows[1:3]] == ["2026-11-22T15:49:18Z", "2026-11-22T14:49:18Z"]
    assert rows[0][6:] == (200, "", "https://a.example/2")


def test_copies_on_one_site_are_a_cluster_but_not_syndicated(store: Store) -> None:
    save(store, "a.example/1", text(1))
    save(store, "a.example/2", text(1))
    assert clusters(store) == {1: 1, 2: 1}
    assert syndicated(store) == []
    save(store, "b.example/1", text(1))
    assert syndicated(store) == [(1, 1), (1, 2), (1, 3)]


def test_what_shares_a_paragraph_or_is_short_has_no_company(store: Store) -> None:
    shared = text(9, 50)
    for number in range(40):  # more than are looked at for a key
        save(store, f"s{number}.example/1", f"{text(number)} {shared}")
    save(store, "a.example/1", "Subscribe to read on.")
    save(store, "b.example/1", "Subscribe to read on.")
    assert set(clusters(store).values()) == {None}
    copied = save(store, "c.example/1", copy(f"{text(3)} {shared}"))
    assert clusters(store)[copied] == 4


def test_an_article_between_two_clusters_makes_them_one(store: Store) -> None:
    one, other = text(1, 120), text(2, 120)
    for name, body in {"a": one, "b": copy(one), "c": other, "d": copy(other)}.items():
        save(store, f"{name}.example/1", body)
    assert list(clusters(store).values()) == [1, 1, 3, 3]
    between = save(store, "e.example/1", f"{one} {other}")
    assert set(clusters(store).values()) == {1}
    assert len(syndicated(store)) == 5
    delete(store, between)  # does not part them
    assert set(clusters(store).values()) == {1}


def test_a_changed_text_is_compared_anew(store: Store) -> None:
    save(store, "a.example/1", text(1))
    save(store, "b.example/1", copy(text(1)))
    save(store, "c.example/1", text(2))
    save(store, "a.example/1", copy(text(1), 4, 0.1))
    assert clusters(store) == {1: 1, 2: 1, 3: None}
    save(store, "b.example/1", copy(text(2)))
    assert clusters(store) == {1: None, 2: 2, 3: 2}
    assert syndicated(store) == [(2, 2), (2, 3)]
    assert [keys(store, n) for n in (1, 2, 3)] == [24, 24, 24]
    save(store, "b.example/1", "Moved.")
    assert clusters(store) == {1: None, 2: None, 3: None}
    assert syndicated(store) == []
    assert keys(store, 2) == 0


def test_a_cluster_bears_the_number_of_its_first(store: Store) -> None:
    for name in "abcd":
        save(store, f"{name}.example/1", copy(text(1), ord(name), 0.1))
    save(store, "a.example/1", text(2))
    assert clusters(store) == {1: None, 2: 2, 3: 2, 4: 2}
    save(store, "a.example/1", text(1))
    assert set(clusters(store).values()) == {1}
    assert len(syndicated(store)) == 4


@pytest.mark.parametrize("foreign_keys", ["ON", "OFF"])  # OFF in the sqlite3 shell
def test_a_deleted_article_leaves_nothing(store: Store, foreign_keys: str) -> None:
    for name in ("a.example/1", "b.example/1", "b.example/2"):
        save(store, name, text(1))
    store.connection.execute(f"PRAGMA foreign_keys={foreign_keys}")
    delete(store, 1)
    assert clusters(store) == {2: 2, 3: 2}
    assert syndicated(store) == []  # both on one site
    assert keys(store, 1) == 0
    assert store.rows("SELECT * FROM fingerprints WHERE article_id = 1") == []
    delete(store, 3)
    assert clusters(store) == {2: None}
    assert store.rows("SELECT * FROM spread") == []
    assert [row["article_id"] for row in store.rows("SELECT * FROM bands")] == [2] * 24


def test_the_last_copy_elsewhere_is_deleted(store: Store) -> None:
    for name in ("a.example/1", "a.example/2", "b.example/1"):
        save(store, name, text(1))
    assert len(syndicated(store)) == 3
    delete(store, 3)
    assert clusters(store) == {1: 1, 2: 1}
    assert syndicated(store) == []


def test_a_site_that_changes_counts_as_it_is(store: Store) -> None:
    save(store, "a.example/1", text(1))
    save(store, "b.example/1", text(1))
    store.write("UPDATE articles SET site = 'a.example'")
    assert syndicated(store) == []
    store.write("UPDATE articles SET site = 'c.example' WHERE id = 2")
    assert len(syndicated(store)) == 2


def test_work_for_an_article_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syndication, "SAME", 2.0)  # nothing is: everything stays a candidate
    for number in range(50):
        save(store, f"s{number}.example/1", text(1))
    asked: list[str] = []
    store.connection.set_trace_callback(asked.append)
    save(store, "a.example/1", text(1))
    store.connection.set_trace_callback(None)
    assert sum("cluster_id, body FROM articles" in sql for sql in asked) == syndication.READ
    found = [sql for sql in asked if "FROM bands WHERE key" in sql and "LIMIT" in sql]
    assert len(found) == 24
    assert all(sql.endswith(f"LIMIT {syndication.HOLDERS}") for sql in found)


def test_an_older_file_is_compared_in_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", schema.MIGRATIONS[:BEFORE])
        patch.setattr(Store, "_compare", lambda *_: None)
        with Store(path) as store:
            for number in range(5):
                save(store, f"s{number}.example/1", copy(text(number % 2), number, 0.1))
    with Store(path) as store:
        assert set(clusters(store).values()) == {None}
        save(store, "s0.example/1", copy(text(0), 0, 0.1))  # the same text: now compared
        assert keys(store, 1) == 24
        assert [store.index_syndication(3) for _ in range(3)] == [3, 1, 0]
        assert clusters(store) == {1: 1, 2: 2, 3: 1, 4: 2, 5: 1}
        assert len(syndicated(store)) == 5


def test_nothing_of_a_save_that_fails_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save(store, "a.example/1", text(1))
    with monkeypatch.context() as patch:
        patch.setattr(store, "_replace_cuts", None)
        with pytest.raises(TypeError):
            save(store, "b.example/1", text(1))
    assert clusters(store) == {1: None}
    assert keys(store, 2) == 0


def test_the_tables_agree_after_any_history(store: Store) -> None:
    rng = random.Random(3)
    for _ in range(80):
        name = f"{rng.choice('abc')}.example/{rng.randint(1, 5)}"
        row = store.row("SELECT id FROM articles WHERE url = ?", (f"https://{name}",))
        if row is not None and rng.random() < 0.3:
            delete(store, row["id"])
        else:
            save(store, name, copy(text(rng.randint(1, 3)), rng.randint(1, 9), 0.15))
        check(store)


def check(store: Store) -> None:
    sites: dict[int, set[str]] = {}
    members: dict[int, list[int]] = {}
    for row in store.rows("SELECT id, site, cluster_id FROM articles"):
        if row["cluster_id"] is not None:
            sites.setdefault(row["cluster_id"], set()).add(row["site"])
            members.setdefault(row["cluster_id"], []).append(row["id"])
    assert all(len(ids) > 1 and min(ids) == number for number, ids in members.items())
    spread = {row["cluster_id"] for row in store.rows("SELECT cluster_id FROM spread")}
    assert spread == {number for number, names in sites.items() if len(names) > 1}
    held = {(r["article_id"], r["key"]) for r in store.rows("SELECT * FROM bands")}
    assert held == {
        (row["article_id"], row["keys"][at : at + 4])
        for row in store.rows("SELECT * FROM fingerprints")
        for at in range(0, len(row["keys"]), 4)
    }


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT * FROM syndicated LIMIT 20", "articles_by_cluster"),
        ("SELECT min(site) FROM articles WHERE cluster_id = ?", "articles_by_cluster_site"),
        ("SELECT 1 FROM fingerprints WHERE keys IS NULL ORDER BY article_id", "fingerprints_due"),
    ],
)
def test_what_is_asked_is_indexed(store: Store, sql: str, index: str) -> None:
    values = (1,) if "?" in sql else ()
    plan = [row["detail"] for row in store.rows(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any(index in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan)


def test_bands_are_found_by_their_key(store: Store) -> None:
    plan = store.rows(f"EXPLAIN QUERY PLAN {syndication.HOLDING}", (b"abcd", 1))
    assert [row["detail"] for row in plan] == ["SEARCH bands USING PRIMARY KEY (key=?)"]


def test_the_migration_is_plain_sql() -> None:
    assert all(sqlite3.complete_statement(sql) for sql in schema.statements(SYNDICATION))
