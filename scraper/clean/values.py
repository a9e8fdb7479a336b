"""Strings that pages hold -> plain text, instants. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from dateutil import parser as dateparser
from dateutil import tz

from scraper.clean.encoding import tidy

MARKUP = re.compile(r"</?[a-zA-Z!][^<>]{0,200}>")
ZONE_NAME = re.compile(r"(?:GMT|UTC)\s*(?=[+-]\d)")  # dateutil reads POSIX: GMT+2 is west of it
DAY_FIRST = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
ZONED = re.compile(r"\d:\d\d.*(?:Z|GMT|UTC|[+-]\d\d:?\d\d)")
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


def texts(value: Any, keys: Sequence[str] = ("url", "@value", "name")) -> Iterator[str]:
    """The strings that a JSON-LD value stands for; of an object that under the first of `keys`."""
    if isinstance(value, str):
        if text := plain(value):
            yield text
    elif isinstance(value, list):
        for item in value[:200]:
            yield from texts(item, keys) if not isinstance(item, list) else ()
    elif isinstance(value, dict):
        for key in keys:
            if isinstance(value.get(key), str) and (text := plain(value[key])):
                yield text
                return


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


def zoned(value: str) -> bool:
    """Whether an instant as it is written says its offset from UTC."""
    return ZONED.search(value) is not None


def zone(name: str | None, offset: int | None) -> tzinfo | None:
    """The zone of an offset in seconds. A bare name (IST, CST) is ambiguous: none."""
    return tz.tzoffset(name, offset) if offset is not None else None
