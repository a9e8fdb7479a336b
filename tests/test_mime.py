"""Types of content: what passes for a page, for a feed."""

from __future__ import annotations

import asyncio
from asyncio import StreamWriter

import pytest
from misbehave import (
    Request,
    failure,
    fetch,
    reply,
)

from scraper.errors import FetchError
from scraper.fetch import Accept
from scraper.model import Outcome, Page

TYPES = [
    ("text/html", b"anything", True),
    ("TEXT/HTML;charset=x", b"anything", True),
    ("application/xhtml+xml", b"<html/>", True),
    ("", b"  \n<!DOCTYPE html><p>x", True),
    ("", b"\xef\xbb\xbf<HTML lang=fr>", True),
    ("", "\ufeff<html><p>x".encode("utf-16-le"), True),
    ("text/plain", b"<head><title>x", True),
    ("application/octet-stream", b"<div class=a>x", True),
    ("application/xml", b'<?xml version="1.0"?><!-- a --><!DOCTYPE html><html>', True),
    ("what/ever", b"<!-- comment --><p>x", True),
    ("", b"<p>" + b"x" * 5000, True),
    ("", b"just text", False),
    ("", b"<pre>", False),
    ("text/plain", b"<htmlish>", False),
    ("text/plain", b"x" * 5000 + b"<html>", False),
    ("application/xml", b'<?xml version="1.0"?><rss/>', False),
    ("application/rss+xml", b"<rss/>", False),
    ("application/json", b'{"a": "<html>"}', False),
    ("application/octet-stream", b"%PDF-1.7", False),
    ("image/png", b"<html>", False),
    ("image/svg+xml", b"<svg>", False),
    ("application/pdf", b"<html>", False),
    ("application/zip", b"<html>", False),
    ("font/woff2", b"<html>", False),
    ("video/mp4; x", b"<html>", False),
]


@pytest.mark.parametrize(("kind", "body", "good"), TYPES)
def test_types_of_pages(kind: str, body: bytes, good: bool) -> None:
    found = fetch(reply(body, kind=kind))
    if good:
        assert isinstance(found, Page)
        assert found.body == body
    else:
        assert isinstance(found, FetchError)
        assert found.outcome is Outcome.WRONG_TYPE


def test_feeds_may_be_anything_but_plainly_binary() -> None:
    for kind in ("application/rss+xml", "text/html", "", "application/octet-stream"):
        assert isinstance(fetch(reply(b"<rss/>", kind=kind), Accept.FEED), Page)
    for kind in ("image/png", "application/pdf"):
        assert failure(reply(b"<rss/>", kind=kind), Accept.FEED).outcome is Outcome.WRONG_TYPE
    assert isinstance(fetch(reply(b"", kind="image/png"), Accept.ANY), Page)
    assert failure(reply(b""), Accept.FEED).outcome is Outcome.EMPTY_BODY
    assert failure(reply(b" \n")).outcome is Outcome.EMPTY_BODY


def test_a_binary_type_is_refused_before_its_body() -> None:
    async def endless(writer: StreamWriter, _: Request) -> None:
        writer.write(b"HTTP/1.1 200 X\r\nContent-Type: video/mp4\r\n\r\n")
        await asyncio.sleep(60)

    assert failure(endless).outcome is Outcome.WRONG_TYPE


def test_no_html_is_refused_after_its_first_kilobyte() -> None:
    async def endless(writer: StreamWriter, _: Request) -> None:
        writer.write(b"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 1024)
        await asyncio.sleep(60)

    assert failure(endless).outcome is Outcome.WRONG_TYPE
