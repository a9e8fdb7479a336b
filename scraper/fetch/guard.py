"""Host name -> connection to an address that may be reached.

The name is resolved here, each address is checked here, and the connection goes to the address that
was checked: a DNS answer that changes afterwards gains nothing. TLS and the Host header still carry
the name, since httpcore takes both from the URL.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable

import httpcore

from scraper.config import Network
from scraper.errors import FetchError
from scraper.model import Outcome

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]

OPEN_PORTS = (80, 443, 8080, 8443)
MOST_ADDRESSES = 4  # tried for one connection
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


def refusal(address: Address, port: int, allow: Iterable[Network]) -> str | None:
    """Why `address` and `port` may not be reached, as in "a loopback address"; None when they may.

    Networks in `allow` may be reached on any port.
    """
    if any(address in network for network in allow):
        return None
    for network, kind in REFUSED:
        if address in network:
            return f"{kind} address"
    if not address.is_global or (address.version == 6 and address not in GLOBAL_UNICAST):
        return "a reserved address"
    if port not in OPEN_PORTS:
        return f"port {port}, not one of {', '.join(map(str, OPEN_PORTS))}"
    return None


async def system_resolver(host: str, port: int) -> list[str]:
    """The addresses of `host` as the system's resolver gives them. Raises OSError, ValueError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Dials for httpcore, and only addresses that may be reached."""

    def __init__(self, allow: tuple[Network, ...], resolver: Resolver) -> None:
        self._allow = allow
        self._resolver = resolver
        self._dial = httpcore.AnyIOBackend()

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
        """The addresses of `host` that may be reached, the two families in alternation."""
        found = [ipaddress.ip_address(text) for text in await self._resolver(host, port)]
        if not found:
            raise OSError(f"{host} has no address")
        refused = {address: refusal(address, port, self._allow) for address in found}
        if all(refused.values()):
            reason = f"resolves to {found[0]}, {refused[found[0]]}; --allow it to reach it"
            raise FetchError(host, reason, Outcome.BLOCKED_ADDRESS)
        good = [address for address in refused if not refused[address]]
        # RFC 8305, 4: where IPv6 leads nowhere, the second try must be one of IPv4
        ranks = {a: sum(b.version == a.version for b in good[:n]) for n, a in enumerate(good)}
        return sorted(good, key=ranks.__getitem__)[:MOST_ADDRESSES]
