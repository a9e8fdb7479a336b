from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from shelf import HOUR, NOW, SITES, article, fill, page, shelve, url
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from scraper import export, feed, render
from scraper.add import find
from scraper.cli import run
from scraper.config import Config
from scraper.errors import ConfigError, StoreError
from scraper.files import replacing
from scraper.model import Block, Kind, Page
from scraper.store import Filter, Store
from scraper.warc import warc

HOSTILE = 'He said "=1+1;\r\n\x1b[31m\u2028\x85\u202eno\t北京\N{SKULL}, and left'


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    with Store(tmp_path / "articles.db") as made:
        fill(made, 5)
        yield made


def lines(store: Store, wanted: Filter = Filter()) -> list[dict[str, Any]]:  # noqa: B008
    data = b"".join(export.pieces(store, "jsonl", wanted, now=NOW))
    return [json.loads(line) for line in data.decode().splitlines()]


def table(store: Store) -> list[dict[str, str]]:
    data = b"".join(export.pieces(store, "csv", Filter(), now=NOW))
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def test_a_line_of_jsonl_is_an_article_and_what_the_store_knows(store: Store) -> None:
    found = lines(store)
    assert [row["id"] for row in found] == [1, 2, 3, 4, 5]
    stored = store.article(1)
    assert stored is not None
    assert found[0].items() >= json.loads(render.as_json(render.record(stored.article))).items()
    assert (found[0]["revision"], found[0]["headline"]) == (2, "Ferry number 1 is back")
    assert datetime.fromisoformat(found[0]["first_seen"]) == NOW
    assert datetime.fromisoformat(found[0]["last_seen"]) == NOW + HOUR
    assert datetime.fromisoformat(found[1]["published"]) == NOW - timedelta(days=2)
    assert found[0]["published"].endswith("+02:00")
    assert found[0]["cuts"][0]["reason"] == "newsletter"
    assert found[0]["cluster_id"] is None
    store.write("UPDATE articles SET cluster_id = 4 WHERE id IN (4, 5)")
    assert [row["cluster_id"] for row in lines(store)[3:]] == [4, 4]
    assert [row["cluster_id"] for row in table(store)[2:]] == ["", "4", "4"]


def test_hostile_text_comes_back_unchanged_from_every_form(store: Store, tmp_path: Path) -> None:
    blocks = (Block(Kind.PARAGRAPH, HOSTILE), Block(Kind.PARAGRAPH, "=HYPERLINK(1)"))
    made = article(6, headline=HOSTILE, blocks=blocks, authors=("=A", HOSTILE), section="\r")
    shelve(store, made, 6)
    body = f"{HOSTILE}\n\n=HYPERLINK(1)"
    assert (lines(store)[5]["headline"], lines(store)[5]["body"]) == (HOSTILE, body)
    raw = b"".join(export.pieces(store, "jsonl", Filter(), now=NOW))
    assert len(raw.splitlines()) == len(raw.decode().splitlines()) == 6
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", raw.decode())
    row = table(store)[5]
    assert (row["headline"], row["body"]) == (HOSTILE, body)
    assert (row["authors"], row["section"]) == (f"=A; {HOSTILE}", "\r")
    export.export(store, "parquet", "a.parquet", Filter(), now=NOW)
    (found,) = pyarrow.parquet.read_table("a.parquet").to_pylist()[5:]
    assert (found["headline"], found["body"], found["authors"]) == (HOSTILE, body, ["=A", HOSTILE])


def test_csv_is_as_rfc_4180_says(store: Store) -> None:
    data = b"".join(export.pieces(store, "csv", Filter(), now=NOW)).decode()
    head, first = data.split("\r\n")[:2]
    assert head.split(",") == list(export.COLUMNS)
    assert first.startswith("1,https://www.herald.example/1.html,,herald.example,,Ferry number 1")
    row = table(store)[1]
    assert (row["authors"], row["free_access"]) == ("Ann Ash; Zoë Müller", "")
    assert (row["published"], row["confidence"]) == ("2026-11-20T15:49:18Z", "0.9")
    shelve(store, article(6, free_access=True, published=None), 6)
    assert (table(store)[5]["free_access"], table(store)[5]["published"]) == ("true", "")


