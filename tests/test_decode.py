"""Content codings, whole, cut short, broken and as bombs."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from misbehave import (
    HTML,
    failure,
    fetch,
    reply,
)

from scraper.errors import FetchError
from scraper.fetch.decode import Body
from scraper.model import Outcome, Page


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", PACKERS)
def test_codings(coding: str) -> None:
    def packed(data: bytes) -> bytes:
        return reply(data, f"Content-Encoding: {coding}")

    pack = PACKERS[coding]
    good = fetch(packed(pack(HTML)))
    assert isinstance(good, Page)
    assert good.body == HTML
    assert failure(packed(pack(HTML)[:-3])).outcome is Outcome.TRUNCATED
    assert failure(packed(b"<html>no such thing")).outcome is Outcome.BAD_RESPONSE
    assert failure(packed(b"")).outcome is Outcome.EMPTY_BODY


def test_stacked_and_unknown_codings() -> None:
    for coding, data in (
        ("deflate", bare(HTML)),
        ("x-gzip, identity", gzip.compress(HTML)),
        ("gzip, br", brotli.compress(gzip.compress(HTML))),
    ):
        good = fetch(reply(data, f"Content-Encoding: {coding}"))
        assert isinstance(good, Page)
        assert good.body == HTML
    thrice = gzip.compress(gzip.compress(gzip.compress(HTML)))
    for coding, data in (
        ("gzip, gzip, gzip", thrice),
        ("compress", HTML),
        ("aes128gcm", HTML),
        ("gzip, nonsense", gzip.compress(HTML)),
    ):
        error = failure(reply(data, f"Content-Encoding: {coding}"))
        assert error.outcome is Outcome.BAD_RESPONSE


def decoded(coding: str, data: bytes, step: int = 1 << 16) -> bytes:
    body = Body("http://a.test/", coding, 1 << 24)
    for start in range(0, len(data), step):
        body.feed(data[start : start + step])
    return body.whole()


TEXT = HTML * 20
STREAMS = [
    ("gzip", gzip.compress(TEXT) + gzip.compress(b"") + gzip.compress(b"end"), TEXT + b"end"),
    ("gzip", gzip.compress(TEXT) + bytes(64), TEXT),  # padded, as tar does
    ("deflate", zlib.compress(TEXT) + b"more", TEXT),
    ("deflate", bare(TEXT), TEXT),
    ("br", brotli.compress(TEXT), TEXT),
    ("zstd", zstandard.compress(TEXT) + zstandard.compress(b"end"), TEXT + b"end"),
    ("deflate, br", brotli.compress(zlib.compress(TEXT)), TEXT),
    ("", TEXT, TEXT),
]


@pytest.mark.parametrize(("coding", "data", "expected"), STREAMS)
def test_where_chunks_are_cut_makes_no_difference(
    coding: str, data: bytes, expected: bytes
) -> None:
    for step in (1, 7, 129, 1 << 16):
        assert decoded(coding, data, step) == expected


def test_more_members_than_a_body_has_and_windows_too_wide_are_refused() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=25)
    stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    for coding, data in (
        ("gzip", gzip.compress(b"") * 1001),
        ("zstd", zstandard.compress(b"x") * 1001),
        ("zstd", stream.compress(bytes(9 << 20)) + stream.flush()),
    ):
        with pytest.raises(FetchError) as caught:
            decoded(coding, data)
        assert caught.value.outcome is Outcome.BAD_RESPONSE
    assert decoded("gzip", gzip.compress(b"x") * 1000) == b"x" * 1000


@pytest.mark.parametrize("coding", PACKERS)
def test_bombs(coding: str) -> None:
    bomb = PACKERS[coding](bytes(20 << 20))
    assert len(bomb) < 30_000
    tracemalloc.start()
    try:
        error = failure(reply(bomb, f"Content-Encoding: {coding}"), max_body=1 << 20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.outcome is Outcome.TOO_LARGE
    assert peak < 12 << 20
