"""The bundled sample site -> a server on loopback, for `scraper demo`."""

from __future__ import annotations

import email.utils
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scraper.errors import ConfigError

HOST = "127.0.0.1"
PORT = 8765  # fixed, so that a second run finds the links of the first
TYPES = {".html": "text/html; charset=utf-8", ".xml": "application/xml", ".txt": "text/plain"}
FEEDS = ("/rss.xml", "/atom.xml")


def folder() -> Path:
    """Where the sample site lies: in the installed package, else in the source tree."""
    here = Path(__file__).resolve().parent
    for place in (here / "sample_site", here.parent / "fixtures" / "site"):
        if (place / "rss.xml").is_file():
            return place
    raise ConfigError("scraper demo", "the sample site is not part of this installation")


@contextmanager
def served(port: int = PORT) -> Iterator[str]:
    """Serves the sample site; yields its base address, as in http://127.0.0.1:8765.

    Raises ConfigError when the port is taken.
    """
    root = folder()
    try:
        server = ThreadingHTTPServer((HOST, port), handler(root))
    except OSError as exc:
        raise ConfigError(f"{HOST}:{port}", f"the sample site can't be served: {exc}") from exc
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def handler(root: Path) -> type[BaseHTTPRequestHandler]:
    """A request handler for the files below `root`, with `{{base}}` filled in."""
    files = {
        "/" + str(path.relative_to(root)): path
        for path in root.rglob("*")
        if path.suffix in TYPES and "expected" not in path.relative_to(root).parts
    }
    files["/"] = root / "index.html"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            path = files.get(self.path.split("?")[0])
            host = self.headers.get("Host", HOST)
            body = (
                path.read_bytes().replace(b"{{base}}", f"http://{host}".encode()) if path else b""
            )
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            same = path is not None and self.headers.get("If-None-Match") == tag
            if path is None:
                body = b"<!doctype html><title>Not found</title><h1>404</h1>"
            self.send_response(304 if same else 200 if path else 404)
            if path is not None:
                modified = email.utils.formatdate(path.stat().st_mtime, usegmt=True)
                self.send_header("ETag", tag)
                self.send_header("Last-Modified", modified)
            self.send_header("Content-Type", TYPES[path.suffix] if path else TYPES[".html"])
            self.send_header("Content-Length", "0" if same else str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if same else body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing: the crawl reports what it saw."""

    return Handler
