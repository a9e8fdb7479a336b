from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.urls import host, join, normalise, site, split

NORMAL = [
    # case, ports, empty paths, fragments
    ("HTTP://Example.ORG", "http://example.org/"),
    ("https://example.org/Some/Path", "https://example.org/Some/Path"),
    ("http://example.org:80/", "http://example.org/"),
    ("https://example.org:443/", "https://example.org/"),
    ("https://example.org:80/", "https://example.org:80/"),
    ("http://example.org:443/", "http://example.org:443/"),
    ("http://example.org:08080/", "http://example.org:8080/"),
    ("http://example.org:/", "http://example.org/"),
    ("http://example.org?a", "http://example.org/?a"),
    ("http://example.org/a#b", "http://example.org/a"),
    ("http://example.org/#!/a", "http://example.org/"),
    ("http://example.org/a?", "http://example.org/a"),
    # what servers may tell apart stays
    ("http://example.org/a/", "http://example.org/a/"),
    ("http://example.org//a/../b/./c", "http://example.org//a/../b/./c"),
    ("http://example.org/%7ea%2Fb", "http://example.org/%7ea%2Fb"),
    ("http://example.org/a;b=c,d", "http://example.org/a;b=c,d"),
    ("http://example.org/?b=1&a=2&&a=", "http://example.org/?b=1&a=2&&a="),
    ("http://example.org/?a=b?c/d", "http://example.org/?a=b?c/d"),
    ("http://www.example.org./", "http://www.example.org./"),
    # what can't stand in an address
    ("http://example.org/été?ü=ß", "http://example.org/%C3%A9t%C3%A9?%C3%BC=%C3%9F"),
    ("http://example.org/a b", "http://example.org/a%20b"),
    ('http://example.org/"<>', "http://example.org/%22%3C%3E"),
    ("http://example.org/新聞/１", "http://example.org/%E6%96%B0%E8%81%9E/%EF%BC%91"),
    ("http://example.org/\u202egpj.a", "http://example.org/%E2%80%AEgpj.a"),
    ("http://example.org/\x00\x1b[1m", "http://example.org/%00%1B[1m"),
    # white space around and in it
    ("  http://example.org/a \r\n", "http://example.org/a"),
    ("\u3000http://example.org/a\u2028", "http://example.org/a"),
    ("http://exam\nple.org/a\r\n/b\tc", "http://example.org/a/bc"),
    ("\x01http://example.org/", "http://example.org/"),
    # IDNA
    ("http://Bücher.example/", "http://xn--bcher-kva.example/"),
    ("http://XN--BCHER-KVA.example/", "http://xn--bcher-kva.example/"),
    ("http://faß.example/", "http://xn--fa-hia.example/"),
    ("http://例え。jp/", "http://xn--r8jz45g.jp/"),
    ("http://news.пример.example/", "http://news.xn--e1afmkfd.example/"),
    ("http://soft\u00adhyphen.example/", "http://softhyphen.example/"),
    # addresses
    ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
    ("http://１２７.0.0.1/", "http://127.0.0.1/"),
    ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
    ("https://[::1]:8443", "https://[::1]:8443/"),
    ("http://[::ffff:10.0.0.1]/", "http://[::ffff:10.0.0.1]/"),
    ("http://[v1.a:b]/", "http://[v1.a:b]/"),
    ("http://[v1.a]/", "http://[v1.a]/"),  # not the host name v1.a
    # tracking parameters
    ("http://example.org/?utm_source=a", "http://example.org/"),
    ("http://example.org/?UTM_Medium=a&id=1&utm_x", "http://example.org/?id=1"),
    ("http://example.org/?id=1&fbclid=a#b", "http://example.org/?id=1"),
    ("http://example.org/?gclid=1&b=2&msclkid=3&at_medium=x&a=1", "http://example.org/?b=2&a=1"),
    ("http://example.org/?xtor=RSS-1&ns_campaign=x&mtm_kwd=y&pk_campaign=z", "http://example.org/"),
    # no tracking: a page may hang on them
    ("http://example.org/?ref=a&source=b&id=c&s=d", "http://example.org/?ref=a&source=b&id=c&s=d"),
    ("http://example.org/?a=utm_source", "http://example.org/?a=utm_source"),
    ("http://example.org/?xutm_source=1&gclids=2", "http://example.org/?xutm_source=1&gclids=2"),
    ("http://example.org/utm_source=1", "http://example.org/utm_source=1"),
]

WRONG = [
    ("", "no http"),
    ("example.org/a", "no http"),
    ("//example.org/a", "no http"),
    ("ftp://example.org/", "no http"),
    ("javascript:alert(1)", "no http"),
    ("mailto:me@example.org", "no http"),
    ("http:", "no host"),
    ("http:example.org", "no host"),
    ("http:///a", "no host"),
    ("http://:80/", "no host"),
    ("http://?a", "no host"),
    ("http://me:secret@example.org/", "user name"),
    ("http://me@example.org/", "user name"),
    ("http://@example.org/", "user name"),
    ("http://:@example.org/", "user name"),
    ("http://example.org\\@example.com/", "user name"),
    ("http://example.org:99999/", "no address"),
    ("http://example.org:-1/", "no address"),
    ("http://example.org:80:80/", "no address"),
    ("http://example.org:８０/", "no address"),
    ("http://[::1/", "no address"),
    ("http://[10.0.0.1]/", "no address"),
    ("http://[fe80::1%25eth0]/", "impossible host"),
    ("http://a b.example/", "impossible host"),
    ("http://a\x00.example/", "impossible host"),
    ("http://%65xample.org/", "impossible host"),
    ("http://a<b>.example/", "impossible host"),
    ("http://example.org\\a/", "impossible host"),
    ("http://\u202ea.example/", "impossible host"),
    ("http://☃.example/", "impossible host"),
    (f"http://{'ü' * 64}.example/", "impossible host"),
]


