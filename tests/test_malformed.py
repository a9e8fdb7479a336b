"""Malformed and hostile answers -> a named outcome, or the page that browsers show as well."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from asyncio import StreamWriter

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from misbehave import CHUNKED, HTML, START, Answer, Request, Server, fetch, fetcher, reply, result

from scraper.errors import FetchError
from scraper.model import Outcome, Page

Table = dict[str, tuple[Answer, Outcome | bytes]]  # bytes: the body of the page
GOOD = Outcome.OK  # the page is HTML
BAD, SHORT, LARGE = Outcome.BAD_RESPONSE, Outcome.TRUNCATED, Outcome.TOO_LARGE
NONE, LATE, EMPTY = Outcome.UNREACHABLE, Outcome.DEADLINE, Outcome.EMPTY_BODY

LINE = b"HTTP/1.1 200 X\r\n"
END = b"Content-Type: text/html\r\nConnection: close\r\n\r\n" + HTML
CHUNK = b"%x\r\n%b\r\n" % (len(HTML), HTML)
MOST = 1 << 20  # bytes of a body here
PEAK = 16 << 20  # bytes that an answer may cost, the server's side of it included


def sized(length: bytes, body: bytes = HTML) -> bytes:
    return START + b"Connection: close\r\nContent-Length: " + length + b"\r\n\r\n" + body


def coded(coding: str, body: bytes) -> bytes:
    return reply(body, f"Content-Encoding: {coding}")


def again(piece: bytes, start: bytes = b"", times: int = 1 << 20, end: bytes = b"") -> Answer:
    """`piece` again and again, as fast as it is taken."""

    async def script(writer: StreamWriter, _: Request) -> None:
        writer.write(start)
        for _count in range(times):
            writer.write(piece)
            await writer.drain()
        writer.write(end)

    return script


STATUS_LINES: Table = {
    "nothing": (b"", NONE),
    "blank lines": (b"\r\n\r\n\r\n", BAD),
    "NULs": (b"\0" * 500 + b"\r\n\r\n", BAD),
    "line cut short": (b"HTTP/1.1 2", NONE),
    "junk": (bytes(range(128, 256)) * 4 + b"\r\n\r\n", BAD),
    "TLS": (b"\x16\x03\x01\x00\x02\x02\x28 handshake\r\n\r\n", BAD),
    "SSH": (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", BAD),
    "SMTP": (b"220 mail.test ESMTP\r\n\r\n", BAD),
    "ICY": (b"ICY 200 OK\r\n" + END, BAD),
    "HTTP/0.9": (b"<!doctype html><p>HTTP/0.9\r\n\r\n", BAD),
    "HTTP/1.0": (b"HTTP/1.0 200 X\r\n" + END, GOOD),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BAD),
    "HTTP/2's settings": (b"\0\0\0\x04\0\0\0\0\0" * 20 + b"\r\n\r\n", BAD),
    "HTTP/2 without a minor": (b"HTTP/2 200\r\n" + END, BAD),
    "version of letters": (b"HTTP/x.y 200 X\r\n\r\n", BAD),
    "version of two digits": (b"HTTP/1.10 200 X\r\n" + END, BAD),
    "lower case": (b"http/1.1 200 ok\r\n" + END, BAD),
    "no reason": (b"HTTP/1.1 200\r\n" + END, GOOD),
    "reason in UTF-8": ("HTTP/1.1 200 d’accord\r\n".encode() + END, GOOD),
    "reason with NUL": (b"HTTP/1.1 200 \0\r\n" + END, BAD),
    "status of letters": (b"HTTP/1.1 2OO X\r\n\r\n", BAD),
    "status of 099": (b"HTTP/1.1 099 X\r\n\r\n", BAD),
    "status of five digits": (b"HTTP/1.1 20000 X\r\n\r\n", BAD),
    "status of other digits": ("HTTP/1.1 ２００ X\r\n\r\n".encode(), BAD),
    "negative status": (b"HTTP/1.1 -200 X\r\n\r\n", BAD),
    "two spaces": (b"HTTP/1.1  200 X\r\n" + END, BAD),
    "line feeds alone": (reply().replace(b"\r\n", b"\n"), GOOD),
    "100 first": (b"HTTP/1.1 100 Continue\r\n\r\n" + reply(), GOOD),
    "103 first": (b"HTTP/1.1 103 X\r\nLink: </a>; rel=preload\r\n\r\n" + reply(), GOOD),
    "500 of 102": (b"HTTP/1.1 102 X\r\n\r\n" * 500 + reply(), GOOD),
    "102 for ever": (again(b"HTTP/1.1 102 X\r\n\r\n" * 100), LATE),
    "101": (b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", BAD),
    "204 with a body": (reply(status=204), EMPTY),
    "205 with a body": (reply(status=205), EMPTY),
    "206 unasked": (reply(HTML, "Content-Range: bytes 0-42/99", status=206), SHORT),
    "304 unasked": (reply(b"", status=304), BAD),
    "line without end": (again(b"x" * 4096, b"HTTP/1.1 200 "), LARGE),
}
HEADERS: Table = {
    "head cut short": (LINE + b"Content-", NONE),
    "no header": (LINE + b"\r\n" + HTML, GOOD),
    "folded": (LINE + b"X: a\r\n b\r\n\tc\r\n" + END, GOOD),
    "folded before the first": (LINE + b" folded: first\r\n" + END, BAD),
    "name with a space": (LINE + b"Bad name: 1\r\n" + END, BAD),
    "space before the colon": (LINE + b"X : 1\r\n" + END, BAD),
    "name outside ASCII": (LINE + "Größe: 1\r\n".encode() + END, BAD),
    "empty name": (LINE + b": empty\r\n" + END, BAD),
    "no colon": (LINE + b"NoColon\r\n" + END, BAD),
    "HTML between headers": (LINE + b"<br>Warning: x\r\n" + END, BAD),
    "NUL in a name": (LINE + b"X\0: 1\r\n" + END, BAD),
    "NUL in a value": (LINE + b"X: a\0b\r\n" + END, BAD),
    "controls in a value": (LINE + b"X: \x01\x1b[31m\x7f\r\n" + END, GOOD),
    "carriage return in a value": (LINE + b"X: a\rb\r\n" + END, BAD),
    "value outside ASCII": (LINE + b"X: \xff\xfe\r\n" + END, GOOD),
    "empty value": (LINE + b"X:\r\nY: \t \r\n" + END, GOOD),
    "200 kB in one": (LINE + b"X: " + b"v" * 200_000 + b"\r\n" + END, LARGE),
    "110 kB in one": (LINE + b"X: " + b"v" * 110_000 + b"\r\n" + END, LARGE),
    "100 kB in a name": (LINE + b"x" * 110_000 + b": v\r\n" + END, LARGE),
    "10,000 small ones": (LINE + b"X: v\r\n" * 10_000 + END, GOOD),
    "50,000": (LINE + b"X: v\r\n" * 50_000 + END, LARGE),
    "headers for ever": (again(b"X: v\r\n" * 500, LINE), LARGE),
    "two content types": (LINE + b"Content-Type: text/plain\r\n" + END, GOOD),
    "content type of junk": (LINE + b"Content-Type: \xff/;;=\r\n\r\n" + HTML, GOOD),
    "cookies of junk": (LINE + b"Set-Cookie: \xff=;;=\x01; Expires=never\r\n" * 50 + END, GOOD),
    "redirect with a cookie of junk": (
        reply(b"", "Location: /", "Set-Cookie: =;\xff=\x01,", status=302),
        Outcome.REDIRECT_LOOP,
    ),
    "kept alive for no time": (reply(HTML, "Keep-Alive: timeout=-1, max=x"), GOOD),
}
LENGTHS: Table = {
    "negative": (sized(b"-1"), BAD),
    "of letters": (sized(b"five"), BAD),
    "with a sign": (sized(b"+43"), BAD),
    "of other digits": (sized("٣".encode()), BAD),
    "of 30 digits": (sized(b"9" * 30), BAD),
    "of 20 digits": (sized(b"9" * 20), LARGE),
    "empty": (sized(b""), BAD),
    "hexadecimal": (sized(b"0x2b"), BAD),
    "two that differ": (sized(b"5\r\nContent-Length: 6"), BAD),
    "two that agree": (sized(b"%d\r\nContent-Length: %d" % (len(HTML), len(HTML))), GOOD),
    "two in one, that agree": (sized(b"%d, %d" % (len(HTML), len(HTML))), GOOD),
    "two in one, that differ": (sized(b"%d, 1" % len(HTML)), BAD),
    "body cut short": (sized(b"60", b"<html>"), SHORT),
    "no body": (sized(b"60", b""), SHORT),
    "zero, with a body": (sized(b"0"), EMPTY),
    "body after the length": (sized(b"%d" % len(HTML), HTML + b"more"), GOOD),
    "huge and none of it": (sized(b"9999999999", b""), LARGE),
    "with chunks as well": (
        START + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNK + b"0\r\n\r\n",
        GOOD,
    ),
    "body for ever": (again(b"<p>" * 1000, LINE + b"\r\n"), LARGE),
}
CHUNKS: Table = {
    "none but the last": (CHUNKED + b"0\r\n\r\n", EMPTY),
    "size of letters": (CHUNKED + b"zz\r\n<html>\r\n0\r\n\r\n", BAD),
    "size below zero": (CHUNKED + b"-5\r\n<html>\r\n0\r\n\r\n", BAD),
    "size in 24 digits": (CHUNKED + b"f" * 24 + b"\r\n<html>", BAD),
    "size in 16 digits": (CHUNKED + b"f" * 16 + b"\r\n<html>", SHORT),
    "size with 0x": (CHUNKED + b"0x5\r\n<html>\r\n0\r\n\r\n", BAD),
    "no size": (CHUNKED + b"\r\n<html>\r\n0\r\n\r\n", BAD),
    "spaces behind the size": (CHUNKED + CHUNK.replace(b"\r", b"  \r", 1) + b"0\r\n\r\n", GOOD),
    "longer than its size": (CHUNKED + b"2\r\n<html>\r\n0\r\n\r\n", BAD),
    "no last chunk": (CHUNKED + CHUNK, SHORT),
    "last chunk without its end": (CHUNKED + CHUNK + b"0\r\n", SHORT),
    "cut short": (CHUNKED + b"60\r\n<html>", SHORT),
    "extension": (CHUNKED + CHUNK.replace(b"\r", b';a=b;c="d"\r', 1) + b"0\r\n\r\n", GOOD),
    "extension of 3 MB": (again(b"x" * 4096, CHUNKED + b"5;", 750, b"\r\n<p>x\r\n"), LARGE),
    "extensions for ever": (again(b"1;" + b"x" * 9000 + b"\r\n<\r\n", CHUNKED), LATE),
    "chunks of one byte": (again(b"1\r\nx\r\n" * 999, CHUNKED, 5, b"0\r\n\r\n"), GOOD),
    "chunks for ever": (again(b"400\r\n" + b"<p>" * 341 + b"x\r\n", CHUNKED), LARGE),
    "trailers": (CHUNKED + CHUNK + b"0\r\nX: 1\r\nContent-Length: 9\r\n\r\n", GOOD),
    "trailer that is none": (CHUNKED + CHUNK + b"0\r\nNoColon\r\n\r\n", BAD),
    "50,000 trailers": (CHUNKED + CHUNK + b"0\r\n" + b"T: v\r\n" * 50_000, LARGE),
    "twice": (CHUNKED.replace(b"chunked", b"chunked, chunked") + CHUNK + b"0\r\n\r\n", BAD),
    "an unknown coding": (START + b"Transfer-Encoding: nonsense\r\n\r\n<html>", BAD),
    "gzip for the transfer": (
        START + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNK + b"0\r\n\r\n",
        BAD,
    ),
}


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]


LONG = HTML + b"".join(b"<p>%d" % (n * n) for n in range(3000))
ZEROS = bytes(8 << 20)
PACKED = {
    "gzip": gzip.compress(LONG, mtime=0),
    "deflate": zlib.compress(LONG),
    "br": brotli.compress(LONG, quality=5),
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress(LONG),
}
BOMBS = {
    "gzip": gzip.compress(ZEROS, mtime=0),
    "deflate": bare(ZEROS),
    "br": brotli.compress(ZEROS, quality=5),
    "zstd": zstandard.compress(ZEROS),
}
CODINGS: Table = {
    **{f"{c} cut short": (coded(c, data[: len(data) // 2]), SHORT) for c, data in PACKED.items()},
    **{f"{c} without its end": (coded(c, data[:-2]), SHORT) for c, data in PACKED.items()},
    **{f"{c} that breaks": (coded(c, flipped(data, 400)), BAD) for c, data in PACKED.items()},
    **{f"{c} bomb": (coded(c, data), LARGE) for c, data in BOMBS.items()},
    **{f"{c} for plain HTML": (coded(c, HTML), BAD) for c in PACKED},
    **{f"{c} of nothing": (coded(c, b""), EMPTY) for c in PACKED},
    "br of long runs": (coded("br", brotli.compress(HTML + b" " * 900_000)), HTML + b" " * 900_000),
    "gzip with a wrong sum": (coded("gzip", flipped(PACKED["gzip"], -6)), BAD),
    "gzip and padding": (coded("gzip", PACKED["gzip"] + bytes(99)), LONG),
    "gzip and a second member": (coded("gzip", PACKED["gzip"] * 2), LONG * 2),
    "gzip and half a member": (coded("gzip", PACKED["gzip"] + PACKED["gzip"][:99]), SHORT),
    "2,000 gzip members": (coded("gzip", gzip.compress(b"<p>") * 2000), BAD),
    "deflate without its wrapping": (coded("deflate", bare(LONG)), LONG),
    "stacked": (coded("gzip, br", brotli.compress(PACKED["gzip"], quality=1)), LONG),
    "stacked bomb": (coded("gzip, gzip", gzip.compress(BOMBS["gzip"])), LARGE),
    "stacked three times": (coded("gzip, gzip, gzip", gzip.compress(b"")), BAD),
    "said twice, done once": (coded("gzip, gzip", PACKED["gzip"]), BAD),
    "in two headers": (
        reply(gzip.compress(PACKED["gzip"]), "Content-Encoding: gzip", "Content-Encoding: GZIP"),
        LONG,
    ),
    "in upper case": (coded("GZip", PACKED["gzip"]), LONG),
    "gzip named br": (coded("br", PACKED["gzip"]), BAD),
    "br named gzip": (coded("gzip", PACKED["br"]), BAD),
    "gzip without a name": (reply(PACKED["gzip"], kind=""), Outcome.WRONG_TYPE),
    "empty name": (coded("", HTML), GOOD),
    "identity": (coded("identity", HTML), GOOD),
    "none": (coded("none", HTML), GOOD),
    "a charset": (coded("UTF-8", HTML), GOOD),
    "another charset": (coded("ISO-8859-1", HTML), GOOD),
    "gzip and a charset": (coded("gzip, utf-8", PACKED["gzip"]), LONG),
    "nobody's": (coded("nonsense", HTML), BAD),
    "old compress": (coded("compress", b"\x1f\x9d\x90" + bytes(99)), BAD),
    "a name of 50 kB": (coded("g" * 50_000, HTML), BAD),
    "a list of 20,000": (coded("," * 20_000 + "gzip", PACKED["gzip"]), LONG),
}
GROUPS = {
    "status": STATUS_LINES,
    "header": HEADERS,
    "length": LENGTHS,
    "chunk": CHUNKS,
    "coding": CODINGS,
}
CASES = {f"{g}: {name}": row for g, table in GROUPS.items() for name, row in table.items()}


@pytest.mark.parametrize(("answer", "expected"), CASES.values(), ids=CASES.keys())
def test_answers(answer: Answer, expected: Outcome | bytes) -> None:
    traced = expected in (LARGE, LATE) or (isinstance(answer, bytes) and len(answer) > 50_000)
    if traced:  # tracing takes four times as long
        tracemalloc.start()
    try:
        found = fetch(answer, max_body=MOST, deadline=0.5 if expected is LATE else 5.0)
        assert tracemalloc.get_traced_memory()[1] < PEAK
    finally:
        tracemalloc.stop()
    if isinstance(found, FetchError):
        assert found.outcome is expected, found.reason
        assert found.reason
        assert found.reason.isprintable()
        assert len(found.reason) < 500
    else:
        assert expected in (GOOD, found.body)
        assert expected is not GOOD or found.body.strip(b"x") in (HTML, b"")


MORE = reply(b"<!doctype html><p>Not asked for.")
KEPT = CHUNKED.replace(b" X\r\n", b" X\r\nKeep: Content-Length\r\n")  # which Server looks for
FOLLOWED = [
    pytest.param(reply() + b"more", id="junk"),
    pytest.param(reply() + MORE, id="an answer"),
    pytest.param(KEPT + CHUNK + b"0\r\n\r\n" + MORE, id="an answer after chunks"),
]


@pytest.mark.parametrize("answer", FOLLOWED)
def test_what_follows_an_answer_is_not_the_next(answer: bytes) -> None:
    async def run() -> None:
        answers: dict[str, Answer] = {"/": answer, "/next": reply(b"<p>Next.")}
        async with Server(answers) as server, fetcher() as source:
            first = await result(source, server.url())
            assert isinstance(first, Page)
            assert first.body == HTML
            found = await result(source, server.url("/next"))
            assert isinstance(found, Page)
            assert found.body == b"<p>Next."

    asyncio.run(run())
