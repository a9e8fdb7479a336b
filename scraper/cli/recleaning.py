"""`scraper reclean`: argv -> a run over stale articles -> counts, diffs, an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from scraper import render
from scraper.cli.commands import cli, clock, common, configured
from scraper.cli.diffs import show_change
from scraper.cli.terminal import complain, say
from scraper.reclean import Recleaning, Wish
from scraper.reclean import reclean as run_reclean
from scraper.store import Recleaned, Store


@cli.command()
@click.option("--all", "every", is_flag=True, help="Also what this version of the cleaner made.")
@click.option("--dry-run", is_flag=True, help="Change nothing, only count.")
@click.option("--diff", is_flag=True, help="Show what changes, word by word.")
@common
def reclean(every: bool, dry_run: bool, diff: bool, db: str, **rest: Any) -> int:
    """Cleans articles of an older version again, from the stored pages."""
    config = configured(rest["config_file"], rest["verbose"])
    changes: list[dict[str, Any]] = []

    def changed(change: Recleaned) -> None:
        if rest["as_json"]:
            changes.append(asdict(change))
        elif diff:
            say(f"article {change.article_id}, {change.url}")
            show_change(change.headline, change.body)

    with Store(db, must_exist=True) as store:
        wanted = not rest["quiet"] and not rest["as_json"] and not diff
        with progress(wanted, store.count_stale(every=every)) as show:
            report = run_reclean(
                store, config, Wish(every, dry_run), clock=clock, progress=show, changed=changed
            )
    if rest["as_json"]:
        say(render.as_json(asdict(report) | {"changes": changes}))
    elif not rest["quiet"]:
        say(summary(report, dry_run))
    for line in report.doubtful if rest["verbose"] else ():
        complain(f"scraper reclean: {line}")
    return 0


def summary(report: Recleaning, dry_run: bool) -> str:
    """A run in a line."""
    count = report.looked_at
    parts = [f"{count} article{'' if count == 1 else 's'} cleaned again: {report.changed} changed"]
    for number, name in (
        (report.same, "the same"),
        (report.no_page, "without a stored page"),
        (report.no_article, "no article by today's rules, left as they were"),
        (report.failed, "failed"),
    ):
        if number:
            parts.append(f"{number} {name}")
    text = ", ".join(parts) if count else "no article is of another version of the cleaner"
    if report.ended == "interrupted":
        text += "; interrupted, the next run goes on"
    return f"{text} (dry run: nothing was written)" if dry_run and count else text


@contextmanager
def progress(wanted: bool, total: int) -> Iterator[Callable[[Recleaning], None]]:
    """A progress bar on a terminal; silence elsewhere."""
    if not wanted or not sys.stderr.isatty():
        yield lambda report: None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("cleaning", total=total)
        yield lambda report: bar.update(task, completed=report.looked_at)
