"""The ledger of runs: when, how many, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from scraper.store.database import DatabaseFile
from scraper.store.values import utc_text

TALLY = (
    "feeds_due",
    "feeds_ok",
    "feeds_unchanged",
    "feeds_failed",
    "links_new",
    "pages_fetched",
    "articles_new",
    "articles_revised",
    "refused",
    "failed",
)


class Runs(DatabaseFile):
    """The table `runs`. Its writers hold the run lock, so an unended older run is a dead one."""

    def has_run(self) -> bool:
        """Whether a run was ever begun on this database."""
        return self.row("SELECT id FROM runs LIMIT 1") is not None

    def begin_run(self, command: str, *, now: datetime) -> int:
        """The number of a new run. Runs that never ended are marked as died."""
        with self.transaction():
            self.write("UPDATE runs SET ended = 'died' WHERE ended IS NULL")
            return self.insert("runs", {"command": command, "started_at": utc_text(now)})

    def end_run(
        self,
        run_id: int,
        tally: Mapping[str, int],
        *,
        ended: str,
        now: datetime,
        error: str | None = None,
    ) -> None:
        """Keeps how a run went; `ended`: ok, failed or interrupted.

        Raises ValueError for a count that is not in `TALLY`.
        """
        unknown = sorted(set(tally) - set(TALLY))
        if unknown:
            raise ValueError(f"no such count: {', '.join(unknown)}")
        record = {**tally, "ended": ended, "ended_at": utc_text(now), "error": error}
        self.update("runs", run_id, record)
