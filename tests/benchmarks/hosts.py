"""A number -> so many hosts of every temper on loopback, which watch how fast they are visited."""

from __future__ import annotations

import asyncio
import gzip
import math
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from simulated import NOON

IDLE = 60.0  # seconds after which a server closes a connection
PATIENCE = 20.0  # seconds that a busy host asks for, less than any bound of ours
LONGEST = 60.0  # seconds of Crawl-delay that are honoured
SLOW = 5.0  # seconds after which a request under way holds up nobody else of its address
EVERY = 3  # the request that a host has trouble with
DOMAINS = ("example.com", "example.net", "example.org")
SHARED = 12  # hosts in DOMAINS; every other one is a site of its own
PAGE = b"<!doctype html><title>Harbour</title><article>" + b"<p>The council met again." * 60

# The temper of host N is that of N modulo the length; the others have no trouble.
TEMPERS = (
    "crawl-delay", "long crawl-delay", "429 seconds", "503 date", "503", "reset", "cut short",
    "slow", "hangs", "redirects", "robots 503", "gzip", "closes", "hasty", "gone", "robots 404",
    "plain", "redirects twice", "plain", "plain",
)  # fmt: skip
CRAWL_DELAYS = {"crawl-delay": 5, "long crawl-delay": 90}


@dataclass(slots=True)
class Door:
    """One site or address, and when its requests came."""

    inside: list[float] = field(default_factory=list)  # when those that are under way began
    ended: float = -math.inf
    not_before: float = -math.inf
    again: str = ""  # what may be asked a second time at once: its connection broke


@dataclass(slots=True)
class Host:
    """One host. `limit` is the seconds that must pass before a request to it."""

    number: int
    name: str
    site: Door
    address: Door
    temper: str
    limit: float
    visits: int = 0


@dataclass(slots=True)
class Seen:
    """What the hosts saw. The last four count broken manners."""

    requests: int = 0
    again: int = 0  # second tries of what a kept connection broke off: RFC 9112, 9.3.1
    tempers: Counter[str] = field(default_factory=Counter)
    least: float = math.inf  # seconds: how close a request came to its site's limit
    hurried: int = 0  # sooner after the last request of the site than its limit
    crowded: int = 0  # while another of the site was under way, of the address for less than SLOW
    shared: int = 0  # sooner after the last of the address than that allows
    early: int = 0  # sooner than the Retry-After


