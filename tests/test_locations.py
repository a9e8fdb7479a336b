"""Hostile and odd values of Location -> a named outcome, or where browsers go as well."""

from __future__ import annotations

import asyncio
import socket

import pytest
from misbehave import TLS, Answer, Server, config, redirect, reply

from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots
from scraper.model import Outcome

SENT = {"host", "accept", "accept-encoding", "accept-language", "connection", "user-agent"}
INVALID, BLOCKED, LOOP = Outcome.INVALID_URL, Outcome.BLOCKED_ADDRESS, Outcome.REDIRECT_LOOP
NOWHERE, NO_NAME = Outcome.BAD_RESPONSE, Outcome.ROBOTS_UNREACHABLE

# The redirect is at /a/b?c; {p} is the server's port. Expected: the outcome, or the path where
# the fetch ends well.
LOCATIONS: dict[str, tuple[bytes, Outcome | str]] = {
    "empty": (b"", NOWHERE),
    "blank": (b" \t ", NOWHERE),
    "fragment": (b"#top", LOOP),
    "empty fragment": (b"#", LOOP),
    "itself": (b"/a/b?c", LOOP),
    "itself with a fragment": (b"/a/b?c#d", LOOP),
    "itself by its query": (b"?c", LOOP),
    "itself by its name": (b"b?c", LOOP),
    "itself in full": (b"HTTP://127.0.1.1:{p}/a/b?c", LOOP),
    "itself around a corner": (b"/back", LOOP),
    "path": (b"/good", "/good"),
    "path with a fragment": (b"/good#top", "/good"),
    "path with blanks around": (b"  /good \t", "/good"),
    "relative path": (b"good", "/a/good"),
    "relative path upwards": (b"../good", "/good"),
    "relative path above the root": (b"../../../../good", "/good"),
    "dots in a path": (b"/./x/../good", "/good"),
    "dot": (b".", "/a/"),
    "query": (b"?d", "/a/b?d"),
    "network path": (b"//127.0.1.1:{p}/good", "/good"),
    "scheme in upper case": (b"HTTP://127.0.1.1:{p}/good", "/good"),
    "no path": (b"http://127.0.1.1:{p}", "/"),
    "no path but a query": (b"http://127.0.1.1:{p}?d", "/?d"),
    "scheme and path": (b"http:/good", "/good"),
    "scheme and relative path": (b"http:good", "/a/good"),
    "tab in a path": (b"/go\tod", "/good"),
    "space in a path": (b"/a good", "/a%20good"),
    "quotes in a path": (b'/"good"', "/%22good%22"),
    "brackets in a query": (b"/good?a[]=<b>", "/good?a[]=%3Cb%3E"),
    "percent that is none": (b"/100%", "/100%"),
    "folded": (b"/a\r\n good", "/a%20good"),
    "escaped line end": (b"/good%0d%0aX:%201", "/good%0d%0aX:%201"),
    "escaped slashes": (b"/%2f%2fevil.test", "/%2f%2fevil.test"),
    "UTF-8 in a path": ("/größe".encode(), "/gr%C3%B6%C3%9Fe"),
    "UTF-8 in a query": ("/good?ö".encode(), "/good?%C3%B6"),
    "latin-1 in a path": ("/größe".encode("latin-1"), "/gr%F6%DFe"),
    "no charset at all": (b"/\xff\xfe", "/%FF%FE"),
    "a backslash": (b"\\good", "/a/%5Cgood"),
    "a backslash behind a slash": (b"/\\evil.test/", "/%5Cevil.test/"),
    "three slashes": (b"///good", "/good"),
    "three slashes behind the scheme": (b"http:///good", "/good"),
    "slashes alone": (b"//", LOOP),
    "scheme alone": (b"http:", LOOP),
    "scheme and slashes": (b"http://", LOOP),
    "other scheme alone": (b"https:", INVALID),
    "other scheme and a path": (b"https:/good", INVALID),
    "no host but a port": (b"http://:80/", INVALID),
    "no scheme": (b"://127.0.1.1/", Outcome.NOT_FOUND),
    "two schemes": (b"http://http://127.0.1.1/", NO_NAME),
    "two, the first counts": (b"/good\r\nLocation: http://127.0.0.1/", "/good"),
    "two, the second of javascript": (b"/good\r\nlocation: javascript:alert(1)", "/good"),
    "two, the first empty": (b"\r\nLocation: /good", NOWHERE),
    "two in one": (b"/good, /bad", "/good,%20/bad"),
    "60 kB": (b"/" + b"g" * 60_000, Outcome.NOT_FOUND),
    "100 kB": (b"/" + b"g" * 100_000, INVALID),
    "200 kB": (b"/" + b"g" * 200_000, Outcome.TOO_LARGE),
    "host of 70 kB": (b"//" + b"a" * 70_000 + b".test/", INVALID),
    "host of 400 parts": (b"http://" + b"a." * 400 + b"test/", INVALID),
    "label of 64": (b"http://" + b"a" * 64 + b".test/", INVALID),
    "300 kB of query on a network path": (b"//?" + b"q" * 90_000, INVALID),
    "ftp": (b"ftp://127.0.1.1/", INVALID),
    "gopher": (b"gopher://127.0.1.1:{p}/_GET", INVALID),
    "file": (b"file:///etc/passwd", INVALID),
    "javascript": (b"javascript:alert(1)", INVALID),
    "data": (b"data:text/html,<p>x", INVALID),
    "mailto": (b"mailto:editor@site.test", INVALID),
    "about": (b"about:blank", INVALID),
    "view-source": (b"view-source:http://127.0.1.1/", INVALID),
    "an app's": (b"intent://x#Intent;scheme=http;end", INVALID),
    "user": (b"http://user@127.0.1.1:{p}/good", INVALID),
    "user and password": (b"http://user:secret@127.0.1.1:{p}/good", INVALID),
    "backslash for a user": (b"http://127.0.0.1\\@127.0.1.1:{p}/good", INVALID),
    "port above": (b"http://127.0.1.1:99999/", INVALID),
    "port of letters": (b"http://127.0.1.1:port/", INVALID),
    "port below": (b"http://127.0.1.1:-1/", INVALID),
    "port of nothing": (b"http://127.0.1.1:0/", INVALID),
    "nobody's port": (b"http://127.0.1.1:1/", NO_NAME),
    "open bracket": (b"http://[::1/", INVALID),
    "closing bracket": (b"http://::1]/", INVALID),
    "brackets around junk": (b"http://[zz]/", INVALID),
    "brackets around nothing": (b"http://[]/", INVALID),
    "brackets and more": (b"http://[::1]evil.test/", INVALID),
    "zone": (b"http://[fe80::1%25eth0]/", INVALID),
    "space in a host": (b"http://a b.test/", INVALID),
    "control in a host": (b"http://a\x01b.test/", INVALID),
    "escape in a host": (b"http://%31%32%37.0.0.1/", INVALID),
    "escaped NUL in a host": (b"http://a%00.test/", INVALID),
    "angle brackets in a host": (b"http://<a>.test/", INVALID),
    "host of 253": (b"http://" + b"a." * 124 + b"test./", NO_NAME),
    "emoji for a host": ("http://☃🦊.test/".encode(), INVALID),
    "latin-1 in a host": ("http://größe.test/".encode("latin-1"), INVALID),
    "UTF-8 in a host": ("http://größe.test/".encode(), NO_NAME),
    "joiner in a host": ("http://a\u200d.test/".encode(), INVALID),
    "right to left and back": ("http://aא1.test/".encode(), INVALID),
    "punycode of nothing": (b"http://xn--.test/", NO_NAME),
    "punycode that is none": (b"http://xn--a.test/", NO_NAME),
    "empty label": (b"http://a..test/", INVALID),
    "dots alone": (b"http://../", INVALID),
    "loopback": (b"http://127.0.0.1/", BLOCKED),
    "loopback in brackets": (b"//[::1]:8080/", BLOCKED),
    "loopback by a zero": (b"http://0/", BLOCKED),
    "NUL": (b"/a\0b", NOWHERE),
    "carriage return": (b"/a\rb", NOWHERE),
}


