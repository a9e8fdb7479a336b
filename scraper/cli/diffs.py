"""Two versions of an article -> lines that show what changed, in colour on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise

from rich.console import Console
from rich.text import Text

from scraper.cli.terminal import complain, say
from scraper.diff import Piece, marked, word_diff
from scraper.render import printable
from scraper.store import Revision

STYLES = {"same": "", "gone": "red strike", "new": "green"}
SKIPPED = "…"


def show_diff(revisions: Sequence[Revision]) -> None:
    """Prints what each revision changed, the first one left out."""
    if len(revisions) < 2:
        complain("scraper show: its text was never changed")
    for before, after in pairwise(revisions):
        say(f"revision {after.revision}, seen {after.seen_at:%Y-%m-%d %H:%M} UTC")
        show_change((before.headline, after.headline), (before.body, after.body))


def show_change(headline: tuple[str, str], body: tuple[str, str]) -> None:
    """Prints the headline and the paragraphs that differ, and where others were left out."""
    if headline[0] != headline[1]:
        line(word_diff(*headline)[0])
    skipped = False
    for paragraph in word_diff(*body):
        same = all(piece.change == "same" for piece in paragraph)
        if not same:
            line(paragraph)
        elif not skipped:
            say(SKIPPED)
        skipped = same


def line(paragraph: Sequence[Piece]) -> None:
    """Prints a paragraph with its changes."""
    if not sys.stdout.isatty():
        say(marked(paragraph))
        return
    text = Text()
    for piece in paragraph:
        text.append(printable(piece.text), STYLES[piece.change])
    Console().print(text)
