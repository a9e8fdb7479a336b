"""A filter -> the articles that it lets through, their pages, one at a time."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from scraper.model import Page
from scraper.store.filters import Filter
from scraper.store.pages import Pages
from scraper.store.reading import Reading, StoredArticle


class Streams(Reading, Pages):
    """What exports read. Between two rows no transaction is open: a crawl may go on for hours."""

    def each_article(self, wanted: Filter) -> Iterator[StoredArticle]:
        """The articles that `wanted` lets through when asked, by number, each as of one moment.

        What is held at once is one article and the numbers of all, 8 bytes each.
        """
        condition, values = wanted.condition()
        numbers = array("q")
        with self.failures():
            sql = f"SELECT a.id FROM articles a WHERE {condition} ORDER BY a.id"  # noqa: S608 - ours
            numbers.extend(number for (number,) in self.connection.execute(sql, values))
        for number in numbers:
            with self.snapshot():
                stored = self.article(number)
            if stored is not None:  # deleted meanwhile
                yield stored

    def each_page(self, wanted: Filter) -> Iterator[Page]:
        """The kept pages whose link led to such an article; all pages for an empty filter."""
        condition, values = wanted.condition()
        articles = "SELECT 1 FROM articles a WHERE a.id = l.article_id"
        led = f"EXISTS ({articles} AND {condition})"
        for _, page in self.each(led, values) if wanted else self.each():
            yield page
