from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from shelf import NOW, article, fill, shelve, url

from scraper.cli import run
from scraper.errors import StoreError
from scraper.store import Store, schema_objects


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    with Store(tmp_path / "articles.db") as made:
        fill(made, 5)
        yield made


def spoil(store: Store, *statements: str) -> None:
    """Does what no program of ours does."""
    raw = sqlite3.connect(store.path, isolation_level=None)
    raw.execute("PRAGMA ignore_check_constraints=ON")
    for statement in statements:
        raw.execute(statement)
    raw.close()


def found(store: Store) -> list[tuple[str, int | None, str]]:
    return [(f.table, f.row, f.fault) for f in store.findings(alone=True)]


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything but the index's own tables."""
    tables = "feeds links pages articles revisions cuts"
    return {
        t: [tuple(r) for r in store.rows(f"SELECT * FROM {t} ORDER BY 1")] for t in tables.split()
    }


def test_a_sound_database_has_no_findings_beside_a_crawl_too(store: Store) -> None:
    assert found(store) == []
    before = rows(store)
    with store.run_lock(now=NOW):
        store.repair()
    assert rows(store) == before
    with Store(store.path) as writer, writer.transaction():
        shelve(writer, article(6), 6)
        assert list(store.findings()) == []


# what is done to the file, what is found, and whether the article comes back as it was
FAULTS: dict[str, tuple[list[str], list[tuple[str, int | None, str]]]] = {
    "unindexed": (
        ["DELETE FROM articles_fts WHERE rowid = 2"],
        [("articles", 2, "is not in the full-text index")],
    ),
    "stray": (
        ["INSERT INTO articles_fts (rowid, headline) VALUES (77, 'ghost')"],
        [("articles_fts", 77, "is of no article")],
    ),
    "stale": (
        ["UPDATE articles_fts SET body = 'other', headline = 'x' WHERE rowid = 3"],
        [("articles_fts", 3, "has another headline, body than its article")],
    ),
    "words": (
        ["UPDATE articles_fts_content SET c0 = 'x' WHERE id = 3"],
        [
            ("articles_fts", None, "the index does not hold the words of its rows"),
            ("articles_fts", 3, "has another headline than its article"),
        ],
    ),
    "orphans": (
        [
            "INSERT INTO cuts SELECT 900, 99, 1, 'a', 'b', 'c', 'd'",
            "INSERT INTO revisions SELECT 98, 1, seen_at, 'a', 'b', '[]' FROM revisions LIMIT 1",
            "UPDATE links SET feed_id = 97 WHERE id = 1",
        ],
        [
            ("cuts", 900, "points at a row of articles that is not there"),
            ("links", 1, "points at a row of feeds that is not there"),
            ("revisions", 7, "points at a row of articles that is not there"),
        ],
    ),
    "misled": (
        ["UPDATE links SET article_id = NULL WHERE id = 4"],
        [("articles", 4, "its link does not lead to it")],
    ),
    "lost link": (
        ["DELETE FROM pages WHERE link_id = 5", "DELETE FROM links WHERE id = 5"],
        [("articles", 5, "points at a row of links that is not there")],
    ),
    "miscounted": (
        [
            "UPDATE articles SET revision = 4 WHERE id = 1",
            "DELETE FROM revisions WHERE article_id = 2",
        ],
        [
            ("articles", 1, "names revision 4, the latest is 2"),
            ("articles", 2, "names revision 1, there is none"),
        ],
    ),
    "counts": (
        [
            "UPDATE site_counts SET words = 1 WHERE site = 'echo.example'",
            "UPDATE feeds SET articles = 9 WHERE id = 1",
        ],
        [
            ("site_counts", None, "counts of echo.example are wrong"),
            ("feeds", 1, "counts 9 articles of 0"),
        ],
    ),
    "no JSON": (
        ["UPDATE articles SET blocks = '[', authors = '{}', sources = '[]' WHERE id = 2"],
        [
            ("", None, "CHECK constraint failed in articles"),
            ("articles", 2, "blocks is no JSON array"),
            ("articles", 2, "authors is no JSON array"),
            ("articles", 2, "sources is no JSON object"),
        ],
    ),
    "index": (
        [  # a row is changed while the index leaves it out
            "PRAGMA writable_schema=ON",
            "UPDATE sqlite_master SET sql = sql || ' WHERE id < 0' WHERE name = 'articles_by_url'",
            "PRAGMA schema_version=1000",
            "UPDATE articles SET url = url || '#' WHERE id = 1",
            "UPDATE sqlite_master SET sql = replace(sql, ' WHERE id < 0', '')",
            "PRAGMA schema_version=1001",
        ],
        [("", None, "row 1 missing from index articles_by_url")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_by_table_and_row_and_mended(store: Store, name: str) -> None:
    statements, faults = FAULTS[name]
    spoil(store, *statements)
    seen = found(store)
    assert sorted(map(str, faults)) == sorted(str(f) for f in seen if f in faults), seen
    with store.run_lock(now=NOW):
        store.repair()
    assert found(store) == []
    assert store.counts()["articles"] == 5
    for number in range(1, 6):
        stored = store.article(number)
        assert stored is not None
        assert stored.article.body == article(number).body
        assert store.article(url(number)) == stored
        assert number in {hit.article_id for hit in store.search(f"ferry number {number}")}
    assert store.search("ghost") == []
    assert store.row("SELECT feed_id FROM links WHERE id = 1") is not None


def test_what_a_repair_loses_is_filled_by_reclean(store: Store) -> None:
    spoil(store, "UPDATE articles SET authors = 'x' WHERE id = 3")
    with store.run_lock(now=NOW):
        store.repair()
    assert store.stale() == [3]


def test_a_damaged_file_is_a_finding_not_a_crash(store: Store) -> None:
    root = store.rows("SELECT rootpage FROM sqlite_master WHERE name = 'cuts'")[0][0]
    store.close()
    content = bytearray(Path("articles.db").read_bytes())
    content[4096 * (root - 1) : 4096 * root] = b"\xff" * 4096
    Path("articles.db").write_bytes(content)
    with Store("articles.db") as damaged:
        seen = list(damaged.findings())
        assert seen
        assert {f.table for f in seen} == {""}
        with pytest.raises(StoreError, match="is damaged"):
            damaged.repair()
        with pytest.raises(StoreError, match="cannot be copied: it is damaged"):
            damaged.copy_to("copy.db")


def test_the_command_check(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check"]) == 0
    assert capsys.readouterr() == ("", "")
    assert run(["check", "-v"]) == 0
    assert capsys.readouterr() == ("articles.db: nothing is wrong\n", "")
    spoil(store, FAULTS["stray"][0][0])
    assert run(["check"]) == 1
    assert capsys.readouterr() == ("articles_fts\t77\tis of no article\n", "")
    with store.run_lock(now=NOW):  # beside a crawl it reads only
        assert run(["check"]) == 1
        assert run(["check", "--repair"]) == 3
    out, err = capsys.readouterr()
    assert out == "articles_fts\t77\tis of no article\n"
    assert "scraper check: articles.db: another run holds the lock" in err
    assert run(["check", "--repair", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"table": "articles_fts", "row": 77, "fault": "is of no article", "mended": True}
    ]
    assert run(["check", "--repair"]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_schema_makes_the_database(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    text = capsys.readouterr().out
    made = sqlite3.connect("made.db")
    made.executescript(text)
    names = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    assert made.execute(names).fetchall() == [tuple(row) for row in store.rows(names)]
    made.close()
    assert "headline TEXT NOT NULL, -- without markup" in text
    assert "CREATE VIEW latest ( -- the newest articles first" in text
    assert "articles_fts_data" not in text
    assert run(["schema", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "migrations"
    assert {o.type for o in schema_objects()} == {"table", "view", "index", "trigger"}
