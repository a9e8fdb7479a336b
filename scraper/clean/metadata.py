"""Tree, blocks -> what the page says of itself: headline, authors, dates, tags, image. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper import urls
from scraper.clean import byline, days, headline, jsonld
from scraper.clean.dom import RawBlock
from scraper.clean.values import moment, plain, texts, zoned

# Bounds the dates of a page whose time of fetching is unknown.
FAR = datetime(2100, 1, 1, tzinfo=UTC)
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
    "dcterms.creator", "byl", "og:article:author", "*author",
)  # fmt: skip
CITED = ("citation_author", "dc.contributor")  # surname first
LABELS = ("twitter:label1", "twitter:label2")
LABELLED = ("twitter:data1", "twitter:data2")
SECTION = ("article:section", "og:article:section", "parsely-section", "section")
TAGS = (
    "article:tag", "og:article:tag", "parsely-tags", "sailthru.tags", "news_keywords", "keywords",
    "*keywords",
)  # fmt: skip
TERM = ("name", "@value")  # the keys of a JSON-LD object that is a keyword
COMMA = re.compile(r"[,;、，]")
IMAGE = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
SITE = ("og:site_name", "application-name")
READ = frozenset((
    *HEADLINE, *DESCRIPTION, *PUBLISHED, *MODIFIED, *AUTHORS, *CITED, *LABELS, *LABELLED, *SECTION,
    *TAGS, *IMAGE, *SITE, "og:type", "og:url", "robots", "tdm-reservation",
))  # fmt: skip
# What sites call the time of publication and the author that have names of their own for them.
SAYS_PUBLISHED = re.compile(
    r"(?:^|[-_.:])publi(?:sh|shed|cation)(?:$|[-_.:]?(?:date|time|on|at)$)|(?:^|[-_.:])pubdate$"
)
SAYS_AUTHOR = re.compile(r"(?:^|[-_.:]|article)authors?(?:[-_.:]?names?)?$")
# One query, for each takes a walk over all nodes: 0.14 ms. What few pages need has its own.
TIMES = "time[datetime], [itemprop=datePublished][datetime]"
WANTED = f'meta[content], link[rel="canonical"], {jsonld.SCRIPTS}'


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
    site_name: str = ""
    text: str = ""  # articleBody, for pages whose text stands nowhere else
    is_article: bool = False  # the page declares itself to be one
    house: bool = False  # its authors are but the site
    kinds: frozenset[str] = frozenset()  # every JSON-LD type, and og:type
    sources: dict[str, str] = field(default_factory=dict)


class Reader:
    """Reads the fields of one page, the most trusted source of each first."""

    def __init__(self, tree: LexborHTMLParser, url: str, fetched_at: datetime | None) -> None:
        self.tree = tree
        self.url = url
        self.latest = (fetched_at or FAR) + timedelta(days=1)
        self.meta: dict[str, list[str]] = {}
        self.canonical = ""
        scripts: list[str] = []
        for node in tree.css(WANTED):
            tag = node.tag
            if tag == "meta":
                self.read_meta(node.attributes)
            elif tag == "script":
                scripts.append(node.text() or "")
            else:
                self.canonical = self.canonical or (node.attributes.get("href") or "").strip()
        self.nodes = [(node, jsonld.types(node)) for node in jsonld.nodes(scripts)]
        here = (self.url, self.canonical)
        self.articles, self.pages = (
            jsonld.main_first((node for node, types in self.nodes if types & known), here)
            for known in (jsonld.ARTICLE_TYPES, jsonld.PAGE_TYPES)
        )
        self.sites: list[str] = []  # its name, by JSON-LD
        self.said = self.titles()
        self.found = Metadata()

    def read_meta(self, attributes: Mapping[str, str | None]) -> None:
        """Takes in a meta tag whose name is known."""
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        known = name.lower() if name else ""
        if known not in READ:
            if "pub" in known and SAYS_PUBLISHED.search(known):
                known = PUBLISHED[-1]
            elif "author" in known and SAYS_AUTHOR.search(known):
                known = AUTHORS[-1]
            elif known.endswith("-keywords"):
                known = TAGS[-1]
            else:
                return
        if content := plain(attributes.get("content")):
            self.meta.setdefault(known, []).append(content)

    def titles(self) -> headline.Said:
        """What the page calls itself and its site."""
        node = self.tree.css_first("head title")
        sites = self.sites
        for each, types in self.nodes:
            if types & jsonld.PUBLISHERS:
                sites += texts(each.get("name"))
        for each in self.articles:
            publisher = each.get("publisher")
            sites += texts(publisher.get("name") if isinstance(publisher, dict) else publisher)
        own = self.strings("headline") or self.strings("name")
        title = plain(node.text()) if node else ""
        known = (*self.metas(SITE), *sites)
        return headline.Said(own, self.metas(HEADLINE), title, known, urls.host(self.url))

    def read(self, blocks: Sequence[RawBlock] = ()) -> Metadata:
        """Every field; `blocks` are what the page shows."""
        found = self.found
        kinds = frozenset().union(*(types for _, types in self.nodes))
        found.kinds = kinds.union(self.meta.get("og:type", ())[:1])
        found.is_article = bool(self.articles) or "article" in found.kinds
        text, source = headline.choose(self.said, blocks)
        self.take("site_name", [("meta", self.metas(SITE)), ("json-ld", self.sites)])
        self.take("headline", [(source, [text] if text else [])])
        described = self.strings("description")
        self.take("description", [("og", self.metas(DESCRIPTION)), ("json-ld", described)])
        self.dates()
        self.authors()
        sections = self.strings("articleSection")
        self.take("section", [("json-ld", sections), ("meta", self.metas(SECTION))])
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

    def strings(self, key: str, *, pages: bool = False) -> list[str]:
        """The texts under `key` in the page's JSON-LD articles, or in those of its pages."""
        values = (node.get(key) for node in (self.pages if pages else self.articles))
        return [text for value in values for text in texts(value)]

    def take(self, name: str, candidates: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Sets a text field from the first source that has it."""
        for source, values in candidates:
            if values:
                setattr(self.found, name, values[0])
                self.found.sources[name] = source
                return

    # -- the fields ------------------------------------------------------------
    def dates(self) -> None:
        """Published and modified: JSON-LD, meta, then a time element, the address."""
        found = self.found
        published = [("json-ld", self.strings("datePublished")), ("meta", self.metas(PUBLISHED))]
        found.published = self.instant("published", published)
        modified = [("json-ld", self.strings("dateModified")), ("meta", self.metas(MODIFIED))]
        modified.append(("json-ld", self.strings("dateModified", pages=True)))
        found.modified = self.instant("modified", modified)
        if found.published is None:
            times = [value for n in self.tree.css(TIMES) if (value := n.attributes.get("datetime"))]
            found.published = self.instant("published", [("dom", times[:1])])
        if found.published is None and (when := days.in_path(self.url)):
            found.published = self.instant("published", [("url", [when.isoformat()])])

    def instant(self, name: str, sources: Sequence[tuple[str, Sequence[str]]]) -> datetime | None:
        """The first value that is an instant within reason, with an offset if another has one."""
        said = ((source, value) for source, values in sources for value in values[:20])
        moments = ((source, value, moment(value)) for source, value in said)
        known = [
            (source, value, when)
            for source, value, when in moments
            if when is not None and OLDEST <= when <= self.latest
        ]
        if not known:
            return None
        self.found.sources[name], value, when = known[0]
        return when if zoned(value) else days.placed(when, [w for _, v, w in known if zoned(v)])

    def authors(self) -> None:
        """Names of people or agencies, each once; the site's own name only if there is no other."""
        for source, values, houses in self.signatures():
            names = byline.people(values, houses)
            others = tuple(name for name in names if not self.said.is_site(name))
            if others or (names and not self.found.authors):
                self.found.authors, self.found.sources["authors"] = others or names, source
                self.found.house = not others
            if others:
                return

    def signatures(self) -> Iterator[tuple[str, list[str], set[str]]]:
        """Source and texts of what names authors, and which of those are organisations."""
        known = {
            i: n for n, _ in self.nodes if isinstance(i := n.get("@id"), str) and n.get("name")
        }
        for node in (*self.articles, *self.pages):
            said = list(jsonld.creators(node, known))
            yield "json-ld", [name for name, _ in said], {name for name, house in said if house}
        yield "meta", self.metas(AUTHORS), set()
        yield "meta", list(map(byline.turned, self.metas(CITED))), set()
        for label, data in zip(LABELS, LABELLED, strict=True):
            if self.meta.get(label) and byline.BY.fullmatch(f"{self.meta[label][0]}:"):
                yield "meta", self.metas((data,)), set()

    def tags(self) -> None:
        """Keywords of the first source that has any, split where they stand in one string."""
        own = [text for node in self.articles for text in texts(node.get("keywords"), TERM)]
        groups = [self.meta.get(name, []) for name in TAGS]
        several = [values for values in groups if len(values) > 1]  # one a tag: as the site has it
        for source, values in [
            ("json-ld", own),
            *(("meta", g) for g in (*several, *reversed(groups))),
        ]:
            parts = values if len(values) > 1 else [p for v in values for p in COMMA.split(v)]
            found = dict.fromkeys(p.strip(" #,") for p in parts)
            if known := [part for part in found if 0 < len(part) <= 100][:100]:
                self.found.tags, self.found.sources["tags"] = tuple(known), source
                return

    def addresses(self) -> None:
        """The canonical URL and the lead image, absolute."""
        shared = next(iter(self.meta.get("og:url", ())), "")
        for source, link in (("link", self.canonical), ("og", shared)):
            if found := self.canonical_of(link, shared):
                self.found.canonical_url, self.found.sources["canonical_url"] = found, source
                break
        for source, links in (("og", self.metas(IMAGE)), ("json-ld", self.strings("image"))):
            if links and (image := self.absolute(links[0])):
                self.found.image_url, self.found.sources["image_url"] = image, source
                break

    def canonical_of(self, link: str, shared: str) -> str | None:
        """The address that `link` declares for the page, if it can be that of this page.

        One on another site counts only if `shared` (og:url) says the same: a syndicated story. The
        home page is no article's address.
        """
        found = self.absolute(link)
        if found is None or not self.url or found == self.url:
            return found
        here, there = urlsplit(self.url), urlsplit(found)
        if there.path in ("", "/") and here.path not in ("", "/"):
            return None
        foreign = here.netloc != there.netloc and urls.site(found) != urls.site(self.url)
        return None if foreign and self.canonical != shared else found

    def absolute(self, link: str) -> str | None:
        """`link` as an address; None when it is none."""
        try:
            joined = urls.join(self.url, link) if link else ""
            urls.split(joined)
        except ValueError:
            return None
        return joined
