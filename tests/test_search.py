from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scraper.model import Article, Block, Kind, Page, Verdict
from scraper.store import MARKS, Store, database, schema, search
from scraper.store.search import (
    GAP,
    OPTIONAL,
    UNSPACED,
    count_words,
    fold,
    match_expression,
    unfold,
)
from scraper.store.tables_pairs import PAIRS, pairs

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
TEXTS = {
    "en": ("Council votes on the flood wall", "The town's e-mail said: flood, flood and more."),
    "fr": ("Couvre-feu à Nîmes", "L'état d'urgence est déclaré, dit le préfet. Œuvre."),
    "de": ("Hochwasser in Österreich", "Die Straße nach Gänserndorf ist gesperrt."),
    "zh": ("北京天气预报", "今天北京晴，上海有雨。iPhone手机 12 部。"),
    "ja": ("東京でカメラ展", "東京都の天気は晴れです。"),
    "th": ("สภาพอากาศวันนี้", "กรุงเทพมหานคร มีฝนตก ที่นี่"),
    "ko": ("서울 날씨", "오늘 서울은 맑음"),
    "hi": ("दिल्ली में बारिश", "हिन्दी समाचार पढ़ें"),
    "ar": ("أخبار الطقس", "أيضًا سقط المطر فِي بَغداد"),
}
WORDS = [
    "flood",
    '"',
    "OR",
    "AND",
    "NOT",
    "-flood",
    "fl*",
    "NEAR(",
    "(",
    ")",
    "headline:",
    "北京",
    "^a",
]


def add(store: Store, name: str, headline: str, body: str, standfirst: str = "") -> None:
    url = f"https://{name}.example/{name}"
    blocks = (Block(Kind.PARAGRAPH, body),)
    made = Article(url, None, url, headline, standfirst, blocks, verdict=Verdict.ARTICLE)
    link = store.add_link(url, now=NOW)
    store.save_article(link, Page(url, url, 200, {}, b"", NOW), made, now=NOW)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("search") / "a.db") as made, made.transaction():
        for name, (headline, body) in TEXTS.items():
            add(made, name, headline, body)
        yield made


def found(store: Store, query: str) -> list[str]:
    return [hit.url.rsplit("/", 1)[1] for hit in store.search(query)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("flood wall", ["en"]),
        ("FLOOD", ["en"]),
        ("flood absent", []),
        ('"flood wall"', ["en"]),
        ('"wall flood"', []),
        ('"flood wall', ["en"]),
        ("“flood wall”", ["en"]),
        ("e-mail", ["en"]),
        ("town's", ["en"]),
        ("coun*", ["en"]),
        ("coun", []),
        ("état", ["fr"]),
        ("ETAT d'urgence", ["fr"]),
        ("nimes", ["fr"]),
        ("e\u0301tat", ["fr"]),
        ("osterreich", ["de"]),
        ("strasse", []),  # ß is a letter, not an accent
        ("straße", ["de"]),
        ("北京", ["zh"]),
        ("京北", []),
        ("北*", ["zh"]),
        ("上海 北京", ["zh"]),
        ("手机", ["zh"]),
        ("机", ["zh"]),
        ("京晴", ["zh"]),
        ("晴上", []),  # a comma stands between
        ("iphone手机", ["zh"]),
        ("手机iphone", []),
        ('"手机 12"', ["zh"]),
        ('"12 部"', ["zh"]),
        ('"部 12"', []),
        ('"今天 北"', []),
        ('"今天北', ["zh"]),
        ("今天北京晴*", ["zh"]),
        ("天*", ["zh", "ja"]),
        ("iphone", ["zh"]),
        ("天気", ["ja"]),
        ("カメラ", ["ja"]),
        ("カ", ["ja"]),
        ("ฝนตก", ["th"]),
        ("อากาศ", ["th"]),
        ("ทีนี", []),  # another word: the tone mark is missing
        ("서울", ["ko"]),
        ("हिन्दी", ["hi"]),
        ("हनद", []),  # its consonants alone
        ("أيضا", ["ar"]),
        ("في بغداد", ["ar"]),
        ("nîmes OR gänserndorf", ["fr", "de"]),
        ("OR nîmes OR OR", ["fr"]),
        ("flood AND wall", ["en"]),
        ("flood NOT wall", []),
        ("flood AND NOT wall", []),
        ("flood -北京", ["en"]),
        ('flood -"flood wall"', []),
        ('flood -"wall flood"', ["en"]),
        ("-wall", []),
        ("NOT wall OR flood", ["en"]),
        ("or flood", []),
        ("headline:flood", []),
        ("(flood)", ["en"]),
        ("flood !!! -", ["en"]),
        ("flood\0 \ud800", ["en"]),
        ("", []),
        ("   \t", []),
        ("?!*", []),
        ('""', []),
        ("\u0301", []),
        ("❤️", []),
    ],
)
def test_a_query_finds(store: Store, query: str, names: list[str]) -> None:
    assert sorted(found(store, query)) == sorted(names)


