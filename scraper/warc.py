"""Pages -> a WARC/1.1 file (ISO 28500:2017). Pure.

One `warcinfo` record, then a `response` record a page, each a gzip member of its own (annex D).
There are no `request` records: what was sent is not kept. A body is the decoded one, so that its
head is set right: Content-Encoding and Transfer-Encoding go, Content-Length counts what is there.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from scraper.model import Page

# of a message as it came over the wire (RFC 9110, 8.4, 8.6; RFC 9112, 6.1), not of what is kept
WIRE = ("content-encoding", "content-length", "transfer-encoding", "trailer")
FORMAT = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


def warc(pages: Iterable[Page], *, software: str, now: datetime) -> Iterator[bytes]:
    """The file piece by piece, a record each."""
    info = record_id()
    fields = {"software": software, "format": "WARC File Format 1.1", "conformsTo": FORMAT}
    yield record(
        {
            "WARC-Type": "warcinfo",
            "WARC-Record-ID": info,
            "WARC-Date": utc(now),
            "Content-Type": "application/warc-fields",
        },
        "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode(),
    )
    for page in pages:
        yield record(
            {
                "WARC-Type": "response",
                "WARC-Record-ID": record_id(),
                "WARC-Warcinfo-ID": info,
                "WARC-Date": utc(page.fetched_at),
                "WARC-Target-URI": page.final_url,
                "WARC-Payload-Digest": digest(page.body),
                "Content-Type": "application/http;msgtype=response",
            },
            http_head(page) + page.body,
        )


def record(head: dict[str, str], block: bytes) -> bytes:
    """One record, compressed."""
    head |= {"WARC-Block-Digest": digest(block), "Content-Length": str(len(block))}
    lines = "".join(f"{name}: {one_line(value)}\r\n" for name, value in head.items())
    return gzip.compress(f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n", 6, mtime=0)


def http_head(page: Page) -> bytes:
    """The status line and the fields of the answer (RFC 9112, 4 and 5), set right for its body."""
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = ""
    kept = {name: value for name, value in page.headers.items() if name.lower() not in WIRE}
    kept["content-length"] = str(len(page.body))
    lines = "".join(f"{name}: {one_line(value)}\r\n" for name, value in kept.items())
    return f"HTTP/1.1 {page.status} {phrase}\r\n{lines}\r\n".encode()


def one_line(value: str) -> str:
    """A value that cannot begin a line of its own."""
    return " ".join(value.split())


def digest(data: bytes) -> str:
    """A labelled digest as archives write it: SHA-1 in base 32."""
    found = hashlib.sha1(data, usedforsecurity=False).digest()
    return f"sha1:{base64.b32encode(found).decode()}"


def record_id() -> str:
    """A name that no other record has."""
    return f"<{uuid.uuid4().urn}>"


def utc(moment: datetime) -> str:
    """A moment as WARC writes it (W3C date and time)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
