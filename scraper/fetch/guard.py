"""Host name -> connection to an address that may be reached.

The name is resolved here, each address is checked here, and the connection goes to the address that
was checked: a DNS answer that changes afterwards gains nothing. TLS and the Host header still carry
the name, since httpcore takes both from the URL.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

import httpcore

from scraper.config import Config, Network
from scraper.errors import FetchError
from scraper.fetch.failure import FAMILIES
from scraper.model import Outcome

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]

OPEN_PORTS = (80, 443, 8080, 8443)
MOST_ADDRESSES = 4  # tried for one connection
KEPT = 60.0  # seconds that an answer of the resolver is kept
MOST_KNOWN = 4000  # answers that are kept
INNER = {"localhost", "local", "internal", "arpa"}
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # as the last label it makes an address (WHATWG URL, 3.5)
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all that IANA has ever given to hosts in IPv6

# IANA's special-purpose registries. Python's `is_global` alone is no guard: it is True for
# 64:ff9b::7f00:1, 2002:7f00:1::, ::127.0.0.1, 224.0.0.1 and fec0::1.
REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "an unspecified"),
        ("10.0.0.0/8", "a private"),
        ("100.64.0.0/10", "a carrier's private"),  # RFC 6598
        ("127.0.0.0/8", "a loopback"),
        ("168.63.129.16/32", "a cloud platform's"),  # public by its number, inner by its use
        ("169.254.0.0/16", "a link-local"),
        ("172.16.0.0/12", "a private"),
        ("192.0.0.0/24", "a reserved"),
        ("192.0.2.0/24", "a documentation"),
        ("192.88.99.0/24", "a 6to4 relay's"),  # RFC 7526
        ("192.168.0.0/16", "a private"),
        ("198.18.0.0/15", "a test network's"),  # RFC 2544
        ("198.51.100.0/24", "a documentation"),
        ("203.0.113.0/24", "a documentation"),
        ("224.0.0.0/4", "a multicast"),
        ("240.0.0.0/4", "a reserved"),
        ("::/128", "an unspecified"),
        ("::1/128", "a loopback"),
        ("::ffff:0:0/96", "an IPv4-mapped"),
        ("::/96", "an IPv4-compatible"),  # RFC 4291, 2.5.5.1
        ("64:ff9b::/96", "a NAT64"),  # RFC 6052
        ("64:ff9b:1::/48", "a NAT64"),  # RFC 8215
        ("2001::/32", "a Teredo"),
        ("2001::/23", "a reserved"),
        ("2001:db8::/32", "a documentation"),
        ("2002::/16", "a 6to4"),
        ("3fff::/20", "a documentation"),
        ("fc00::/7", "a private"),
        ("fe80::/10", "a link-local"),
        ("fec0::/10", "a site-local"),  # RFC 3879
        ("ff00::/8", "a multicast"),
    )
)


def refusal(
    address: Address, port: int, allow: Iterable[Network], ports: Sequence[int] = ()
) -> str | None:
    """Why `address` and `port` may not be reached, as in "a loopback address"; None when they may.

    Networks in `allow` may be reached on any port, others also on `ports`.
    """
    if any(address in network for network in allow):
        return None
    for network, kind in REFUSED:
        if address in network:
            return f"{kind} address"
    if not address.is_global or (address.version == 6 and address not in GLOBAL_UNICAST):
        return "a reserved address"
    if port not in OPEN_PORTS and port not in ports:
        return f"port {port}, not one of {', '.join(map(str, OPEN_PORTS))}"
    return None


async def system_resolver(host: str, port: int) -> list[str]:
    """The addresses of `host` as the system's resolver gives them. Raises OSError, ValueError.

    Each look-up has a thread of its own: asyncio's pool has six on two cores, and six names whose
    servers are dead would hold up all others. As a daemon it does not keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            result, error = list(dict.fromkeys(str(entry[4][0]) for entry in found)), None
        except (OSError, ValueError) as exc:
            result, error = [], exc
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    def settle(result: list[str], error: Exception | None) -> None:
        if answer.done():  # cancelled
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)

    threading.Thread(target=look_up, name=f"look-up of {host}", daemon=True).start()
    return await answer


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Dials for httpcore, and only addresses that may be reached."""

    def __init__(self, config: Config, resolver: Resolver) -> None:
        self._config = config
        self._resolver = resolver
        self._dial = httpcore.AnyIOBackend()
        self._known: dict[tuple[str, int], tuple[float, list[Address]]] = {}

    async def first_address(self, host: str, port: int) -> str:
        """The address that a connection to `host` would try first; "" when there is none to try."""
        try:
            async with asyncio.timeout(self._config.connect_timeout):
                return str((await self._permitted(host, port))[0])
        except (FetchError, *FAMILIES):  # whoever connects will learn of it
            return ""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to `host`, in `timeout` seconds from the look-up on.

        Addresses are tried in turn, each with an equal share of the time that is left. Raises
        FetchError(BLOCKED_ADDRESS) when no address may be reached, httpcore's errors for the rest.
        """
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                addresses = await self._permitted(host, port)
                while True:
                    address, ends = addresses.pop(0), limit.when()
                    left = None if ends is None else ends - asyncio.get_running_loop().time()
                    share = None if left is None else max(0.0, left) / (len(addresses) + 1)
                    try:
                        return await self._dial.connect_tcp(
                            str(address), port, share, local_address, socket_options
                        )
                    except (httpcore.ConnectError, httpcore.ConnectTimeout):
                        if not addresses:
                            raise
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(exc) from exc

    async def _permitted(self, host: str, port: int) -> list[Address]:
        """The addresses of `host` that may be reached, as looked up at most KEPT seconds ago."""
        now = asyncio.get_running_loop().time()
        since, good = self._known.pop((host, port), (now - KEPT - 1, []))
        if now - since > KEPT:
            found = [ipaddress.ip_address(text) for text in await self._resolver(host, port)]
            since, good = now, self._checked(host, port, found)
        self._known[host, port] = since, good
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return good.copy()

    def _checked(self, host: str, port: int, found: list[Address]) -> list[Address]:
        """Those of the addresses `found` that may be reached, the two families in alternation."""
        if not found:
            raise OSError(f"{host} has no address")
        ports = self._config.host(host).ports
        refused = {address: refusal(address, port, self._config.allow, ports) for address in found}
        if all(refused.values()):
            reason = f"resolves to {found[0]}, {refused[found[0]]}; --allow it to reach it"
            raise FetchError(host, reason, Outcome.BLOCKED_ADDRESS)
        good = [address for address in refused if not refused[address]]
        # RFC 8305, 4: where IPv6 leads nowhere, the second try must be one of IPv4
        ranks = {a: sum(b.version == a.version for b in good[:n]) for n, a in enumerate(good)}
        return sorted(good, key=ranks.__getitem__)[:MOST_ADDRESSES]


def check_proxied(host: str, port: int, config: Config) -> None:
    """Raises FetchError(BLOCKED_ADDRESS) for a host that must not be asked of a proxy.

    The proxy resolves names, so nothing more can be checked than addresses, ports, and the names
    that never stand for a public host (RFC 6761, 6762, 8375; `.internal` by ICANN, 2024).
    """
    last = host.rstrip(".").rpartition(".")[2].lower()
    reason = None
    try:
        reason = refusal(ipaddress.ip_address(host), port, config.allow, config.host(host).ports)
    except ValueError:
        if "." not in host.rstrip(".") or last in INNER or NUMBER.fullmatch(last):
            reason = "a name or number of an inner network"
        elif port not in OPEN_PORTS and port not in config.host(host).ports:
            reason = f"port {port}, not one of {', '.join(map(str, OPEN_PORTS))}"
    if reason:
        raise FetchError(host, f"is {reason}; its proxy is not asked", Outcome.BLOCKED_ADDRESS)
