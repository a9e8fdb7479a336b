from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from shelf import article, fill, shelve

from scraper.cli import run
from scraper.errors import StoreError
from scraper.store import Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    with Store(tmp_path / "articles.db") as made:
        fill(made, 5)
        yield made


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything but the index's own tables."""
    tables = "feeds links pages articles revisions cuts".split()
    return {t: [tuple(r) for r in store.rows(f"SELECT * FROM {t} ORDER BY 1")] for t in tables}


def test_a_copy_is_the_database_of_one_moment(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.store.upkeep.STEP", 1)  # many chances for the writer
    stop = threading.Event()
    failed: list[str] = []

    def writes() -> None:
        with Store(store.path, busy_seconds=0.5) as writer:
            for number in range(10, 400):
                if stop.is_set():
                    break
                try:
                    shelve(writer, article(number), number)
                except StoreError as exc:
                    failed.append(str(exc))

    thread = threading.Thread(target=writes)
    thread.start()
    try:
        while store.counts()["articles"] < 10:
            pass
        for turn in range(5):
            store.copy_to(tmp_path / f"{turn}.db")
    finally:
        stop.set()
        thread.join()
    assert failed == []
    assert store.counts()["articles"] > 12
    for turn in range(5):
        assert not Path(f"{turn}.db-wal").exists()
        with sqlite3.connect(f"{turn}.db") as plain:
            assert plain.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        plain.close()
        with Store(f"{turn}.db", must_exist=True) as copy:
            assert list(copy.findings(alone=True)) == []
            counts = copy.counts()
            assert counts["articles"] >= 10
            assert counts["links"] - 1 - counts["articles"] in (0, 1)  # found, not yet fetched


def test_the_command_backup(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backup", "b.db"]) == 0
    assert capsys.readouterr() == ("", "")
    with Store("b.db", must_exist=True) as copy:
        assert rows(copy) == rows(store)
    shelve(store, article(6), 6)
    for line, reason in {
        "b.db": "b.db: exists; --force overwrites it",
        "articles.db --force": "articles.db: is the database itself",
        "none/b.db": "none/b.db: cannot be written: No such file or directory",
        "b.db --db none.db --force": "none.db: does not exist",
    }.items():
        assert run(["backup", *line.split()]) == 2
        assert reason in capsys.readouterr().err
    with Store("b.db", must_exist=True) as copy:
        assert copy.counts()["articles"] == 5
    assert run(["backup", "b.db", "--force"]) == 0
    with Store("b.db", must_exist=True) as copy:
        assert copy.counts()["articles"] == 6


def test_a_backup_that_fails_leaves_the_old_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("b.db").write_bytes(b"old")
    before = sorted(Path().iterdir())
    real = sqlite3.connect

    def small(*args: object, **kwargs: object) -> sqlite3.Connection:
        """A disk for 20 pages."""
        made: sqlite3.Connection = real(*args, **kwargs)  # type: ignore[call-overload]
        if len(args) == 1 and str(args[0]).endswith(".part"):
            made.execute("PRAGMA max_page_count=20")
        return made

    monkeypatch.setattr("scraper.store.upkeep.sqlite3.connect", small)
    assert run(["backup", "b.db", "--force"]) == 2
    assert (
        "cannot be copied: the copy cannot be written: the disk is full" in capsys.readouterr().err
    )
    assert Path("b.db").read_bytes() == b"old"
    assert sorted(Path().iterdir()) == before