def test_parquet_has_types_and_row_groups(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "GROUP_ROWS", 2)
    export.export(store, "parquet", "a.parquet", Filter(), now=NOW)
    file = pyarrow.parquet.ParquetFile("a.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [2, 2, 1]
    kinds = {field.name: str(field.type) for field in file.schema_arrow}
    assert kinds["published"] == "timestamp[us, tz=UTC]"
    assert (kinds["id"], kinds["free_access"], kinds["confidence"]) == ("int64", "bool", "double")
    assert re.fullmatch(r"list<\w+: string>", kinds["authors"])
    rows = file.read().to_pylist()
    assert rows[1]["published"] == NOW - timedelta(days=2)
    assert (rows[1]["authors"], rows[1]["canonical_url"]) == (["Ann Ash", "Zoë Müller"], None)
    file.close()
    monkeypatch.setattr(export, "GROUP_LETTERS", 1)
    assert [len(group) for group in export.groups({"body": "ab"} for _ in range(3))] == [1, 1, 1]
    export.export(store, "parquet", "none.parquet", Filter(site="x.example"), now=NOW)
    assert pyarrow.parquet.read_table("none.parquet").num_rows == 0


def test_parquet_without_pyarrow_says_what_to_install(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"pip install 'scraper\[parquet\]'"):
        export.export(store, "parquet", "a.parquet", Filter(), now=NOW)
    assert not Path("a.parquet").exists()


def records(path: str) -> list[tuple[str, Any, Any, bytes]]:
    """Type, head of the record, head of the answer, payload."""
    with Path(path).open("rb") as file:
        return [
            (found.rec_type, found.rec_headers, found.http_headers, found.content_stream().read())
            for found in ArchiveIterator(file, check_digests="raise")
        ]


def test_warc_is_read_back_and_its_digests_are_right(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    export.export(store, "warc", "a.warc.gz", Filter(), now=NOW)
    checker = Checker(type("Given", (), {"inputs": ["a.warc.gz"], "verbose": True}))
    checker.process_all()
    assert checker.exit_value == 0
    assert "digest failed" not in capsys.readouterr().out
    info, *found = records("a.warc.gz")
    assert (info[0], info[1].protocol) == ("warcinfo", "WARC/1.1")
    assert [r[0] for r in found] == ["response"] * 6  # the refused page is archived, too
    _, head, answer, body = found[0]
    assert body == page(1).body
    assert head["WARC-Target-URI"] == url(1)
    assert head["WARC-Date"] == "2026-11-22T15:49:18Z"
    assert head["WARC-Warcinfo-ID"] == info[1]["WARC-Record-ID"]
    assert len({r[1]["WARC-Record-ID"] for r in [info, *found]}) == 7
    assert answer.statusline == "200 OK"
    assert answer.headers == [
        ("content-type", "text/html; charset=utf-8"), ("content-length", str(len(body))),
    ]  # fmt: skip
    export.export(store, "warc", "b.warc.gz", Filter(site=SITES[0]), now=NOW)
    assert [r[1]["WARC-Target-URI"] for r in records("b.warc.gz")[1:]] == [url(2), url(4)]


def test_warc_of_odd_answers(tmp_path: Path) -> None:
    odd = Page(
        "https://a.example/1", "https://a.example/é", 799,
        {"x-name": "é\r\nx-injected: 1", "transfer-encoding": "chunked", "content-length": "7"},
        b"\x00\xff" * 9 + b"\r\n\r\nWARC/1.1\r\n", NOW,
    )  # fmt: skip
    plain = replace(odd, body=b"", headers={}, status=304)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(warc([odd, plain], software="x", now=NOW)))
    _, first, second = records(str(path))
    assert (first[3], second[3]) == (odd.body, b"")
    assert [name for name, _ in first[2].headers] == ["x-name", "content-length"]
    assert (first[2].statusline.strip(), second[2].statusline) == ("799", "304 Not Modified")


def test_opml_is_what_add_reads(store: Store) -> None:
    store.add_feed("https://x.example/gone.xml", title="\x01&", now=NOW)
    store.feed_failed(3, "410", next_poll=NOW, now=NOW, gone=True)
    store.add_feed("https://x.example/?a=1&b=%C3%A9", title="\x01<b>\ufffe&\x85", now=NOW)
    export.export(store, "opml", "feeds.opml", Filter(), now=NOW)
    found = find("feeds.opml", Config(), store)
    assert [row.url for row in found] == [
        "https://www.echo.example/good.xml", "https://www.echo.example/bad.xml",
        "https://x.example/?a=1&b=%C3%A9",
    ]  # fmt: skip
    assert [row.title for row in found] == ["A good <feed>", "A bad <feed>", "<b>&"]
    assert feed.is_opml(Path("feeds.opml").read_bytes())


def test_an_article_is_of_one_moment_and_the_export_holds_up_nobody(store: Store) -> None:
    with Store(store.path) as writer:
        stream = store.each_article(Filter())
        assert next(stream).article.headline == "Ferry number 1 is back"
        shelve(writer, article(2, headline="New"), 2)
        with writer.transaction():
            writer.write("DELETE FROM articles WHERE id = 3")
        writer.connection.execute("PRAGMA busy_timeout=0")
        assert tuple(writer.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]) == (0, 0, 0)
        assert [stored.article.headline for stored in stream] == [
            "New", "Ferry number 4", "Ferry number 5",
        ]  # fmt: skip


