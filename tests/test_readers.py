"""Readers beside a writer, and files that fail under one."""

from __future__ import annotations

import os
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shelf import NOW, article, fill, shelve

from scraper.cli import run
from scraper.errors import StoreError
from scraper.model import Block, Kind
from scraper.store import Store
from scraper.store.database import LOG_BYTES

NOBODY = 65534


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db", busy_seconds=0.5) as made:
        fill(made, 3)
        yield made


def log(store: Store) -> int:
    """Bytes of the write-ahead log."""
    return Path(f"{store.path}-wal").stat().st_size


def grow(store: Store, start: int, articles: int, size: int = 200_000) -> None:
    """Stores articles of `size` bytes, each in a transaction."""
    for number in range(start, start + articles):
        blocks = (Block(Kind.PARAGRAPH, f"{number} " * (size // 4)),)
        shelve(store, article(number, blocks=blocks), number)


@contextmanager
def reading(store: Store) -> Iterator[sqlite3.Connection]:
    """A reader in mid-transaction, as a notebook that was left open."""
    reader = sqlite3.connect(store.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM articles").fetchone()
    try:
        yield reader
    finally:
        reader.close()


def alone(path: Path, tmp_path: Path) -> int:
    """How many articles the file holds without its log."""
    (tmp_path / "alone.db").write_bytes(path.read_bytes())
    bare = sqlite3.connect(f"file:{tmp_path}/alone.db?immutable=1", uri=True)
    (count,) = bare.execute("SELECT count(*) FROM articles").fetchone()
    bare.close()
    return int(count)


def test_a_reader_that_stays_stops_no_writer_and_the_log_shrinks_when_it_goes(
    store: Store,
) -> None:
    with reading(store) as reader:
        grow(store, 10, 20)
        assert log(store) > 2 * LOG_BYTES
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (3,)
        grown = log(store)
    grow(store, 40, 1, size=100)  # moves the log into the file ...
    grow(store, 41, 1, size=100)  # ... and begins it anew
    assert log(store) <= LOG_BYTES < grown
    assert store.counts()["articles"] == 25


def test_close_moves_what_it_can_beside_a_reader_that_stays(store: Store, tmp_path: Path) -> None:
    with Store(store.path) as writer:
        grow(writer, 10, 3)
        with reading(store) as reader:
            begun = time.monotonic()
            writer.close()
            assert time.monotonic() - begun < 10
            assert alone(store.path, tmp_path) == 6
            assert reader.execute("SELECT count(*) FROM articles").fetchone() == (6,)
    with Store(store.path) as after:
        grow(after, 20, 1)
    assert log(store) == 0


def test_close_waits_for_a_reader_that_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.store.database.PATIENCE", 20_000)
    begun = threading.Event()

    def reads() -> None:
        with reading(store):
            begun.set()
            time.sleep(0.2)

    thread = threading.Thread(target=reads)
    with Store(store.path) as writer:
        grow(writer, 10, 1)
        thread.start()
        begun.wait()
    thread.join()
    assert log(store) == 0


def test_who_only_read_waits_for_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.store.database.PATIENCE", 60_000)
    store.add_link("https://www.echo.example/x", now=NOW)
    with reading(store):
        with Store(store.path, must_exist=True) as other:
            other.counts()
            begun = time.monotonic()
        assert time.monotonic() - begun < 20


def sound(store: Store, articles: int) -> None:
    """Fails unless the file is whole and the next run goes on."""
    with Store(store.path, must_exist=True) as again:
        assert list(again.findings(alone=True)) == []
        assert again.counts()["articles"] == articles
        grow(again, 90, 1, size=100)
        assert again.counts()["articles"] == articles + 1


def test_a_full_disk_is_a_clear_error_and_the_next_run_goes_on(store: Store) -> None:
    (pages,) = store.connection.execute("PRAGMA page_count").fetchone()
    store.connection.execute(f"PRAGMA max_page_count={pages + 10}")
    with pytest.raises(StoreError) as caught:
        grow(store, 10, 1)
    assert caught.value.reason == "cannot be written: the disk is full"
    assert not store.connection.in_transaction
    assert list(store.findings()) == []
    with pytest.raises(StoreError, match="the disk is full"), store.transaction():
        store.add_link("https://www.echo.example/lost", now=NOW)
        grow(store, 11, 1)
    assert store.row("SELECT 1 FROM links WHERE url LIKE '%lost'") is None
    store.connection.execute("PRAGMA max_page_count=1000000")
    sound(store, 3)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Within, a file that this process writes ends at `size` bytes: a quota, a failing disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_that_fails_in_mid_write_is_a_clear_error(store: Store) -> None:
    with largest_file(log(store) + 50_000), pytest.raises(StoreError) as caught:
        grow(store, 10, 1)
    assert caught.value.reason.startswith("cannot be ")
    assert "written" in caught.value.reason
    sound(store, 3)


def test_a_file_that_vanished_or_was_replaced_takes_no_more(store: Store, tmp_path: Path) -> None:
    for number in range(2):
        with Store(tmp_path / f"{number}.db") as made:
            fill(made, 1)
            path = Path(made.path)
            path.rename(tmp_path / "away.db")
            if number:
                Store(path).close()
            with pytest.raises(StoreError) as caught:
                made.add_link("https://www.echo.example/x", now=NOW)
            assert caught.value.subject == str(path)
            assert caught.value.reason == "was deleted or replaced while it was open"
            with pytest.raises(StoreError, match="deleted or replaced"), made.transaction():
                raise AssertionError("nothing is done within")
        with Store(path) as after:
            assert after.counts()["articles"] == 0


def test_a_working_folder_may_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store("a.db") as store:
        (tmp_path / "b").mkdir()
        monkeypatch.chdir("b")
        fill(store, 1)


@contextmanager
def nobody() -> Iterator[Path]:
    """A folder of a user who is not root, for whom permissions hold."""
    with tempfile.TemporaryDirectory(prefix="scraper-") as name:
        folder = Path(name)
        user = os.geteuid()
        if user == 0:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            folder.chmod(0o700)
            os.seteuid(user)


def test_a_read_only_file_is_read_and_says_why_it_is_not_written() -> None:
    with nobody() as folder:
        with Store(folder / "a.db") as made:
            fill(made, 3)
        (folder / "a.db").chmod(0o444)
        with Store(folder / "a.db", must_exist=True) as store:
            assert store.counts()["articles"] == 3
            assert list(store.findings()) == []
            with pytest.raises(StoreError) as caught:
                store.add_link("https://www.echo.example/x", now=NOW)
            assert caught.value.reason == "is read-only"
        folder.chmod(0o555)
        with pytest.raises(StoreError) as caught, Store(folder / "a.db", must_exist=True) as store:
            store.add_link("https://www.echo.example/x", now=NOW)
        assert caught.value.reason in (
            "is read-only",
            "cannot be opened: a permission or a folder is missing",
        )
        assert run(["backup", f"{folder}/b.db", "--db", f"{folder}/a.db"]) == 2
        with pytest.raises(StoreError, match="cannot be opened: a permission"):
            Store(folder / "new.db")
        (folder / "a.db").chmod(0o000)
        with pytest.raises(StoreError, match=r"permission"):
            Store(folder / "a.db", must_exist=True)
