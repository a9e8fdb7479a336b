"""The run lock: one crawl at a time on a database, let go of when its process dies."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from scraper.errors import LockedError, StoreError
from scraper.store.database import DatabaseFile
from scraper.store.values import moment, utc_text

HELD: set[int] = set()  # descriptors of the locks that this process holds


class RunLock(DatabaseFile):
    """Who may crawl, reclean or teach."""

    @contextmanager
    def run_lock(self, *, now: datetime | None = None) -> Iterator[None]:
        """Holds the lock (flock(2) on `<path>.lock`), which the kernel ends with the process.

        The file stays; it says as JSON who holds it since `now` (None: the file's own time, which
        the file system gives). Raises LockedError when another run holds it, in this process too,
        StoreError when the file cannot be made.
        """
        release_in_children()
        descriptor = acquire(self.path)
        HELD.add(descriptor)
        try:
            with suppress(OSError):  # a full disk: the lock holds, only its story is missing
                os.utime(descriptor)
                since = now or datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
                holder = {"pid": os.getpid(), "since": utc_text(since)}
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, json.dumps(holder).encode(), 0)
            yield
        finally:
            if descriptor in HELD:  # not in a forked child, which has closed it
                HELD.discard(descriptor)
                os.close(descriptor)


def acquire(database: Path) -> int:
    """The descriptor of the locked file. Raises LockedError and StoreError."""
    path = os.path.realpath(database) + ".lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as exc:
        raise StoreError(path, f"cannot be locked: {exc.strerror}") from exc
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        holder = os.pread(descriptor, 4096, 0)
        os.close(descriptor)
        if isinstance(exc, BlockingIOError):
            raise refusal(database, holder) from exc
        raise StoreError(path, f"cannot be locked: {exc.strerror}") from exc
    return descriptor


def refusal(database: Path, holder: bytes) -> LockedError:
    """The error for a lock whose file holds `holder`."""
    reason = "another run holds the lock"
    try:
        said = json.loads(holder)
        pid, since = int(said["pid"]), moment(said["since"])
        reason += f" (process {pid}, since {utc_text(since)})"
    except (ValueError, TypeError, KeyError):  # it is being written just now, or somebody else's
        return LockedError(str(database), reason)
    return LockedError(str(database), reason, since)


@cache
def release_in_children() -> None:
    """Lets forked workers close the lock: one that outlives its parent would go on holding it."""
    os.register_at_fork(after_in_child=close_held)


def close_held() -> None:
    """Closes this process' copies of the descriptors; what its parent holds stays locked."""
    for descriptor in HELD:
        os.close(descriptor)
    HELD.clear()
