from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.cli import run
from scraper.errors import StoreError
from scraper.model import Article, Block, Kind, Verdict
from scraper.store import Filter, Hits, Store, search
from scraper.store.search import spans

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
DAY = timedelta(days=1)
# number -> site, language, authors, days before NOW that the page names (None: no date)
ARTICLES: tuple[tuple[str, str, tuple[str, ...], int | None], ...] = (
    ("a.example", "en", ("Ann Lee", "Ben Müller"), 1),
    ("a.example", "pt-BR", ("José Álvares",), 3),
    ("b.example", "pt", (), 2),
    ("b.example", "zh", ("王伟",), None),
    ("b.example", "", ("Leeds Desk",), 400),
)


def add(store: Store, number: int, text: str, published: datetime | None, **rest: object) -> None:
    url = f"https://{rest.get('site', 'a.example')}/{number}"
    made = Article(
        url, None, str(rest.get("site", "a.example")), f"Story {number}", "",
        (Block(Kind.PARAGRAPH, text),), verdict=Verdict.ARTICLE, published=published,
        language=str(rest.get("language", "en")), authors=rest.get("authors", ()),  # type: ignore[arg-type]
    )  # fmt: skip
    store.save_article(store.add_link(url, now=NOW), None, made, now=NOW + number * DAY / 1440)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("filters") / "a.db") as made, made.transaction():
        for number, (site, language, authors, age) in enumerate(ARTICLES, 1):
            published = None if age is None else NOW - age * DAY
            add(made, number, "A flood.", published, site=site, language=language, authors=authors)
        yield made


@pytest.mark.parametrize(
    ("only", "numbers"),
    [
        (Filter(), [1, 2, 3, 4, 5]),
        (Filter(site="a.example"), [1, 2]),
        (Filter(site="https://b.example/x"), [3, 4, 5]),
        (Filter(lang="pt"), [2, 3]),
        (Filter(lang="PT_br"), [2]),
        (Filter(lang=""), [5]),
        (Filter(author="ann lee"), [1]),
        (Filter(author="lee"), [1, 5]),
        (Filter(author="muller"), [1]),
        (Filter(author="alvares"), [2]),
        (Filter(author="王"), [4]),
        (Filter(since=NOW - 3 * DAY), [1, 2, 3, 4]),  # 4 by when it was seen
        (Filter(since=NOW - 3 * DAY + timedelta(seconds=1)), [1, 3, 4]),
        (Filter(since=NOW - DAY, site="a.example"), [1]),
        (Filter(since=NOW + DAY), []),
        (Filter(site="b.example", lang="pt", since=NOW - 5 * DAY), [3]),
        (Filter(site="a.example", author="王"), []),
    ],
)
@pytest.mark.parametrize("many", [20_000, 0])
@pytest.mark.parametrize("recent", [50_000, 1])
def test_a_filter_leaves_what_it_names(
    store: Store, only: Filter, numbers: list[int], many: int, recent: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(search, "MANY", many)  # 0: every query is one with too many matches
    monkeypatch.setattr(search, "RECENT", recent)
    hits = store.search("flood", only=only)
    assert sorted(hit.article_id for hit in hits) == numbers
    assert hits.by_date is (many == 0 and bool(numbers))
    assert store.search("absent", only=only) == []


@pytest.mark.parametrize(
    ("only", "reason"),
    [
        (Filter(site="c.example"), "holds no article of site 'c.example'"),
        (Filter(lang="fr"), "holds no article of lang 'fr'"),
        (Filter(lang="p"), "holds no article of lang 'p'"),
        (Filter(author="Nobody"), "holds no article of author 'Nobody'"),
        (Filter(site="a.example", author="%"), "holds no article of author '%'"),
    ],
)
@pytest.mark.parametrize("query", ["flood", "absent", "?"])
def test_what_no_article_has_is_an_error(
    store: Store, query: str, only: Filter, reason: str
) -> None:
    with pytest.raises(StoreError) as caught:
        store.search(query, only=only)
    assert (caught.value.subject, caught.value.reason) == (str(store.path), reason)


@pytest.mark.parametrize("apart", [1, 3, 500])
@pytest.mark.parametrize("only", [None, Filter(site="a.example")])
def test_too_many_matches_come_by_date_the_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: Filter | None, apart: int
) -> None:
    monkeypatch.setattr(search, "MANY", 10)
    monkeypatch.setattr(search, "AHEAD", 1)
    monkeypatch.setattr(search, "APART", apart)
    chance = random.Random(3)
    days = chance.sample(range(-30, 30), 60)  # some are of days to come
    wanted = []
    with Store(tmp_path / "a.db") as store, store.transaction():
        for number, day in enumerate(days, 1):
            text, site = chance.choice(("flood", "flood", "fire")), chance.choice("ab")
            add(store, number, text, NOW + day * DAY, site=f"{site}.example")
            if text == "flood" and (only is None or site == "a"):
                wanted.append((day, number))
        assert len(wanted) > 10
        order = [number for _, number in sorted(wanted, reverse=True)]
        hits = store.search("flood", limit=9, only=only)
        assert (hits.by_date, [hit.article_id for hit in hits]) == (True, order[:9])
        assert {hit.score for hit in hits} == {0.0}
        assert "⟦flood⟧" in hits[0].snippet
        every = store.search("flood", limit=99, only=only)
        assert [hit.article_id for hit in every] == order
        monkeypatch.setattr(search, "MANY", len(wanted))  # so many are still ranked
        best = store.search("flood", limit=99, only=only)
        assert (best.by_date, len(best)) == (False, len(wanted))
        assert all(hit.score > 0 for hit in best)


