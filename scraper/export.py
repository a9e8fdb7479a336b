"""Rows of the store -> JSONL, CSV, Parquet, WARC, OPML: a stream of bytes, or a file."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from scraper import feed, render
from scraper.config import VERSION
from scraper.errors import ConfigError
from scraper.files import replacing
from scraper.store import Filter, Store, StoredArticle
from scraper.store.values import utc_text
from scraper.warc import warc

STREAMS = ("jsonl", "csv", "opml")  # what may go to standard output
FORMATS = (*STREAMS, "parquet", "warc")
BESIDE = ("", "-wal", "-shm", "-journal", ".lock")  # the database's own files
# What Python takes for the end of a line, and what steers a terminal: JSON can say it in ASCII.
ESCAPED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
COLUMNS = {  # of CSV and Parquet, with their types
    "id": "integer",
    "url": "text",
    "canonical_url": "text",
    "site": "text",
    "site_name": "text",
    "headline": "text",
    "standfirst": "text",
    "body": "text",
    "authors": "texts",
    "published": "moment",
    "modified": "moment",
    "section": "text",
    "tags": "texts",
    "language": "text",
    "words": "integer",
    "image_url": "text",
    "captions": "texts",
    "credits": "texts",
    "free_access": "truth",
    "licence": "text",
    "reservations": "texts",
    "verdict": "text",
    "verdict_reason": "text",
    "confidence": "number",
    "cluster_id": "integer",
    "revision": "integer",
    "first_seen": "moment",
    "last_seen": "moment",
    "cleaner_version": "text",
}
STORED = set("id words cluster_id revision first_seen last_seen cleaner_version".split())
GROUP_ROWS = 4096  # of a row group in Parquet
GROUP_LETTERS = 32 << 20  # of the bodies in one: what is held in memory


def export(store: Store, form: str, out: str, wanted: Filter, *, now: datetime) -> None:
    """Writes what `wanted` lets through into the file `out`, whole or not at all.

    `form` is one of FORMATS. OPML holds the feeds, WARC the pages that led to the articles.
    Raises ConfigError for a place that can't be written and for a form whose library is missing,
    StoreError for the database.
    """
    if form == "parquet":
        import_parquet()
    database = os.path.realpath(store.path)
    if os.path.realpath(out) in {f"{database}{end}" for end in BESIDE}:
        raise ConfigError(out, "is the database, or a file of its own")
    with replacing(out) as file:
        if form == "parquet":
            write_parquet(store.each_article(wanted), file)
        else:
            for piece in pieces(store, form, wanted, now=now):
                file.write(piece)


def pieces(store: Store, form: str, wanted: Filter, *, now: datetime) -> Iterator[bytes]:
    """The export in a form that needs no file to seek in, piece by piece. Raises StoreError."""
    if form == "jsonl":
        yield from map(json_line, store.each_article(wanted))
    elif form == "csv":
        yield csv_line(COLUMNS)
        for stored in store.each_article(wanted):
            yield csv_line(cell(value) for value in flat(stored).values())
    elif form == "opml":
        gone = ("gone", "moved")  # to nowhere, and to another feed of the list
        feeds = [(row.url, row.title) for row in store.feeds() if row.status not in gone]
        yield feed.write_opml(feeds, "Feeds of scraper")
    elif form == "warc":
        yield from warc(store.each_page(wanted), software=f"scraper/{VERSION}", now=now)
    else:
        raise ValueError(f"no stream: {form}")


def json_line(stored: StoredArticle) -> bytes:
    """An article as a line of JSON (RFC 8259), with what the store knows of it."""
    known = {
        "id": stored.id,
        "revision": stored.revision,
        "first_seen": stored.first_seen,
        "last_seen": stored.last_seen,
        "cluster_id": stored.cluster_id,
    }
    text = json.dumps(
        known | render.record(stored.article), ensure_ascii=False, default=render.plain
    )
    return (ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n").encode()


def flat(stored: StoredArticle) -> dict[str, Any]:
    """The columns of an article."""
    return {name: getattr(stored if name in STORED else stored.article, name) for name in COLUMNS}


def cell(value: Any) -> str:
    """A value in a cell: "" for None, lists with "; " between, moments in UTC."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, datetime):
        return utc_text(value)
    return str(value)


def csv_line(cells: Iterable[str]) -> bytes:
    """One record as in RFC 4180: CRLF at its end, quotes only where they must be.

    A cell that a spreadsheet would take for a formula stays what it is: this is data.
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()


def write_parquet(articles: Iterable[StoredArticle], file: BinaryIO) -> None:
    """The columns in row groups of some thousand articles, compressed with zstd."""
    arrow, parquet = import_parquet()
    types = {
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "truth": arrow.bool_(),
        "text": arrow.string(),
        "texts": arrow.list_(arrow.string()),
        "moment": arrow.timestamp("us", tz="UTC"),
    }
    schema = arrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in groups(map(flat, articles)):
            writer.write_table(arrow.Table.from_pylist(group, schema))


def groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows, as many together as a row group takes."""
    group: list[dict[str, Any]] = []
    letters = 0
    for row in rows:
        group.append(row)
        letters += len(row["body"])
        if len(group) == GROUP_ROWS or letters > GROUP_LETTERS:
            yield group
            group, letters = [], 0
    if group:
        yield group


def import_parquet() -> tuple[Any, Any]:
    """The modules of pyarrow. Raises ConfigError when it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as exc:
        line = "pip install 'scraper[parquet]'"
        raise ConfigError("parquet", f"needs pyarrow: {line}") from exc
    return pyarrow, pyarrow.parquet
