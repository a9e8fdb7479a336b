from __future__ import annotations

import pytest

from scraper.clean.opened import Opened


@pytest.mark.parametrize(
    ("source", "headers", "licence", "reserved"),
    [
        ("<p>A licence for all", {}, "", ()),
        ('<link rel="license" href="https://l.example/by">', {}, "https://l.example/by", ()),
        ('<a rel="nofollow license" href="/terms">Terms</a>', {}, "/terms", ()),
        ('<meta name="robots" content="index, NOAI, noimageai">', {}, "", ("noai", "noimageai")),
        ('<meta name="ROBOTS" content="noarchive,max-snippet:3">', {}, "", ("noarchive",)),
        ('<meta name="description" content="noai, noarchive">', {}, "", ()),
        ('<meta name="tdm-reservation" content="1">', {}, "", ("tdm",)),
        ('<meta name="tdm-reservation" content="0">', {}, "", ()),
        ("<p>", {"x-robots-tag": "noarchive, noai"}, "", ("noai", "noarchive")),
        ("<p>", {"x-robots-tag": "otherbot: noai"}, "", ()),
        ("<p>", {"tdm-reservation": "1"}, "", ("tdm",)),
    ],
)
def test_rights(
    source: str, headers: dict[str, str], licence: str, reserved: tuple[str, ...]
) -> None:
    opened = Opened(source, "https://news.example.org/a", headers=headers)
    assert opened.rights == (licence, reserved)
