"""argv -> exit code.

0 well; 1 something got worse since the last run, or a page is no article; 2 could not run;
3 another run holds the lock.
"""

from __future__ import annotations

import io
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

import scraper.cli.exporting
import scraper.cli.recleaning
import scraper.cli.searching
import scraper.cli.upkeep  # noqa: F401 - these add their commands
from scraper.cli.commands import cli
from scraper.cli.terminal import complain
from scraper.errors import LockedError, ScraperError

STUCK = timedelta(hours=6)  # a run that holds the lock for longer is worth a line to cron


def main(argv: list[str] | None = None) -> None:
    """The command `scraper`. Exits; never shows a traceback for a user's mistake."""
    # `scraper crawl >&- 2>&-` in a crontab closes them: Python then has None
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # Greek on a Latin-1 terminal
    sys.exit(run(argv))


def run(argv: list[str] | None = None) -> int:
    """Runs the command with `argv` (without the program's name); the exit code."""
    try:
        code = cli.main(args=argv, prog_name="scraper", standalone_mode=False)
    except click.UsageError as exc:
        where = f"{exc.ctx.command_path}: " if exc.ctx else "scraper: "
        complain(f"{where}{exc.format_message()}")
        return 2
    except click.ClickException as exc:
        complain(f"scraper: {exc.format_message()}")
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except LockedError as exc:
        if exc.since is None or datetime.now(UTC) - exc.since > STUCK:
            complain(f"scraper: {exc}")
        return 3
    except ScraperError as exc:
        complain(f"scraper: {exc}")
        return 2
    except SystemExit:  # what click makes of a broken pipe, with code 1
        return 0  # `scraper search x | head`: the reader has seen enough
    except OSError as exc:
        complain(f"scraper: {exc.filename or 'output'}: {exc.strerror or exc}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is buffered would fail again
        return 2
    return code if isinstance(code, int) else 0
