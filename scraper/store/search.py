"""A user's query -> articles, by SQLite's FTS5; any text is a query and none raises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scraper.store.database import DatabaseFile
from scraper.store.values import mend, moment_of

# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han. Each character is a
# token, a word a phrase. SQLite's trigram tokenizer would find nothing under three characters.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)
# Stands between those characters. FTS5 takes it for a separator, a snippet is rid of it without
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

FIND = """
SELECT a.id, a.url, a.site, a.headline, a.published, a.published_offset, f.rank,
  snippet(articles_fts, 2, ?, ?, '…', ?) AS snippet
FROM articles_fts f CROSS JOIN articles a ON a.id = f.rowid
WHERE articles_fts MATCH ? ORDER BY f.rank LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a query found. A higher `score` is a better match.

    `snippet` is a piece of the body; the words found in it stand between the two `MARKS`.
    """

    article_id: int
    url: str
    site: str
    headline: str
    snippet: str
    published: datetime | None
    score: float


class Search(DatabaseFile):
    """The table `articles_fts`, which holds its own folded copy of the texts."""

    def search(self, query: str, *, limit: int = 20) -> list[Hit]:
        """The best matches, best first; a word in the headline weighs most (bm25: 10, 4, 1).

        `a b` both, `"a b"` a phrase, `a OR b`, `a NOT b` or `a -b`, `a*` a beginning. OR binds
        loosest; parentheses are punctuation. A query without a word to find finds nothing.
        """
        expression = match_expression(query)
        if not expression:
            return []
        found = self.rows(FIND, (*MARKS, SNIPPET_TOKENS, expression, limit))
        return [
            Hit(
                article_id=row["id"],
                url=row["url"],
                site=row["site"],
                headline=row["headline"],
                snippet=row["snippet"].replace(GAP, ""),
                published=moment_of(row["published"], row["published_offset"]),
                score=-row["rank"],
            )
            for row in found
        ]

    def _index(self, article_id: int, headline: str, standfirst: str, body: str) -> None:
        """Makes an article's present text the one that is found."""
        self.write("DELETE FROM articles_fts WHERE rowid = ?", (article_id,))
        self.write(
            "INSERT INTO articles_fts (rowid, headline, standfirst, body) VALUES (?, ?, ?, ?)",
            (article_id, fold(headline), fold(standfirst), fold(body)),
        )


def fold(text: str) -> str:
    """`text` as it is indexed and asked for. Case and accents are FTS5's to fold."""
    text = OPTIONAL.sub("", unicodedata.normalize("NFC", mend(text)))
    return UNSPACED.sub(lambda run: GAP + GAP.join(run[0]) + GAP, text)


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
    return f'"{text}"*' if piece.endswith("*") else f'"{text}"'
