"""Sites, pages, delay -> a web of news sites on loopback, served by a process of its own."""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

HEAD = "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\r\n"
SENTENCE = "The council of the {n}th district met again and put off its decision on the harbour. "
READY = 30.0  # seconds that the process may take to start


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the web is: site N has the address 127.0.2.N and every page the same length."""

    sites: int = 100  # at most 250
    pages: int = 40  # of each site
    delay: float = 0.05  # seconds before each answer
    sentences: int = 500  # of a page; these make the 40 kB that a news page has

    def address(self, number: int) -> str:
        """The loopback address of site `number`, from 1."""
        return f"127.0.2.{number}"


class Site(asyncio.Protocol):
    """One connection to a site."""

    def __init__(self, answers: dict[bytes, bytes], delay: float) -> None:
        self._answers = answers
        self._delay = delay
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._head += data
        while b"\r\n\r\n" in self._head:
            asked, _, self._head = self._head.partition(b"\r\n\r\n")
            answer = self._answers.get(asked.split(b" ", 2)[1], self._answers[b""])
            asyncio.get_running_loop().call_later(self._delay, self._send, answer)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def answer(body: bytes, kind: str, status: int = 200) -> bytes:
    """A whole answer; a long body is compressed."""
    packed = gzip.compress(body, 1) if len(body) > 500 else body
    more = "Content-Encoding: gzip\r\n" if packed is not body else ""
    head = HEAD.format(status=status, kind=kind, length=len(packed), more=more)
    return head.encode() + packed


def answers(shape: Shape, number: int, port: int) -> dict[bytes, bytes]:
    """What one site answers by path; b"" stands for every other path."""
    here = f"http://{shape.address(number)}:{port}"
    text = SENTENCE.format(n=number) * shape.sentences
    page = f"<!doctype html><title>Harbour</title><article><p>{text}</article>".encode()
    items = "".join(f"<item><link>{here}/{n}</link></item>" for n in range(shape.pages))
    rss = f'<rss version="2.0"><channel><title>Site {number}</title>{items}</channel></rss>'
    feeds = "".join(
        f"http://{shape.address(n)}:{port}/feed.xml\n" for n in range(1, shape.sites + 1)
    )
    found = {f"/{n}".encode(): answer(page, "text/html") for n in range(shape.pages)}
    return found | {
        b"/robots.txt": answer(b"User-agent: *\nDisallow: /private/\n", "text/plain"),
        b"/feed.xml": answer(rss.encode(), "application/rss+xml"),
        b"/feeds.txt": answer(feeds.encode(), "text/plain"),
        b"": answer(b"Not found", "text/html", 404),
    }


async def listen(shape: Shape, ready: Connection) -> None:
    """Serves until the process is ended; sends the port through `ready` when all sites listen."""
    loop = asyncio.get_running_loop()
    port, servers = 0, []
    for number in range(1, shape.sites + 1):
        known: dict[bytes, bytes] = {}
        server = await loop.create_server(
            lambda known=known: Site(known, shape.delay),  # type: ignore[misc]
            shape.address(number),
            port,
        )
        port = server.sockets[0].getsockname()[1]
        known.update(answers(shape, number, port))
        servers.append(server)
    ready.send(port)
    await asyncio.Event().wait()


def serve(shape: Shape, ready: Connection) -> None:
    """What the process runs."""
    asyncio.run(listen(shape, ready))


@contextmanager
def web(shape: Shape) -> Iterator[str]:
    """The address of the list of feeds of a web that is there while the context is open.

    Raises RuntimeError when it cannot be served.
    """
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(shape, theirs), daemon=True
    )
    process.start()
    theirs.close()
    try:
        if not ours.poll(READY):
            raise RuntimeError("the web on loopback did not start")
        yield f"http://{shape.address(1)}:{ours.recv()}/feeds.txt"
    except EOFError as exc:
        raise RuntimeError("the web on loopback could not be served") from exc
    finally:
        process.terminate()
        process.join()
