"""Paths, answers -> a small HTTP server on loopback that gives exactly those, however broken."""

from __future__ import annotations

import asyncio
import ipaddress
import pickle
import ssl
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h2.config
import h2.connection
import h2.events
import httpx

from scraper.config import Config
from scraper.errors import FetchError
from scraper.fetch import Accept, Fetcher, MemoryRobots
from scraper.model import Page

ALLOWED = "127.0.1.0/24"  # what the tests may reach; 127.0.0.0/24 is where canaries sit
HTML = b"<!doctype html><title>x</title><p>A story."
CHUNKED = b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
START = b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\n"


@dataclass(frozen=True)
class Request:
    """One request as the server saw it. `at` is monotonic seconds."""

    path: str
    headers: Mapping[str, str]
    at: float


Script = Callable[[asyncio.StreamWriter, Request], Awaitable[None]]
Answer = bytes | Script


def config(**changes: Any) -> Config:
    """Settings without pauses, for servers on 127.0.1.0/24."""
    quick = Config(delay=0.0, deadline=5.0, allow=(ipaddress.ip_network(ALLOWED),))
    return replace(quick, **changes)


def reply(body: bytes = HTML, *headers: str, status: int = 200, kind: str = "text/html") -> bytes:
    """A whole and proper answer."""
    rows = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    if kind:
        rows.append(f"Content-Type: {kind}")
    return "\r\n".join([*rows, "", ""]).encode("latin-1") + body


def redirect(location: str, status: int = 302) -> bytes:
    """A redirect without a body."""
    return reply(b"", f"Location: {location}", status=status)


@dataclass
class Server:
    """Serves `answers` by path, 404 for the rest, so that robots.txt allows all by default.

    An answer in bytes is sent as it is; the connection stays open when it has a Content-Length and
    no "Connection: close".
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    address: str = "127.0.1.1"
    tls: ssl.SSLContext | None = None
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    live: int = 0  # connections that are open now
    open: int = 0
    peak: int = 0  # most requests at once

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(
            self._accept, self.address, self.port, ssl=self.tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str = "/", host: str | None = None) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{host or self.address}:{self.port}{path}"

    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [r.path for r in self.requests if r.path != "/robots.txt"]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.live += 1
        sslobj = writer.get_extra_info("ssl_object")
        try:
            if sslobj is not None and sslobj.selected_alpn_protocol() == "h2":
                await self._serve_h2(reader, writer)
            else:
                while await self._serve_one(reader, writer):
                    pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.live -= 1
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rows = head.rstrip("\r\n").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (row.partition(":") for row in rows)}
        request = Request(line.split(" ")[1], headers, time.monotonic())
        self.requests.append(request)
        answer = self.answers.get(request.path, reply(b"", status=404))
        self.open += 1
        self.peak = max(self.peak, self.open)
        try:
            if not isinstance(answer, bytes):
                await answer(writer, request)
                return False
            writer.write(answer)
            await writer.drain()
        finally:
            self.open -= 1
        return b"Content-Length" in answer and b"Connection: close" not in answer

    async def _serve_h2(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """HTTP/2 with the bodies of `answers`, each sent as far as the client's window lets it."""
        server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        server.initiate_connection()
        writer.write(server.data_to_send())
        while data := await reader.read(1 << 16):
            for event in server.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    headers = {k.decode(): v.decode() for k, v in event.headers}
                    request = Request(headers[":path"], headers, time.monotonic())
                    self.requests.append(request)
                    answer = self.answers.get(request.path, b"")
                    body = answer.partition(b"\r\n\r\n")[2] if isinstance(answer, bytes) else b""
                    status = "200" if answer else "404"
                    fields = [(":status", status), ("content-type", "text/html")]
                    server.send_headers(event.stream_id, fields)
                    room = server.local_flow_control_window(event.stream_id)
                    for start in range(0, min(len(body), room), 16384):
                        chunk = body[start : min(start + 16384, room)]
                        server.send_data(event.stream_id, chunk)
                    if len(body) <= room:
                        server.end_stream(event.stream_id)
            writer.write(server.data_to_send())
            await writer.drain()


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a server called `name`, and for a client that trusts its certificate only."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", str(key), "-out", str(cert), "-days", "2"]
    command += ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run(command, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))


TLS = httpx.create_ssl_context(trust_env=False)  # reading certifi's roots takes 20 ms each time


def fetcher(**changes: Any) -> Fetcher:
    return Fetcher(config(**changes), MemoryRobots(), tls=TLS)


async def result(source: Fetcher, url: str, **asked: Any) -> Page | FetchError:
    try:
        return await source.fetch(url, **asked)
    except FetchError as exc:
        assert exc.subject == url
        assert pickle.loads(pickle.dumps(exc)).reason == exc.reason
        return exc


def fetch(answer: Answer, accept: Accept = Accept.PAGE, **changes: Any) -> Page | FetchError:
    """What a page whose server gives `answer` comes to."""

    async def run() -> Page | FetchError:
        async with Server({"/": answer}) as server, fetcher(**changes) as source:
            return await result(source, server.url(), accept=accept)

    return asyncio.run(run())


def failure(answer: Answer, accept: Accept = Accept.PAGE, **changes: Any) -> FetchError:
    error = fetch(answer, accept, **changes)
    assert isinstance(error, FetchError)
    return error
