"""Which articles are meant -> an SQL condition. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scraper.store.values import mend, utc_text
from scraper.urls import site as site_of


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles are meant; None: any. All that is given must hold.

    `site` is a registrable domain, or an address or host on it; `since` an aware moment: published
    then or later, seen then or later where the page has no date; `lang` a BCP 47 range (RFC 4647,
    3.3.1: `pt` is `pt-br` too); `author` a part of an author's name, in any case and accents.
    """

    site: str | None = None
    since: datetime | None = None
    lang: str | None = None
    author: str | None = None

    def condition(self) -> tuple[str, tuple[Any, ...]]:
        """An SQL condition on `articles a`, and the values of its question marks, in order.

        It calls `folded`, which every connection of the store has. Raises ValueError for a naive
        `since`.
        """
        terms: list[tuple[str, tuple[Any, ...]]] = []
        if self.site is not None:
            terms.append(("a.site = ?", (domain(self.site),)))
        if self.since is not None:
            terms.append(("coalesce(a.published, a.first_seen) >= ?", (utc_text(self.since),)))
        if self.lang is not None:
            tag = self.lang.lower().replace("_", "-")
            within = "(lower(a.language) = ? OR substr(lower(a.language), 1, ?) = ?)"
            terms.append((within, (tag, len(tag) + 1, f"{tag}-")))
        if self.author is not None:
            named = "SELECT 1 FROM json_each(a.authors) WHERE instr(folded(value), ?)"
            terms.append((f"EXISTS ({named})", (folded(self.author),)))
        sql = " AND ".join(term for term, _ in terms) or "TRUE"
        return sql, tuple(mend(value) for _, values in terms for value in values)

    def __bool__(self) -> bool:
        return self != Filter()


def domain(name: str) -> str:
    """The registrable domain of an address or a host name; what is neither, lowered."""
    name = name.strip()
    return site_of(name if "://" in name else f"http://{name}") or name.lower()


def folded(name: object) -> str:
    """A name without case, accents and doubled spaces."""
    letters = unicodedata.normalize("NFKD", str(name).casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
