from __future__ import annotations

import signal

import pytest
from benchmarks import fuzz
from benchmarks.hostile import made

from scraper import Article, clean

PAGE = b"<title>Harbour</title><article><h1>Harbour</h1><p>" + b"The council met again. " * 20
COUNT = 200


def test_promises_hold_on_hostile_pages() -> None:
    before = signal.getsignal(signal.SIGALRM)
    failures = fuzz.run(7, range(1, COUNT), fuzz.sources(None))
    assert failures == []
    assert signal.getsignal(signal.SIGALRM) == before


def test_a_page_can_be_made_again() -> None:
    real = fuzz.sources(None)
    pages = [made(1, number, real) for number in range(30)]
    assert pages == [made(1, number, real) for number in range(30)]
    assert len(set(pages)) == 30


def test_what_breaks_a_promise_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clean(PAGE).blocks
    assert fuzz.fault(PAGE, again=True) == ""

    def adds(body: bytes, url: str, *, second_opinion: str) -> Article:
        return clean(body.replace(b"again", b"never"), url, second_opinion=second_opinion)

    monkeypatch.setattr(fuzz, "clean", adds)
    assert fuzz.fault(PAGE).startswith("adds to ")

    def raises(body: bytes, url: str, *, second_opinion: str) -> Article:
        raise RecursionError(url)

    monkeypatch.setattr(fuzz, "clean", raises)
    assert fuzz.fault(PAGE).startswith("raises ")


def test_another_article_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [PAGE, PAGE + b"<p>And met."]

    def moody(body: bytes, url: str, *, second_opinion: str) -> Article:
        return clean(bodies.pop(), url, second_opinion=second_opinion)

    monkeypatch.setattr(fuzz, "clean", moody)
    assert fuzz.fault(PAGE, again=True) == "another article the second time"
