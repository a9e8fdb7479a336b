"""Blocks, a page's headline, description, stated body -> which of them say the same. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import compress

import numpy as np

from scraper.clean.measured import Column, Measured
from scraper.clean.metadata import Metadata
from scraper.clean.nest import Ints, whole
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
    many = Counter(blocks.texts).__getitem__
    body = meta.text
    return {
        "headline": equal, "h1": h1, "headline_known": float(at >= 0),
        "below": blocks.place - at if at >= 0 else 0.0,
        "size_below": above - above[at] if at >= 0 else above,
        "headline_words": shared(headline, texts),
        "described": described(description, texts),
        "stated": stated(body, blocks.texts) if len(body) > STATED else -1.0,
        "repeated": whole(list(map(many, blocks.texts))),
        "place": blocks.place / blocks.count, "size_place": above / blocks.total,
    }  # fmt: skip


def above_story(found: Ints, blocks: Measured) -> int:
    """Of the places of headlines the last before most of the text."""
    told = np.flatnonzero(blocks.told)
    half = told[len(told) // 2] if len(told) else blocks.count
    return int(found[max(int(np.searchsorted(found, half, side="right")) - 1, 0)])


def keys(texts: Sequence[str]) -> list[str]:
    """`furniture.key` of each text, all at once in half the time; a NUL counts as a space."""
    page = "\0".join(texts)
    if page.count("\0") >= len(texts) > 0:
        texts = [text.replace("\0", " ") for text in texts]
        page = "\0".join(texts)
    if page.isascii():
        return joint(page) if texts else []
    plain = [text.isascii() for text in texts]
    easy = iter(joint("\0".join(compress(texts, plain))))
    hard = respelt("\0".join([text for text in texts if not text.isascii()]))
    others = iter(joint("\0".join(map(normal, hard.split("\0")))))
    return [next(easy if each else others) for each in plain]


def joint(page: str) -> list[str]:
    """The keys of texts with a NUL between two, all in normal spelling."""
    page = " ".join(page.split())
    for quote in QUOTES:
        page = page.replace(quote, "")
    return [text.strip(" .…") for text in page.casefold().split("\0")]


def shared(title: str, texts: Sequence[str]) -> list[float]:
    """Which share of the words of each text is of `title`, each of its words counted once."""
    wanted = set(title.split())
    found = []
    for text in texts:
        words = text.split()
        same = wanted.intersection(words)
        found.append(len(same) / len(words) if same else 0.0)
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
