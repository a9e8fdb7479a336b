"""Labelled bodies -> articles that share phrases, some of them copies of others as customers print.

The labelled bodies stand as they are. Others are made of sentences drawn from bodies of their
language, with paragraphs that recur (boilerplate, the background of a running story) and agency
tags. Of the rest each is a copy: 5 % to 30 % of its words changed one by one, paragraphs dropped,
a lead of other sentences added, a recurring paragraph added.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.pages import LabelledPage

UNSPACED = "\u0e00-\u0eff\u2e80-\u2fdf\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
UNIT = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
SENTENCE = re.compile(r"[^.!?。！？\n]{12,}[.!?。！？]*")
ENGLISH = ("", "au", "ca", "ind", "us", "za", "uk")  # what a set calls by the country
TAGS = ("(AGENCY) - ", "(DPX) - ", "(PRX) - ")
COPIES = 0.2  # of all articles
ORIGINALS = 0.7  # of as many as there are copies: some stories are copied more than once
ENOUGH = 1000  # sentences of a language from which articles are made
SHORTEST = 30  # words of a story that is copied


@dataclass(frozen=True, slots=True)
class Planted:
    """An article. Two tell the same story when `story` is the same."""

    text: str
    language: str
    story: int
    made: bool  # of sentences of others, or a copy of such a one
    changed: float = 0.0  # the share of words; 0: an original
    ways: tuple[str, ...] = ()  # what else was done to a copy


class Press:
    """What articles of one language are made of."""

    def __init__(self, bodies: Sequence[str], rng: random.Random) -> None:
        self.rng = rng
        self.words: list[str] = [word for body in bodies for word in UNIT.findall(body)]
        self.sentences = sorted({s.strip() for body in bodies for s in SENTENCE.findall(body)})
        size = max(10, len(self.sentences) // 250)
        self.recurring = [
            " ".join(rng.choices(self.sentences, k=rng.randint(1, 3)))
            for _ in range(size if self.sentences else 0)
        ]

    def article(self) -> str:
        """A new one, of 4 to 120 sentences."""
        rng = self.rng
        left = rng.sample(self.sentences, max(4, min(120, int(rng.lognormvariate(2.8, 0.7)))))
        paragraphs = []
        while left:
            size = rng.randint(1, 4)
            paragraphs.append(" ".join(left[:size]))
            left = left[size:]
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            paragraphs = self.with_recurring(paragraphs)
        tag = rng.choice(TAGS) if rng.random() < 0.3 else ""
        return tag + "\n\n".join(paragraphs)

    def with_recurring(self, paragraphs: list[str]) -> list[str]:
        """`paragraphs` with one that recurs somewhere, unless it were more than a fourth of all."""
        one = self.rng.choice(self.recurring)
        if len(one) * 3 > sum(map(len, paragraphs)):
            return paragraphs
        place = self.rng.randint(1, len(paragraphs))
        return [*paragraphs[:place], one, *paragraphs[place:]]

    def copy(self, text: str) -> tuple[str, float, tuple[str, ...]]:
        """A customer's version of `text`, the share of words changed, what else was done."""
        rng = self.rng
        share, ways = rng.uniform(0.05, 0.3), []
        paragraphs = text.split("\n\n")
        if rng.random() < 0.5 and len(paragraphs) > 1:
            kept = rng.uniform(0.6, 0.95)
            paragraphs = [p for p in paragraphs if rng.random() < kept] or paragraphs[:1]
            ways.append("paragraphs dropped")
        paragraphs = [UNIT.sub(lambda m: self.changed(m[0], share), p) for p in paragraphs]
        if rng.random() < 0.5:
            paragraphs.insert(0, " ".join(rng.choices(self.sentences, k=rng.randint(1, 2))))
            ways.append("a lead added")
        if rng.random() < 0.3:
            paragraphs = self.with_recurring(paragraphs)
        return "\n\n".join(paragraphs), share, tuple(ways)

    def changed(self, word: str, share: float) -> str:
        """`word`, or by chance another, none, or it and another."""
        chance = self.rng.random() / share
        if chance < 0.6:
            return self.rng.choice(self.words)
        if chance < 0.8:
            return ""
        return f"{word} {self.rng.choice(self.words)}" if chance < 1 else word


def language(page: LabelledPage) -> str:
    """The language of a page, as far as its set tells: an edition's country for some."""
    name = page.truth.get("lang") or ""
    return "en" if name in ENGLISH else name


def articles(pages: Sequence[LabelledPage], count: int, seed: int) -> list[Planted]:
    """`count` articles in an order of chance, the same ones for the same `seed`.

    The bodies of `pages` are among them, each a story of its own.
    """
    rng = random.Random(seed)
    bodies = defaultdict(list)
    for page in pages:
        bodies[language(page)].append(str(page.truth["body"]))
    presses = {name: Press(texts, rng) for name, texts in bodies.items()}
    found = [
        Planted(text, name, story, made=False)
        for story, (name, text) in enumerate((n, t) for n, texts in bodies.items() for t in texts)
    ]
    fit = [name for name, press in presses.items() if len(press.sentences) >= ENOUGH]
    weights = [len(presses[name].sentences) for name in fit]
    while len(found) < count * (1 - COPIES):
        name = rng.choices(fit, weights)[0]
        found.append(Planted(presses[name].article(), name, len(found), made=True))
    copied = [one for one in found if len(UNIT.findall(one.text)) >= SHORTEST]
    copied = rng.sample(copied, min(len(copied), int(count * COPIES * ORIGINALS)))
    while len(found) < count:
        one = rng.choice(copied)
        text, share, ways = presses[one.language].copy(one.text)
        found.append(Planted(text, one.language, one.story, one.made, share, ways))
    rng.shuffle(found)
    return found
