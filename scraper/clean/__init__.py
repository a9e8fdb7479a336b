"""Page -> Article: bytes, blocks, what tells the story, what the page says of itself. Pure."""

from __future__ import annotations

import gc

from scraper import urls
from scraper.clean import dom, signature, signed, state, verdict
from scraper.clean.bounds import refusal
from scraper.clean.compose import Composer
from scraper.clean.language import settled
from scraper.clean.opened import Opened, read
from scraper.clean.opinion import OPINIONS, chosen
from scraper.clean.outcome import Composed
from scraper.clean.text import clean_text
from scraper.errors import ConfigError
from scraper.model import Article, Block, Kind, Page, Verdict

__all__ = ["clean", "clean_text"]

SHOWN = 250  # characters: a page that shows less may hold its story in a script


def clean(
    source: bytes | str | Page, url: str | None = None, *, second_opinion: str = "auto"
) -> Article:
    """The article that a page holds, and a verdict on whether it holds one.

    `source` is HTML as bytes or text, or a `Page`, which brings the headers and the time of
    fetching. `second_opinion` is "auto" (trafilatura runs, too, on pages of which the scorer is not
    sure) or "never". Never raises for what a page holds; the same input always gives the same
    article. Raises ConfigError for another second opinion.
    """
    if second_opinion not in OPINIONS:
        raise ConfigError("second_opinion", f"is {second_opinion!r}, not {' or '.join(OPINIONS)}")
    page = source if isinstance(source, Page) else None
    address = url or (page.final_url if page else "")
    text = read(source)
    why_not = refusal(text)
    if why_not or not text.strip():
        return nothing(address, why_not or "the page is empty")
    # A page becomes some 10,000 objects, none of them in a cycle: the collector, which looks at all
    # of them again and again, would cost a page 5 % of its time and a big one a third.
    collecting = gc.isenabled()
    gc.disable()
    try:
        opened = Opened(text, address, *((page.fetched_at, page.headers) if page else ()))
        done = composed(opened, second_opinion)
        complete(opened, done)
        return article(opened, done, page.status if page else 200)
    finally:
        if collecting:
            gc.enable()


def composed(opened: Opened, second_opinion: str) -> Composed:
    """What the page's blocks come to; what its scripts hold where the page itself shows nothing."""
    meta = opened.meta
    scores = opened.scores
    kept = chosen(opened, scores, second_opinion)
    done = Composer(opened.blocks, kept, meta, scores).compose()
    if done.length >= SHOWN:
        return done
    inner = dom.walk(dom.parse(state.story(opened.text))).found
    hidden = Composer(inner, {block.position for block in inner}, meta).compose()
    if hidden.length > 2 * done.length:
        done.blocks, done.standfirst = hidden.blocks, hidden.standfirst
        done.cuts += hidden.cuts
        done.language, done.scripted = hidden.language, True
    elif not done.blocks and meta.text:
        parts = [p for p in meta.text.split("\n") if p.strip()]
        done.blocks = [Block(Kind.PARAGRAPH, p.strip(), path="json-ld") for p in parts]
        done.language, done.scripted = settled(meta.language, "\n".join(parts)), True
    return done


def complete(opened: Opened, done: Composed) -> None:
    """Fills in what the page says to its readers only."""
    meta, raw = opened.meta, opened.blocks
    first, last = (done.positions[0], done.positions[-1]) if done.positions else (0, 0)
    top = signature.headed(raw, meta.headline, first)
    if meta.house or not signed.shown(meta.authors, raw):
        least = signed.SURE if meta.authors else 0
        if names := signed.authors(raw, done.cuts, top, last, least):
            meta.authors, meta.sources["authors"] = names, "dom"
    if not meta.tags and (tags := signature.tags(raw, done.cuts, top, last)):
        meta.tags, meta.sources["tags"] = tags, "dom"
    dated(opened, top)


def dated(opened: Opened, top: int) -> None:
    """Settles the days by what stands beside the headline, which is at `top`."""
    meta, raw, latest = opened.meta, opened.blocks, opened.reader.latest
    day, changed = signature.beside(raw, meta.language, top)
    if day is not None and signature.earlier(meta, day):
        meta.published, meta.sources["published"] = day, "line"
    elif meta.published is None and (said := signature.when(raw, meta, opened.text, top, latest)):
        meta.published, meta.sources["published"] = said
    published = meta.published or latest
    if meta.modified is None and changed is not None and published < changed <= latest:
        meta.modified, meta.sources["modified"] = changed, "line"
    if meta.modified is not None and meta.modified < (meta.published or meta.modified):
        meta.modified = None  # no story is changed before it is there: an embargo, or an import
        del meta.sources["modified"]


def article(opened: Opened, done: Composed, status: int) -> Article:
    """The article made of what was found."""
    meta, url = opened.meta, opened.url
    found = verdict.judge(opened, done, status)
    return Article(
        url=url,
        canonical_url=meta.canonical_url,
        site=urls.site(url),
        headline=meta.headline,
        standfirst=done.standfirst,
        blocks=tuple(done.blocks),
        authors=meta.authors,
        published=meta.published,
        modified=meta.modified,
        section=meta.section,
        tags=meta.tags,
        language=done.language,
        image_url=meta.image_url,
        captions=tuple(done.captions),
        credits=tuple(done.credits),
        free_access=meta.free_access,
        site_name=meta.site_name,
        licence=opened.rights[0],
        reservations=opened.rights[1],
        verdict=found.verdict,
        verdict_reason=found.reason,
        confidence=found.confidence,
        evidence=dict(found.evidence),
        cuts=tuple(done.cuts),
        sources=meta.sources,
    )


def nothing(url: str, why: str) -> Article:
    """The article of a page that can't be read."""
    return Article(
        url=url,
        canonical_url=None,
        site=urls.site(url),
        headline="",
        standfirst="",
        blocks=(),
        verdict=Verdict.EMPTY,
        verdict_reason=why,
    )
