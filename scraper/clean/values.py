"""Strings that pages hold -> plain text, names, instants. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from dateutil import parser as dateparser
from dateutil import tz

from scraper.clean.encoding import tidy
from scraper.clean.rules import fold

MARKUP = re.compile(r"</?[a-zA-Z!][^<>]{0,200}>")
SITE_SEPARATOR = re.compile(r"\s+[|\-–—•·»:]\s+|\s*[|»]\s*")
BY = re.compile(r"^(?:by|von|par|por|di|door|av|af|od|автор|текст)\s*:?\s+", re.IGNORECASE)
AND = re.compile(r"\s*(?:;|\s\|\s|,\s*|\s(?:and|und|et|y|e|en|och|og|i|и|&)\s)\s*", re.IGNORECASE)
NO_NAME = re.compile(
    r"https?:|www\.|@|^\W*$|\d{3}|^(?:admin|editor|staff|by|von|par|por|di|door)$"
    # degrees that stand behind a name
    r"|^(?:m\.?[ads]|ph\.?d|r\.?[dn]|esq|cpa|cfa|jd|mba|mph|msw|rdn)\.?$",
    re.IGNORECASE,
)
GENERATION = re.compile(r"(?:jr|sr|i{2,3}|iv)\.?", re.IGNORECASE)  # part of a name
ZONE_NAME = re.compile(r"(?:GMT|UTC)\s*(?=[+-]\d)")  # dateutil reads POSIX: GMT+2 is west of it
DAY_FIRST = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
# what dateutil fills up dates with: never the clock
START = datetime(1970, 1, 1)  # noqa: DTZ001


def plain(text: str | None) -> str:
    """`text` without markup and entities, white space squeezed."""
    if not text:
        return ""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = MARKUP.sub(" ", text)
    return " ".join(tidy(text).split())


def texts(value: Any) -> Iterator[str]:
    """The strings that a JSON-LD value stands for."""
    if isinstance(value, str):
        if text := plain(value):
            yield text
    elif isinstance(value, list):
        for item in value[:200]:
            yield from texts(item) if not isinstance(item, list) else ()
    elif isinstance(value, dict):
        for key in ("url", "@value", "name"):
            if isinstance(value.get(key), str) and (text := plain(value[key])):
                yield text
                return


def names(value: Any) -> Iterator[str]:
    """The names of JSON-LD authors: a string, an object, or a list of either."""
    for item in (value if isinstance(value, list) else [value])[:50]:
        name = item.get("name") if isinstance(item, dict) else item
        yield from texts(name)


def people(values: Sequence[str]) -> tuple[str, ...]:
    """The names in bylines, each once, without "By"; at most 20."""
    found: dict[str, str] = {}
    for value in values:
        for name in AND.split(BY.sub("", value)):
            if GENERATION.fullmatch(name) and found:
                last, full = found.popitem()
                found[last] = f"{full}, {name}"
            elif name and len(name) <= 60 and not NO_NAME.search(name):
                found.setdefault(fold(name).casefold(), name)
    return tuple(found.values())[:20]


def without_site(title: str, site: str) -> str:
    """`title` without the name of the site, which stands first or last behind a separator."""
    parts = SITE_SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    name = fold(site).casefold()
    for part, rest in (
        (parts[-1], title[: title.rfind(parts[-1])]),
        (parts[0], title[len(parts[0]) :]),
    ):
        if name and fold(part).casefold() == name:
            return rest.strip(" |-–—•·»:\t")
    if not name and len(parts[-1]) < 30 and len(parts[-1]) * 2 < len(title):
        return title[: title.rfind(parts[-1])].strip(" |-–—•·»:\t")
    return title


def moment(value: str) -> datetime | None:
    """An aware datetime with the text's own offset, UTC when it gives none; None for no date."""
    if not 8 <= len(value) <= 60 or not re.search(r"\d{4}", value):
        return None
    try:
        when = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        when.utcoffset()  # +99:99 is only refused here
    except ValueError:
        dotted = DAY_FIRST.search(value) is not None
        text = ZONE_NAME.sub("", value)
        try:
            when = dateparser.parse(text, tzinfos=zone, default=START, dayfirst=dotted)
            when.utcoffset()
        except (ValueError, OverflowError, TypeError):
            return None
    if when.tzinfo is None:
        return when.replace(tzinfo=UTC)
    offset = when.utcoffset() or timedelta()
    return when if abs(offset) <= timedelta(hours=15) else None


def zone(name: str | None, offset: int | None) -> tzinfo | None:
    """The zone of an offset in seconds. A bare name (IST, CST) is ambiguous: none."""
    return tz.tzoffset(name, offset) if offset is not None else None
