"""Settings of single hosts: looked up by name, checked, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.config import Config, HostConfig, load
from scraper.errors import ConfigError

FILE = """
delay = 2
[hosts."*"]
headers = { X-Reader = "1" }
[hosts."example.org"]
delay = 5
connections = 3
ports = [8000]
[hosts."www.Example.org"]
headers = { Cookie = "session=s3cret", Authorization = "Basic s3cret" }
proxy = "http://us%40er:s3cret@proxy.example:3128"
verify_tls = false
[hosts."bücher.example"]
delay = 0
"""
BAD = {
    "delay = -1": "delay must be a number from 0 to 3600",
    'delay = "1"': "delay must be a number",
    "connections = 0": "connections must be a whole number from 1 to 16",
    "connections = 1.5": "connections must be a whole number",
    "ports = 8000": "ports must be a list of port numbers",
    "ports = [0]": "ports must be a list of port numbers",
    "ports = [true]": "ports must be a list of port numbers",
    "ports = [65536]": "ports must be a list of port numbers",
    "headers = 1": "headers must be a table",
    'headers = { Host = "s3cret" }': "headers: 'Host' can't be set",
    'headers = { "Content-Length" = "s3cret" }': "headers: 'Content-Length' can't be set",
    'headers = { "A B" = "s3cret" }': "headers: 'A B' can't be set",
    'headers = { "" = "s3cret" }': "headers: '' can't be set",
    'headers = { Cookie = "s3cret\\r\\nX: y" }': "headers: the value of Cookie must be printable",
    'headers = { Cookie = "s3crét" }': "headers: the value of Cookie must be printable",
    "headers = { Cookie = 3 }": "headers: the value of Cookie must be printable",
    'proxy = "socks5://u:s3cret@a.example:1"': "proxy must be an address like",
    'proxy = "http://u:s3cret@a.example:99999"': "proxy must be an address like",
    'proxy = "http://u:s3cret@a.example/path"': "proxy must be an address like",
    'proxy = "a.example:3128"': "proxy must be an address like",
    "proxy = 3128": "proxy must be an address like",
    "verify_tls = 0": "verify_tls must be true or false",
    "delays = 1": "has unknown settings ['delays']; there are: delay, connections, ports",
}
NAMES = ("https://a.example", "a.example/x", "a.example:80", "a b", "", "*.a.example")


def loaded(folder: Path, text: str) -> Config:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return load(path)


def test_a_host_has_its_own_settings_over_those_of_its_domain_over_those_of_all(
    tmp_path: Path,
) -> None:
    config = loaded(tmp_path, FILE)
    assert config.host("else.example") == HostConfig(delay=2.0, headers={"X-Reader": "1"})
    domain = config.host("news.example.org")
    assert (domain.delay, domain.connections, domain.ports) == (5.0, 3, (8000,))
    assert domain.headers == {"X-Reader": "1"}
    assert (domain.proxy, domain.verify_tls) == ("", True)
    host = config.host("WWW.EXAMPLE.ORG.")
    assert (host.delay, host.connections, host.verify_tls) == (5.0, 3, False)
    assert list(host.headers) == ["Cookie", "Authorization"]  # in place of those of all
    assert host.proxy.endswith("@proxy.example:3128")
    assert config.host("xn--bcher-kva.example").delay == 0.0
    assert config.host("badexample.org").delay == 2.0  # no part of a label


def test_without_settings_the_defaults_hold() -> None:
    assert Config(delay=3.0).host("a.example") == HostConfig(delay=3.0)


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_set(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, f'[hosts."a.example"]\n{text}')
    assert f'mine.toml: [hosts."a.example"] {BAD[text]}' in str(caught.value)
    assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_host_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml: \[hosts\."):
        loaded(tmp_path, f'[hosts."{name}"]\ndelay = 1')


@pytest.mark.parametrize("text", ["hosts = 1", "hosts = []", '[hosts]\n"a.example" = 5'])
def test_what_are_no_tables(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml: .*hosts"):
        loaded(tmp_path, text)


def test_cautions(tmp_path: Path) -> None:
    assert loaded(tmp_path, 'contact = "me@example.org"').cautions == ()
    without, unchecked = loaded(tmp_path, FILE).cautions
    assert without.startswith("sites can't tell who asks: set contact")
    assert unchecked == "certificates of www.example.org are NOT CHECKED (verify_tls = false)"
