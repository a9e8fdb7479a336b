"""Page, headers -> the licence that it names, and what its owner reserves. Pure.

Text and data mining is reserved by `tdm-reservation` (W3C TDM Reservation Protocol, 2024); `noai`
and `noimageai` are DeviantArt's (2022), `noarchive` and `nosnippet` the search engines' own. They
stand in meta elements and in the headers X-Robots-Tag and TDM-Reservation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser

from scraper.clean.values import plain

RESERVED = ("noai", "noimageai", "noarchive", "nosnippet")
TDM = "tdm"
LICENCES = 'link[rel~="license"][href], a[rel~="license"][href]'
LONGEST = 500  # characters


def rights(
    tree: LexborHTMLParser,
    source: str,
    said: Mapping[str, Sequence[str]],
    headers: Mapping[str, str],
) -> tuple[str, tuple[str, ...]]:
    """The licence as the page writes it ("" for none), and what is reserved, in alphabetic order.

    `said` has the contents of the page's meta elements, `headers` its headers, by lower-case names.
    """
    licence, found = "", set(words(headers.get("x-robots-tag", "")))
    for directives in said.get("robots", ()):
        found.update(words(directives))
    if "1" in (headers.get("tdm-reservation", "").strip(), *said.get("tdm-reservation", ())):
        found.add(TDM)
    if "license" in source:  # the query takes 0.15 ms
        nodes = tree.css(LICENCES)
        licence = plain(nodes[0].attributes.get("href"))[:LONGEST] if nodes else ""
    return licence, tuple(sorted(found))


def words(directives: str) -> Iterator[str]:
    """What robots directives reserve; those for a named crawler are not ours."""
    for part in directives.lower().split(","):
        if part.strip() in RESERVED:
            yield part.strip()
