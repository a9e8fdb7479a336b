"""What is remembered of servers between runs: robots.txt, delays, back-off."""

from __future__ import annotations

from datetime import datetime

from scraper.model import RobotsRecord
from scraper.store.database import DatabaseFile
from scraper.store.values import moment, moment_of, utc_text


class Sites(DatabaseFile):
    """The tables `robots` and `sites`."""

    def get_robots(self, origin: str) -> RobotsRecord | None:
        """The robots.txt of an origin as last seen, expired or not; None: never asked for."""
        row = self.row("SELECT * FROM robots WHERE origin = ?", (origin,))
        if row is None:
            return None
        return RobotsRecord(
            origin=row["origin"],
            status=row["status"],
            body=row["body"],
            fetched_at=moment(row["fetched_at"]),
            expires_at=moment(row["expires_at"]),
        )

    def put_robots(self, record: RobotsRecord) -> None:
        """Keeps a robots.txt in place of the one before."""
        self.write(
            "INSERT OR REPLACE INTO robots (origin, status, body, fetched_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                record.origin,
                record.status,
                record.body,
                utc_text(record.fetched_at),
                utc_text(record.expires_at),
            ),
        )

    def site_delay(self, site: str) -> float | None:
        """The seconds between requests that a site was seen to need; None: the setting will do."""
        row = self.row("SELECT delay_s FROM sites WHERE site = ?", (site,))
        return row["delay_s"] if row else None

    def set_site_delay(self, site: str, seconds: float | None) -> None:
        """Keeps the seconds between requests that a site needs; None: the setting will do."""
        self.write(
            "INSERT INTO sites (site, delay_s) VALUES (?, ?)"
            " ON CONFLICT (site) DO UPDATE SET delay_s = excluded.delay_s",
            (site, seconds),
        )

    def site_backoff(self, site: str) -> datetime | None:
        """Until when a site is left alone, past moments included; None: it need not be."""
        row = self.row("SELECT not_before FROM sites WHERE site = ?", (site,))
        return moment_of(row["not_before"]) if row else None

    def set_site_backoff(self, site: str, not_before: datetime | None) -> None:
        """Keeps until when a site is left alone; None: it need not be."""
        self.write(
            "INSERT INTO sites (site, not_before) VALUES (?, ?)"
            " ON CONFLICT (site) DO UPDATE SET not_before = excluded.not_before",
            (site, None if not_before is None else utc_text(not_before)),
        )
