"""The migration to pairs of characters in the index: frozen SQL, and the function that it calls."""

from __future__ import annotations

import re

# The scripts without spaces between words. Frozen, as the SQL is.
LETTERS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
RUN = re.compile(f"\u200b(?:[{LETTERS}]\u200b)+")


def pairs(folded: str) -> str:
    """What was indexed as single characters, as pairs of them and the last one alone."""

    def paired(match: re.Match[str]) -> str:
        run = match[0].replace("\u200b", "")
        return "\u200b" + "\u200b".join(run[i : i + 2] for i in range(len(run))) + "\u200b"

    return RUN.sub(paired, folded)


# As a phrase of single characters, which nearly every page in such a script has, a word of two took
# 25 ms among 80,000 articles, three times over for a search; as one token it takes 0.1 ms.
PAIRS = """
DROP TRIGGER articles_unindex;
ALTER TABLE articles_fts RENAME TO articles_fts_before;
CREATE VIRTUAL TABLE articles_fts USING fts5( -- rowid is articles.id; see scraper.store.search
  headline, -- articles.headline, folded as body is
  standfirst, -- articles.standfirst, folded as body is
  body, -- articles.body, folded: Chinese, Japanese, Thai ... in pairs, 'abc' is 'ab bc c' by U+200B
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
INSERT INTO articles_fts (articles_fts, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0)');
INSERT INTO articles_fts (rowid, headline, standfirst, body)
SELECT rowid, pairs(headline), pairs(standfirst), pairs(body) FROM articles_fts_before;
DROP TABLE articles_fts_before;
CREATE TRIGGER articles_unindex AFTER DELETE ON articles BEGIN
  DELETE FROM articles_fts WHERE rowid = old.id;
END;
"""
