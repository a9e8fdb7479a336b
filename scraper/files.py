"""A path -> a file that is whole, or not there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from scraper.errors import ConfigError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends well, and else goes.

    It lies in the same folder and is on the disk before it is renamed (rename(2) is atomic), so
    that `path` is at any moment what it was or what it shall be; a link stays one. Raises
    ConfigError for a place that cannot be written, also when the disk gets full.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        check_regular(target)
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        synced(target.parent)
    except OSError as exc:
        raise ConfigError(str(path), f"cannot be written: {exc.strerror or exc}") from exc
    finally:
        with suppress(OSError):
            part.unlink()


def check_regular(path: Path) -> None:
    """Raises OSError for a folder, a device, a pipe: a rename would put a file in its place."""
    if path.exists() and not path.is_file():
        raise OSError(0, "it is not a regular file")


def synced(folder: Path) -> None:
    """Brings the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
