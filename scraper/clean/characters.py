"""Texts -> how many characters of each class they hold, all at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

CLASSES = 16
OTHER, SMALL, CAPITAL, DIGIT, SPACE, CJK, STOP, COMMA, COLON, QUOTE, BRACKET, BULLET, DASH, SIGN = (
    range(14)
)
MARKS = {
    SPACE: " \t\n\r\xa0\u2009\u202f\u3000",
    STOP: ".!?…。！？।؟։｡",
    COMMA: ",;、，；،؛",
    COLON: ":：",
    QUOTE: "\"'«»“”„‟‘’‚‹›「」『』《》",
    BRACKET: "()[]{}（）【】",
    BULLET: "|•·→←▶►■●▪◆★>＞<›»¦",
    DASH: "-–—―‒",
    SIGN: "@#%&+=*/\\$€£©®™_~^`",
}


def table() -> npt.NDArray[np.uint8]:
    """The class of each code point below U+10000, and one entry for all above."""
    found = np.full(0x10001, SMALL, dtype=np.uint8)
    found[:0x250] = OTHER
    for code in (*range(0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000)):
        char = chr(code)
        if char.isalpha():
            found[code] = CAPITAL if char.isupper() else SMALL
        elif char.isdigit():
            found[code] = DIGIT
    found[0x2000:0x2C00] = OTHER
    found[0x3000:0x3040] = OTHER
    for low, high in ((0x3040, 0x3100), (0x3400, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFB00)):
        found[low:high] = CJK
    found[0xFF00:0x10000] = OTHER
    found[0x10000] = OTHER
    for name, marks in MARKS.items():
        for mark in marks:
            found[ord(mark)] = name
    return found


TABLE = table()


def counts(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """For each text how many characters of each class (texts x CLASSES), and the classes of its
    first and last character (texts x 2). No text is empty."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    raw = "".join(texts).encode("utf-32-le", "surrogatepass")
    classes = TABLE.take(np.frombuffer(raw, dtype=np.int32), mode="clip")
    places = np.repeat(np.arange(0, CLASSES * len(texts), CLASSES), lengths)
    places += classes
    found = np.bincount(places, minlength=CLASSES * len(texts))
    ends = np.cumsum(lengths)
    edges = np.stack((classes[ends - lengths], classes[ends - 1]), axis=1)
    return found.reshape(-1, CLASSES), edges
