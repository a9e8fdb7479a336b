from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from shelf import HOUR, NOW, SITES, article, fill, shelve

from scraper.cli.filtering import since_of
from scraper.store import Filter, Store
from scraper.store.filters import domain, folded


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as made:
        fill(made, 5)
        yield made


def test_filters(store: Store) -> None:
    shelve(store, article(6, language="pt-BR", authors=("JOSÉ  Áñez",), published=None), 6)
    shelve(store, article(7, language="ptx", authors=("100%_a",)), 7)

    def ids(**given: Any) -> list[int]:
        return [stored.id for stored in store.each_article(Filter(**given))]

    assert ids(site="herald.example") == ids(site="https://Herald.example/x") == [1, 3, 5, 7]
    assert domain("https://m.Example.org/x") == domain("WWW.example.org") == "example.org"
    assert ids(since=NOW - timedelta(days=2)) == [1, 2, 6]  # without a date: when it was seen
    assert ids(since=NOW + HOUR) == []
    assert (ids(lang="pt"), ids(lang="PT-br"), ids(lang="pt_BR")) == ([6], [6], [6])
    assert (ids(lang="p"), ids(lang="en")) == ([], [1, 2, 3, 4, 5])
    assert (ids(author="jose anez"), ids(author="MULLER"), ids(author="%")) == (
        [6], [1, 2, 3, 4, 5], [7],
    )  # fmt: skip
    assert ids(author="ann", lang="en", site=SITES[0], since=NOW - timedelta(days=3)) == [2]
    assert ids(site="x' OR 1=1 --", author="\0") == []
    assert not Filter()
    assert Filter(site="")
    assert folded("ÉMILE\tZola ") == "emile zola"
    with pytest.raises(ValueError, match="no time zone"):
        Filter(since=datetime(2026, 1, 1)).condition()  # noqa: DTZ001


def test_since_is_a_date_a_moment_or_an_age() -> None:
    assert since_of(None, None, "2026-11-20") == datetime(2026, 11, 20, tzinfo=UTC)
    assert since_of(None, None, "2026-11-20T01:00+02:00") == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert since_of(None, None, "36h") == timedelta(hours=36)
    assert since_of(None, None, "99999w") == timedelta(weeks=99999)
