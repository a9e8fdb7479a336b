"""Blocks, a page's headline, description, stated body -> which of them say the same. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import compress

import numpy as np

from scraper.clean.measured import Column, Measured
from scraper.clean.metadata import Metadata
from scraper.clean.nest import Ints
from scraper.clean.rules import normal, respelt

LABEL = 400  # letters: no longer block repeats a headline or a description
STATED = 200  # characters of a body: a shorter one is none
QUOTES = "\"'«»"
OPENING = 60  # characters: texts that share so many are one


def columns(blocks: Measured, meta: Metadata) -> dict[str, Column]:
    """Where each block stands beside the headline, and which words it shares with it."""
    headline, description = keys((meta.headline, meta.description))
    texts = keys([
        text if size < LABEL else ""
        for text, size in zip(blocks.texts, blocks.size.tolist(), strict=True)
    ])  # fmt: skip
    equal = np.array([text == headline for text in texts]) & bool(headline)
    h1 = blocks.level == 1
    found = np.flatnonzero(equal & blocks.seen)
    if not len(found):
        found = np.flatnonzero(h1)
    at = above_story(found, blocks) if len(found) else -1
    above = np.concatenate(([0.0], np.cumsum(blocks.size[:-1])))
    many = Counter(blocks.texts)
    body = meta.text
    return {
        "headline": equal, "h1": h1, "headline_known": float(at >= 0),
        "below": blocks.place - at if at >= 0 else 0.0,
        "size_below": above - above[at] if at >= 0 else above,
        "headline_words": shared(headline, texts),
        "described": described(description, texts),
        "stated": stated(body, blocks.texts) if len(body) > STATED else -1.0,
        "repeated": [many[text] for text in blocks.texts],
        "place": blocks.place / blocks.count, "size_place": above / blocks.total,
    }  # fmt: skip


def above_story(found: Ints, blocks: Measured) -> int:
    """Of the places of headlines the last before most of the text."""
    told = np.flatnonzero(blocks.told)
    half = told[len(told) // 2] if len(told) else blocks.count
    return int(found[max(int(np.searchsorted(found, half, side="right")) - 1, 0)])


def keys(texts: Sequence[str]) -> list[str]:
    """`furniture.key` of each text, all at once in half the time; a NUL counts as a space."""
    if any("\0" in text for text in texts):
        texts = [text.replace("\0", " ") for text in texts]
    plain = [text.isascii() for text in texts]
    easy = iter(joint(list(compress(texts, plain))))
    if all(plain):
        return list(easy)
    hard = iter(joint([text for text in texts if not text.isascii()]))
    return [next(easy if each else hard) for each in plain]


def joint(texts: Sequence[str]) -> list[str]:
    """The keys of texts that are all ASCII, or all not. None holds a NUL."""
    if not texts:
        return []
    whole = "\0".join(texts)
    if not whole.isascii():
        whole = normal(respelt(whole))
    if "  " in whole or not whole.replace("\0", "").isprintable():
        whole = " ".join(whole.split())
    for quote in QUOTES:
        whole = whole.replace(quote, "")
    return [text.strip(" .…") for text in whole.casefold().split("\0")]


def shared(title: str, texts: Sequence[str]) -> list[float]:
    """Which share of the words of each text is of `title`, each of its words counted once."""
    wanted = {*title.split(), "\0"}
    found = [0.0] * len(texts)
    seen: set[str] = set()
    number = 0
    page = " \0 ".join(texts).split(" ")
    for word in filter(wanted.__contains__, page):
        if word != "\0":
            seen.add(word)
            continue
        if seen:
            found[number] = len(seen) / len(texts[number].split())
            seen.clear()
        number += 1
    if seen:
        found[number] = len(seen) / len(texts[number].split())
    return found


def described(description: str, texts: Sequence[str]) -> list[bool]:
    """Whether each text holds the opening of `description`, or stands in it."""
    least = 20  # characters: shorter ones stand anywhere
    if len(description) <= least:
        return [False] * len(texts)
    opening = description[:OPENING]
    return [len(text) > least and (opening in text or text in description) for text in texts]


def stated(body: str, texts: Sequence[str]) -> list[bool]:
    """Whether `body` holds the opening of each text."""
    return [text[:OPENING] in body for text in texts]
