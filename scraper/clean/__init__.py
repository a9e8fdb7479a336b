"""Page -> Article: bytes, blocks, what tells the story, what the page says of itself. Pure."""

from __future__ import annotations

from scraper import urls
from scraper.clean import dom, signature, state, verdict
from scraper.clean.bounds import refusal
from scraper.clean.compose import Composer
from scraper.clean.language import settled
from scraper.clean.metadata import Metadata
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
    opened = Opened(text, address, page.fetched_at if page else None)
    done = composed(opened, second_opinion)
    complete(opened, done)
    return article(address, opened.meta, opened.blocks, done, page.status if page else 200)


def composed(opened: Opened, second_opinion: str) -> Composed:
    """What the page's blocks come to; what its scripts hold where the page itself shows nothing."""
    meta = opened.meta
    scores = opened.scores()
    kept = chosen(opened, scores, second_opinion)
    done = Composer(opened.blocks, kept, meta, scores).compose()
    if done.length >= SHOWN:
        return done
    inner = dom.walk(dom.parse(state.story(opened.text))).found
    hidden = Composer(inner, {block.position for block in inner}, meta).compose()
    if hidden.length > 2 * done.length:
        done.blocks, done.standfirst = hidden.blocks, hidden.standfirst
        done.cuts += hidden.cuts
    elif not done.blocks and meta.text:
        parts = [p for p in meta.text.split("\n") if p.strip()]
        done.blocks = [Block(Kind.PARAGRAPH, p.strip(), path="json-ld") for p in parts]
    return done


def complete(opened: Opened, done: Composed) -> None:
    """Fills in what the page says to its readers only."""
    meta = opened.meta
    if not meta.authors and (found := signature.authors(done.cuts)):
        meta.authors = found
        meta.sources["authors"] = "dom"
    if meta.published is None:
        story = done.positions[0] if done.positions else 0
        said = signature.when(opened.blocks, meta, opened.text, story, opened.reader.latest)
        if said is not None:
            meta.published, meta.sources["published"] = said


def article(
    url: str, meta: Metadata, raw: list[dom.RawBlock], done: Composed, status: int
) -> Article:
    """The article made of what was found."""
    what, why = verdict.judge(raw, done, meta, status)
    body = "\n".join(block.text for block in done.blocks)
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
        language=settled(meta.language, body),
        image_url=meta.image_url,
        captions=tuple(done.captions),
        credits=tuple(done.credits),
        free_access=meta.free_access,
        verdict=what,
        verdict_reason=why,
        confidence=verdict.confidence(raw, done, what),
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