class Hosts:
    """Serves them while the context is open; all hosts have one port."""

    def __init__(self, count: int, delay: float, address_delay: float, seed: int) -> None:
        self.seen = Seen()
        self.port = 0
        self._address_delay = address_delay
        self._random = random.Random(seed)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._addresses: dict[str, str] = {}  # name -> address
        self.hosts: dict[str, Host] = {}
        doors: dict[str, Door] = {}
        for number in range(count):
            own = number < count // 2  # the others share addresses, five hosts each
            place = number if own else count // 2 + number % max(1, count // 10)
            address = f"127.3.{place // 250}.{place % 250 + 1}"
            domain = DOMAINS[number % len(DOMAINS)] if number < SHARED else f"paper{number}.test"
            name = f"desk{number}.{domain}"
            temper = TEMPERS[number % len(TEMPERS)]
            limit = max(delay, min(CRAWL_DELAYS.get(temper, 0), LONGEST))
            site = doors.setdefault(domain if number < SHARED else name, Door())
            there = doors.setdefault(address, Door())
            self.hosts[name] = Host(number, name, site, there, temper, limit)
            self._addresses[name] = address

    async def __aenter__(self) -> Self:
        for address in dict.fromkeys(self._addresses.values()):
            server = await asyncio.start_server(self._accept, address, self.port)
            self.port = server.sockets[0].getsockname()[1]
            self._servers.append(server)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def resolve(self, name: str, port: int) -> list[str]:
        """The address of a host, for the fetcher."""
        return [self._addresses[name]]

    def url(self, host: Host, path: str) -> str:
        """The address of `path` on `host`."""
        return f"http://{host.name}:{self.port}{path}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept, idle = False, IDLE
        try:
            while True:
                async with asyncio.timeout(idle):
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                name = head.lower().partition("\r\nhost: ")[2].partition(":")[0]
                host = self.hosts[name]
                idle = 3.0 if host.temper == "hasty" else IDLE
                with self._visit(host, path):
                    if not await self._answer(host, path, kept, reader, writer):
                        break
                kept = True
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @contextmanager
    def _visit(self, host: Host, path: str) -> Iterator[None]:
        """Judges the moment of a request, and notes when it is over."""
        seen, site, there, now = self.seen, host.site, host.address, loop_time()
        seen.requests += 1
        seen.tempers[host.temper] += 1
        lately = (began for began in there.inside if now - began < SLOW - 1e-6)
        seen.crowded += bool(site.inside) or any(lately)
        again, site.again = site.again == path, ""
        seen.again += again
        robots = path == "/robots.txt"
        if not robots and not again:
            room = now - site.ended - host.limit
            seen.least = min(seen.least, room)
            seen.hurried += room < -1e-6
            seen.shared += now - there.ended < min(host.limit, self._address_delay) - 1e-6
        seen.early += now < site.not_before - 1e-6 and not again
        for door in (site, there):
            door.inside.append(now)
        try:
            yield
        finally:
            for door in (site, there):
                door.inside.remove(now)
                if not robots and (door is site or loop_time() - now < SLOW):
                    door.ended = loop_time()

    async def _answer(
        self,
        host: Host,
        path: str,
        kept: bool,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Answers as the host's temper is; False when the connection is done."""
        await asyncio.sleep(self._random.uniform(0.02, 1.0))
        if path == "/robots.txt":
            return send(writer, *robots_txt(host.temper))
        host.visits += 1
        if host.visits % EVERY == 0:
            going = await self._trouble(host, path, kept, reader, writer)
            if going is not None:
                return going
        if host.temper == "gzip":
            return send(writer, 200, gzip.compress(PAGE, 1), "Content-Encoding: gzip")
        if host.temper == "closes":
            send(writer, 200, PAGE, "Connection: close")
            return False
        return send(writer, 200, PAGE)

    async def _trouble(
        self,
        host: Host,
        path: str,
        kept: bool,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool | None:
        """What one request in EVERY gets, as `_answer`; None for a page after all."""
        match host.temper:
            case "429 seconds":
                host.site.not_before = loop_time() + PATIENCE
                return send(writer, 429, b"", f"Retry-After: {PATIENCE:.0f}")
            case "503 date":
                host.site.not_before = loop_time() + PATIENCE - 1  # dates have whole seconds
                dates = [NOON + timedelta(seconds=loop_time() + n) for n in (0, PATIENCE)]
                date, until = (format_datetime(each, usegmt=True) for each in dates)
                return send(writer, 503, b"", f"Date: {date}", f"Retry-After: {until}")
            case "503":
                return send(writer, 503, b"")
            case "reset":
                host.site.again = path if kept else ""
                writer.transport.abort()
                return False
            case "cut short":
                send(writer, 200, PAGE, cut=500)
                return False
            case "slow":
                await asyncio.sleep(self._random.uniform(5, 25))
            case "hangs":
                await reader.read(1)  # until the client has enough
                return False
            case "redirects" | "redirects twice":
                return send(writer, 302, b"", f"Location: {self._elsewhere(host, path)}")
            case "gone":
                return send(writer, 410, b"gone")
        return None

    def _elsewhere(self, host: Host, path: str) -> str:
        """Where a redirect leads: to another host, or first to another page of this one."""
        if host.temper == "redirects twice" and not path.endswith("?2"):
            host.visits -= 1  # that page redirects, too
            return f"{path}?2"
        return self.url(self._random.choice(list(self.hosts.values())), path)


def loop_time() -> float:
    """Seconds of the running loop's time."""
    return asyncio.get_running_loop().time()


def robots_txt(temper: str) -> tuple[int, bytes]:
    """Status and body of a host's robots.txt."""
    if temper in CRAWL_DELAYS:
        return 200, f"User-agent: *\nCrawl-delay: {CRAWL_DELAYS[temper]}\n".encode()
    if temper == "robots 503":
        return 503, b""
    return (404, b"") if temper == "robots 404" else (200, b"User-agent: *\nDisallow: /inner/\n")


def send(
    writer: asyncio.StreamWriter, status: int, body: bytes, *headers: str, cut: int | None = None
) -> bool:
    """Sends an answer, of its body the first `cut` bytes alone; True: the connection goes on."""
    rows = [f"HTTP/1.1 {status} X", "Content-Type: text/html", f"Content-Length: {len(body)}"]
    writer.write("\r\n".join([*rows, *headers, "", ""]).encode() + body[:cut])
    return True
