"""A user's query -> articles, by SQLite's FTS5; any text is a query and none raises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scraper.store.database import DatabaseFile
from scraper.store.filters import Filter
from scraper.store.values import mend, moment_of, utc_text

# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han. Two neighbours are a
# token each, and so is the last character of a run: a word is a phrase of its pairs, one of two
# characters a single token. As a phrase of characters it took 25 ms among 80,000 articles. SQLite's
# trigram tokenizer would find nothing under three characters.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)
# Stands around those tokens. FTS5 takes it for a separator, a snippet is rid of it without
# losing a space that the text has.
GAP = "\u200b"
# Marks that are typed or left out at will: accents that NFC left apart, points of Hebrew and
# Arabic, tatweel, variation selectors of emoji.
OPTIONAL = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670"
    "\ufe00-\ufe0f]"
)
QUOTES = str.maketrans("“”„«»", '"""""')
PIECE = re.compile(r'-?"[^"]*(?:"\*?|$)|[^\s"]+')
MARKS = ("⟦", "⟧")  # around the words found in a snippet
SNIPPET_TOKENS = 32
# A character that ends one pair and begins the next, with the marks between them.
SHARED = re.compile(f"({UNSPACED.pattern[:-1]})({MARKS[1]}?){GAP}({MARKS[0]}?)\\1")
# How a run ends: with a character alone, behind a pair that ends with it if the run has more.
LAST = re.compile(f"(?:({UNSPACED.pattern[:-1]}){GAP})?({UNSPACED.pattern[:-1]}){GAP}$")

MANY = 20_000  # matches: ranking takes 1 us for each, and for each row with one of the words 0.05
AHEAD = 50  # articles that are looked at for each that is wanted: one in 50 matches, or more
APART = 500  # a look-up in the index takes as long as reading on over so many numbers
RECENT = 50_000  # articles since a day: fewer bound the part of the index that is read

