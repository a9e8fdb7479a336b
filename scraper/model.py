"""The nouns that flow between the stages: frozen (but a run's counts), without logic or I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a block of text is."""

    STANDFIRST = "standfirst"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE = "table"
    CODE = "code"
    CAPTION = "caption"
    BYLINE = "byline"


class Reason(StrEnum):
    """Why a block was dropped."""

    COOKIE_BANNER = "cookie_banner"
    COMMENT_DISCLAIMER = "comment_disclaimer"
    COMMENTS = "comments"
    PHOTO_CREDIT = "photo_credit"
    CAPTION = "caption"
    SHARE_BAR = "share_bar"
    RELATED_LINKS = "related_links"
    NEWSLETTER = "newsletter"
    ADVERTISEMENT = "advertisement"
    AUTHOR_BIO = "author_bio"
    BYLINE = "byline"
    DATE_LINE = "date_line"
    TAGS = "tags"
    NAVIGATION = "navigation"
    COPYRIGHT = "copyright"
    PAYWALL_PROMPT = "paywall_prompt"
    APP_PROMO = "app_promo"
    SITE_CHROME = "site_chrome"  # furniture seen as such on the page itself
    SITE_REPEAT = "site_repeat"  # known from other pages of the site
    DUPLICATE = "duplicate"
    LOW_SCORE = "low_score"


class Verdict(StrEnum):
    """What a page turned out to be. Only `article` pages are stored as articles."""

    ARTICLE = "article"
    LIVE_BLOG = "live_blog"
    VIDEO = "video"
    GALLERY = "gallery"
    PAYWALL = "paywall"
    CONSENT_WALL = "consent_wall"
    BOT_CHALLENGE = "bot_challenge"
    LISTING = "listing"
    ERROR_PAGE = "error_page"
    EMPTY = "empty"


class Outcome(StrEnum):
    """How asking for a URL ended. Everything but the first two is a failure."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    GONE = "gone"  # 410
    NOT_FOUND = "not_found"  # 404
    FORBIDDEN = "forbidden"  # 401, 402, 403, 451
    RATE_LIMITED = "rate_limited"  # 429
    CLIENT_ERROR = "client_error"  # another 4xx, or a status that no browser would show
    SERVER_ERROR = "server_error"  # 5xx
    INVALID_URL = "invalid_url"
    BLOCKED_ADDRESS = "blocked_address"  # private network, or a port that needs permission
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    RESERVED = "reserved"  # its owner reserves what we would do with it, and `obey` says to heed
    ROBOTS_UNREACHABLE = "robots_unreachable"  # RFC 9309, 2.3.1.4: assume complete disallow
    UNREACHABLE = "unreachable"  # no such name, refused, reset before an answer
    TLS = "tls"
    DEADLINE = "deadline"
    TRUNCATED = "truncated"  # the connection ended before the body did
    TOO_LARGE = "too_large"  # body or headers
    BAD_RESPONSE = "bad_response"  # not HTTP, or an encoding that does not decode
    REDIRECT_LOOP = "redirect_loop"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    WRONG_TYPE = "wrong_type"  # a PDF, an image: not what was asked for
    EMPTY_BODY = "empty_body"
    CLEAN_FAILED = "clean_failed"  # the cleaner died, ran out of time or of memory on the page


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed said of one article. `url` is absolute and not yet normalised."""

    url: str
    title: str
    published: datetime | None  # aware, with the feed's own offset; None: the feed gave no date
    summary: str
    feed_url: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a server said to a request for `url`.

    `headers` has lower-case names, repeated ones joined with ", " (RFC 9110, 5.3).
    `body` is decompressed and not decoded. A 304 is a page with status 304 and an empty body.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime  # UTC
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = (
        None  # where permanent redirects (301, 308) alone led, if the first was one
    )
    notes: tuple[str, ...] = ()  # what was unusual on the way, as "redirected from https to http"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed document held."""

    url: str
    kind: str  # rss, atom, rdf, json or sitemap
    title: str
    entries: tuple[Entry, ...]
    home: str | None = None  # the site's page that the feed names


@dataclass(frozen=True, slots=True)
class RobotsRecord:
    """The robots.txt of one origin (scheme, host, port), as it is kept between runs.

    `status` 0 stands for a server that could not be reached. `body` is decoded text.
    """

    origin: str
    status: int
    body: str
    fetched_at: datetime  # UTC
    expires_at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the page in reading order. `text` holds no line break but in code and tables."""

    kind: Kind
    text: str
    level: int = 0  # 1..6 for headings, else 0
    path: str = ""  # the DOM path, as in "body/div.main/article/p"
    score: float = 1.0  # 0..1, how sure the cleaner is that it is article text
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A block that was dropped, and why. `rule` names what decided, as in "cookie.fr.uses"."""

    reason: Reason
    rule: str
    text: str
    path: str
    position: int  # of the block in the page's reading order


@dataclass(frozen=True, slots=True)
class Article:
    """What the cleaner made of a page. It is an article only if `verdict` says so."""

    url: str
    canonical_url: str | None
    site: str  # registrable domain, or the address of a host without one
    headline: str
    standfirst: str
    blocks: tuple[Block, ...]
    authors: tuple[str, ...] = ()
    published: datetime | None = None  # aware, with the page's own offset
    modified: datetime | None = None
    section: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""  # BCP 47, as in "fr" or "pt-br"; "" when unknown
    image_url: str | None = None
    captions: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    free_access: bool | None = None  # None: the page does not say
    site_name: str = ""  # as the site calls itself
    licence: str = ""  # the address of a licence, or its words; "" when the page names none
    reservations: tuple[str, ...] = ()  # what its owner reserves: noai, noarchive, tdm, ...
    verdict: Verdict = Verdict.EMPTY
    verdict_reason: str = ""  # what decided the verdict
    confidence: float = 0.0
    evidence: Mapping[str, float] = field(default_factory=dict)  # what fed it; not stored
    cuts: tuple[Cut, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)  # field -> json-ld, og, meta, dom, …

    @property
    def body(self) -> str:
        """The text: standfirst first, a blank line between blocks, without the headline."""
        return "\n\n".join(block.text for block in self.blocks)


@dataclass(slots=True)
class Tally:
    """What a run did; a row of `runs`."""

    feeds_due: int = 0
    feeds_ok: int = 0
    feeds_unchanged: int = 0
    feeds_failed: int = 0
    links_new: int = 0
    pages_fetched: int = 0
    articles_new: int = 0
    articles_revised: int = 0
    refused: int = 0
    failed: int = 0


@dataclass(slots=True)
class Report:
    """How a run went: the tally, and a line for each thing that is worse than in the last run."""

    tally: Tally = field(default_factory=Tally)
    worse: list[str] = field(default_factory=list)
    ended: str = "ok"  # or interrupted
    waiting: int = 0  # links that are known and were not reached
