"""`scraper check`, `backup`, `schema`: argv -> findings, a copy, the commented SQL."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from scraper import render
from scraper.cli.commands import cli, clock, common, configured
from scraper.cli.terminal import complain, say, table
from scraper.errors import ConfigError, LockedError, StoreError
from scraper.files import replacing
from scraper.store import Finding, Store, schema_objects


@cli.command()
@click.option("--repair", is_flag=True, help="Make anew what can be; no article is deleted.")
@common
def check(repair: bool, db: str, **rest: Any) -> int:
    """Looks for damage, rows that point nowhere, JSON that is none, words that are not indexed."""
    configured(rest["config_file"], rest["verbose"])
    mended: list[Finding] = []
    with Store(db, must_exist=True) as store, ExitStack() as stack:
        try:
            stack.enter_context(store.run_lock(now=clock.now()))
            alone = True
        except StoreError as exc:  # a run is on, or the folder can't be written: reading will do
            if repair:
                complain(f"scraper check: {exc}")
                return 3 if isinstance(exc, LockedError) else 2
            alone = False
        left = list(store.findings(alone=alone))
        if repair and left:
            found = left
            store.repair()
            left = list(store.findings(alone=alone))
            mended = [finding for finding in found if finding not in left]
    told(left, mended, as_json=rest["as_json"])
    if not left and (rest["verbose"] or (sys.stdout.isatty() and not rest["as_json"])):
        say(f"{db}: {'all is mended' if mended else 'nothing is wrong'}")
    return 1 if left else 0


def told(left: list[Finding], mended: list[Finding], *, as_json: bool) -> None:
    """Prints what is wrong, and what was."""
    every = [(finding, False) for finding in left] + [(finding, True) for finding in mended]
    if as_json:
        say(render.as_json([asdict(finding) | {"mended": done} for finding, done in every]))
    elif every:
        rows = [(f.table, f.row, f"{f.fault}{' (mended)' if done else ''}") for f, done in every]
        table("Findings", ("table", "row", "what is wrong"), rows)


@cli.command()
@click.argument("file", metavar="FILE")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@common
def backup(file: str, force: bool, db: str, **rest: Any) -> int:
    """Copies a database whole, also while a crawl writes to it, and checks the copy."""
    configured(rest["config_file"], rest["verbose"])
    with Store(db, must_exist=True) as store:
        if os.path.realpath(file) == os.path.realpath(db):
            raise ConfigError(file, "is the database itself")
        if Path(file).exists() and not force:
            raise ConfigError(file, "exists; --force overwrites it")
        with replacing(file) as copy:
            store.copy_to(copy.name)
    return 0


@cli.command()
@common
def schema(**rest: Any) -> int:
    """Prints the commented schema of every table and view, as SQL that makes them."""
    configured(rest["config_file"], rest["verbose"])
    if rest["as_json"]:
        say(render.as_json([made._asdict() for made in schema_objects()]))
    else:
        say("\n\n".join(f"{made.sql};" for made in schema_objects()))
    return 0
