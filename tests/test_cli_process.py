"""The command through its real entry point: processes, signals, streams, locks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest
from newssite import (
    LOOPBACK,
    Here,
    config,
    headline,
    last_run,
    paper,
    rss,
    serving,
    story,
    subscribed,
)

from scraper import crawl
from scraper.store import Store

ROWS = (
    "SELECT url, state, outcome, verdict, attempts, last_error FROM links ORDER BY url",
    """SELECT a.url, headline, body, revision, count(c.id) FROM articles a
    LEFT JOIN cuts c ON c.article_id = a.id GROUP BY a.id ORDER BY a.url""",
    "SELECT final_url, sha256, size FROM pages ORDER BY final_url",
    "SELECT url, etag, status, failures FROM feeds ORDER BY url",
    "SELECT origin, status, body FROM robots",
)


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def start(*args: str, **options: Any) -> subprocess.Popen[str]:
    """The command as a process of its own, in a session of its own."""
    streams: dict[str, int | IO[Any]] = {
        "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE
    }  # fmt: skip
    command = [sys.executable, "-m", "scraper", *args]
    return subprocess.Popen(
        command, text=True, encoding="utf-8", start_new_session=True, **(streams | options)
    )


def ended(process: subprocess.Popen[str], given: str | None = None) -> Ended:
    """How a process ended."""
    try:
        out, err = process.communicate(given, timeout=30)
    finally:
        process.kill()
    return Ended(process.returncode, out or "", err or "")


def crawling(db: Path, *args: str) -> subprocess.Popen[str]:
    """A crawl as cron starts it."""
    settings = db.with_suffix(".toml")
    settings.write_text('workers = 1\ncontact = "tests@example.org"')
    options = ("--config", str(settings), "--delay", "0", "--allow", LOOPBACK)
    return start("crawl", "--db", str(db), *options, *args)


def database(path: Path, *urls: str) -> Path:
    """A new database that knows feeds."""
    with Store(path) as store:
        subscribed(store, *urls)
    return path


def rows(db: Path) -> list[list[tuple[Any, ...]]]:
    """What must not depend on how often a crawl was killed."""
    with Store(db) as store:
        return [[tuple(row) for row in store.rows(sql)] for sql in ROWS]


def wait_for(what: Callable[[], bool]) -> None:
    """Returns once something is so."""
    until = time.monotonic() + 20
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


def stored(store: Store) -> int:
    return store.counts()["articles"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what this process crawls itself."""
    monkeypatch.setattr(sys.modules["scraper.crawl"], "Workers", Here)


@pytest.mark.usefixtures("quick")
def test_a_run_without_news_prints_nothing(tmp_path: Path) -> None:
    with serving(paper([1, 2])) as site:
        db = database(tmp_path / "a.db", site.url("/rss.xml"))
        with Store(db) as store:
            crawl(store, config())
        site.served.clear()
        assert ended(crawling(db, "--due", "now")) == (0, "", "")
        assert site.served == [("/rss.xml", 304)]


def test_another_run_is_left_alone_in_silence_for_six_hours(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Store(tmp_path / "a.db") as young, Store(tmp_path / "b.db") as old:
        with young.run_lock(now=now - timedelta(hours=5)), old.run_lock(
            now=now - timedelta(hours=7)
        ):  # fmt: skip
            silent, told = crawling(young.path, "-q"), crawling(old.path, "-q")
            assert ended(silent) == (3, "", "")
            code, out, err = ended(told)
        assert (code, out) == (3, "")
        assert err.startswith(f"scraper: {old.path}: another run holds the lock (process ")
        assert err.count("\n") == 1


@pytest.mark.usefixtures("quick")
def test_a_killed_run_and_one_more_give_the_same_rows(tmp_path: Path) -> None:
    answers = {
        **paper(range(14), wait=0.04),
        "/b.xml": rss("/3.html", "/30.html"),
        "/30.html": story(30),
    }
    with serving(answers) as site:
        urls = site.url("/rss.xml"), site.url("/b.xml")
        killed, whole = (database(tmp_path / name, *urls) for name in ("a.db", "b.db"))
        process = crawling(killed)
        with Store(killed) as store:
            wait_for(lambda: stored(store) >= 3)
            process.send_signal(signal.SIGKILL)
            assert ended(process).code == -signal.SIGKILL
            assert 3 <= stored(store) < 14
        assert ended(crawling(killed)) == (0, "", "")
        with Store(whole) as store:
            crawl(store, config())
        assert len(rows(whole)[1]) == 15
        assert rows(killed) == rows(whole)
    with Store(killed) as store:
        assert [row[0] for row in store.rows("SELECT ended FROM runs")] == ["died", "ok"]


def stopped(process: subprocess.Popen[str], number: int) -> Ended:
    """How a crawl ends when its whole group gets a signal, as from a terminal or systemd."""
    begun = time.monotonic()
    os.killpg(process.pid, number)
    result = ended(process)
    assert time.monotonic() - begun < 8  # 4.4 where nothing else runs, at the worst
    return result


def test_a_stopped_run_commits_and_ends_soon(tmp_path: Path) -> None:
    news = paper(range(60), wait=0.03)
    with serving(news) as one, serving(news) as two:
        first, second = (database(tmp_path / s.base[-5:], s.url("/rss.xml")) for s in (one, two))
        early, late = crawling(first), crawling(second)
        wait_for(lambda: len(one.served) > 2)
        time.sleep(0.4)  # a page is there, its cleaner is still importing
        results = {first: stopped(early, signal.SIGINT)}
        with Store(second) as store:
            wait_for(lambda: stored(store) > 2)
        results[second] = stopped(late, signal.SIGTERM)
    for db, (code, out, err) in results.items():
        with Store(db) as store:
            count = stored(store)
            assert (code, out) == (0, "")
            assert err == f"scraper crawl: interrupted; {60 - count} links wait for the next run\n"
            assert last_run(store) == ("interrupted", None, count)
            assert (store.refused(), store.counts()["links_new"]) == ([], 60 - count)
    assert 3 <= count < 60


@pytest.mark.usefixtures("quick")
def test_streams_that_end_or_fail_give_no_traceback(tmp_path: Path) -> None:
    greek = story(1).replace(headline(1), "Ψαράδες του Θαλασσόλακκου")
    with serving({"/rss.xml": rss("/1.html"), "/1.html": greek}) as site:
        db = database(tmp_path / "a.db", site.url("/rss.xml"))
        with Store(db) as store:
            crawl(store, config())
    show = "show", "--db", str(db)
    shell = ["/bin/sh", "-c", '"$0" -m scraper show --db a.db >&- 2>&- <&-', sys.executable]
    reader, writer = os.pipe()
    os.close(reader)  # `| head` that has seen enough
    with Path("/dev/full").open("w") as full:
        closed = subprocess.Popen(shell, cwd=tmp_path)
        piped, filled = start(*show, stdout=writer), start(*show, stdout=full)
        latin = start(*show, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
        given = start("clean", "-", stdin=subprocess.PIPE)
        os.close(writer)
        assert ended(given, "Just\ntext\n").out.startswith("Just")
        assert ended(piped) == (0, "", "")
        assert ended(filled) == (2, "", "scraper: output: No space left on device\n")
        assert r"\u03a8" in ended(latin).out
        assert closed.wait(30) == 0
