"""Page <-> its compressed row.

A page is compressed against an earlier one of its site, of which most of its markup is a copy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from sqlite3 import Row
from typing import Any

import zstandard

from scraper.model import Page
from scraper.store.database import DatabaseFile
from scraper.store.values import json_text, moment, utc_text
from scraper.urls import site

# Bytes a page: gzip 63.2 kB on 106 pages of news, zstd 54.0; of the second and later pages of a
# site 61.5 alone, 41.8 against the first. On 640 pages of smaller sites 20.8 and 5.1. A trained
# dictionary for the whole file saved 3 % and 15 %. Level 19 takes 20 times as long for 5 % less.
LEVEL = 9
LARGEST = 1 << 20  # bytes that a dictionary keeps of a page
RENEWED = timedelta(days=30)  # after which a site's next page is its new dictionary: designs change
OUTGROWN = 2  # times as long as the dictionary: a wall came first, the articles later
LARGEST_WINDOW = 27  # log2 of the bytes that zstd looks back by; RFC 8878 asks decoders for 23

FIND = """
SELECT p.*, l.url FROM pages p JOIN links l ON l.id = p.link_id
"""


class Pages(DatabaseFile):
    """The tables `pages` and `dictionaries`."""

    _last_dictionary: tuple[str, bytes] = (
        "",
        b"",
    )  # hash and content of the dictionary that was read last

    def page(self, link_id: int) -> Page | None:
        """The page that a link gave last, as served; None when none is kept."""
        row = self.row(
            f"{FIND} WHERE link_id = ? ORDER BY fetched_at DESC, p.id DESC LIMIT 1", (link_id,)
        )
        return None if row is None else self._page(row)

    def each(
        self, condition: str = "true", parameters: Sequence[Any] = ()
    ) -> Iterator[tuple[int, Page]]:
        """Link number and page of every kept page, in the order of storing, one at a time.

        `condition` is SQL over `pages p` and `links l`.
        """
        last = 0
        while row := self.row(
            f"{FIND} WHERE p.id > ? AND ({condition}) ORDER BY p.id LIMIT 1", (last, *parameters)
        ):
            last = row["id"]
            yield row["link_id"], self._page(row)

    def prune_pages(self, *, older_than: datetime) -> int:
        """Forgets the pages fetched before `older_than`; how many there were."""
        with self.transaction():
            gone = self.write("DELETE FROM pages WHERE fetched_at < ?", (utc_text(older_than),))
            if gone:
                self.write(
                    """DELETE FROM dictionaries WHERE NOT EXISTS
                    (SELECT 1 FROM pages WHERE dictionary_id = dictionaries.id)"""
                )
        return gone

    def _keep_page(self, link_id: int, page: Page) -> None:
        """Stores a page; the same body again only brings its row up to date."""
        digest = hashlib.sha256(page.body).hexdigest()
        known = self.row("SELECT id FROM pages WHERE link_id = ? AND sha256 = ?", (link_id, digest))
        record: dict[str, Any] = {
            "fetched_at": utc_text(page.fetched_at),
            "final_url": page.final_url,
            "status": page.status,
            "headers": json_text(dict(page.headers)),
        }
        if known is not None:
            self.update("pages", known["id"], record)
            return
        number = self._dictionary_for(page, digest)
        self.insert(
            "pages",
            record
            | {
                "link_id": link_id,
                "sha256": digest,
                "size": len(page.body),
                "dictionary_id": number,
                "body": packed(page.body, self._dictionary(number)),
            },
        )

    def _dictionary_for(self, page: Page, digest: str) -> int | None:
        """The dictionary to compress a page against: the same body, else its site's latest.

        A page becomes its site's dictionary when there is none, the last is old or too short; and
        one that came before under another link (a wall, an error) becomes one, so that the third
        time it costs nothing.
        """
        if not page.body:
            return None
        same = self.row("SELECT id FROM dictionaries WHERE sha256 = ?", (digest,))
        if same is not None:
            return int(same["id"])
        name = site(page.final_url)
        latest = self.row(
            "SELECT id, made_at, size FROM dictionaries WHERE site = ? ORDER BY id DESC LIMIT 1",
            (name,),
        )
        if (
            latest is not None
            and moment(latest["made_at"]) > page.fetched_at - RENEWED
            and min(len(page.body), LARGEST) <= OUTGROWN * latest["size"]
            and self.row("SELECT 1 FROM pages WHERE sha256 = ?", (digest,)) is None
        ):
            return int(latest["id"])
        kept = page.body[:LARGEST]
        return self.insert(
            "dictionaries",
            {
                "site": name,
                "sha256": digest,
                "made_at": utc_text(page.fetched_at),
                "size": len(kept),
                "body": packed(kept, b""),
            },
        )

    def _dictionary(self, number: int | None) -> bytes:
        """The content of a dictionary; b"" for none."""
        if number is None:
            return b""
        # by its hash, not its number, which is given anew after a transaction that was rolled back
        (row,) = self.rows("SELECT sha256 FROM dictionaries WHERE id = ?", (number,))
        if self._last_dictionary[0] != row["sha256"]:
            (full,) = self.rows("SELECT sha256, body FROM dictionaries WHERE id = ?", (number,))
            self._last_dictionary = full["sha256"], unpacked(full["body"], b"")
        return self._last_dictionary[1]

    def _page(self, row: Row) -> Page:
        headers = json.loads(row["headers"])
        try:
            body = unpacked(row["body"], self._dictionary(row["dictionary_id"]))
        except zstandard.ZstdError as exc:
            reason = f"holds a page that cannot be read: pages {row['id']} ({exc})"
            raise self.error(reason) from exc
        return Page(
            url=row["url"],
            final_url=row["final_url"],
            status=row["status"],
            headers=headers,
            body=body,
            fetched_at=moment(row["fetched_at"]),
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
        )


def packed(body: bytes, dictionary: bytes) -> bytes:
    """`body` compressed against `dictionary` (b"": alone), which stays within zstd's window.

    With a checksum: plain content has no number that would tell one dictionary from another.
    """
    window = max(17, min((len(body) + len(dictionary)).bit_length(), LARGEST_WINDOW))
    settings = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, window_log=window, write_checksum=True, write_content_size=True
    )
    known = raw(dictionary) if dictionary else None
    return zstandard.ZstdCompressor(compression_params=settings, dict_data=known).compress(body)


def unpacked(data: bytes, dictionary: bytes) -> bytes:
    """What `packed` made `data` of."""
    window = 1 << LARGEST_WINDOW
    known = raw(dictionary) if dictionary else None
    return zstandard.ZstdDecompressor(dict_data=known, max_window_size=window).decompress(data)


def raw(dictionary: bytes) -> zstandard.ZstdCompressionDict:
    """A dictionary of plain content, without the tables that training makes."""
    return zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
