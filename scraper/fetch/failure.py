"""An exception of the network libraries -> a FetchError with its Outcome and a reason."""

from __future__ import annotations

import asyncio
import socket
import ssl

import anyio
import h2.events
import h2.exceptions
import h11
import hpack
import httpcore
import httpx
import hyperframe.exceptions

from scraper.errors import FetchError
from scraper.model import Outcome

# What a request may raise, by family. Not in here: CancelledError, and what only a mistake of ours
# could raise (TypeError, AttributeError), which must be seen.
FAMILIES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpx.CookieConflict,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    h11.ProtocolError,
    h2.exceptions.H2Error,
    hpack.HPACKError,
    hyperframe.exceptions.HyperframeError,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.BusyResourceError,
    anyio.EndOfStream,
    anyio.DelimiterNotFound,
    anyio.IncompleteRead,
    anyio.WouldBlock,
    asyncio.InvalidStateError,
    asyncio.LimitOverrunError,
    OSError,  # ssl.SSLError, socket.gaierror, TimeoutError
    ValueError,  # idna.IDNAError, UnicodeError
    OverflowError,
    LookupError,
    EOFError,
    RuntimeError,  # a transport that closed meanwhile
    AssertionError,  # httpcore and h2 assert what servers send
    ExceptionGroup,  # anyio's task groups
)

HEADERS_TOO_LARGE = 431  # the hint that h11 gives when its buffer for headers is full
RESETS = (h2.events.StreamReset, h2.events.ConnectionTerminated)
NETWORK = (
    OSError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpx.TransportError,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    EOFError,
)
ADDRESS = (httpx.InvalidURL, httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol, UnicodeError)


def failure(url: str, exc: Exception, *, begun: bool) -> FetchError:
    """What `exc` means for the request of `url`; `begun`: its answer had begun."""
    chain = causes(exc)
    for one in chain:
        found = certain(one, begun)
        if found is not None:
            return FetchError(url, found[1], found[0])
    if any(isinstance(one, NETWORK) for one in chain):
        reason = f"{'broke off' if begun else 'could not be reached'} ({said(chain)})"
        return FetchError(url, reason, Outcome.TRUNCATED if begun else Outcome.UNREACHABLE)
    return FetchError(
        url, f"gave an answer that cannot be read ({said(chain)})", Outcome.BAD_RESPONSE
    )


def causes(exc: BaseException) -> list[BaseException]:
    """`exc`, then all that it came from, each before its own causes.

    httpcore raises `ConnectError(original)` and its pool then cuts the cause off (`from None`), so
    the arguments are looked through as well.
    """
    chain = [exc]
    for one in chain:
        behind: list[object] = [one.__cause__, one.__context__, *one.args]
        if isinstance(one, BaseExceptionGroup):
            behind += one.exceptions
        chain += [item for item in behind if isinstance(item, BaseException) and item not in chain]
    return chain


def certain(exc: BaseException, begun: bool) -> tuple[Outcome, str] | None:
    """The outcome that this one exception makes certain; None when it leaves it open."""
    text = str(exc)
    if isinstance(exc, ssl.SSLCertVerificationError):
        said_of_it = getattr(exc, "verify_message", text)
        return Outcome.TLS, f"shows a certificate that is not valid ({said_of_it})"
    if isinstance(exc, ssl.SSLError) and not begun:
        return Outcome.TLS, f"could not agree on TLS ({getattr(exc, 'reason', None) or text})"
    if isinstance(exc, httpcore.ProxyError):
        return Outcome.UNREACHABLE, f"could not be reached: its proxy refused it ({text[:200]})"
    if isinstance(exc, socket.gaierror):
        return Outcome.UNREACHABLE, f"has a name that could not be resolved ({exc.strerror})"
    if isinstance(exc, httpcore.ConnectTimeout):
        return Outcome.UNREACHABLE, "took too long to accept a connection"
    if getattr(exc, "error_status_hint", None) == HEADERS_TOO_LARGE or isinstance(
        exc, h2.exceptions.DenialOfServiceError
    ):
        return Outcome.TOO_LARGE, "sent more than 100 KiB of headers"
    if isinstance(exc, ADDRESS):
        return Outcome.INVALID_URL, f"cannot be asked for ({text[:200]})"
    if isinstance(exc, httpcore.RemoteProtocolError | h2.exceptions.InvalidBodyLengthError):
        reset = any(isinstance(arg, RESETS) for arg in exc.args)
        if begun and (reset or text.startswith(("peer closed", "Server disc", "InvalidBody"))):
            return Outcome.TRUNCATED, "ended before its body was complete"
        if reset or text.startswith("Server disconnected"):
            return Outcome.UNREACHABLE, "closed the connection without an answer"
    return None


def said(chain: list[BaseException]) -> str:
    """What the innermost exception that says anything says, in one short line."""
    texts = [" ".join(str(exc).split())[:200] for exc in chain]
    return next((text for text in reversed(texts) if text), type(chain[0]).__name__)
