from __future__ import annotations

import multiprocessing
import re
import sqlite3
import time
from pathlib import Path

import pytest

from scraper.errors import StoreError
from scraper.store import Store, database, schema


def objects(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """Name -> SQL of our tables or views, without those that FTS5 keeps for itself."""
    found = connection.execute(
        "SELECT m.name, m.sql FROM sqlite_master m JOIN pragma_table_list l ON l.name = m.name"
        " WHERE l.type = ? AND m.name NOT LIKE 'sqlite_%'",
        (kind,),
    )
    return dict(found.fetchall())


@pytest.fixture
def made(tmp_path: Path) -> sqlite3.Connection:
    Store(tmp_path / "a.db").close()
    return sqlite3.connect(tmp_path / "a.db")


def undocumented(connection: sqlite3.Connection, name: str, sql: str) -> list[str]:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info('{name}')")]
    assert columns
    return [
        column
        for column in columns
        if not re.search(rf"(?:^\s*|, ?){column}\b[^\n]*?(?:-- \S|/\* \S)", sql, re.MULTILINE)
    ]


def test_every_column_of_every_table_and_view_has_a_comment(made: sqlite3.Connection) -> None:
    names = set()
    for kind in ("table", "virtual", "view"):
        for name, sql in objects(made, kind).items():
            names.add(name)
            assert "( -- " in sql.split("\n")[0], f"{name} has no comment"
            assert undocumented(made, name, sql) == [], name
    made.close()
    tables = (
        "feeds links pages dictionaries articles revisions cuts sites site_counts robots runs"
        " migrations articles_fts fingerprints bands spread"
    )
    views = "latest article_text edits site_health feed_health syndicated"
    assert names == {*tables.split(), *views.split()}


def test_every_table_is_strict(made: sqlite3.Connection) -> None:
    found = made.execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict"
        " AND schema = 'main' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    assert found == []
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value"):
        made.execute("INSERT INTO sites VALUES ('a.example', 'slow', NULL)")
    made.close()


def test_a_file_says_what_it_is(made: sqlite3.Connection) -> None:
    assert made.execute("PRAGMA application_id").fetchone() == (0x53435250,)
    assert made.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
    assert made.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    applied = made.execute("SELECT * FROM migrations ORDER BY 1").fetchall()
    assert [row[:2] for row in applied] == list(enumerate((m.name for m in schema.MIGRATIONS), 1))
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[2]) for row in applied)
    made.close()


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT * FROM latest LIMIT 20", "articles_by_date"),
        ("SELECT * FROM edits LIMIT 20", "revisions_edits"),
        (
            "SELECT id FROM articles WHERE site = 'a' ORDER BY coalesce(published, first_seen)",
            "articles_by_site",
        ),
        ("SELECT id FROM articles WHERE canonical_key = 'a'", "articles_by_canonical"),
        ("SELECT id FROM links WHERE state = 'failed' AND next_try <= 'a'", "links_retry"),
        ("SELECT id FROM links WHERE state = 'new'", "links_new"),
        ("SELECT id FROM links WHERE feed_id = 1", "links_by_feed"),
        ("DELETE FROM pages WHERE fetched_at < 'a'", "pages_by_age"),
    ],
)
def test_what_is_asked_often_is_indexed(made: sqlite3.Connection, sql: str, index: str) -> None:
    plan = " ".join(row[3] for row in made.execute(f"EXPLAIN QUERY PLAN {sql}"))
    made.close()
    assert f"INDEX {index}" in plan
    assert "ORDER BY" not in plan  # no sorting by a temporary tree


def open_at(path: str, moment: float) -> str:
    time.sleep(max(0.0, moment - time.time()))
    try:
        with Store(path) as store:
            return str(store.counts()["articles"])
    except StoreError as exc:
        return str(exc)


def test_three_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.starmap(open_at, [(str(tmp_path / f"warm{n}.db"), 0.0) for n in range(3)], 1)
        for turn in range(30):
            task = (str(tmp_path / f"{turn}.db"), time.time() + 0.005)
            assert pool.starmap(open_at, [task] * 3, 1) == ["0", "0", "0"]
            with sqlite3.connect(task[0]) as connection:
                done = connection.execute("SELECT count(*) FROM migrations").fetchone()
                assert done == (len(schema.MIGRATIONS),)
            connection.close()


def test_a_migration_that_fails_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    Store(path).close()
    bad = schema.Migration(
        "bad", "CREATE TABLE x (y TEXT) STRICT;\nINSERT INTO nowhere VALUES (1);"
    )
    monkeypatch.setattr(database, "MIGRATIONS", (*schema.MIGRATIONS, bad))
    with pytest.raises(StoreError, match="no such table: nowhere"):
        Store(path)
    good = schema.Migration(
        "good", "ALTER TABLE sites ADD COLUMN note /* by hand; kept */ TEXT NOT NULL DEFAULT '';"
    )
    monkeypatch.setattr(database, "MIGRATIONS", (*schema.MIGRATIONS, good))
    with Store(path) as store:
        assert [row["name"] for row in store.rows("SELECT name FROM migrations")][-1:] == ["good"]
        assert "x" not in objects(store.connection, "table")
        assert (
            undocumented(store.connection, "sites", objects(store.connection, "table")["sites"])
            == []
        )


def test_statements_end_where_they_end() -> None:
    sql = "CREATE TRIGGER t AFTER DELETE ON a BEGIN\n  DELETE FROM b;\nEND;\nSELECT 1; -- ;\n"
    trigger, select = list(schema.statements(sql))[:2]
    assert trigger.endswith("END;")
    assert select.startswith("SELECT 1;")
    with pytest.raises(ValueError, match="unfinished"):
        list(schema.statements("SELECT 1"))
