"""--site, --since, --lang, --author -> a Filter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from scraper.store import Filter

F = TypeVar("F", bound=Callable[..., Any])
AGO = re.compile(r"(\d{1,5})([hdw])")
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def since_of(context: Any, option: Any, value: str | None) -> datetime | timedelta | None:
    """A moment (in UTC unless it says otherwise), or how long ago it was.

    Raises click's error for what is neither.
    """
    if value is None:
        return None
    if found := AGO.fullmatch(value):
        return int(found[1]) * UNITS[found[2]]
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        reason = f"{value!r} is no date as in 2026-11-22, nor an age as in 36h, 7d, 2w"
        raise click.BadParameter(reason) from exc


def filtering(command: F) -> F:
    """The options that say which articles are meant."""
    for option in (
        click.option("--author", metavar="NAME", help="A part of an author's name."),
        click.option("--lang", metavar="TAG", help="Language, as in pt, which is pt-BR too."),
        click.option(
            "--since", callback=since_of, metavar="DATE",
            help="Published since: 2026-11-22, or 36h, 7d, 2w ago.",
        ),
        click.option("--site", metavar="DOMAIN", help="One site, by its domain or address."),
    ):  # fmt: skip
        command = option(command)
    return command


def filter_of(
    *,
    site: str | None,
    since: datetime | timedelta | None,
    lang: str | None,
    author: str | None,
    now: datetime,
    **rest: Any,
) -> Filter:
    """The filter of a command's options. `rest` holds its other ones."""
    if isinstance(since, timedelta):
        since = now - since
    return Filter(site=site, since=since, lang=lang, author=author)