def test_a_snippet_shows_the_words_without_our_gaps(store: Store) -> None:
    begin, end = MARKS
    (hit,) = store.search("上海")
    assert hit.snippet.startswith("今天北京晴，")
    assert f"{begin}上海{end}有雨。iPhone手机 12 部" in hit.snippet.replace(f"{end}{begin}", "")
    (hit,) = store.search("mail")
    assert f"e-{begin}mail{end} said" in hit.snippet
    assert (hit.headline, hit.published) == ("Council votes on the flood wall", None)


def test_a_snippet_marks_characters_that_two_pairs_share(store: Store) -> None:
    for query, marked in (
        ("北京晴", "今天⟦北京晴⟧，上海"),
        ("今天 天北", "⟦今天⟧⟦北⟧京晴，上海"),
        ("北", "今天⟦北京⟧晴，上海"),  # the token that begins with it
        ("天北 京晴", "今⟦天北⟧⟦京晴⟧，上海"),
        ("晴", "今天北京⟦晴⟧，上海"),
    ):
        (hit,) = store.search(f"{query} iphone")
        assert hit.snippet.startswith(marked), query


LETTERS = st.sampled_from("北京天xé ，ที่")


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(LETTERS).map("".join))
def test_a_folded_text_can_be_read_again(text: str) -> None:
    assert unfold(fold(text)) == OPTIONAL.sub("", unicodedata.normalize("NFC", text))
    before = UNSPACED.sub(lambda run: GAP + GAP.join(run[0]) + GAP, text)
    assert pairs(before) == fold(text)  # what the migration makes of it


def test_every_piece_of_a_text_is_found_and_no_other(tmp_path: Path) -> None:
    chance = random.Random(2)
    texts = ["".join(chance.choices("北京天海", k=6)) for _ in range(40)]
    with Store(tmp_path / "a.db") as store, store.transaction():
        for number, text in enumerate(texts):
            add(store, f"n{number}", "A", f"x {text[:4]}y{text[4:]}。{text}")
        for _ in range(150):
            piece = "".join(chance.choices("北京天海", k=chance.randint(1, 4)))
            wanted = {n for n, text in enumerate(texts) if piece in text}
            hits = store.search(piece, limit=99)
            assert {int(hit.url.rsplit("/n", 1)[1]) for hit in hits} == wanted


def test_an_old_index_of_single_characters_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as old:
        number = [m.sql for m in schema.MIGRATIONS].index(PAIRS)
        old.setattr(database, "MIGRATIONS", schema.MIGRATIONS[:number])
        old.setattr(search, "pairs", list)
        with Store(tmp_path / "a.db") as store:
            add(store, "zh", *TEXTS["zh"])
            add(store, "fr", *TEXTS["fr"])
    with Store(tmp_path / "a.db") as store:
        for query, names in (("北京", ["zh"]), ("京北", []), ("部", ["zh"]), ("nimes", ["fr"])):
            assert found(store, query) == names
        row = store.rows("SELECT body FROM articles_fts WHERE rowid = 1")[0]
        assert row["body"] == fold(TEXTS["zh"][1])
        store.write("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
        assert store.search("nimes")[0].score > 0
        store.write("DELETE FROM articles WHERE id = 1")
        assert found(store, "北京") == []


def test_the_headline_weighs_most_and_an_edit_is_found_at_once(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        filler = "Some other words that are of no interest here. " * 5
        add(store, "standfirst", "Nothing", filler, standfirst="A zebra")
        add(store, "headline", "A zebra", filler)
        add(store, "body", "Nothing", f"{filler} Zebra zebra. {filler}")
        for number in range(9):
            add(store, f"n{number}", "Nothing", filler)
        hits = store.search("zebra")
        assert [hit.article_id for hit in hits] == [2, 1, 3]
        assert hits[0].score > hits[1].score > hits[2].score > 0
        assert [hit.article_id for hit in store.search("zebra", limit=1)] == [2]
        add(store, "headline", "A lion", filler)
        assert [hit.article_id for hit in store.search("zebra")] == [1, 3]
        assert [hit.article_id for hit in store.search("lion")] == [2]
        store.write("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")


def test_a_query_of_ten_thousand_words_is_answered(store: Store) -> None:
    assert found(store, "flood " * 5000) == ["en"]
    assert found(store, "flood OR " * 5000) == ["en"]
    assert found(store, "北" * 10_000) == []
    assert found(store, "(" * 10_000 + "flood") == ["en"]
    assert found(store, "x" * 100_000) == []


@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    query=st.text(st.characters(exclude_categories=()))
    | st.lists(st.sampled_from(WORDS) | st.text(max_size=3)).map(" ".join)
    | st.lists(st.sampled_from(WORDS)).map("".join)
)
@example('a"b')
@example("-")
@example("*")
@example("a:b^c{d}e+f")
def test_no_query_raises(store: Store, query: str) -> None:
    assert len(store.search(query, limit=1)) <= 1


def test_an_expression_holds_nothing_but_quotes_and_our_operators() -> None:
    assert match_expression('a "b c"* -d OR NEAR NOT e* f') == (
        '(("a" AND "b c"*) NOT ("d")) OR (("NEAR" AND "f") NOT ("e"*))'
    )


def test_words_are_counted_in_every_script() -> None:
    assert [count_words(t) for t in ("", "two words", "北京 iPhone手机", "ที่")] == [0, 2, 5, 3]