def test_runs_of_numbers_end_at_wide_gaps() -> None:
    far = search.APART + 1
    assert list(spans([1])) == [(1, 1)]
    assert list(spans([1, 2, 9, 9 + far, 10 + far])) == [(1, 9), (9 + far, 10 + far)]


def test_hits_are_a_list_that_says_how_it_is_ordered() -> None:
    assert Hits() == []
    assert (Hits().by_date, Hits(by_date=True).by_date) == (False, True)


def test_the_command_filters_and_says_how_it_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "a.db")
    with Store(path) as store:
        add(store, 1, "A flood.", datetime.now(UTC) - DAY, site="a.example", authors=("Ann",))
        add(store, 2, "A flood.", NOW - 4000 * DAY, site="b.example", language="fr")

    def command(*args: str) -> tuple[int, list[str], str]:
        code = run(["search", "flood", "--db", path, "--json", *args])
        out, err = capsys.readouterr()
        return code, [hit["site"] for hit in json.loads(out or "[]")], err

    assert command() == (0, ["b.example", "a.example"], "")
    filters = (["--site", "a.example"], ["--since", "7d"], ["--lang", "en"], ["--author", "ann"])
    for given in filters:
        assert command(*given) == (0, ["a.example"], "")
    assert command("--since", "2015-01-01", "--lang", "fr") == (0, ["b.example"], "")
    for given in (["--site", "c.example"], ["--lang", "de"], ["--author", "Zoë"]):
        name, value = given[0].strip("-"), given[1]
        error = f"scraper: {path}: holds no article of {name} {value!r}\n"
        assert command(*given) == (2, [], error)
    code, _, error = command("--since", "2023-02-30")
    assert (code, "'2023-02-30' is no date" in error) == (2, True)

    run(["search", "flood", "--db", path, "--json"])
    assert {hit["order"] for hit in json.loads(capsys.readouterr().out)} == {"relevance"}
    monkeypatch.setattr(search, "MANY", 1)
    assert run(["search", "flood", "--db", path, "--json"]) == 0
    out, err = capsys.readouterr()
    assert [(hit["site"], hit["order"]) for hit in json.loads(out)] == [
        ("a.example", "date"),
        ("b.example", "date"),
    ]
    assert err == "scraper search: more than 20,000 articles match: the newest come first\n"
    assert run(["search", "flood", "--db", path, "-q"]) == 0
    assert capsys.readouterr().err == ""
