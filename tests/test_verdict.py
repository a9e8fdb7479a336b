from __future__ import annotations

import numpy as np
import pytest

from scraper import Verdict, clean
from scraper.clean import genre, verdict
from scraper.clean.metadata import Metadata
from scraper.clean.opened import Opened

URL = "https://news.example.org/2026/11/bridge-of-ellesby-closed-for-repairs"
LINES = [
    "The old bridge over the Ouse was closed to heavy traffic on Monday after cracks were found.",
    "Engineers had warned for years that its cables rust faster than anybody is able to paint.",
    "A ferry will carry lorries until spring, said the mayor, who has never liked either of them.",
    "Traders on both banks expect losses, and the council has promised to look into rebates.",
]
STORY = "".join(f"<p>{line}</p>" for line in LINES)
PAGE = (
    f"<html lang=en><head>%s<title>Bridge closed</title></head><body><h1>Bridge closed</h1>{STORY}"
)


def declared(kind: str) -> str:
    script = f'{{"@context": "https://schema.org", "@type": "{kind}", "headline": "Bridge closed"}}'
    return PAGE % f'<script type="application/ld+json">{script}</script>'


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("NewsArticle", Verdict.ARTICLE),
        ("LiveBlogPosting", Verdict.LIVE_BLOG),
        ("VideoObject", Verdict.VIDEO),
        ("ImageGallery", Verdict.GALLERY),
    ],
)
def test_what_a_page_declares_itself_to_be(kind: str, wanted: Verdict) -> None:
    page = declared(kind).replace(STORY, "".join(f"<p>{line}</p>" for line in LINES[:2]))
    assert clean(page, url=URL).verdict is wanted


def test_a_long_story_with_a_film_is_an_article() -> None:
    long = "".join(f"<p>{line} {n}</p>" for n in range(5) for line in LINES)
    assert clean(declared("VideoObject").replace(STORY, long), url=URL).verdict is Verdict.ARTICLE


def shop(count: int) -> str:
    """A category of a shop."""
    cards = "".join(
        f'<li class="product-card"><a href="/p/{n}"><img src="{n}.jpg"><span class="product-name">'
        f'Oak chair number {n}</span></a><span class="price">€ {n}9.95</span></li>'
        for n in range(count)
    )
    text = (
        "<p>Discover our oak chairs for your home. Free shipping on your first order with us!</p>"
    )
    return (
        '<html lang=en><head><title>Oak chairs | Ellesby Home</title><meta property="og:type" '
        'content="product.group"></head><body class="category-page"><h1>Oak chairs</h1>'
        f'<div class="category-description">{text}</div><ul class="product-grid">{cards}</ul>'
    )


def test_a_shop_is_no_article() -> None:
    article = clean(shop(40), url="https://home.example.org/category/oak-chairs")
    assert article.verdict is Verdict.LISTING
    assert article.confidence == 0


def test_confidence_falls_where_the_text_is_scattered() -> None:
    sure = clean(declared("NewsArticle"), url=URL)
    scattered = "".join(
        f"<div class=teaser><a href=/{n}>Another story of Ellesby, {n}</a><div>{line}</div></div>"
        for n, line in enumerate(LINES * 3)
    )
    unsure = clean(declared("NewsArticle").replace(STORY, scattered), url=URL)
    assert 0 < sure.confidence <= 1
    assert list(sure.evidence) == ["article_log_odds", *genre.BY_SCORES]
    assert unsure.evidence["expected_f1"] < sure.evidence["expected_f1"] <= 1
    assert unsure.confidence < sure.confidence


def test_the_vector_of_a_page() -> None:
    opened = Opened(declared("NewsArticle"), URL)
    row = verdict.vector(opened)
    assert row.shape == (1, 14 + len(genre.OF_KEPT) + len(genre.OF_PAGE) + 17)
    assert np.isfinite(row).all()


def test_what_an_address_and_a_page_declare() -> None:
    opened = Opened(shop(3), "https://home.example.org/category/oak-chairs/")
    said = genre.declared(opened.blocks, opened.meta, opened.url)
    h1, prices, product = said[:3]
    assert (h1, prices, product) == (1, 3, False)
    assert said[6] == 1  # og:type says product
    assert said[12:15] == [2, len("oak-chairs"), 1]
    assert genre.declared([], Metadata(), "https://home.example.org/")[12:] == [0, 0, 0, 0, 0]
    for url in ("", "https://home.example.org/a/20.html", "https://home.example.org/2026/4711"):
        assert tuple(genre.declared([], Metadata(), url)[12:]) == genre.UNKNOWN


def test_nothing_kept_is_no_fault() -> None:
    rows = Opened(declared("NewsArticle"), URL).features
    none = np.zeros(len(rows))
    assert np.isfinite(genre.described(rows, none, none, [0.0] * 17)).all()
