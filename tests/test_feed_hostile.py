"""Feeds made to harm, or merely broken: an answer, in bounded time."""

from __future__ import annotations

import contextlib
import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper import feed
from scraper.errors import FeedError
from scraper.model import Page

FEEDS = Path(__file__).parent.parent / "fixtures" / "feeds"
URL = "https://www.site.example/feed"
ITEM = "<item><title>%s</title><link>/1</link></item>"


def page(body: bytes | str) -> Page:
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return Page(URL, URL, 200, {}, data, datetime(2024, 5, 8, tzinfo=UTC))


def bomb(root: str, levels: int = 12) -> str:
    lines = ['<!ENTITY a0 "lollollollol">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels)]
    return f"<?xml version='1.0'?><!DOCTYPE {root} [\n" + "\n".join(lines) + "\n]>"


@pytest.mark.parametrize("separator", ["\n", " "])
def test_an_entity_bomb_does_not_go_off(separator: str) -> None:
    rss = f"<rss version='2.0'><channel>{ITEM % 'x &a11; y'}</channel></rss>"
    sitemap = "<urlset><url><loc>/1</loc><news><title>x &a11; y</title></news></url></urlset>"
    started = time.perf_counter()
    for root, body in (("rss", rss), ("urlset", sitemap)):
        (entry,) = feed.parse(page(bomb(root).replace("\n", separator) + body)).entries
        assert len(entry.title) < 20
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "declaration", ['<!ENTITY e SYSTEM "{}">', '<!ENTITY % p SYSTEM "{}"> %p;']
)
def test_external_entities_read_no_file(tmp_path: Path, declaration: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    head = f"<!DOCTYPE x [{declaration.format(secret.as_uri())}]>"
    rss = f"<rss version='2.0'><channel>{ITEM % 'a&e;b'}</channel></rss>"
    sitemap = "<urlset><url><loc>/1</loc><news><title>a&e;b</title></news></url></urlset>"
    for body in (rss, sitemap):
        (entry,) = feed.parse(page(head + body)).entries
        assert entry.title.startswith("a")
        assert "hunter2" not in repr(entry)


def test_a_body_that_is_a_path_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes((FEEDS / "rss20.xml").read_bytes())
    with pytest.raises(FeedError, match="neither XML nor JSON"):
        feed.parse(page(str(path)))


def rss(content: str) -> str:
    return f"<rss><channel><item>{content}</item></channel></rss>"


@pytest.mark.parametrize(
    "body",
    [
        "<?xml version='1.0'?>" + "\n" * 300_000 + rss(""),  # feedparser: over 40 s
        "<!--" * 200_000,
        "<!DOCTYPE x [" + "] " * 200_000,
        rss("".join(f"<category>{n}</category>" for n in range(30_000))),  # feedparser: 25 s
        "<item " + " ".join(f"a{n}=''" for n in range(100_000)) + "/>",
        rss("<item " + " ".join(f"a{n}=''" for n in range(100_000)) + "></item>"),
        rss(f"<link>/1</link><description>{'&lt;!--&lt;script &lt;p ' * 50_000}</description>"),
        '{"version": ' + "[" * 200_000,
        "<urlset>" + "<a>" * 200_000,
        "<?xml version='1.0' encoding='punycode'?><rss>\udcff" + "a-b9" * 100_000,
    ],
    ids=range(10),
)
def test_markup_made_to_be_slow_is_not(body: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(FeedError):
        feed.parse(page(body))
    assert time.perf_counter() - started < 1.5


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (rss("<a>" * 500_001), "over 500,000 tags"),
        (
            "<rss " + " ".join(f"xmlns:n{n}='u{n}'" for n in range(101)) + "/>",
            "over 100 namespace prefixes",
        ),
    ],
)
def test_markup_that_only_harms_is_refused(body: str, reason: str) -> None:
    with pytest.raises(FeedError, match=reason):
        feed.parse(page(body))


def test_what_feedparser_lets_out_becomes_a_feed_error() -> None:
    broken = "<gml:pos xmlns:gml='http://www.opengis.net/gml'>1 2</gml:pos>"
    with pytest.raises(FeedError, match=r"is no feed: broken markup \(KeyError\)"):
        feed.parse(page(rss(f"<link>/1</link>{broken}")))


TOKENS = (
    b"&#xD800; &#99999999999; & < > </ <![CDATA[ ]]> <!-- --> <? <!DOCTYPE \xff\xfe \0 <item> "
    b"</item> <entry> </channel> <image> <textinput> </textinput> <source> <link/> <guid> "
    b"</category> </media:player> <height>x</height> </height> <svg> <a\tb='1'\tb='2'> "
    b"xml:base='http://[' encoding='undefined' <link>http://[x</link> </contributor> </content>"
).split(b" ")


def mutated(body: bytes, rng: random.Random) -> bytes:
    data = bytearray(body)
    for _ in range(rng.choice([1, 2, 5, 20])):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.randrange(40))
        data[start:end] = rng.choice(
            [b"", rng.choice(TOKENS), data[start:end] * 2, rng.randbytes(2)]
        )
    return bytes(data)


def test_mutated_documents_give_a_feed_or_a_feed_error() -> None:
    rng = random.Random(7)
    documents = [path.read_bytes() for path in sorted(FEEDS.iterdir())]
    read = 0
    for _ in range(800):
        found = page(mutated(rng.choice(documents), rng))
        feed.discover(found)
        feed.is_html(found)
        for attempt in (feed.parse, lambda found: feed.read_opml(found.body, "list")):
            try:
                attempt(found)
                read += 1
            except FeedError:
                continue
    assert read > 200
