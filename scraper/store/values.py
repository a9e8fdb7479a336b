"""Python values <-> what SQLite can hold: mended text, UTC moments, JSON. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

# A NUL ends a text for SQLite's own functions; a lone surrogate cannot be written as UTF-8.
SURROGATE = re.compile("[\ud800-\udfff]")
INT_MAX = (1 << 63) - 1


def mend(value: Any) -> Any:
    """`value` as SQLite can store it and give it back, inside lists and mappings too.

    NULs go, a lone surrogate becomes U+FFFD, whole numbers are held within 64 bits, a number that
    is none becomes 0. Everything else stays as it is.
    """
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value.replace("\0", ""))
    if isinstance(value, dict):
        return {mend(key): mend(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mend(item) for item in value]
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return max(-INT_MAX, min(INT_MAX, value))
    if isinstance(value, float) and not math.isfinite(value):
        return 0.0
    return value


def fits(value: Any) -> bool:
    """Whether `mend` leaves `value` as it is; dataclasses are looked into."""
    if isinstance(value, str):
        return "\0" not in value and not SURROGATE.search(value)
    if isinstance(value, Mapping):
        return all(fits(key) and fits(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(fits(item) for item in value)
    if isinstance(value, int):
        return abs(value) <= INT_MAX
    if isinstance(value, float):
        return math.isfinite(value)
    return not is_dataclass(value) or all(fits(getattr(value, f.name)) for f in fields(value))


def json_text(value: Any) -> str:
    """`value` as mended JSON, letters of every script left as they are."""
    return json.dumps(mend(value), ensure_ascii=False, separators=(",", ":"))


def utc_text(moment: datetime) -> str:
    """An aware moment as `2026-11-22T15:49:18Z`, cut to the second.

    The texts sort as the moments do. Raises ValueError for a naive one.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def split_moment(moment: datetime | None) -> tuple[str | None, int | None]:
    """A moment as UTC text and its own offset in minutes; two Nones for what no calendar holds."""
    if moment is None:
        return None, None
    try:
        text = utc_text(moment)
    except OverflowError:  # 0001-01-01 east of Greenwich: some pages do say so
        return None, None
    offset = moment.utcoffset() or timedelta()
    return text, int(offset.total_seconds() // 60)


def moment_of(text: str | None, offset: int | None = None) -> datetime | None:
    """The moment that `split_moment` or `utc_text` wrote, in its own offset; None for None."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(timezone(timedelta(minutes=offset))) if offset else moment


def moment(text: str) -> datetime:
    """The moment that `utc_text` wrote."""
    return datetime.fromisoformat(text)