MATCHING = "FROM articles_fts f WHERE articles_fts MATCH ?"
FILTERED = """
FROM articles_fts f CROSS JOIN articles a INDEXED BY articles_facts ON a.id = f.rowid
WHERE articles_fts MATCH ? AND f.rowid >= ? AND {condition}
"""
COUNT = "SELECT count(*) AS n FROM (SELECT 1 {source} LIMIT ?)"
# `rank` is FTS5's bm25 with the weights that the schema sets. The best of 20,000 take 21 ms when
# SQLite sorts, as the plus makes it do; FTS5 itself would take 32.
BEST = "SELECT f.rowid AS id, f.rank AS rank {source} ORDER BY +f.rank, f.rowid DESC LIMIT ?"
NEWEST = """
SELECT id FROM articles INDEXED BY articles_by_date ORDER BY coalesce(published, first_seen) DESC
"""
NEWEST_FILTERED = """
SELECT a.id FROM articles o INDEXED BY articles_by_date
CROSS JOIN articles a INDEXED BY articles_facts ON a.id = o.id
WHERE {condition} ORDER BY coalesce(o.published, o.first_seen) DESC
"""
AMONG = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? AND rowid BETWEEN ? AND ?"
SINCE = """
SELECT min(id) AS first, count(*) AS n FROM (
  SELECT id FROM articles WHERE coalesce(published, first_seen) >= ? LIMIT ?)
"""
SHOWN = """
SELECT a.id, a.url, a.site, a.headline, b.published, b.published_offset,
  snippet(articles_fts, 2, ?, ?, '…', ?) AS snippet
FROM articles_fts f CROSS JOIN articles a ON a.id = f.rowid
CROSS JOIN articles b INDEXED BY articles_facts ON b.id = f.rowid
WHERE articles_fts MATCH ? AND f.rowid = ?
"""
KNOWN = {
    "site": "SELECT 1 FROM articles a WHERE {condition} LIMIT 1",
    "lang": "SELECT 1 FROM articles a INDEXED BY articles_facts WHERE {condition} LIMIT 1",
    "author": "SELECT 1 FROM (SELECT DISTINCT authors FROM articles INDEXED BY articles_facts) a"
    " WHERE {condition} LIMIT 1",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a query found. A higher `score` is a better match, 0 when they are by date.

    `snippet` is a piece of the body; the words found in it stand between the two `MARKS`.
    """

    article_id: int
    url: str
    site: str
    headline: str
    snippet: str
    published: datetime | None
    score: float


class Hits(list[Hit]):
    """What a query found. `by_date`: it matched more than 20,000 articles, so the newest come
    first, not the best.
    """

    def __init__(self, hits: Iterable[Hit] = (), *, by_date: bool = False) -> None:
        super().__init__(hits)
        self.by_date = by_date


class Search(DatabaseFile):
    """The table `articles_fts`, which holds its own folded copy of the texts."""

    def search(self, query: str, *, limit: int = 20, only: Filter | None = None) -> Hits:
        """The best matches, best first; a word in the headline weighs most (bm25: 10, 4, 1).

        `a b` both, `"a b"` a phrase, `a OR b`, `a NOT b` or `a -b`, `a*` a beginning. OR binds
        loosest; parentheses are punctuation. A query without a word to find finds nothing. No
        query raises. StoreError when nothing is found and no article at all has the site, language
        or author of `only`; ValueError when its moment is naive.
        """
        expression = match_expression(query)
        ranked: list[tuple[int, float]] = []
        by_date = False
        if expression:
            source, values = self._source(expression, only)
            count = self.rows(COUNT.format(source=source), (*values, MANY + 1))
            by_date = count[0]["n"] > MANY
            if by_date:
                ranked = [(number, 0.0) for number in self._newest(expression, only, limit)]
            else:
                found = self.rows(BEST.format(source=source), (*values, limit))
                ranked = [(row["id"], -row["rank"]) for row in found]
        if not ranked:
            self._check(only)
        hits = (self._hit(expression, number, score) for number, score in ranked)
        return Hits(filter(None, hits), by_date=by_date)

    def _source(self, expression: str, only: Filter | None) -> tuple[str, tuple[Any, ...]]:
        """From where the matches are read, in SQL, and the values of its question marks."""
        if not only:
            return MATCHING, (expression,)
        condition, values = only.condition()
        first = 0  # no article below this number is new enough
        if only.since is not None:
            row = self.rows(SINCE, (utc_text(only.since), RECENT + 1))[0]
            first = 0 if row["n"] > RECENT else row["first"] or 0
        return FILTERED.format(condition=condition), (expression, first, *values)

    def _newest(self, expression: str, only: Filter | None, limit: int) -> list[int]:
        """The numbers of the newest matches. Goes through the articles, not through the matches:
        in a query with 500,000 of them every other article is one.
        """
        condition, values = only.condition() if only else ("", ())
        sql = NEWEST_FILTERED.format(condition=condition) if only else NEWEST
        found: list[int] = []
        size = AHEAD * limit
        with self.failures():
            newest = self.connection.execute(sql, values)
            while len(found) < limit and (numbers := [n for (n,) in newest.fetchmany(size)]):
                matches = {
                    row["rowid"]
                    for low, high in spans(sorted(numbers))
                    for row in self.rows(AMONG, (expression, low, high))
                }
                found += [number for number in numbers if number in matches]
        return found[:limit]

    def _check(self, only: Filter | None) -> None:
        """Raises StoreError when what `only` asks for is in no article at all."""
        for name, sql in KNOWN.items():
            wanted = getattr(only, name, None)
            if wanted is not None:
                condition, values = Filter(**{name: wanted}).condition()
                if not self.rows(sql.format(condition=condition), values):
                    raise self.error(f"holds no article of {name} {wanted!r}")

    def _hit(self, expression: str, number: int, score: float) -> Hit | None:
        """A match as it is shown; None when another process has just taken it away."""
        row = self.row(SHOWN, (*MARKS, SNIPPET_TOKENS, expression, number))
        if row is None:
            return None
        return Hit(
            article_id=row["id"],
            url=row["url"],
            site=row["site"],
            headline=row["headline"],
            snippet=unfold(row["snippet"]),
            published=moment_of(row["published"], row["published_offset"]),
            score=score,
        )

    def _index(self, article_id: int, headline: str, standfirst: str, body: str) -> None:
        """Makes an article's present text the one that is found."""
        self.write("DELETE FROM articles_fts WHERE rowid = ?", (article_id,))
        self.write(
            "INSERT INTO articles_fts (rowid, headline, standfirst, body) VALUES (?, ?, ?, ?)",
            (article_id, fold(headline), fold(standfirst), fold(body)),
        )


def spans(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of ascending numbers without a wide gap."""
    first = last = numbers[0]
    for number in numbers:
        if number - last > APART:
            yield first, last
            first = number
        last = number
    yield first, last


def fold(text: str) -> str:
    """`text` as it is indexed and asked for. Case and accents are FTS5's to fold."""
    text = OPTIONAL.sub("", unicodedata.normalize("NFC", mend(text)))
    return UNSPACED.sub(lambda run: f"{GAP}{GAP.join(pairs(run[0]))}{GAP}", text)


def pairs(run: str) -> list[str]:
    """Each two neighbours in `run`, and its last character."""
    return [run[i : i + 2] for i in range(len(run))]


def unfold(snippet: str) -> str:
    """A piece of folded text as it was before: a character that two pairs share stands once."""
    return SHARED.sub(once, snippet).replace(GAP, "")


def once(shared: re.Match[str]) -> str:
    """A character of two pairs, and what is marked of them: the first, the second, both, none."""
    letter, ends, begins = shared.groups()
    return f"{letter}{ends}{begins}" if ends else f"{begins}{letter}"


def count_words(text: str) -> int:
    """How many words `text` has; each character of a script without spaces is one."""
    return len(fold(text).replace(GAP, " ").split())


def match_expression(query: str) -> str:
    """`query` as an FTS5 expression of quoted phrases; "" when it asks for nothing.

    Alternatives joined by OR, each `("a" AND "b") NOT ("c" OR "d")`: whatever FTS5 could take
    for syntax stands in quotes.
    """
    alternatives: list[tuple[list[str], list[str]]] = [([], [])]
    negated = False
    for piece in PIECE.findall(fold(query.translate(QUOTES))):
        if piece == "OR":
            alternatives.append(([], []))
        elif piece == "NOT":
            negated = True
            continue
        elif piece != "AND" and (phrase := quoted(piece.removeprefix("-"))):
            negated = negated or piece.startswith("-")
            alternatives[-1][negated].append(phrase)
        negated = False
    groups = (
        f"(({joined('AND', wanted)}) NOT ({joined('OR', unwanted)}))"
        if unwanted
        else f"({joined('AND', wanted)})"
        for wanted, unwanted in alternatives
        if wanted  # FTS5 cannot list what does not match
    )
    return joined("OR", groups)


def joined(operator: str, parts: Iterable[str]) -> str:
    """`parts` with an operator between, each once: a word 5,000 times over took 1.1 s."""
    return f" {operator} ".join(dict.fromkeys(parts))


def quoted(piece: str) -> str:
    """One word or phrase in quotes; "" without a letter or a digit, which FTS5 would not index."""
    text = piece.replace('"', " ").strip(" *")
    if not any(unicodedata.category(letter)[0] in "LN" for letter in text):
        return ""
    begins = piece.endswith("*")
    if end := LAST.search(text):  # more of the run may follow in the text
        text = text[: end.start(2)] if end[1] else text
        begins = begins or not end[1]
    return f'"{text}"*' if begins else f'"{text}"'
