"""Paths, answers -> a threaded HTTP server on loopback; feeds and article pages to put on it."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from scraper import feed
from scraper.clean import clean
from scraper.config import Config
from scraper.model import Article, Block, Feed, Kind, Page, Verdict
from scraper.store import Store

HOST = "127.0.0.1"
LOOPBACK = "127.0.0.0/8"
WORDS = """harbour council ferry winter budget teacher orchard bridge river valley workshop library
station market village doctor engine glacier festival parliament farmer archive lantern committee
railway museum reservoir baker orchestra island""".split()
VERBS = "opened closed repaired measured praised questioned visited funded counted painted".split()


@dataclass(frozen=True)
class Reply:
    """One answer. `wait` is in seconds, before the head is sent. The body is HTML, XML or text."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0


Answer = str | Reply | list[str | Reply]  # of a list each once, the last for ever


@dataclass
class Site:
    """What is served, and what was asked for. `{{base}}` in an answer is the site's address."""

    answers: dict[str, Answer]
    base: str = ""
    served: list[tuple[str, int]] = field(default_factory=list)  # path, status

    def url(self, path: str) -> str:
        return self.base + path

    def asked(self) -> Counter[str]:
        """How often each path was asked for, robots.txt left out."""
        return Counter(path for path, _ in self.served if path != "/robots.txt")

    def answer(self, path: str) -> Reply:
        """The next answer for a path."""
        found = self.answers.get(path, Reply("<!doctype html><h1>404</h1>", 404))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        return Reply(found) if isinstance(found, str) else found


@contextmanager
def serving(answers: Mapping[str, Answer], host: str = HOST) -> Iterator[Site]:
    """Serves `answers` by path on a port of its own, 404 for the rest."""
    site = Site(dict(answers))
    server = QuietServer((host, 0), handler(site))
    site.base = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class QuietServer(ThreadingHTTPServer):
    """Doesn't mind clients that are killed."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing."""


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    """A handler that gives each body an ETag, and 304 to who has it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            reply = site.answer(self.path)
            body = reply.body.replace("{{base}}", site.base).encode()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            same = reply.status == 200 and self.headers.get("If-None-Match") == tag
            status = 304 if same else reply.status
            site.served.append((self.path, status))
            time.sleep(reply.wait)
            self.send_response(status)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", content_type(reply.body))
            self.send_header("Content-Length", "0" if same else str(len(body)))
            for name, value in reply.headers.items():
                self.send_header(name, value.replace("{{base}}", site.base))
            self.end_headers()
            self.wfile.write(b"" if same else body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    return Handler


def content_type(body: str) -> str:
    """What a body looks like."""
    if body.startswith("<?xml"):
        return "application/xml"
    return "text/html; charset=utf-8" if body.startswith("<") else "text/plain"


def rss(*paths: str, title: str = "News") -> str:
    """A feed that names `paths` of its site."""
    items = "".join(f"<item><title>{p}</title><link>{{{{base}}}}{p}</link></item>" for p in paths)
    channel = f"<channel><title>{title}</title>{items}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'


def story(number: int, note: str = "") -> str:
    """A page with an article of some 250 words, of its own for each number; `note` ends it."""
    told = random.Random(number)
    paragraphs = [" ".join(sentence(told) for _ in range(4)) for _ in range(8)]
    paragraphs.append(
        f"The last word of story {number} was left to the keeper of the tower. {note}"
    )
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><title>{headline(number)}</title>'
        '<meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="2026-11-0{1 + number % 9}T08:00:00Z">'
        f"</head><body><nav><a href='/'>Home</a></nav><main><article><h1>{headline(number)}</h1>"
        f"{text}</article></main><footer><p>Imprint</p></footer></body></html>"
    )


def headline(number: int) -> str:
    """The headline of a story."""
    told = random.Random(-1 - number)
    return f"How the {told.choice(WORDS)} number {number} saved the {told.choice(WORDS)}"


def sentence(told: random.Random) -> str:
    """A sentence of eleven words."""
    one, two, three, four = told.sample(WORDS, 4)
    verb, other = told.sample(VERBS, 2)
    return f"The {one} {verb} the {two} before a {three} {other} our {four}."


def paper(numbers: Iterable[int], wait: float = 0.0) -> dict[str, Answer]:
    """A feed at /rss.xml and the stories that it names, at /1.html and so on."""
    pages = {f"/{n}.html": Reply(story(n), wait=wait) for n in numbers}
    return {"/rss.xml": rss(*pages), **pages}


def subscribed(store: Store, *urls: str) -> None:
    """Adds feeds."""
    for url in urls:
        store.add_feed(url, now=datetime.now(UTC))


def config(**changes: object) -> Config:
    """Settings without pauses, for servers on loopback."""
    given = {"delay": 0.0, "allow": (ipaddress.ip_network(LOOPBACK),), "workers": 1} | changes
    return Config(**given)  # type: ignore[arg-type]


def headlines(store: Store) -> list[str]:
    """The headlines of what is stored, sorted."""
    return sorted(row[0] for row in store.rows("SELECT headline FROM articles"))


def last_run(store: Store) -> tuple[str | None, str | None, int]:
    """What the ledger says of the last run: how it ended, why, how many articles it brought."""
    row = store.rows("SELECT ended, error, articles_new FROM runs ORDER BY id DESC LIMIT 1")[0]
    return row[0], row[1], row[2]


class Skipping:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.skipped)

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped

    async def sleep(self, seconds: float) -> None:
        self.skipped += seconds
        await asyncio.sleep(0)


class Here:
    """Cleans in this process, which spares a test the two seconds that a worker needs to start."""

    def __init__(self, config: Config) -> None:
        """Takes what `Workers` takes."""

    async def clean(self, page: Page) -> Article:
        return clean(page)

    async def parse(self, page: Page) -> Feed:
        return feed.parse(page)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *args: object) -> None:
        """Has nothing to end."""


def grim(page: Page, *, second_opinion: str) -> Article:
    """An article by the page's address, unless that takes the process down with it."""
    if "/hangs" in page.url:
        time.sleep(60)
    if "/dies" in page.url:
        os.kill(os.getpid(), signal.SIGKILL)
    if "/eats" in page.url:
        bytearray(3 << 30)
    text = (Block(Kind.PARAGRAPH, "A story."),)
    return Article(page.url, None, HOST, page.url, "", text, verdict=Verdict.ARTICLE)
