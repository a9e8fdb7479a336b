"""The archive: pages come back as they were, and cost what they add to their site."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from scraper.errors import StoreError
from scraper.model import Article, Page
from scraper.store import Store
from scraper.store.pages import LARGEST, packed, unpacked

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CHANCE = random.Random(5)
TEMPLATE = CHANCE.randbytes(30_000)  # compresses by nothing but repetition


def page(n: int, body: bytes, days: float = 0, host: str = "a.example.org") -> Page:
    url = f"https://{host}/{n}"
    tag = f'"{n}"'
    return Page(url, url, 200, {"etag": tag}, body, NOW + DAY * days, etag=tag)


def story(n: int, template: bytes = TEMPLATE) -> bytes:
    return template + random.Random(n).randbytes(2000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as made:
        yield made


def keep(store: Store, *pages: Page) -> list[int]:
    found = []
    for one in pages:
        link = store.add_link(one.url, now=NOW)
        article = Article(one.url, None, "example.org", "", "", ())
        store.link_refused(link, article, one, now=one.fetched_at)
        found.append(link)
    return found


def sizes(store: Store) -> list[int]:
    return [row[0] for row in store.rows("SELECT length(body) FROM pages ORDER BY id")]


def dictionaries(store: Store) -> list[tuple[str, int]]:
    return [tuple(r) for r in store.rows("SELECT site, size FROM dictionaries ORDER BY id")]


def test_pages_of_one_site_are_kept_once_and_what_they_add(store: Store) -> None:
    pages = [page(n, story(n)) for n in range(5)]
    links = keep(store, *pages)
    assert [store.page(link) for link in links] == pages
    assert sizes(store)[0] < 100  # it is the dictionary
    assert all(2000 < size < 2200 for size in sizes(store)[1:])
    assert dictionaries(store) == [("example.org", 32_000)]


def test_sites_are_kept_apart(store: Store) -> None:
    keep(store, page(1, story(1)), page(2, story(2), host="b.example.com"))
    assert [name for name, _ in dictionaries(store)] == ["example.org", "example.com"]


def test_a_body_that_comes_under_many_links_is_kept_once(store: Store) -> None:
    wall = CHANCE.randbytes(20_000)
    links = keep(store, page(0, story(0)), *(page(n, wall) for n in range(1, 6)))
    assert [store.page(link).body for link in links[1:]] == [wall] * 5  # type: ignore[union-attr]
    assert sizes(store)[1] > 20_000  # nobody knew that it would come again
    assert all(size < 100 for size in sizes(store)[2:])
    assert len(dictionaries(store)) == 2


def test_a_dictionary_is_renewed_when_it_is_old_or_too_short(store: Store) -> None:
    short, long = b"A wall.", story(1)
    new = CHANCE.randbytes(30_000)
    links = keep(
        store, page(0, short), page(1, long), page(2, story(2), 20), page(3, story(3, new), 31)
    )
    assert [size for _, size in dictionaries(store)] == [7, 32_000, 32_000]
    assert [store.page(link).body for link in links] == [  # type: ignore[union-attr]
        short, long, story(2), story(3, new),
    ]  # fmt: skip


def test_a_dictionary_lives_as_long_as_a_page_refers_to_it(store: Store) -> None:
    first, second, third = keep(
        store, page(0, story(0)), page(1, story(1), 10), page(2, story(2), 40)
    )
    assert store.prune_pages(older_than=NOW + DAY) == 1
    assert len(dictionaries(store)) == 2
    assert store.page(second) == page(1, story(1), 10)
    assert store.prune_pages(older_than=NOW + DAY * 11) == 1
    assert len(dictionaries(store)) == 1
    assert store.page(first) is store.page(second) is None
    assert store.page(third) is not None
    assert store.prune_pages(older_than=NOW + DAY * 99) == 1
    assert dictionaries(store) == []


def test_a_number_that_is_given_anew_is_another_dictionary(store: Store) -> None:
    one, other = (
        page(1, story(1)),
        page(2, story(2, CHANCE.randbytes(30_000)), host="b.example.com"),
    )
    with pytest.raises(ValueError, match="undone"), store.transaction():
        keep(store, one)
        raise ValueError("undone")
    (link,) = keep(store, other)
    with Store(store.path) as reader:
        found = reader.page(link)
    assert found is not None
    assert found.body == other.body


@pytest.mark.parametrize("body", [b"", b"x", story(3) * 60], ids=["empty", "tiny", "2 MB"])
def test_any_body_comes_back(store: Store, body: bytes) -> None:
    links = keep(store, page(1, body), page(2, body + b"more"), page(3, story(1)))
    found = [store.page(link) for link in links]
    assert [one and one.body for one in found] == [body, body + b"more", story(1)]
    assert max((size for _, size in dictionaries(store)), default=0) <= LARGEST


def test_the_wrong_dictionary_is_an_error_and_no_page() -> None:
    data = packed(story(1), story(2))
    assert unpacked(data, story(2)) == story(1)
    with pytest.raises(zstandard.ZstdError):
        unpacked(data, story(2, CHANCE.randbytes(30_000)))


def test_pages_are_given_one_after_the_other(store: Store) -> None:
    pages = [page(n, story(n)) for n in range(4)]
    links = keep(store, *pages)
    found = list(store.each())
    assert [link for link, _ in found] == links
    assert [one.body for _, one in found] == [p.body for p in pages]
    (only,) = store.each("l.url = ? AND p.status = ?", (pages[2].url, 200))
    assert only[0] == links[2]


def test_a_damaged_page_is_named(store: Store) -> None:
    (link,) = keep(store, page(1, story(1)))
    store.write("UPDATE pages SET body = x'00'")
    with pytest.raises(StoreError, match="holds a page that cannot be read: pages 1 "):
        store.page(link)
