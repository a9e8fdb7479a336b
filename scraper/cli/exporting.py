"""`scraper export`: argv -> a file, or bytes on standard output."""

from __future__ import annotations

import sys
from typing import Any

import click

from scraper.cli.commands import cli, clock, common, configured
from scraper.cli.filtering import filter_of, filtering
from scraper.export import FORMATS, STREAMS, pieces
from scraper.export import export as write_export
from scraper.render import printable
from scraper.store import Filter, Store


@cli.command()
@click.argument("form", type=click.Choice(FORMATS), metavar="FORMAT")
@click.option("--out", metavar="FILE", help="Else standard output; parquet and warc need one.")
@filtering
@common
def export(form: str, out: str | None, db: str, **rest: Any) -> int:
    """Articles as jsonl, csv or parquet; their pages as warc; the feeds as opml."""
    configured(rest["config_file"], rest["verbose"])
    wanted = filter_of(now=clock.now(), **rest)
    if form == "opml" and wanted:
        raise click.UsageError("opml holds feeds: no filter applies")
    if out in (None, "-") and form not in STREAMS:
        raise click.UsageError(f"{form} needs --out FILE")
    with Store(db, must_exist=True) as store:
        if out is None or out == "-":
            to_stdout(store, form, wanted)
        else:
            write_export(store, form, out, wanted, now=clock.now())
    return 0


def to_stdout(store: Store, form: str, wanted: Filter) -> None:
    """Writes the bytes as they are; on a terminal without what would steer it."""
    stdout = sys.stdout.buffer
    shown = sys.stdout.isatty()
    for piece in pieces(store, form, wanted, now=clock.now()):
        stdout.write(printable(piece.decode()).encode() if shown else piece)
    stdout.flush()