@pytest.mark.parametrize(("url", "expected"), NORMAL)
def test_normalise(url: str, expected: str) -> None:
    assert normalise(url) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(("url", "reason"), WRONG)
def test_what_is_no_address(url: str, reason: str) -> None:
    for function in (normalise, split):
        with pytest.raises(ValueError, match=reason):
            function(url)
    assert host(url) == site(url) == ""


def test_reasons_do_not_repeat_a_password() -> None:
    with pytest.raises(ValueError, match="password") as caught:
        normalise("http://me:secret@example.org/")
    assert "secret" not in str(caught.value)


def test_split_keeps_what_normalise_drops_of_the_query() -> None:
    parts = split(" HTTPS://Example.ORG:443/a b?utm_source=ü#c")
    assert parts == ("https", "example.org", "/a%20b", "utm_source=%C3%BC", "")
    assert (parts.hostname, parts.port) == ("example.org", None)


HOSTS = [
    ("http://www.Example.co.uk/a", "www.example.co.uk", "example.co.uk"),
    ("http://example.org:80/", "example.org", "example.org"),
    ("http://a.b.example.org:8080/", "a.b.example.org:8080", "example.org"),
    ("http://example.org./", "example.org.", "example.org"),
    ("http://someone.github.io/", "someone.github.io", "someone.github.io"),
    ("http://www.someone.github.io/", "www.someone.github.io", "someone.github.io"),
    ("http://www.Bücher.de/", "www.xn--bcher-kva.de", "xn--bcher-kva.de"),
    ("http://news.例え.jp/", "news.xn--r8jz45g.jp", "xn--r8jz45g.jp"),
    ("http://co.uk/", "co.uk", "co.uk"),  # a suffix alone: nobody can register it
    ("http://localhost:8000/", "localhost:8000", "localhost"),
    ("http://intranet.example/", "intranet.example", "intranet.example"),
    ("http://127.0.0.1:8765/", "127.0.0.1:8765", "127.0.0.1"),
    ("http://10.1.2.3/", "10.1.2.3", "10.1.2.3"),
    ("http://[2001:DB8::1]:8080/", "[2001:db8::1]:8080", "2001:db8::1"),
]


@pytest.mark.parametrize(("url", "expected_host", "expected_site"), HOSTS)
def test_host_and_site(url: str, expected_host: str, expected_site: str) -> None:
    assert host(url) == expected_host
    assert site(url) == expected_site


JOINED = [
    ("http://example.org/a/b", "c", "http://example.org/a/c"),
    ("http://example.org/a/b", "\n ../c ", "http://example.org/c"),
    ("http://example.org/a/b", "/c", "http://example.org/c"),
    ("https://example.org/a", "//example.com/b", "https://example.com/b"),
    ("http://example.org/a?b", "?c", "http://example.org/a?c"),
    ("http://example.org/a?b", "#c", "http://example.org/a?b#c"),
    ("http://example.org/a", "", "http://example.org/a"),
    ("http://example.org/a", "https://example.com/", "https://example.com/"),
    ("http://example.org/", "../../a", "http://example.org/a"),
    ("http://example.org/", "mailto:me@example.org", "mailto:me@example.org"),
]


@pytest.mark.parametrize(("base", "link", "expected"), JOINED)
def test_join(base: str, link: str, expected: str) -> None:
    assert join(base, link) == expected


def test_join_of_what_makes_no_address() -> None:
    for base, link in (("http://example.org/", "http://[::1"), ("http://[", "a")):
        with pytest.raises(ValueError, match="IPv6"):
            join(base, link)


ADDRESSES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["http://", "HTTPS://", "http:/", "http:", "//", "\thttp://", ""]),
        st.one_of(
            st.sampled_from(
                ["e.org", "Www.E.ORG.", "bücher.example", "[::1]", "[V1.a]", "１.2.3.4"]
            ),
            st.text(max_size=8),
        ),
        st.sampled_from(["", ":80", ":0443", ":8080", ":"]),
        st.one_of(
            st.text(max_size=12),
            st.text(alphabet="/?#&=;%aZ\\ \n\t|é😀", max_size=12),
            st.lists(
                st.sampled_from(["utm_a=1", "b=2", "fbclid", "", "c=%20", "d=&amp;utm_b=1"])
            ).map(lambda pairs: "/?" + "&".join(pairs)),
        ),
    ),
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(ADDRESSES)
def test_a_normal_form_is_its_own(url: str) -> None:
    try:
        found = normalise(url)
    except ValueError:
        assert host(url) == site(url) == ""
        return
    assert normalise(found) == found
    assert re.fullmatch(r"https?://[!-~]+", found)
    assert not {"utm_a=1", "fbclid"} & set(found.partition("?")[2].split("&"))
    assert (host(found), site(found)) == (host(url), site(url))
    assert host(found) == found.split("/")[2]
