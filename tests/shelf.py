"""Numbers -> articles, their pages and feeds in a small database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from scraper.model import Article, Block, Cut, Entry, Kind, Page, Reason, Verdict
from scraper.store import Poll, Store

NOW = datetime(2026, 11, 22, 15, 49, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITES = ("echo.example", "herald.example")


def url(number: int) -> str:
    """Where an article is read; odd ones stand on the second site."""
    return f"https://www.{SITES[number % 2]}/{number}.html"


def article(number: int, **changes: Any) -> Article:
    """An article of three blocks, published `number` days before NOW, two hours east of UTC."""
    blocks = (
        Block(Kind.STANDFIRST, f"What happened on day {number}."),
        Block(Kind.PARAGRAPH, f"The ferry number {number} left the harbour."),
        Block(Kind.PARAGRAPH, "Nobody saw it, said the keeper."),
    )
    made = Article(
        url=url(number),
        canonical_url=None,
        site=SITES[number % 2],
        headline=f"Ferry number {number}",
        standfirst=blocks[0].text,
        blocks=blocks,
        authors=("Ann Ash", "Zoë Müller"),
        published=(NOW - timedelta(days=number)).astimezone(timezone(2 * HOUR)),
        tags=("ferries",),
        language="en",
        verdict=Verdict.ARTICLE,
        confidence=0.9,
        cuts=(Cut(Reason.NEWSLETTER, "news.en", "Sign up", "body/div", 4),),
        sources={"headline": "og"},
    )
    return replace(made, **changes)


def page(number: int, body: bytes = b"") -> Page:
    """The page that an article came from."""
    headers = {"content-type": "text/html; charset=utf-8", "content-encoding": "gzip"}
    body = body or f"<!doctype html><h1>Ferry number {number}</h1>".encode()
    return Page(url(number), url(number), 200, headers, body, NOW)


def shelve(store: Store, made: Article, number: int, *, now: datetime = NOW) -> int:
    """Stores an article with its page; its number in the store."""
    link = store.add_link(url(number), now=now)
    return store.save_article(link, page(number), made, now=now).article_id


def fill(store: Store, count: int) -> None:
    """Stores the articles 1 to `count`, the first of them edited an hour later, and two feeds.

    One feed fails, the other names a page that is no article.
    """
    for number in range(1, count + 1):
        shelve(store, article(number), number)
    edited = article(1, headline="Ferry number 1 is back")
    shelve(store, edited, 1, now=NOW + HOUR)
    for name in ("good", "bad"):
        store.add_feed(f"https://www.echo.example/{name}.xml", title=f"A {name} <feed>", now=NOW)
    good, bad = store.feeds()
    entries = (Entry(url(999), "A list", None, "", good.url),)
    polled = Poll(entries, good.title, "rss", None, None, NOW + HOUR, 3600.0, 100)
    store.feed_polled(good.id, polled, now=NOW)
    store.feed_failed(bad.id, "timed out after 30 s", next_poll=NOW + HOUR, now=NOW)
    wall = article(999, verdict=Verdict.PAYWALL, verdict_reason="a phrase")
    store.link_refused(store.add_link(url(999), now=NOW), wall, page(999), now=NOW)
