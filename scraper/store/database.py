"""A path -> an open, checked, migrated SQLite file, whose failures are StoreErrors."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlite_utils import Database
from sqlite_utils.db import NotFoundError

from scraper.errors import StoreError
from scraper.store.filters import folded
from scraper.store.schema import APPLICATION_ID, MIGRATIONS, Migration, statements, teach
from scraper.store.values import mend

TURN = 0.02  # seconds between two tries at what SQLite does not wait for
PATIENCE = 1000  # milliseconds that a writer waits for readers before it leaves the log as it is
LOG_BYTES = 4 << 20  # that the log keeps when it begins anew: what SQLite writes between two moves
REASONS = {
    sqlite3.SQLITE_NOTADB: "is not a SQLite database",
    sqlite3.SQLITE_FULL: "cannot be written: the disk is full",
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: a permission or a folder is missing",
    sqlite3.SQLITE_PERM: "cannot be opened: permission denied",
}


class DatabaseFile:
    """One connection to one file. Every table family builds on it.

    A connection belongs to the thread that opened it. Writers wait `busy_seconds` for each other,
    readers wait for nobody. What is committed is on the disk (synchronous=FULL: 2.2 ms a commit
    against 0.3 ms with NORMAL, which a power cut may take back; a page takes longer to fetch).
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        busy_seconds: float = 30.0,
        must_exist: bool = False,
    ) -> None:
        self.path = Path(path)
        self.busy_seconds = busy_seconds
        check_path(self.path, must_exist)
        with self.failures():
            uri = f"{self.path.absolute().as_uri()}?mode={'rw' if must_exist else 'rwc'}"
            self.connection = sqlite3.connect(
                uri, uri=True, timeout=busy_seconds, isolation_level=None
            )
            try:
                self._prepare()
                self._opened = self.path.absolute()
                self._place = place(self._opened)
            except BaseException:
                self.connection.close()
                raise

    def _prepare(self) -> None:
        """Refuses what is not ours, brings the schema up to date, sets what a connection needs."""
        teach(self.connection)
        while (version := self._version()) < len(MIGRATIONS):
            self._migrate(version, MIGRATIONS[version])
        self._begin_log()
        self.connection.execute("PRAGMA synchronous=FULL")
        # a reader that stays lets the log grow; SQLite alone would never shrink it again
        self.connection.execute(f"PRAGMA journal_size_limit={LOG_BYTES}")
        self.connection.create_function("folded", 1, folded, deterministic=True)
        self.connection.execute("PRAGMA foreign_keys=ON")  # not before: migrations rebuild tables
        self.db = Database(self.connection, execute_plugins=False)

    def _begin_log(self) -> None:
        """Turns the write-ahead log on, which the file remembers.

        SQLite does not wait when another process has a new file open: 6 of 450 openings by three
        processes at once failed. So we wait.
        """
        turns = int(self.busy_seconds / TURN) + 1
        for turn in range(1, turns + 1):
            try:
                (mode,) = self.connection.execute("PRAGMA journal_mode=WAL").fetchone()
            except sqlite3.OperationalError as exc:
                if turn == turns or exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(TURN)
            else:
                break
        if mode != "wal":
            raise self.error("lies on a disk that allows no write-ahead log")

    def _version(self) -> int:
        """The number of the last migration. Raises StoreError for a file that is not ours."""
        ask = self.connection.execute
        ask("BEGIN")  # one snapshot: another process may be migrating
        (application,) = ask("PRAGMA application_id").fetchone()
        (version,) = ask("PRAGMA user_version").fetchone()
        (objects,) = ask("SELECT count(*) FROM sqlite_master").fetchone()
        ask("COMMIT")
        if application != APPLICATION_ID and (application or version or objects):
            raise self.error("is a SQLite database of another program")
        if version > len(MIGRATIONS):
            raise self.error(
                "was made by a newer version of scraper "
                f"(schema {version}, this one knows {len(MIGRATIONS)})"
            )
        return int(version)

    def _migrate(self, version: int, migration: Migration) -> None:
        """From `version` to the next, unless another process has been faster."""
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        try:
            if run("PRAGMA user_version").fetchone() == (version,):
                for statement in statements(migration.sql):
                    run(statement)
                run(f"PRAGMA application_id={APPLICATION_ID}")
                run(f"PRAGMA user_version={version + 1}")
                run(
                    "INSERT INTO migrations VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
                    (version + 1, migration.name),
                )
            run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Moves the write-ahead log into the file and empties it, as far as readers allow.

        Who has written waits a second for them: once all is moved, a new reader needs the log no
        more. What a reader that stays still needs is kept in the log, committed.
        """
        try:
            with suppress(sqlite3.Error):
                wait = PATIENCE if self.connection.total_changes else 0
                self.connection.execute(f"PRAGMA busy_timeout={wait}")
                # a TRUNCATE that is kept waiting has moved what PASSIVE would
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: begins IMMEDIATE, inside another transaction it is a savepoint.

        Raises StoreError when another process writes for longer than the busy timeout, when the
        file is no longer where it was opened, and for whatever else SQLite refuses.
        """
        with self.failures():
            if self.connection.in_transaction:
                with self.db.atomic():
                    yield
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_place()
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def _check_place(self) -> None:
        """SQLite would go on writing to a file that nobody can open any more."""
        if place(self._opened) != self._place:
            raise self.error("was deleted or replaced while it was open")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read within is as of one moment. Be short: the log grows as long as it lasts."""
        with self.failures():
            if self.connection.in_transaction:
                yield
                return
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    def _roll_back(self) -> None:
        if self.connection.in_transaction:  # some errors have ended it already
            self.connection.execute("ROLLBACK")

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turns what SQLite raises into a StoreError with the path and the reason."""
        try:
            yield
        except sqlite3.Error as exc:
            raise self.error(self._reason(exc)) from exc

    def error(self, reason: str) -> StoreError:
        """The error to raise when this file is not as it should be."""
        return StoreError(str(self.path), reason)

    def _reason(self, exc: sqlite3.Error) -> str:
        code = getattr(exc, "sqlite_errorcode", 0) & 0xFF  # the rest tells kinds of it apart
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return f"is locked by another process; waited {self.busy_seconds:g} s"
        if code == sqlite3.SQLITE_IOERR:
            return f"cannot be read or written: {getattr(exc, 'sqlite_errorname', exc)}"
        if code == sqlite3.SQLITE_CORRUPT:
            return f"is damaged: {exc}"
        return REASONS.get(code, str(exc))

    def rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """What a SELECT finds. Raises StoreError."""
        with self.failures():
            cursor = self.connection.execute(sql, mend(values))
            cursor.row_factory = sqlite3.Row
            return cursor.fetchall()

    def row(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Row | None:
        """The first row that a SELECT finds. Raises StoreError."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def write(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Runs one statement in a transaction; how many rows it changed. Raises StoreError."""
        with self.transaction():
            return self.db.execute(sql, mend(values)).rowcount

    def insert(self, table: str, record: dict[str, Any]) -> int:
        """Adds a mended row in a transaction and returns its rowid. Raises StoreError."""
        with self.transaction():
            return int(self.db.table(table).insert(mend(record)).last_rowid or 0)

    def update(self, table: str, row_id: int, record: dict[str, Any]) -> None:
        """Changes a row in a transaction. Raises StoreError, also when there is no such row."""
        with self.transaction():
            try:
                self.db.table(table).update(row_id, mend(record))
            except NotFoundError as exc:
                raise self.error(f"has no {row_id} in {table}") from exc


def place(path: Path) -> tuple[int, int] | None:
    """What tells one file from another that takes its name; None: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check_path(path: Path, must_exist: bool) -> None:
    """Raises StoreError for a path at which SQLite could only say that it cannot open it."""
    try:
        if path.is_dir():
            raise StoreError(str(path), "is a directory")
        if "\0" in str(path):
            raise StoreError(str(path), "is no file name")
        if path.exists():
            if not path.is_file():
                raise StoreError(str(path), "is not a regular file")
            if not os.access(path, os.R_OK):
                raise StoreError(str(path), "cannot be read: permission denied")
        elif must_exist:
            raise StoreError(str(path), "does not exist")
        elif not path.parent.is_dir():
            raise StoreError(str(path), f"the folder {path.parent} does not exist")
    except OSError as exc:
        raise StoreError(str(path), exc.strerror or str(exc)) from exc
