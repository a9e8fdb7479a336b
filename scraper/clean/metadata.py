"""Tree -> what the page says of itself: headline, authors, dates, section, tags, image. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper import urls
from scraper.clean import days, jsonld
from scraper.clean.rules import fold
from scraper.clean.values import moment, names, people, plain, texts, without_site

FAR = datetime(
    2100, 1, 1, tzinfo=UTC
)  # bounds the dates of a page whose time of fetching is unknown
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)

HEADLINE = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description")
PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "date.published",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date",
    "dcterms.date", "pubdate", "publishdate", "publish-date", "publication_date",
    "cxenseparse:recs:publishtime", "article.published", "date",
)  # fmt: skip
MODIFIED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified",
    "dcterms.modified", "last-modified", "article.updated",
)  # fmt: skip
AUTHORS = (
    "article:author", "author", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "byl", "og:article:author",
)  # fmt: skip
SECTION = ("article:section", "og:article:section", "parsely-section", "section")
TAGS = ("article:tag", "og:article:tag", "parsely-tags", "news_keywords", "keywords")
IMAGE = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
READ = frozenset((
    *HEADLINE, *DESCRIPTION, *PUBLISHED, *MODIFIED, *AUTHORS, *SECTION, *TAGS, *IMAGE,
    "og:site_name", "og:type", "og:url",
))  # fmt: skip
# One query, for each takes a walk over all nodes: 0.14 ms. What few pages need has its own.
# What sites call the time of publication that have a name of their own for it.
SAYS_PUBLISHED = re.compile(
    r"(?:^|[-_.:])publi(?:sh|shed|cation)(?:$|[-_.:]?(?:date|time|on|at)$)|(?:^|[-_.:])pubdate$"
)
TIMES = "time[datetime], [itemprop=datePublished][datetime]"
SIGNED = "[rel=author], [itemprop=author] [itemprop=name], a.author, .byline .author"
WANTED = f'meta[content], h1, link[rel="canonical"], {jsonld.SCRIPTS}'


@dataclass(slots=True)
class Metadata:
    """What a page says of itself; `sources` tells where each field was found."""

    headline: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    section: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    image_url: str | None = None
    canonical_url: str | None = None
    free_access: bool | None = None
    text: str = ""  # articleBody, for pages whose text stands nowhere else
    is_article: bool = False  # the page declares itself to be one
    kinds: frozenset[str] = frozenset()  # every JSON-LD type, and og:type
    sources: dict[str, str] = field(default_factory=dict)


class Reader:
    """Reads the fields of one page, the most trusted source of each first."""

    def __init__(self, tree: LexborHTMLParser, url: str, fetched_at: datetime | None) -> None:
        self.tree = tree
        self.url = url
        self.latest = (fetched_at or FAR) + timedelta(days=1)
        self.meta: dict[str, list[str]] = {}
        self.h1: list[str] = []
        self.canonical = ""
        scripts: list[str] = []
        for node in tree.css(WANTED):
            tag = node.tag
            if tag == "meta":
                self.read_meta(node.attributes)
            elif tag == "script":
                scripts.append(node.text() or "")
            elif tag == "link":
                self.canonical = self.canonical or node.attributes.get("href") or ""
            elif text := plain(shown(node)):
                self.h1.append(text)
        nodes = jsonld.nodes(scripts)
        self.articles = [n for n in nodes if jsonld.is_article(n)]
        self.kinds = frozenset(t for n in nodes for t in jsonld.types(n))
        self.found = Metadata()

    def read_meta(self, attributes: Mapping[str, str | None]) -> None:
        """Takes in a meta tag whose name is known."""
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        known = name.lower() if name else ""
        if known not in READ:
            if not SAYS_PUBLISHED.search(known):
                return
            known = PUBLISHED[-1]
        if content := plain(attributes.get("content")):
            self.meta.setdefault(known, []).append(content)

    def read(self) -> Metadata:
        """Every field."""
        found = self.found
        found.kinds = self.kinds | frozenset(self.meta.get("og:type", ())[:1])
        found.is_article = bool(self.articles) or "article" in found.kinds
        self.headline()
        self.take(
            "description",
            [("og", self.metas(DESCRIPTION)), ("json-ld", self.strings("description"))],
        )
        self.dates()
        self.authors()
        self.take(
            "section", [("json-ld", self.strings("articleSection")), ("meta", self.metas(SECTION))]
        )
        self.tags()
        self.addresses()
        root = self.tree.root
        declared = (root.attributes.get("lang") if root else None) or ""
        language = declared or next(iter(self.strings("inLanguage")), "")
        found.language = language.strip().lower().replace("_", "-")[:35]
        bodies = [b for n in self.articles if isinstance(b := n.get("articleBody"), str)]
        found.text = "\n".join(map(plain, max(bodies, key=len, default="").split("\n")))
        for node in self.articles:
            free = node.get("isAccessibleForFree")
            if isinstance(free, bool | str):
                found.free_access = str(free).strip().lower() not in ("false", "no", "0")
        return found

    # -- where values come from ---------------------------------------------
    def metas(self, names: Sequence[str]) -> list[str]:
        """The contents of the meta tags `names`, in the order of the names."""
        return [value for name in names for value in self.meta.get(name, ())]

    def strings(self, key: str) -> list[str]:
        """The texts under `key` in the page's JSON-LD articles."""
        values = (node.get(key) for node in self.articles)
        return [text for value in values for text in texts(value)]

    def take(self, name: str, candidates: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Sets a text field from the first source that has it."""
        for source, values in candidates:
            if values:
                setattr(self.found, name, values[0])
                self.found.sources[name] = source
                return

    # -- the fields ------------------------------------------------------------
    def headline(self) -> None:
        """The h1 that another source confirms, else JSON-LD, OpenGraph, a lone h1, the title."""
        site = next(iter(self.meta.get("og:site_name", ())), "")
        title = plain(node.text()) if (node := self.tree.css_first("head title")) else ""
        h1 = self.h1
        own = self.strings("headline")
        shared = [without_site(t, site) for t in self.metas(HEADLINE)]
        said = {fold(t).casefold() for t in (*own, *shared, without_site(title, site))}
        confirmed = [t for t in h1 if fold(t).casefold() in said]
        self.take("headline", [
            ("dom", confirmed), ("json-ld", own), ("og", shared),
            ("dom", h1 if len(h1) == 1 else []),
            ("title", [without_site(title, site)] if title else []), ("dom", h1),
        ])  # fmt: skip

    def dates(self) -> None:
        """Published and modified: JSON-LD, meta, then a time element."""
        sources = [("json-ld", self.strings("datePublished")), ("meta", self.metas(PUBLISHED))]
        self.found.published = self.instant("published", sources)
        sources = [("json-ld", self.strings("dateModified")), ("meta", self.metas(MODIFIED))]
        self.found.modified = self.instant("modified", sources)
        if self.found.published is None:
            times = [value for n in self.tree.css(TIMES) if (value := n.attributes.get("datetime"))]
            self.found.published = self.instant("published", [("dom", times[:1])])
        if self.found.published is None and (when := days.in_path(self.url)):
            self.found.published = self.instant("published", [("url", [when.isoformat()])])

    def instant(self, name: str, sources: Sequence[tuple[str, Sequence[str]]]) -> datetime | None:
        """The first value that is an instant within reason."""
        for source, values in sources:
            for value in values:
                when = moment(value)
                if when is not None and OLDEST <= when <= self.latest:
                    self.found.sources[name] = source
                    return when
        return None

    def authors(self) -> None:
        """Names of people or agencies, each once."""
        own = [n for node in self.articles for n in names(node.get("author"))]
        for source, values in (("json-ld", own), ("meta", self.metas(AUTHORS)), ("dom", None)):
            if values is None:
                values = [plain(node.text()) for node in self.tree.css(SIGNED)]
            if found := people(values):
                self.found.authors = found
                self.found.sources["authors"] = source
                return

    def tags(self) -> None:
        """Keywords, split where they stand in one string."""
        for source, values in (("json-ld", self.strings("keywords")), ("meta", self.metas(TAGS))):
            parts = [
                p.strip()
                for v in values
                for p in (re.split(r"[,;]", v) if len(values) == 1 else [v])
            ]
            if parts := list(dict.fromkeys(p for p in parts if 0 < len(p) <= 100)):
                self.found.tags = tuple(parts[:100])
                self.found.sources["tags"] = source
                return

    def addresses(self) -> None:
        """The canonical URL and the lead image, absolute."""
        canonical = self.canonical or next(iter(self.meta.get("og:url", ())), "")
        self.found.canonical_url = self.absolute(canonical)
        images = [*self.metas(IMAGE), *self.strings("image")]
        self.found.image_url = self.absolute(images[0]) if images else None

    def absolute(self, link: str) -> str | None:
        """`link` as an address; None when it is none."""
        try:
            joined = urls.join(self.url, link) if link else ""
            urls.split(joined)
        except ValueError:
            return None
        return joined


def shown(node: LexborNode) -> str:
    """The text of a node that readers see: scripts and styles in a headline are none of it."""
    source = node.html or ""
    if "<script" not in source and "<style" not in source:
        return node.text(separator="")
    copy = LexborHTMLParser(source)  # the page's own tree is still being read
    copy.strip_tags(["script", "style"])
    return copy.body.text(separator="") if copy.body is not None else ""
