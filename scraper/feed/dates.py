"""A feed's date, as it stands there -> aware datetime with the feed's own offset. Pure."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import struct_time

# Names that RFC 822 does not define and feeds use. IST is not here: three countries claim it.
ZONES = {
    "WEST": "+0100",
    "BST": "+0100",
    "CET": "+0100",
    "MET": "+0100",
    "CEST": "+0200",
    "MEST": "+0200",
    "EET": "+0200",
    "EEST": "+0300",
    "MSK": "+0300",
    "HKT": "+0800",
    "SGT": "+0800",
    "JST": "+0900",
    "KST": "+0900",
    "AEST": "+1000",
    "AEDT": "+1100",
    "NZST": "+1200",
    "NZDT": "+1300",
}
ZONE = re.compile(rf"\b({'|'.join(ZONES)})$")
NAMED_OFFSET = re.compile(r"\b(?:GMT|UTC)\s*(?=[+-]\d\d:?\d\d$)")
SPACED_OFFSET = re.compile(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$)")
SLASHED = re.compile(r"^(\d{4})/(\d\d)/(\d\d)\b")
EPOCH = datetime(1970, 1, 2, tzinfo=UTC)
LONGEST = 100  # characters of a date

# The shapes that feedparser reads as what they are. In others ("2024/05/06", Korean, Hungarian) it
# takes what it misses from today's date; what is too large (a 13th month) it carries over.
TRUSTED = re.compile(r"[^\W\d]|\d{4}-\d{1,2}-\d{1,2}(?!\d)|\d{1,2} [^\W\d]")


def date(raw: str) -> datetime | None:
    """`raw`, a date of RFC 5322 (3.3, 4.3) or ISO 8601, as datetime; None for an impossible one.

    A date without an offset is taken as UTC. The first day of 1970 and all before it are what
    programs write for "no date", so they are none.
    """
    text = " ".join(raw.split())
    if not text or len(text) > LONGEST:
        return None
    text = SLASHED.sub(r"\1-\2-\3", text)
    text = NAMED_OFFSET.sub("", ZONE.sub(lambda zone: ZONES[zone[1]], text))
    for read, form in (
        (datetime.fromisoformat, SPACED_OFFSET.sub("", text).replace(" UTC", "Z")),
        (parsedate_to_datetime, text),
    ):
        try:
            return plausible(read(form))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def plausible(moment: datetime) -> datetime | None:
    """`moment`, aware, unless it is a placeholder. Raises OverflowError near the year 9999."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware if aware.astimezone(UTC) >= EPOCH else None


def second_opinion(raw: str, parts: struct_time) -> datetime | None:
    """feedparser's reading of `raw` (UTC), if `raw` holds its year and, within one, its day."""
    if not TRUSTED.match(raw.strip()) or len(raw) > LONGEST:
        return None
    numbers = {int(digits) for digits in re.findall(r"\d+", raw)}
    try:
        moment = plausible(datetime.fromtimestamp(calendar.timegm(parts), UTC))
        days = [(moment + timedelta(days=n)).day for n in (-1, 0, 1)] if moment else []
    except (ValueError, OverflowError, OSError):
        return None
    if moment and numbers & {moment.year, moment.year % 100} and numbers.intersection(days):
        return moment
    return None
