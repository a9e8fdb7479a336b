"""Rows and progress -> a terminal, or plain text where there is none."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from scraper.model import Report
from scraper.render import printable


def say(text: str) -> None:
    """Prints a line of output, without control characters that a page may have smuggled in."""
    click.echo(printable(text))


def complain(text: str) -> None:
    """Prints a line, and never two, to standard error."""
    click.echo(one_line(text), err=True)


class Lines(logging.Handler):
    """Log lines to whatever standard error is at the moment: a progress bar takes it over."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints one line."""
        complain(self.format(record))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on a terminal; else a line a row, columns apart by tabs, which `cut` understands."""
    texts = [[one_line(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in texts:
            click.echo("\t".join(row))
        return
    drawn = Table(title=title, title_justify="left", header_style="bold")
    for name in columns:
        drawn.add_column(name, overflow="fold", no_wrap=name in ("id", "published"))
    for row in texts:
        drawn.add_row(*map(escape, row))
    Console().print(drawn)


def one_line(cell: object) -> str:
    """A cell as text without line breaks and tabs; a time to the minute, in UTC."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return printable(" ".join(str(cell).split()))


@contextmanager
def progress(wanted: bool) -> Iterator[Callable[[Report], None]]:
    """A live line of counts on a terminal; silence elsewhere."""
    if not wanted or not sys.stderr.isatty():
        yield lambda report: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting")
        yield lambda report: bar.update(task, description=summary(report))


def summary(report: Report) -> str:
    """A run in a line."""
    t = report.tally
    feeds = f"{t.feeds_ok + t.feeds_unchanged} of {t.feeds_due} feeds"
    if t.feeds_failed:
        feeds += f" ({t.feeds_failed} failed)"
    parts = [feeds, f"{t.links_new} new links", f"{t.articles_new} articles stored"]
    for count, name in (
        (t.articles_revised, "revised"),
        (t.refused, "refused"),
        (t.failed, "failed"),
    ):
        if count:
            parts.append(f"{count} {name}")
    return ", ".join(parts)