async def resolver(host: str, port: int) -> list[str]:
    """Addresses in every spelling that the C library knows, and no name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(entry[4][0]) for entry in found]


def moved(location: bytes) -> bytes:
    return b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"


async def followed(location: bytes, good: str) -> tuple[Outcome | str, str]:
    """How the redirect ends, with the reason; `good` is where a page is."""
    answers: dict[str, Answer] = {"/back": redirect("/a/b?c"), good: reply()}
    async with (
        Server(answers) as server,
        Fetcher(config(), MemoryRobots(), resolver=resolver, tls=TLS) as source,
    ):
        server.answers["/a/b?c"] = moved(location.replace(b"{p}", b"%d" % server.port))
        try:
            page = await source.fetch(server.url("/a/b?c"))
        except FetchError as exc:
            return exc.outcome, exc.reason
        assert page.final_url == server.url(server.paths()[-1])
        assert server.requests[-1].headers.keys() <= SENT
        return server.paths()[-1], ""


@pytest.mark.parametrize(("location", "expected"), LOCATIONS.values(), ids=LOCATIONS.keys())
def test_locations(location: bytes, expected: Outcome | str) -> None:
    good = "/good" if isinstance(expected, Outcome) else expected
    found, reason = asyncio.run(followed(location, good))
    assert found == expected, reason
    assert reason.isprintable()
    assert len(reason) < 1000
