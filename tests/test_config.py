from __future__ import annotations

import ipaddress
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

from scraper.config import LIMITS, VERSION, Config, HostConfig, load
from scraper.errors import ConfigError

NAMES = [f.name for f in fields(Config)]
NUMBERS = [name for name in NAMES if isinstance(getattr(Config(), name), int | float)]


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_without_a_file_the_defaults_hold() -> None:
    assert load(None) == Config()


def test_every_setting_of_a_file(tmp_path: Path) -> None:
    text = """
        contact = "https://example.org/bot"
        accept_language = "fr, en;q=0.5"
        delay = 2
        address_delay = 0
        hosts_at_once = 3
        deadline = 4.5
        connect_timeout = 5
        max_body = 6000
        max_redirects = 0
        allow = ["10.0.0.0/8", "fd00::/8", "127.0.0.1"]
        workers = 8
        clean_seconds = 9.5
        clean_memory_mb = 1000
        second_opinion = "never"
        also_store = ["live_blog", "paywall"]
        obey = ["noai", "tdm"]
        max_new_links = 11
        poll_interval = 1200
        keep_pages_days = 0
        min_free_mb = 14
        [hosts."example.org"]
        delay = 5
    """
    expected = Config(
        contact="https://example.org/bot", accept_language="fr, en;q=0.5", delay=2.0,
        address_delay=0.0, hosts_at_once=3, deadline=4.5,
        connect_timeout=5.0, max_body=6000, max_redirects=0,
        allow=tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "fd00::/8", "127.0.0.1/32"))),
        workers=8, clean_seconds=9.5, clean_memory_mb=1000, second_opinion="never",
        also_store=("live_blog", "paywall"), obey=("noai", "tdm"), max_new_links=11,
        poll_interval=1200.0, keep_pages_days=0, min_free_mb=14,
        hosts={"example.org": HostConfig(delay=5.0, given=("delay",))},
    )  # fmt: skip
    found = load(written(tmp_path, text))
    assert found == expected
    assert all(name in text for name in NAMES)  # a new setting comes into this test
    assert [type(getattr(found, n)) for n in NAMES] == [type(getattr(Config(), n)) for n in NAMES]


def test_flags_come_after_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'delay = 2\nworkers = 3\nallow = ["10.0.0.0/8"]')
    found = load(str(path), delay=0, workers=None, allow=["127.0.0.0/8"])
    assert found == Config(delay=0.0, workers=3, allow=(ipaddress.ip_network("127.0.0.0/8"),))
    assert isinstance(found.delay, float)


@pytest.mark.parametrize("value", ['"paywall"', '["consent_wall"]', "[1]", "true"])
def test_walls_are_never_stored(value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml: also_store must be a list of live_blog"):
        load(written(tmp_path, f"also_store = {value}"))


def test_every_number_has_limits() -> None:
    assert list(LIMITS) == NUMBERS


@pytest.mark.parametrize("name", NUMBERS)
def test_limits(name: str, tmp_path: Path) -> None:
    low, high = LIMITS[name]
    assert low <= getattr(Config(), name) <= high
    for value in (low, high):
        assert getattr(load(None, **{name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ConfigError, match=rf"mine\.toml: {name} must be .* got {value}"):
            load(written(tmp_path, f"{name} = {value}"))


@pytest.mark.parametrize(
    "text",
    [
        'delay = "1"',
        "delay = true",
        "delay = nan",
        "delay = inf",
        "delay = -inf",
        "delay = 1979-05-27",
        "delay = [1]",
        "delay.x = 1",
        "workers = 1.0",
        "workers = false",
        "hosts_at_once = 1" + "0" * 400,
        "contact = 1",
        'contact = "a\\r\\nX-Header: b"',
        'contact = "é"',
        'allow = "10.0.0.0/8"',
        "allow = [10]",
        'allow = ["10.0.0.1/8"]',
        'allow = ["example.org"]',
        'allow = ["10.0.0.0/33"]',
    ],
)
def test_an_error_names_the_file_and_the_setting(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.subject == str(path)
    assert caught.value.reason.startswith(text.split()[0].split(".")[0])


@pytest.mark.parametrize("name", ["colour", "Delay", "user_agent", "checked"])
def test_an_unknown_setting_is_told_with_those_there_are(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"delay = 1\n{name} = 1")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.subject == str(path)
    assert caught.value.reason.startswith(f"unknown setting {name!r}")
    assert all(known in caught.value.reason for known in NAMES)


@pytest.mark.parametrize(
    ("flags", "subject"),
    [
        ({"delay": -1}, "--delay"),
        ({"max_new_links": 0}, "--max-new-links"),
        ({"allow": ["x"]}, "--allow"),
        ({"no_such": 1}, "--no-such"),
    ],
)
def test_an_error_names_the_flag(flags: dict[str, Any], subject: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, **flags)
    assert caught.value.subject == subject


@pytest.mark.parametrize("body", [b"delay = ", b"[a", b"\xff\xfe", b"delay = 1\ndelay = 2"])
def test_what_is_no_toml(body: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, body)
    with pytest.raises(ConfigError, match="is no TOML file") as caught:
        load(path)
    assert caught.value.subject == str(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.toml"):
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert caught.value.subject == str(path)
        assert str(path) not in caught.value.reason  # it is told once


def test_user_agent() -> None:
    assert Config().user_agent == f"scraper/{VERSION}"
    found = load(None, contact="mailto:me@example.org").user_agent
    assert found == f"scraper/{VERSION} (+mailto:me@example.org)"


def test_settings_stay_as_they_are() -> None:
    with pytest.raises(FrozenInstanceError):
        Config().delay = 0  # type: ignore[misc]
