"""Page <-> its compressed row."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

import zstandard

from scraper.model import Page
from scraper.store.database import DatabaseFile
from scraper.store.values import json_text, moment, utc_text

# Of 400 news pages: 25.8 kB and 0.4 ms a page at level 3, 23.6 kB and 1.8 ms at 9, 22.4 kB and
# 37 ms at 19. The commit costs 2.2 ms, the page is kept for months.
LEVEL = 9


class Pages(DatabaseFile):
    """The table `pages`."""

    def page(self, link_id: int) -> Page | None:
        """The page that a link gave last, as served; None when none is kept."""
        row = self.row(
            """SELECT p.*, l.url FROM pages p JOIN links l ON l.id = p.link_id
            WHERE link_id = ? ORDER BY fetched_at DESC, p.id DESC LIMIT 1""",
            (link_id,),
        )
        if row is None:
            return None
        headers = json.loads(row["headers"])
        return Page(
            url=row["url"],
            final_url=row["final_url"],
            status=row["status"],
            headers=headers,
            body=zstandard.ZstdDecompressor().decompress(row["body"]),
            fetched_at=moment(row["fetched_at"]),
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
        )

    def prune_pages(self, *, older_than: datetime) -> int:
        """Forgets the pages fetched before `older_than`; how many there were."""
        return self.write("DELETE FROM pages WHERE fetched_at < ?", (utc_text(older_than),))

    def _keep_page(self, link_id: int, page: Page) -> None:
        """Stores a page; the same body again only brings its row up to date."""
        self.write(
            """INSERT INTO pages
              (link_id, fetched_at, final_url, status, headers, sha256, size, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (link_id, sha256) DO UPDATE SET
              fetched_at = excluded.fetched_at, final_url = excluded.final_url,
              status = excluded.status, headers = excluded.headers""",
            (
                link_id,
                utc_text(page.fetched_at),
                page.final_url,
                page.status,
                json_text(dict(page.headers)),
                hashlib.sha256(page.body).hexdigest(),
                len(page.body),
                zstandard.ZstdCompressor(level=LEVEL).compress(page.body),
            ),
        )
