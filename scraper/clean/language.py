"""Text, declared language -> language. Pure."""

from __future__ import annotations

import py3langid

ENOUGH = 40  # characters: shorter texts are guessed wrong too often to say anything


def spoken(text: str) -> str:
    """The language of `text` (ISO 639-1) by its first 4,000 characters; "" if it is too short."""
    sample = text[:4000]
    if len(sample) < ENOUGH:
        return ""
    name, _ = py3langid.classify(sample)
    return str(name)


def settled(declared: str, text: str) -> str:
    """The declared language, unless the text speaks plainly another one.

    A region is kept ("pt-br"). Content systems often leave the "en" that they came with.
    """
    heard = spoken(text)
    if not heard or declared.split("-")[0] == heard:
        return declared
    return heard if not declared or len(text) > 400 else declared