def test_a_file_is_whole_or_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.jsonl").write_text("old")
    Path("link.jsonl").symlink_to("a.jsonl")
    before = sorted(Path().iterdir())
    line, written = export.json_line, 0

    def failing(error: BaseException) -> Callable[[Any], bytes]:
        def fails(stored: Any) -> bytes:
            nonlocal written
            written += 1
            if stored.id == 3:
                assert Path("a.jsonl").read_text() == "old"
                raise error
            return line(stored)

        return fails

    for error in (KeyboardInterrupt(), StoreError("a", "b"), OSError(28, "No space left")):
        monkeypatch.setattr(export, "json_line", failing(error))
        shown = ConfigError if isinstance(error, OSError) else type(error)
        with pytest.raises(shown):
            export.export(store, "jsonl", "link.jsonl", Filter(), now=NOW)
        assert sorted(Path().iterdir()) == before
        assert Path("a.jsonl").read_text() == "old"
    assert written == 9
    monkeypatch.setattr(export, "json_line", line)
    export.export(store, "jsonl", "link.jsonl", Filter(), now=NOW)
    assert Path("link.jsonl").is_symlink()
    assert Path("a.jsonl").read_bytes().count(b"\n") == 5
    mask = os.umask(0)
    os.umask(mask)
    assert Path("a.jsonl").stat().st_mode & 0o777 == 0o666 & ~mask


def test_what_must_not_be_written_over(store: Store, tmp_path: Path) -> None:
    os.mkfifo("pipe")
    Path("to.db").symlink_to(store.path)
    for name, reason in {
        "articles.db": "is the database",
        "to.db": "is the database",
        f"{tmp_path}/articles.db-wal": "is the database",
        "pipe": "cannot be written: it is not a regular file",
        ".": "cannot be written: it is not a regular file",
        "none/a.jsonl": "cannot be written: No such file or directory",
    }.items():
        with pytest.raises(ConfigError) as caught:
            export.export(store, "jsonl", name, Filter(), now=NOW)
        assert caught.value.subject == name
        assert reason in caught.value.reason
    export.export(store, "jsonl", "articles.db.jsonl", Filter(), now=NOW)
    with pytest.raises(ValueError, match="no stream"):
        list(export.pieces(store, "parquet", Filter(), now=NOW))
    with pytest.raises(ConfigError, match="cannot be written"), replacing("x" * 300):
        pass


def test_the_command(store: Store, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["export", "jsonl", "--site", "echo.example"]) == 0
    out, err = capfdbinary.readouterr()
    assert ([json.loads(row)["id"] for row in out.splitlines()], err) == ([2, 4], b"")
    assert run(["export", "csv", "--out", "a.csv", "--author", "ann"]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    assert len(Path("a.csv").read_bytes().split(b"\r\n")) == 7
    assert run(["export", "jsonl", "--since", "99999w", "--lang", "fr", "--out", "-"]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    for line, reason in {
        "parquet": b"parquet needs --out FILE",
        "warc --out -": b"warc needs --out FILE",
        "opml --lang fr": b"opml holds feeds: no filter applies",
        "xml": b"'xml' is not one of",
        "csv --since soon": b"'soon' is no date as in 2026-11-22, nor an age as in 36h, 7d, 2w",
        "csv --db none.db": b"none.db: does not exist",
        "csv --out none/a.csv": b"none/a.csv: cannot be written",
    }.items():
        assert run(["export", *line.split()]) == 2
        out, err = capfdbinary.readouterr()
        assert out == b""
        assert reason in err
