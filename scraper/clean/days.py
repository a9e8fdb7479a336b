"""Lines, addresses, scripts -> the days that they give, in any of twenty languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from scraper.clean.rules import fold
from scraper.clean.values import moment

# How the months begin in English, German, Dutch, the Scandinavian and Romance languages, Polish,
# Czech, Turkish, Russian, Ukrainian, Greek. Where two fit the longer one is meant.
MONTHS = (
    "jan jän ene gen sty led oca янв січ ιαν",
    "feb fév fev lut úno şub фев лют φεβ",
    "mar mär maa mrt bře мар бер μαρ μάρ",
    "apr abr avr kwi dub nis апр кві απρ",
    "may mai mei maj mag kvě май мая тра μαι μαϊ μάι",
    "jun juin giu cze červn červen haz июн чер ιουν ιούν",
    "jul juil lug lip červenec července tem июл лип ιουλ ιούλ",
    "aug ago aoû sie srp ağu авг сер αυγ αύγ",
    "sep set wrz zář eyl сен вер σεπ",
    "oct okt out ott paź říj eki окт жов οκτ",
    "nov lis kas ноя νοε νοέ",
    "dec dez déc dic gru pro ara дек гру δεκ",
)
MONTH = {begin: number for number, row in enumerate(MONTHS, 1) for begin in row.split()}
NAME = rf"(?P<name>{'|'.join(sorted(MONTH, key=len, reverse=True))})[^\W\d_]{{0,8}}\.?"
YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
DAY = r"(?P<day>\d{1,2})"
WRITTEN = (
    rf"(?<!\d){DAY}(?:st|nd|rd|th|er|º|\.)?[ -](?:de |of )?{NAME},?[ -](?:del? )?{YEAR}",
    rf"{NAME} {DAY}(?:st|nd|rd|th)?,? {YEAR}",
    rf"(?<!\d)(?P<year>(?:19|20)\d\d) ?[./年년-] ?(?P<month>\d{{1,2}}) ?[./月월-] ?{DAY}(?!\d)",
    rf"(?<!\d){DAY}(?P<mark>[./-])(?P<month>\d{{1,2}})(?P=mark)(?P<year>(?:20)?\d\d)(?!\d)",
)
PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in WRITTEN)
# What every day holds; most lines of a page don't.
LIKELY = re.compile(r"(?:19|20)\d\d|\d[./-]\d\d?[./-]\d\d")
MONTH_FIRST = frozenset(("", "en", "en-us"))  # whose readers take 3/4/2024 for a day in March

IN_PATH = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
# `datePublished`, `publish_date`, `publishedAt` and the like in JSON, JSON in JSON, attributes
IN_SCRIPT = re.compile(
    r"ubli(?:shed|sh|cation)(?:_?(?:[dD]ate|[tT]ime|[aA]t|[oO]n|[uU][tT][cC]|[gG][mM][tT])){0,2}(?:\\*\"|&quot;):\s*(?:\\*\"|&quot;)"
    r"((?:19|20)\d\d-\d\d-\d\d[0-9T:.Z+ -]{0,20})"
)


def in_line(text: str, language: str) -> Iterator[tuple[datetime, re.Match[str]]]:
    """Each day in `text`, midnight UTC, with the match in the folded text; not in their order."""
    if not LIKELY.search(text):
        return
    line = fold(text)
    for pattern in PATTERNS:
        for match in pattern.finditer(line):
            if when := made(match.groupdict(), language):
                yield when, match


def made(part: dict[str, str | None], language: str) -> datetime | None:
    """The day that the parts of a match name; None when the calendar has no such day."""
    year, day = int(part["year"] or 0), int(part["day"] or 0)
    name = part.get("name")
    month = MONTH.get(name.lower(), 0) if name else int(part["month"] or 0)
    mark = part.get("mark")
    if mark and (month > 12 or (mark != "." and day <= 12 and language in MONTH_FIRST)):
        month, day = day, month
    try:
        return datetime(year if year > 99 else 2000 + year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def in_path(url: str) -> datetime | None:
    """The day in the path of an address, as in /2024/03/05/; midnight UTC."""
    match = IN_PATH.search(url)
    return moment("-".join(match.groups())) if match else None


def placed(when: datetime, others: Iterable[datetime]) -> datetime:
    """`when`, whose offset is unknown, as one of `others` gives it with an offset.

    The other has the same minute on its clock, or `when` is but a day and the other in that day.
    """
    day = (when.hour, when.minute, when.second) == (0, 0, 0)
    for other in others:
        local = other.replace(tzinfo=when.tzinfo)
        if abs(local - when) < timedelta(minutes=1) or (day and local.date() == when.date()):
            return other
    return when


def in_scripts(source: str) -> datetime | None:
    """The first instant that JSON in the page's scripts or attributes calls published."""
    match = IN_SCRIPT.search(source)
    return moment(match[1].strip()) if match else None
