"""`scraper search`: argv -> the articles that match, a line or a record each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from scraper import render
from scraper.cli.commands import cli, clock, common, configured
from scraper.cli.filtering import filter_of, filtering
from scraper.cli.terminal import complain, say, table
from scraper.store import MANY, Store


@cli.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@filtering
@common
def search(query: tuple[str, ...], limit: int, db: str, **rest: Any) -> int:
    """Full-text search: words, "phrases", OR, -not, prefix*. Quote a query with a minus."""
    configured(rest["config_file"], rest["verbose"])
    only = filter_of(now=clock.now(), **rest)
    with Store(db, must_exist=True) as store:
        hits = store.search(" ".join(query), limit=limit, only=only)
    if hits.by_date and not rest["quiet"]:
        complain(f"scraper search: more than {MANY:,} articles match: the newest come first")
    if rest["as_json"]:
        order = {"order": "date" if hits.by_date else "relevance"}
        say(render.as_json([asdict(hit) | order for hit in hits]))
        return 0
    if not hits and not rest["quiet"]:
        complain("scraper search: no hits")
    rows = [(h.article_id, h.published, h.site, h.headline, h.snippet) for h in hits]
    table(f"{len(hits)} hits", ("id", "published", "site", "headline", "snippet"), rows)
    return 0
