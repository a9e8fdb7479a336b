"""Raw chunks of a response -> its body, decompressed in bounded steps. Pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

from scraper.errors import FetchError
from scraper.model import Outcome

STEP = 1 << 16  # bytes that a decoder gives at once
ZSTD_STEP = 128  # bytes that zstd is fed at once: 4 bytes can make a block of 128 KiB, so 4 MiB
ZSTD_WINDOW = 8 << 20  # RFC 9659: the largest window that a content coding may ask for
MOST_CODINGS = 2
MOST_MEMBERS = 1000  # gzip members or zstd frames in one body; bgzip makes 160 in 10 MiB

DECODE_ERRORS = (zlib.error, brotli.error, zstandard.ZstdError)

# What servers send here by mistake, and browsers pass over as they do all that is unknown to them.
NO_CODING = re.compile(r"identity|none|utf-?8|us-ascii|iso-8859-\d+|windows-125\d|binary|[78]bit")


class Decoder(Protocol):
    """One content coding being undone."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decompresses to, in pieces of bounded size. Raises DECODE_ERRORS."""
        ...

    def ended(self) -> bool:
        """True between streams: nothing more must come."""
        ...


class Gzip:
    """RFC 1952: one or more members; what follows the last is ignored, as browsers do."""

    def __init__(self) -> None:
        self._member: zlib._Decompress | None = None
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member is None:
                if self._members and data[0] != 0x1F:
                    return
                self._members += 1
                if self._members > MOST_MEMBERS:
                    raise zlib.error(f"more than {MOST_MEMBERS} gzip members")
                self._member = zlib.decompressobj(31)
            yield from inflate(self._member, data)
            data = self._member.unused_data
            if self._member.eof:
                self._member = None

    def ended(self) -> bool:
        return self._member is None


class Deflate:
    """RFC 9110, 8.4.1.2: zlib's format, and the bare deflate that some servers send for it."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            self._head += data
            if len(self._head) < 2:
                return
            data, self._head = self._head, b""
            wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(15 if wrapped else -15)
        if not self._stream.eof:
            yield from inflate(self._stream, data)

    def ended(self) -> bool:
        return not self._head and (self._stream is None or self._stream.eof)


def inflate(stream: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """What `stream` makes of `data`, at most STEP bytes at once."""
    while True:
        piece = stream.decompress(data, STEP)
        data = stream.unconsumed_tail
        if piece:
            yield piece
        if stream.eof or (not data and len(piece) < STEP):
            return


class Brotli:
    """RFC 7932. A piece is at most some 1.5 times STEP."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        while not self._stream.is_finished():
            piece: bytes = self._stream.process(data, output_buffer_limit=STEP)
            data = b""
            if not piece:  # can_accept_more_data() is no sign of it: true with 8 MiB still to come
                return
            yield piece

    def ended(self) -> bool:
        return not self._begun or bool(self._stream.is_finished())


class Zstd:
    """RFC 8878: one or more frames."""

    def __init__(self) -> None:
        self._source = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._frames = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), ZSTD_STEP):
            rest = data[start : start + ZSTD_STEP]
            while rest:
                if self._frame is None:
                    self._frames += 1
                    if self._frames > MOST_MEMBERS:
                        raise zstandard.ZstdError(f"more than {MOST_MEMBERS} zstd frames")
                    self._frame = self._source.decompressobj(write_size=STEP)
                if piece := self._frame.decompress(rest):
                    yield piece
                rest = self._frame.unused_data
                if self._frame.eof:
                    self._frame = None

    def ended(self) -> bool:
        return self._frame is None


DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": Gzip,
    "x-gzip": Gzip,
    "deflate": Deflate,
    "br": Brotli,
    "zstd": Zstd,
}


class Body:
    """A body as it arrives: raw chunks in, decompressed bytes kept, up to `limit`.

    The limit holds for the raw bytes and for what each decoder gives: 292 kB of gzip gave 67 MB in
    one chunk when the whole chunk was decompressed first. `cut` keeps what fits instead of raising.
    """

    def __init__(self, url: str, codings: str, limit: int, *, cut: bool = False) -> None:
        names = [name for name in codings.lower().replace(" ", "").split(",") if name]
        names = [name for name in names if not NO_CODING.fullmatch(name)]
        if len(names) > MOST_CODINGS or not DECODERS.keys() >= set(names):
            reason = f"is encoded as {codings[:80]!r}, which cannot be decoded"
            raise FetchError(url, reason, Outcome.BAD_RESPONSE)
        self._url = url
        self._limit = limit
        self._cut = cut
        self._decoders: list[Decoder] = [DECODERS[name]() for name in reversed(names)]
        self._seen = [0] * (len(names) + 1)  # bytes that came out of each stage, raw ones first
        # one growing array, not a list of pieces: what is large goes back to the system when freed
        self._kept = bytearray()
        self.full = False

    @property
    def size(self) -> int:
        """Decompressed bytes so far."""
        return self._seen[-1]

    def feed(self, raw: bytes) -> None:
        """Takes the next chunk. Raises FetchError: TOO_LARGE, BAD_RESPONSE."""
        try:
            for piece in self._run(raw, 0):
                self._kept += piece
        except DECODE_ERRORS as exc:
            reason = f"cannot be decompressed ({exc})"
            raise FetchError(self._url, reason, Outcome.BAD_RESPONSE) from exc
        if self.full and not self._cut:
            reason = f"is larger than {self._limit} bytes"
            raise FetchError(self._url, reason, Outcome.TOO_LARGE)

    def _run(self, data: bytes, stage: int) -> Iterator[bytes]:
        room = self._limit - self._seen[stage]
        self._seen[stage] += len(data)
        if len(data) > room:
            self.full = True
            data = data[:room]
        if stage == len(self._decoders):
            yield data
            return
        for piece in self._decoders[stage].feed(data):
            yield from self._run(piece, stage + 1)
            if self.full:
                return

    def head(self, size: int) -> bytes:
        """The first `size` bytes of what is there."""
        return bytes(self._kept[:size])

    def whole(self) -> bytes:
        """The body. Raises FetchError(TRUNCATED) when compressed data ended too early."""
        if not self.full and not all(decoder.ended() for decoder in self._decoders):
            reason = f"ended after {self.size} bytes, within its compressed data"
            raise FetchError(self._url, reason, Outcome.TRUNCATED)
        return bytes(self._kept)
