"""A seed -> articles of a made-up world: words as often as in real text, bodies as long. Pure."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scraper.model import Article, Block, Kind, Verdict

# Characters of the 1,061 bodies of the labelled sets `daniel` and `fundus`, at these quantiles.
STEPS = (*(n / 20 for n in range(20)), 0.97, 0.98, 0.99, 0.999, 1.0)
LENGTHS = (
    102, 415, 582, 740, 926, 1095, 1278, 1476, 1610, 1811, 1991, 2239, 2458, 2717,
    3012, 3278, 3600, 4069, 4709, 6149, 7156, 8151, 9975, 29855, 37795,
)  # fmt: skip
LANGUAGES = {  # share of the articles, letters of which words are made
    "en": (40, "th er in an re on at en nd ti es or te of ed is it al ar st"),
    "de": (13, "en er ch de ei te in un ge ie sch st ün är öß be au ver uf ng"),
    "fr": (12, "le es en de re nt on er te ur é à qu ou ai eu is ç ant que"),
    "es": (12, "de la en es os ar al ci ón ra se ad co ta no ue nt ñ qu í"),
    "ru": (10, "то ст на ен но ни ра ко ро ал пр ре во ол по ер ос та ка го"),
    "ar": (5, "ال من في ها ات ين ون كا ما را سي تم لا عب مد نا يه دو شر قا"),
    "zh": (8, ""),
}
WORDS = 120_000  # of a language
CHARACTERS = 4_000  # of Chinese
TOPIC = 12  # words that an article keeps coming back to
PARAGRAPH = 28  # words
SITES, FEEDS, NAMES = 400, 900, 6_000
START = datetime(2023, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=90)  # between two articles: a million in three years
DECIMALS = 4

Ranks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """An article, where it was found and when it was first seen."""

    article: Article
    feed: int  # from 1
    seen: datetime


def lengths(data: Path | None = None) -> Sequence[float]:
    """The quantiles of the bodies in a folder of labelled pages; LENGTHS without one."""
    if data is None:
        return LENGTHS
    found = [
        len(body)
        for name in ("daniel", "fundus")
        for line in (data / name / "truth.jsonl").read_text("utf-8").rstrip("\n").split("\n")
        if (body := json.loads(line).get("body"))
    ]
    return [float(q) for q in np.quantile(found, STEPS)]


class Tongue:
    """The words of one language. The rank-th one is about 1 / rank as frequent as the first."""

    def __init__(self, name: str, seed: int, words: int = WORDS) -> None:
        chance = random.Random(f"{name}{seed}")
        syllables = LANGUAGES[name][1].split()
        self.name, self.gap = name, " " if syllables else ""
        drawn = (
            "".join(chance.choices(syllables, k=1 + int(math.log10(rank + 2) + chance.random())))
            for rank in range(words if syllables else 0)
        )
        made = list(dict.fromkeys(drawn)) or [chr(0x4E00 + n) for n in range(CHARACTERS)]
        if not syllables:
            chance.shuffle(made)
        self.words = np.array(made, dtype=object)
        weights = 1 / (np.arange(len(made)) + 2.7)  # Mandelbrot's offset
        self.bounds = np.cumsum(weights / weights.sum())
        self.letters = float((np.diff(self.bounds, prepend=0) * [len(w) for w in made]).sum())

    def ranks(self, rng: np.random.Generator, count: int) -> Ranks:
        """Ranks of words, drawn as often as they are frequent."""
        found = np.searchsorted(self.bounds, rng.random(count))
        return np.minimum(found, len(self.words) - 1)

    def story(self, rng: np.random.Generator, count: int) -> tuple[str, list[str]]:
        """A headline and paragraphs of `count` words in all, a sixth of them on its topic."""
        topic = np.exp(rng.uniform(3, math.log(len(self.words)), TOPIC)).astype(np.int64) - 1
        ranks = self.ranks(rng, count)
        places = rng.random(count) < 1 / 6
        ranks[places] = rng.choice(topic, int(places.sum()))
        headline = self.ranks(rng, int(rng.integers(4, 15)))
        headline[::2] = rng.choice(topic, len(headline[::2]))
        words = self.words[ranks]
        paragraphs = [words[i : i + PARAGRAPH] for i in range(0, count, PARAGRAPH)]
        title = self.gap.join(self.words[headline])
        return title[:1].upper() + title[1:], [f"{self.gap.join(p)}." for p in paragraphs]


def articles(
    count: int, *, seed: int = 6, first: int = 0, words: int = WORDS, data: Path | None = None
) -> Iterator[Found]:
    """`count` articles as a crawl finds them in time, from number `first` on. Deterministic.

    `words` is the size of each language; bodies are as long as those in `data`, else as LENGTHS.
    """
    rng = np.random.default_rng([seed, first])
    chance = random.Random(f"{seed} {first}")
    quantiles = lengths(data)
    tongues = [Tongue(name, seed, words) for name in LANGUAGES]
    shares = [share for share, _ in LANGUAGES.values()]
    for number in range(first, first + count):
        tongue = chance.choices(tongues, shares)[0]
        size = float(np.interp(chance.random(), STEPS, quantiles))
        if not tongue.gap:
            size /= 3  # Chinese says as much in a third of the characters
        length = max(5, int(size / (tongue.letters + len(tongue.gap))))
        seen = START + number * STEP
        feed = int(chance.paretovariate(0.3)) % FEEDS + 1
        headline, paragraphs = tongue.story(rng, length)
        made = story(chance, number, feed, seen, (tongue.name, headline, paragraphs))
        yield Found(made, feed, seen)


def story(
    chance: random.Random, number: int, feed: int, seen: datetime, text: tuple[str, str, list[str]]
) -> Article:
    """An article of the feed's site; five in a hundred say no date, two are old."""
    language, headline, paragraphs = text
    age = timedelta(minutes=chance.lognormvariate(3, 1.5))
    if chance.random() < 0.02:
        age = timedelta(days=chance.uniform(2, 700))
    site = f"site{feed % SITES}.example"
    return Article(
        url=f"https://{site}/{seen:%Y/%m/%d}/story-{number}",
        canonical_url=f"https://{site}/{seen:%Y/%m/%d}/story-{number}",
        site=site,
        headline=headline,
        standfirst=paragraphs[0] if number % 3 == 0 else "",
        blocks=tuple(
            Block(
                Kind.STANDFIRST if number % 3 == 0 and n == 0 else Kind.PARAGRAPH,
                paragraph,
                path=f"html/body/div[2]/main/article/div[3]/p[{n}]",
                score=round(chance.random(), DECIMALS),
            )
            for n, paragraph in enumerate(paragraphs)
        ),
        authors=tuple(
            f"Author{chance.randrange(80)} Name{chance.randrange(NAMES // 80)}"
            for _ in range(chance.choice((0, 1, 1, 1, 2)))
        ),
        published=None if chance.random() < 0.05 else seen - age,
        section="News",
        language=language,
        verdict=Verdict.ARTICLE,
        verdict_reason="long enough",
        confidence=round(chance.random(), DECIMALS),
        sources={"headline": "json-ld", "authors": "json-ld", "published": "json-ld"},
    )
