from __future__ import annotations

import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from scraper.errors import LockedError, StoreError
from scraper.model import Entry, RobotsRecord
from scraper.store import Poll, Store
from scraper.store.schema import MIGRATIONS
from scraper.store.values import mend, moment_of, split_moment, utc_text

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = "https://news.example/feed"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db", busy_seconds=0.2) as made:
        yield made


def entry(url: str, title: str = "A title", published: datetime | None = None) -> Entry:
    return Entry(url, title, published, "", FEED)


def poll(*entries: Entry, limit: int = 100, moved_to: str | None = None) -> Poll:
    return Poll(entries, "News", "rss", '"e1"', "Sun", NOW + HOUR, 3600.0, limit, moved_to)


def test_what_cannot_be_opened_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("a text that is long enough to be no header " * 30)
    (tmp_path / "folder.db").mkdir()
    os.mkfifo(tmp_path / "pipe.db")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (a)")
    other.close()
    Store(tmp_path / "newer.db").close()
    newer = sqlite3.connect(tmp_path / "newer.db")
    newer.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    newer.close()
    reasons = {
        "text.db": "is not a SQLite database",
        "folder.db": "is a directory",
        "pipe.db": "is not a regular file",
        "other.db": "is a SQLite database of another program",
        "newer.db": "was made by a newer version of scraper (schema "
        f"{len(MIGRATIONS) + 1}, this one knows {len(MIGRATIONS)})",
        "none/a.db": f"the folder {tmp_path / 'none'} does not exist",
        "a\0.db": "is no file name",
        "x" * 300: "File name too long",
    }
    for name, reason in reasons.items():
        path = f"{tmp_path}/{name}"
        with pytest.raises(StoreError) as caught:
            Store(path)
        assert (caught.value.subject, caught.value.reason) == (path, reason)
    with pytest.raises(StoreError, match="does not exist"):
        Store(tmp_path / "absent.db", must_exist=True)
    assert not (tmp_path / "absent.db").exists()
    with sqlite3.connect(tmp_path / "other.db") as untouched:
        assert untouched.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    untouched.close()


def test_a_path_is_a_path(tmp_path: Path) -> None:
    for name in ("with space?mode=ro#x.db", ":memory:", "é%20.db"):
        Store(tmp_path / name).close()
        assert (tmp_path / name).is_file()


def test_a_locked_file_is_a_clear_error_and_nothing_is_half_written(store: Store) -> None:
    store.add_feed(FEED, now=NOW)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught:
        store.feed_polled(1, poll(entry("https://news.example/1")), now=NOW)
    assert caught.value.reason == "is locked by another process; waited 0.2 s"
    other.execute("ROLLBACK")
    other.close()
    assert store.counts()["links"] == 0
    assert store.feed_polled(1, poll(entry("https://news.example/1")), now=NOW) == 1


def test_a_failure_in_a_transaction_undoes_it_whole(store: Store) -> None:
    with pytest.raises(StoreError, match="has no feed 9"):
        store.feed_polled(9, poll(entry("https://news.example/1")), now=NOW)
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.add_link("https://news.example/2", now=NOW)
        raise ZeroDivisionError
    assert store.counts()["links"] == 0
    with store.transaction():
        store.add_link("https://news.example/3", now=NOW)
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.add_link("https://news.example/4", now=NOW)
            raise ZeroDivisionError
    assert [link.url for link in store.due_links(NOW)] == ["https://news.example/3"]


