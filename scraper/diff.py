"""Two versions of a text -> what went and what came, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

Change = Literal["same", "gone", "new"]
WORDS = re.compile(r"\s+|\w+|[^\w\s]")
MOST_WORDS = 4000  # of a changed passage: difflib is quadratic, 4,000 words take half a second


class Piece(NamedTuple):
    """A run of words, and whether both versions have it."""

    change: Change
    text: str


def word_diff(before: str, after: str) -> list[list[Piece]]:
    """The paragraphs of both versions in order, each as its pieces.

    Paragraphs that are alike are one piece, "same". Of a passage of more than MOST_WORDS words the
    old version goes and the new one comes as a whole.
    """
    old, new = before.split("\n\n"), after.split("\n\n")
    found: list[list[Piece]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [[Piece("same", text)] for text in old[a:b]]
        else:
            found += paragraphs(passage("\n\n".join(old[a:b]), "\n\n".join(new[c:d])))
    return found


def passage(before: str, after: str) -> Iterator[Piece]:
    """The pieces of a passage that is not the same in both versions."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        yield from pieces(old, new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[a:b]))
        else:
            yield from pieces(old[a:b], new[c:d])


def pieces(gone: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """What went, then what came, where there is any."""
    if gone:
        yield Piece("gone", "".join(gone))
    if new:
        yield Piece("new", "".join(new))


def paragraphs(run: Iterator[Piece]) -> list[list[Piece]]:
    """`run` broken where one of its pieces has a blank line."""
    found: list[list[Piece]] = [[]]
    for piece in run:
        first, *rest = piece.text.split("\n\n")
        found[-1].append(piece._replace(text=first))
        found += [[piece._replace(text=text)] for text in rest]
    return [[piece for piece in one if piece.text] for one in found if any(p.text for p in one)]


def marked(paragraph: Sequence[Piece]) -> str:
    """A paragraph as plain text, as in "the [-old-]{+new+} bridge"."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(marks[piece.change].format(piece.text) for piece in paragraph)
