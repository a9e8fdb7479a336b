"""A page, what was kept of it -> what the page is, and how sure its body is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from scraper.clean import genre, opinion, scorer, walls
from scraper.clean.compose import container
from scraper.clean.dom import Element, RawBlock
from scraper.clean.metadata import Metadata
from scraper.clean.opened import Opened, probabilities
from scraper.clean.outcome import Composed
from scraper.clean.walls import titled
from scraper.model import Verdict

SUSPECT = 400  # words: a page with a longer story is no wall
CARDS = 5  # a page of fewer teasers is no listing
# Log-odds under which a page is no article. Held out, 1 in 100 of the labelled articles is lost at
# -.8, nearly all of them companies' and shops' guides, and 78 of 100 pages of shops, services and
# lists are refused; at 0 two in 100, and 85.
ARTICLE = -1.0
# Words: a page with more is an article, whatever it shows beside. Sites that call every page a film
# are many.
FILM, ALBUM = 60, 150
UNSCORED = 0.5  # the confidence in text of a script, which no block of the page shows
FURNISHED = 12  # blocks: a page of fewer, as no site serves them, is no list
# What a page declares itself to be, by its JSON-LD types and og:type
LIVE = frozenset(("liveblogposting",))
FILMS = frozenset(("videoobject", "video.other", "video.movie", "video.episode", "video"))
ALBUMS = frozenset(("imagegallery", "mediagallery"))
WALLS = (
    (Verdict.BOT_CHALLENGE, walls.challenge), (Verdict.ERROR_PAGE, walls.error),
    (Verdict.CONSENT_WALL, walls.consent), (Verdict.PAYWALL, walls.stub),
)  # fmt: skip


class Judgement(NamedTuple):
    """The verdict, what decided it in a few words, the confidence and what fed that."""

    verdict: Verdict
    reason: str
    confidence: float = 0.0
    evidence: Mapping[str, float] = MappingProxyType({})


def judge(opened: Opened, done: Composed, status: int) -> Judgement:
    """What a page is.

    Confidence is how likely the body has a shingle F1 over 0.9 (0 for what is no article), by trees
    that learned it on held-out pages: the benchmark shows how true it is.
    """
    refused = refusal(opened, done, status)
    if refused is not None:
        return Judgement(*refused)
    words = f"{walls.words([b.text for b in done.blocks])} words"
    if done.scripted:
        return Judgement(Verdict.ARTICLE, f"{words}, in a script", UNSCORED)
    rows = vector(opened)
    trees = scorer.model().trees
    odds = float(trees["genre"].total(rows)[0])
    seen = zip(genre.BY_SCORES, rows[0].tolist(), strict=False)
    fed = {"article_log_odds": round(odds, 3), **{name: round(value, 3) for name, value in seen}}
    if odds < ARTICLE and len(opened.blocks) >= FURNISHED:
        why = f"built like a list, a shop or a service (log-odds {odds:.1f})"
        return Judgement(Verdict.LISTING, why, 0.0, fed)
    sure = probabilities(trees["trust"].total(rows))[0]
    return Judgement(Verdict.ARTICLE, words, round(sure, 3), fed)


def refusal(opened: Opened, done: Composed, status: int) -> tuple[Verdict, str] | None:
    """The verdict on what is plainly no article, and what decided it."""
    if status >= 400:
        return Verdict.ERROR_PAGE, f"the server answered {status}"
    many = walls.words([block.text for block in done.blocks])
    if many < SUSPECT and opened.blocks:
        page = walls.Page(opened.text, opened.blocks, opened.scores, opened.meta, done)
        for verdict, judged in WALLS:
            if why := judged(page):
                return verdict, why
    if declared := medium(opened.meta, many):
        return declared
    if not done.blocks:
        return Verdict.EMPTY, "no text of an article was found"
    if not done.scripted and (teasers := listing(opened.blocks, done, opened.meta)):
        return Verdict.LISTING, teasers
    return None


def medium(meta: Metadata, many: int) -> tuple[Verdict, str] | None:
    """What a page declares itself to be that is no article: a live blog, a film, an album."""
    kinds = {kind.lower() for kind in meta.kinds}
    if found := kinds & LIVE:
        return Verdict.LIVE_BLOG, f"the page declares a {min(found)}"
    for verdict, names, most in ((Verdict.VIDEO, FILMS, FILM), (Verdict.GALLERY, ALBUMS, ALBUM)):
        if many < most and not meta.is_article and (found := kinds & names):
            return verdict, f"{many} words, and the page declares a {min(found)}"
    return None


def vector(opened: Opened) -> genre.Vector:
    """What genre and trust are read from."""
    said = genre.declared(opened.blocks, opened.meta, opened.url)
    scores = np.array(opened.scores)
    return genre.described(opened.features, opinion.weights(opened), scores, said)


def listing(raw: Sequence[RawBlock], done: Composed, meta: Metadata) -> str:
    """Says so when what was kept is mostly teasers: a heading that is a link, a line or two below.

    A teaser's container holds its heading and little else; a story's paragraphs share one.
    """
    if meta.is_article or meta.published is not None:
        return ""
    if len({container(block) for block in raw if titled(block)}) < CARDS:
        return ""
    cards: dict[Element | None, list[RawBlock]] = {}
    for block in raw:
        cards.setdefault(container(block), []).append(block)
    teasers = {
        place for place, blocks in cards.items()
        if any(titled(b) for b in blocks) and sum(len(b.text) > 200 for b in blocks) <= 1
    }  # fmt: skip
    kept = [raw[p] for p in done.positions]
    inside = [b for b in kept if container(b) in teasers or titled(b)]
    most = sum(len(b.text) for b in inside) > 0.6 * sum(len(b.text) for b in kept)
    if len({container(b) for b in inside}) >= CARDS and most:
        return f"{len(inside)} of {len(kept)} blocks are teasers"
    return ""
