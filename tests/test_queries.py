"""README's queries, run as developers run them: the sqlite3 shell, pandas, Datasette."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import shutil
import sqlite3
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas
import pytest
from shelf import NOW, fill

from scraper.store import Store

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # opens a database and leaves it to gc
    from datasette.app import Datasette

    gc.collect()

README = Path(__file__).parent.parent / "README.md"
HEADED = re.compile(r"(?ms)^-- (\d+)\. ([^\n]+)\n(.*?;)\n")
SHELL = shutil.which("sqlite3")


def queries() -> dict[str, str]:
    """Number and name -> SQL."""
    section = README.read_text("utf-8").partition("\n## The database\n")[2]
    block = section.partition("```sql\n")[2].partition("```")[0]
    return {f"{number}. {name}": sql for number, name, sql in HEADED.findall(block)}


QUERIES = queries()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A database whose every query finds something; a crawl has it open and is at work."""
    made = tmp_path_factory.mktemp("queries") / "articles.db"
    with Store(made) as store:
        fill(store, 5)
        store.write("UPDATE articles SET cluster_id = 1 WHERE id IN (1, 2)")  # too short to compare
        with store.transaction():
            store.add_link("https://www.echo.example/not-yet", now=NOW)
            yield made


def rows_of(path: Path, sql: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def same(found: list[dict[str, Any]], path: Path, name: str) -> bool:
    """Whether rows are those of our own SQLite; what ties may stand in any order."""
    return sorted(map(str, found)) == sorted(map(str, rows_of(path, QUERIES[name])))


def test_there_are_ten_and_each_finds_something(path: Path) -> None:
    assert [int(name.split(".")[0]) for name in QUERIES] == list(range(1, 11))
    assert [name for name, sql in QUERIES.items() if not rows_of(path, sql)] == []


def test_they_find_what_they_say(path: Path) -> None:
    found = [rows_of(path, sql) for sql in QUERIES.values()]
    assert [row["headline"] for row in found[0]][:2] == ["Ferry number 1 is back", "Ferry number 2"]
    assert found[1][0]["text"].startswith("Ferry number 1 is back\n\nWhat happened on day 1.\n\n")
    assert len(found[2]) == 5
    assert found[3][0] == {"day": "2026-11-21", "site": "herald.example", "articles": 1}
    assert found[4] == [{"reason": "newsletter", "blocks": 5, "characters": 35}]
    assert [(row["cluster_id"], row["site"], row["first"]) for row in found[5]] == [
        (1, "echo.example", 1), (1, "herald.example", 0),
    ]  # fmt: skip
    assert [(row["state"], row["verdict"], row["example"]) for row in found[6]] == [
        ("skipped", "paywall", "a phrase")
    ]
    assert [row["headline_before"] for row in found[7]] == ["Ferry number 1"]
    assert [(row["failures"], row["last_error"]) for row in found[8]] == [
        (1, "timed out after 30 s")
    ]
    assert {row["author"]: row["articles"] for row in found[9]} == {"Ann Ash": 5, "Zoë Müller": 5}


@pytest.mark.skipif(SHELL is None, reason="the sqlite3 shell is not installed")
@pytest.mark.parametrize("name", QUERIES)
def test_in_the_sqlite3_shell(path: Path, name: str) -> None:
    done = subprocess.run(
        [str(SHELL), "-readonly", "-json", str(path), QUERIES[name]],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    assert same(json.loads(done.stdout), path, name)


@pytest.mark.skipif(SHELL is None, reason="the sqlite3 shell is not installed")
def test_the_shell_explains_the_schema(path: Path) -> None:
    done = subprocess.run(
        [str(SHELL), "-readonly", str(path), ".schema articles"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "headline TEXT NOT NULL, -- without markup" in done.stdout


@pytest.mark.parametrize("name", QUERIES)
def test_in_pandas(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        frame = pandas.read_sql_query(QUERIES[name], connection)
    assert same(json.loads(frame.to_json(orient="records")), path, name)


@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")  # it leaves them to gc
def test_in_datasette(path: Path) -> None:
    async def asked() -> dict[str, Any]:
        datasette = Datasette([str(path)], settings={"num_sql_threads": 1})
        await datasette.invoke_startup()
        found = {}
        for name, sql in QUERIES.items():
            query = {"sql": sql, "_shape": "array"}
            answer = await datasette.client.get("/articles.json", params=query)
            assert answer.status_code == 200, answer.text
            found[name] = answer.json()
        for view in ("latest", "article_text", "edits", "site_health", "feed_health"):
            assert (await datasette.client.get(f"/articles/{view}")).status_code == 200
        return found

    found = asyncio.run(asked())
    gc.collect()
    assert [name for name in QUERIES if not same(found[name], path, name)] == []