def test_a_closed_store_and_a_damaged_file_are_store_errors(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store, store.transaction():
        for number in range(200):
            store.add_feed(f"{FEED}/{number}", title="x" * 500, now=NOW)
    with pytest.raises(StoreError, match="closed database"):
        store.feeds()
    with pytest.raises(StoreError, match="closed database"):
        store.add_link(FEED, now=NOW)
    content = bytearray((tmp_path / "a.db").read_bytes())
    content[4096 * 2 :] = b"\xff" * (len(content) - 4096 * 2)
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"), Store(tmp_path / "a.db") as store:
        store.feeds()


KILLED = """
import os, sys, signal
from datetime import datetime, UTC
from scraper.store import Store
now = datetime(2026, 11, 22, tzinfo=UTC)
store = Store(sys.argv[1])
store.add_link("https://news.example/kept", now=now)
with store.transaction():
    store.add_link("https://news.example/lost", now=now)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kill_in_a_transaction_loses_only_that_transaction(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "a.db")], check=False)
    assert done.returncode == -signal.SIGKILL
    with Store(tmp_path / "a.db") as store:
        assert [link.url for link in store.due_links(NOW)] == ["https://news.example/kept"]
        assert store.rows("PRAGMA integrity_check")[0][0] == "ok"


def test_a_reader_sees_only_what_is_committed_and_blocks_nobody(store: Store) -> None:
    with Store(store.path, must_exist=True, busy_seconds=0.0) as reader:
        with store.transaction():
            store.add_link("https://news.example/1", now=NOW)
            assert reader.due_links(NOW) == []
        assert len(reader.due_links(NOW)) == 1
        reader.connection.execute("BEGIN")
        assert reader.counts()["links"] == 1
        store.add_link("https://news.example/2", now=NOW)  # while the reader is in mid-read
        assert reader.counts()["links"] == 1


def test_a_transaction_has_the_file_to_itself_from_its_first_word(store: Store) -> None:
    locked = pytest.raises(StoreError, match="is locked by another process; waited 0 s")
    with Store(store.path, busy_seconds=0.0) as other, store.transaction(), locked:
        other.add_link("https://news.example/1", now=NOW)
    assert store.counts()["links"] == 0


def test_close_empties_the_log_even_beside_an_idle_reader(store: Store) -> None:
    assert store.counts()["links"] == 0
    with Store(store.path) as writer:
        writer.add_link("https://news.example/1", now=NOW)
        assert Path(f"{store.path}-wal").stat().st_size > 0
    assert Path(f"{store.path}-wal").stat().st_size == 0


def test_the_run_lock_is_held_by_one(store: Store) -> None:
    with store.run_lock(now=NOW), Store(store.path) as other:
        with pytest.raises(LockedError) as caught, other.run_lock(now=NOW):
            pass
        assert caught.value.since == NOW
        assert caught.value.subject == str(store.path)
        reason = f"another run holds the lock (process {os.getpid()}, since 2026-11-22T15:49:18Z)"
        assert caught.value.reason == reason
        assert pickle.loads(pickle.dumps(caught.value)).since == NOW
        lock = Path(f"{store.path}.lock")
        assert json.loads(lock.read_text()) == {"pid": os.getpid(), "since": utc_text(NOW)}
        lock.write_text("")
        with pytest.raises(LockedError) as caught, other.run_lock(now=NOW):
            pass
        assert (caught.value.since, caught.value.reason) == (None, "another run holds the lock")
    with store.run_lock():  # the file system says since when
        since = datetime.fromisoformat(json.loads(lock.read_text())["since"])
        assert abs(since - datetime.now(UTC)) < HOUR


HOLDER = """
import os, sys, time
from datetime import datetime, UTC
from scraper.store import Store
store = Store(sys.argv[1])
with store.run_lock(now=datetime(2026, 11, 22, tzinfo=UTC)):
    child = os.fork()
    if not child:
        print(os.getpid(), flush=True)
    time.sleep(60)
"""


def test_the_run_lock_dies_with_its_process_though_a_worker_lives_on(store: Store) -> None:
    command = [sys.executable, "-c", HOLDER, str(store.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        worker = int(holder.stdout.readline())
        with pytest.raises(LockedError), store.run_lock(now=NOW):
            pass
        holder.kill()
        holder.wait()
        try:
            with store.run_lock(now=NOW):
                os.kill(worker, 0)  # it does live on
        finally:
            os.kill(worker, signal.SIGKILL)


def test_runs_robots_and_backoff_are_remembered(store: Store) -> None:
    store.begin_run("crawl", now=NOW)
    run = store.begin_run("crawl", now=NOW)
    store.end_run(run, {"links_new": 3}, ended="ok", now=NOW + HOUR)
    with pytest.raises(ValueError, match="no such count: typo"):
        store.end_run(run, {"typo": 3}, ended="ok", now=NOW)
    rows = store.rows("SELECT ended, ended_at, links_new, failed FROM runs")
    assert [tuple(row) for row in rows] == [
        ("died", None, 0, 0),
        ("ok", utc_text(NOW + HOUR), 3, 0),
    ]
    record = RobotsRecord("https://a.example", 200, "Disallow: /é", NOW, NOW + HOUR)
    assert store.get_robots(record.origin) is None
    store.put_robots(RobotsRecord(record.origin, 0, "", NOW, NOW))
    store.put_robots(record)
    assert store.get_robots(record.origin) == record
    assert store.site_backoff("a.example") is None
    store.set_site_backoff("a.example", NOW)
    assert store.site_backoff("a.example") == NOW
    store.set_site_backoff("a.example", None)
    assert store.site_backoff("a.example") is None


def test_values_that_sqlite_cannot_hold_are_mended() -> None:
    assert mend({"a\0": ["\udfff", 1 << 70, float("nan"), True]}) == {
        "a": ["\ufffd", 2**63 - 1, 0.0, 1]
    }
    with pytest.raises(ValueError, match="no time zone"):
        utc_text(datetime(2026, 1, 1))  # noqa: DTZ001
    assert split_moment(datetime(1, 1, 1, tzinfo=timezone(HOUR))) == (None, None)
    half = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    assert split_moment(half) == ("2026-01-01T03:30:00Z", -210)
    assert moment_of(*split_moment(half)) == half
