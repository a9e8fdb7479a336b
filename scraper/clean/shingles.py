"""Text -> tokens and shingles, as the public benchmarks of article extraction count them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

TOKEN = re.compile(r"\w+")
# one token a character where words are not set apart (Han, Kana, Hangul)
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
SHINGLE = 4


def tokens(text: str) -> list[str]:
    """The words of `text`, and each CJK character."""
    return TOKEN.findall(text if text.isascii() else CJK.sub(r" \g<0> ", text))


def shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Each run of four words; a shorter text is one shingle."""
    last = max(1, len(words) - SHINGLE + 1)
    return [tuple(words[i : i + SHINGLE]) for i in range(last)] if words else []
