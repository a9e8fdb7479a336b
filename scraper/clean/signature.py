"""Cuts -> author and day, for pages that give them nowhere but in a line for readers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from scraper.clean.furniture import DATED
from scraper.clean.values import moment, people
from scraper.model import Cut, Reason

# two to four words with capitals, particles between them: a name, not "By Monday"
NAME = re.compile(
    r"(?:[^\W\d_a-z][\w.'’-]*\s+)(?:(?:de|da|di|van|von|der|den|del|la|le|bin|al)\s+){0,2}"
    r"[^\W\d_a-z][\w.'’-]+(?:\s+[^\W\d_a-z][\w.'’-]+){0,2}"
)
BEHIND = re.compile(r"\s*(?:[|•·–—(]|\s-\s|,\s*\d).*$")
LINES = frozenset((Reason.BYLINE, Reason.DATE_LINE))


def authors(cuts: Sequence[Cut]) -> tuple[str, ...]:
    """The names in the first byline that holds any."""
    for cut in cuts:
        if cut.reason is Reason.BYLINE and len(cut.text) < 120:
            line = BEHIND.sub("", DATED.sub("", cut.text))
            if found := tuple(n for n in people([line]) if NAME.fullmatch(n)):
                return found
    return ()


def published(cuts: Sequence[Cut], latest: datetime) -> datetime | None:
    """The day in the first date line or byline that holds one, not after `latest`."""
    for cut in cuts:
        if cut.reason in LINES and (match := DATED.search(cut.text)):
            when = moment(match[0])
            if when is not None and when <= latest:
                return when
    return None
