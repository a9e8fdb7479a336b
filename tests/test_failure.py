"""Exceptions of the network libraries -> outcomes: none gets past FAMILIES."""

from __future__ import annotations

import asyncio
import socket
import ssl

import anyio
import h2.exceptions
import h11
import hpack.exceptions
import httpcore
import httpx
import hyperframe.exceptions
import idna
import pytest
from misbehave import TLS, config, result

from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots
from scraper.fetch.failure import FAMILIES, failure
from scraper.model import Outcome

LIBRARIES = [
    *(httpx, httpcore, h11, h2.exceptions, hpack.exceptions, hyperframe.exceptions),
    *(idna, ssl, socket, asyncio),
]
# What a request cannot raise: queues and barriers are not in it.
ELSEWHERE = {"QueueEmpty", "QueueFull", "QueueShutDown", "BrokenBarrierError"}


def raised(library: object) -> list[type[Exception]]:
    found = [getattr(library, name) for name in dir(library) if name[0] != "_"]
    return [one for one in found if isinstance(one, type) and issubclass(one, Exception)]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
def test_every_exception_of_a_library_is_of_a_family(library: object) -> None:
    classes = [one for one in raised(library) if not issubclass(one, Warning)]
    assert classes
    strange = [one.__name__ for one in classes if not issubclass(one, FAMILIES)]
    assert set(strange) <= ELSEWHERE


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


def test_none_leaves_a_fetch_as_it_is() -> None:
    async def run() -> None:
        for exc, _, _ in CASES:

            async def raising(host: str, port: int, exc: Exception = exc) -> list[str]:
                raise exc

            async with Fetcher(config(), MemoryRobots(), resolver=raising, tls=TLS) as source:
                found = await result(source, "http://a.test/")
                assert isinstance(found, FetchError)
                assert found.outcome is Outcome.ROBOTS_UNREACHABLE

    asyncio.run(run())
