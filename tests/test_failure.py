"""Exceptions of the network libraries -> outcomes, wherever a request raises them."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import ModuleType

import anyio
import h2
import h2.exceptions
import h11
import hpack
import hpack.exceptions
import httpcore
import httpx
import hyperframe
import hyperframe.exceptions
import idna
import pytest
from misbehave import HTML, START, TLS, config, result

from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots
from scraper.fetch.failure import failure
from scraper.model import Outcome, Page, RobotsRecord

LIBRARIES = [httpx, httpcore, h11, h2, hpack, hyperframe, idna, anyio, ssl, socket, asyncio]
# What a request cannot raise: queues, workers, handles of tasks, files that are sent.
ELSEWHERE = re.compile(
    "Queue.*|BrokenWorker.*|BrokenBarrierError|(Task|Future).*(Failed|Cancelled|Finished)"
    "|_GiveupOnSendfile"
)
BUILT_IN = [ValueError, UnicodeError, OSError, TimeoutError, ConnectionResetError, EOFError]
BUILT_IN += [KeyError, IndexError, RuntimeError, AssertionError, BlockingIOError, OverflowError]


def modules(library: ModuleType) -> Iterator[ModuleType]:
    """A library and all below it that can be imported here."""
    yield library
    for found in pkgutil.walk_packages(getattr(library, "__path__", []), f"{library.__name__}."):
        with suppress(ImportError):  # those for trio, for Windows, for SOCKS
            yield importlib.import_module(found.name)


def defined(library: ModuleType) -> list[type[Exception]]:
    """The exceptions that a library defines, in whichever module."""
    found = [one for module in modules(library) for one in vars(module).values()]
    own = [one for one in found if isinstance(one, type) and issubclass(one, Exception)]
    return sorted(
        {
            one
            for one in own
            if one.__module__.partition(".")[0] == library.__name__
            and not issubclass(one, Warning)
            and not ELSEWHERE.fullmatch(one.__name__)
        },
        key=lambda one: one.__name__,
    )


def made(kind: type[Exception]) -> Exception | None:
    """One of a kind, whatever it takes; None for what cannot be raised itself."""
    request = httpx.Request("GET", "http://a.test/")
    for args, more in (
        (("odd",), {}),
        ((), {}),
        ((5, 3), {}),
        ((b"odd", 9), {}),
        (("odd",), {"request": request, "response": httpx.Response(200, request=request)}),
    ):
        with suppress(TypeError, AttributeError):
            return kind(*args, **more)
    return None


KINDS = [kind for library in LIBRARIES for kind in defined(library)]
RAISED = [exc for kind in (*KINDS, *BUILT_IN) if (exc := made(kind)) is not None]
RAISED += [
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd"),
    UnicodeEncodeError("idna", "\xff", 0, 1, "odd"),
    ExceptionGroup("two", [OSError(113, "x"), ValueError("odd")]),
    ExceptionGroup("in one", [ExceptionGroup("another", [ssl.SSLError(1, "odd")])]),
]
PLACES = ["resolve", "connect", "start_tls", "send", "head", "body", "close"]


class Raising(httpcore.AsyncNetworkStream):
    """A connection that gives a page, and raises `exc` when it comes to `place`."""

    def __init__(self, place: str, exc: Exception) -> None:
        self._place = place
        self._exc = exc
        head = START + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(HTML)
        self._pieces = [("head", head), ("body", HTML)]

    def come_to(self, place: str) -> None:
        if place == self._place:
            raise self._exc

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        place, piece = self._pieces.pop(0)
        self.come_to(place)
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self.come_to("send")

    async def aclose(self) -> None:
        self.come_to("close")

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        self.come_to("start_tls")
        return self

    def get_extra_info(self, info: str) -> None:
        """Knows nothing."""


async def fetched(place: str, exc: Exception) -> Page | FetchError:
    """What a page comes to when its request raises `exc` at `place`."""
    stream = Raising(place, exc)

    async def resolver(host: str, port: int) -> list[str]:
        stream.come_to("resolve")
        return ["127.0.1.1"]

    async def connect(*args: object, **more: object) -> httpcore.AsyncNetworkStream:
        stream.come_to("connect")
        return stream

    now, robots = datetime.now(UTC), MemoryRobots()
    robots.put_robots(RobotsRecord("https://a.test", 404, "", now, now + timedelta(hours=1)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
        async with Fetcher(config(deadline=0.3), robots, resolver=resolver, tls=TLS) as source:
            return await result(source, "https://a.test/")


@pytest.mark.parametrize("place", PLACES)
def test_every_exception_at_every_place_has_an_outcome(place: str) -> None:
    async def run() -> None:
        for exc in RAISED:
            found = await fetched(place, exc)
            if isinstance(found, Page):
                unread = isinstance(exc, httpcore.WriteError)  # servers answer what they don't read
                assert place == "close" or (place == "send" and unread)
                assert found.body == HTML
                continue
            assert place != "close", type(exc)  # the page was there
            assert found.outcome not in (Outcome.OK, Outcome.NOT_MODIFIED)
            assert found.reason.isprintable()

    asyncio.run(run())


def test_the_exceptions_are_those_of_the_libraries() -> None:
    assert len(RAISED) > 100
    known = {httpx.ReadError, httpcore.ReadTimeout, h11.RemoteProtocolError, idna.IDNAError}
    known |= {h2.exceptions.StreamClosedError, hpack.exceptions.HPACKError, anyio.WouldBlock}
    known |= {hyperframe.exceptions.HyperframeError, asyncio.IncompleteReadError}
    assert known | {ssl.SSLCertVerificationError, socket.gaierror} <= set(map(type, RAISED))
    assert {kind for kind in KINDS if made(kind) is None} <= {h11.ProtocolError}


def wrapped(exc: Exception) -> Exception:
    """As httpcore's pool hands it on: the cause cut off, but among the arguments."""
    return httpcore.ConnectError(exc)


certificate = ssl.SSLCertVerificationError(1, "certificate verify failed")
certificate.verify_message = "certificate has expired"
full = h11.RemoteProtocolError("Receive buffer too long", error_status_hint=431)

CASES: list[tuple[Exception, Outcome, Outcome]] = [  # before the answer began, and after
    (wrapped(certificate), Outcome.TLS, Outcome.TLS),
    (wrapped(ssl.SSLError(1, "handshake")), Outcome.TLS, Outcome.TRUNCATED),
    (socket.gaierror(-2, "Name or service not known"), Outcome.UNREACHABLE, Outcome.UNREACHABLE),
    (wrapped(ConnectionRefusedError(111, "refused")), Outcome.UNREACHABLE, Outcome.TRUNCATED),
    (httpcore.ReadError(ConnectionResetError()), Outcome.UNREACHABLE, Outcome.TRUNCATED),
    (httpcore.ConnectTimeout(), Outcome.UNREACHABLE, Outcome.UNREACHABLE),
    (httpcore.RemoteProtocolError(full), Outcome.TOO_LARGE, Outcome.TOO_LARGE),
    (h2.exceptions.DenialOfServiceError(), Outcome.TOO_LARGE, Outcome.TOO_LARGE),
    (h2.exceptions.InvalidBodyLengthError(5, 3), Outcome.BAD_RESPONSE, Outcome.TRUNCATED),
    (h2.exceptions.ProtocolError(), Outcome.BAD_RESPONSE, Outcome.BAD_RESPONSE),
    (hpack.exceptions.HPACKDecodingError(), Outcome.BAD_RESPONSE, Outcome.BAD_RESPONSE),
    (hyperframe.exceptions.InvalidFrameError(), Outcome.BAD_RESPONSE, Outcome.BAD_RESPONSE),
    (idna.IDNAError("bad label"), Outcome.INVALID_URL, Outcome.INVALID_URL),
    (httpx.InvalidURL("too long"), Outcome.INVALID_URL, Outcome.INVALID_URL),
    (UnicodeError("label too long"), Outcome.INVALID_URL, Outcome.INVALID_URL),
    (ValueError("odd"), Outcome.BAD_RESPONSE, Outcome.BAD_RESPONSE),
    (KeyError("stream"), Outcome.BAD_RESPONSE, Outcome.BAD_RESPONSE),
    (RuntimeError(), Outcome.BAD_RESPONSE, Outcome.BAD_RESPONSE),
    (AssertionError(), Outcome.BAD_RESPONSE, Outcome.BAD_RESPONSE),
    (anyio.ClosedResourceError(), Outcome.UNREACHABLE, Outcome.TRUNCATED),
    (ExceptionGroup("two", [OSError(113, "x")]), Outcome.UNREACHABLE, Outcome.TRUNCATED),
]


@pytest.mark.parametrize(("exc", "before", "after"), CASES, ids=lambda one: type(one).__name__)
def test_outcomes(exc: Exception, before: Outcome, after: Outcome) -> None:
    assert failure("http://a.test/", exc, begun=False).outcome is before
    error = failure("http://a.test/", exc, begun=True)
    assert error.outcome is after
    assert error.reason.isprintable()
