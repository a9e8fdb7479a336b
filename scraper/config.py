"""TOML and flags -> one frozen Config, read once."""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scraper import urls
from scraper.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

try:
    VERSION = version("scraper")
except PackageNotFoundError:  # run from a source tree that was never installed
    VERSION = "0+unknown"


@dataclass(frozen=True, slots=True)
class HostConfig:
    """The settings of one host, `[hosts."example.org"]` in the file; `given` names those set."""

    delay: float = 1.0  # between two requests
    connections: int = 1  # requests at once
    ports: tuple[int, ...] = ()  # that may be reached beside 80, 443, 8080, 8443
    headers: Mapping[str, str] = field(default_factory=dict)  # sent along, Cookie among them
    proxy: str = ""  # its URL; it resolves the host's name itself, unguarded
    verify_tls: bool = True
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a run. Times are in seconds, sizes in bytes unless the name says it."""

    contact: str = ""  # an address or URL at which a site's owner reaches you
    accept_language: str = ""  # the header's value, as in "fr, en;q=0.5"
    delay: float = 1.0  # between two requests to one site
    address_delay: float = 1.0  # between two sites of one address; never more than their `delay`
    hosts_at_once: int = 64
    deadline: float = 30.0  # for a whole request, redirects not included
    connect_timeout: float = 10.0
    max_body: int = 10 * 1024 * 1024  # after decompression
    max_redirects: int = 10
    allow: tuple[Network, ...] = ()  # private networks that may be reached, on any port
    workers: int = 0  # cleaning processes; 0: one for each core
    clean_seconds: float = 10.0  # for one page
    clean_memory_mb: int = 2048  # for one cleaning process
    second_opinion: str = "auto"  # of trafilatura, on pages in doubt; or "never"
    also_store: tuple[str, ...] = ()  # verdicts stored beside "article", of ALSO_STORED
    obey: tuple[str, ...] = ()  # reservations that are obeyed, not only recorded, of RESERVATIONS
    max_new_links: int = 1000  # a poll of one feed
    poll_interval: float = 900.0  # of a feed that says nothing of its own rhythm
    keep_pages_days: int = 90  # 0: pages are not kept
    min_free_mb: int = 500  # a run stops under it
    hosts: Mapping[str, HostConfig] = field(default_factory=dict)  # by host, domain, or "*"

    def host(self, name: str) -> HostConfig:
        """What is set for host `name`: its own settings, else its domain's, else those of "*"."""
        if not self.hosts:
            return HostConfig(delay=self.delay)
        labels = name.lower().rstrip(".").split(".")
        keys = ["*", *(".".join(labels[n:]) for n in reversed(range(len(labels))))]
        found = HostConfig(delay=self.delay)
        for key in keys:
            if key in self.hosts:
                given = self.hosts[key]
                found = replace(found, **{n: getattr(given, n) for n in given.given})
        return found

    @property
    def cautions(self) -> tuple[str, ...]:
        """What whoever runs this should know of these settings, a line each."""
        lines = []
        if not self.contact:
            lines.append('sites can\'t tell who asks: set contact = "…" in scraper.toml')
        for name, host in self.hosts.items():
            if not host.verify_tls:
                lines.append(f"certificates of {name} are NOT CHECKED (verify_tls = false)")
        return tuple(lines)

    @property
    def user_agent(self) -> str:
        """What servers are told: name, version, contact."""
        return f"scraper/{VERSION} (+{self.contact})" if self.contact else f"scraper/{VERSION}"


# Headers that are not the user's to set: they frame the request, or say what we can decode.
OUR_HEADERS = frozenset(
    "host connection content-length transfer-encoding te trailer upgrade expect accept-encoding"
    " if-none-match if-modified-since range proxy-authorization keep-alive".split()
)
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
ALSO_STORED = ("live_blog", "paywall", "video", "gallery")
RESERVATIONS = ("noai", "noarchive", "tdm")
LISTS = {"also_store": ALSO_STORED, "obey": RESERVATIONS}
CHOICES = {"second_opinion": ("auto", "never")}
PORTS = range(1, 65536)
LIMITS: dict[str, tuple[float, float]] = {
    "delay": (0, 3600),
    "address_delay": (0, 3600),
    "hosts_at_once": (1, 1000),
    "deadline": (1, 600),
    "connect_timeout": (0.1, 600),
    "max_body": (1024, 1 << 30),
    "max_redirects": (0, 30),
    "workers": (0, 256),
    "clean_seconds": (1, 600),
    "clean_memory_mb": (512, 1 << 20),
    "max_new_links": (1, 100_000),
    "poll_interval": (300, 86_400),
    "keep_pages_days": (0, 36_500),
    "min_free_mb": (0, 1 << 20),
}
HOST_LIMITS: dict[str, tuple[float, float]] = {"connections": (1, 16)}


def load(path: str | os.PathLike[str] | None, **flags: Any) -> Config:
    """The settings of the TOML file `path` (None: none), then those `flags` that are not None.

    Raises ConfigError naming the file and the setting.
    """
    found: Mapping[str, Any] = {}
    name = "settings"
    if path is not None:
        name = str(path)
        try:
            found = tomllib.loads(Path(path).read_text("utf-8"))
        except OSError as exc:
            raise ConfigError(name, exc.strerror or str(exc)) from exc
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
            raise ConfigError(name, f"is no TOML file: {exc}") from exc
    config = replace(Config(), **{k: checked(name, k, v) for k, v in found.items()})
    given = {
        k: checked(f"--{k.replace('_', '-')}", k, v) for k, v in flags.items() if v is not None
    }
    return replace(config, **given)


def checked(source: str, key: str, value: Any) -> Any:
    """`value` in the type that setting `key` has. Raises ConfigError with `source` and reason."""
    names = [f.name for f in fields(Config)]
    if key not in names:
        raise ConfigError(source, f"unknown setting {key!r}; there are: {', '.join(names)}")
    default = getattr(Config(), key)
    if key == "allow":
        return networks(source, value)
    if key in LISTS:
        return words(source, key, value)
    if key == "hosts":
        return host_table(source, value)
    if key in CHOICES:
        if value not in CHOICES[key]:
            wanted = " or ".join(map(repr, CHOICES[key]))
            raise ConfigError(source, f"{key} must be {wanted}, got {value!r}")
        return value
    if isinstance(default, str):
        if not isinstance(value, str) or not value.isprintable() or not value.isascii():
            raise ConfigError(source, f"{key} must be printable ASCII text, got {value!r}")
        return value
    return number(source, key, value, default)


def number(source: str, key: str, value: Any, default: float) -> float:
    """`value` within the limits of `key`, of the type of `default`. Raises ConfigError."""
    low, high = (LIMITS | HOST_LIMITS)[key]
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, float) and isinstance(default, int):
        numeric = False
    if not numeric or not low <= value <= high:
        noun = "a whole number" if isinstance(default, int) else "a number"
        raise ConfigError(source, f"{key} must be {noun} from {low:g} to {high:g}, got {value!r}")
    return type(default)(value)


def words(source: str, key: str, values: Any) -> tuple[str, ...]:
    """A list of known words, as it is. Raises ConfigError for another."""
    if not isinstance(values, list | tuple) or not set(map(str, values)) <= set(LISTS[key]):
        known = ", ".join(LISTS[key])
        raise ConfigError(source, f"{key} must be a list of {known}; got {values!r}")
    return tuple(map(str, values))


def networks(source: str, values: Any) -> tuple[Network, ...]:
    """CIDR texts as networks. Raises ConfigError for one that is none."""
    if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
        raise ConfigError(
            source, f'allow must be a list of networks like "10.0.0.0/8", got {values!r}'
        )
    try:
        return tuple(ipaddress.ip_network(v) for v in values)
    except ValueError as exc:
        raise ConfigError(source, f"allow: {exc}") from exc


def host_table(source: str, value: Any) -> Mapping[str, HostConfig]:
    """`[hosts."NAME"]` tables, by the name as it is looked up. Raises ConfigError."""
    if not isinstance(value, dict):
        raise ConfigError(source, f'hosts must be tables like [hosts."example.org"], got {value!r}')
    return {host_key(source, name): host_settings(source, name, v) for name, v in value.items()}


def host_key(source: str, name: str) -> str:
    """The name of a host or domain in lower-case ASCII; "*" stands for every host."""
    if name == "*":
        return name
    try:
        key = urls.ascii_host(name.strip().rstrip("."))
    except ValueError as exc:
        raise ConfigError(source, f'[hosts."{name}"] {exc}') from exc
    if set(key) & set("/:@[]*"):
        reason = "must be named by its host name alone, without scheme, port or path"
        raise ConfigError(source, f'[hosts."{name}"] {reason}')
    return key


def host_settings(source: str, name: str, table: Any) -> HostConfig:
    """The settings of one host. Raises ConfigError naming it."""
    known = [f.name for f in fields(HostConfig) if f.name != "given"]
    where = f'[hosts."{name}"]'
    if not isinstance(table, dict) or not set(table) <= set(known):
        unknown = sorted(set(table) - set(known)) if isinstance(table, dict) else [table]
        there = ", ".join(known)
        raise ConfigError(source, f"{where} has unknown settings {unknown!r}; there are: {there}")
    checks = {"ports": ports, "headers": headers, "proxy": proxy, "verify_tls": switch}
    found: dict[str, Any] = {}
    for key, value in table.items():
        try:
            check = checks.get(key)
            found[key] = (
                check(source, key, value)
                if check
                else number(source, key, value, getattr(HostConfig(), key))
            )
        except ConfigError as exc:
            raise ConfigError(source, f"{where} {exc.reason}") from exc
    return HostConfig(**found, given=tuple(found))


def ports(source: str, key: str, value: Any) -> tuple[int, ...]:
    """A list of port numbers. Raises ConfigError."""
    if not isinstance(value, list) or not all(type(v) is int and v in PORTS for v in value):
        raise ConfigError(source, f"{key} must be a list of port numbers, got {value!r}")
    return tuple(value)


def headers(source: str, key: str, value: Any) -> Mapping[str, str]:
    """Headers that are sent along, by name. Raises ConfigError, which never shows a value."""
    if not isinstance(value, dict):
        raise ConfigError(source, f'{key} must be a table like {{ Cookie = "name=value" }}')
    for name, text in value.items():
        if not HEADER_NAME.fullmatch(name) or name.lower() in OUR_HEADERS:
            raise ConfigError(source, f"{key}: {name!r} can't be set")
        if not isinstance(text, str) or not text.isprintable() or not text.isascii():
            raise ConfigError(source, f"{key}: the value of {name} must be printable ASCII text")
    return dict(value)


def proxy(source: str, key: str, value: Any) -> str:
    """The URL of a proxy. Raises ConfigError, which never shows its password."""
    reason = f'{key} must be an address like "http://proxy.example:3128"'
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        good = parts is not None and parts.scheme in ("http", "https") and parts.hostname
        if parts is None or not good or parts.port == 0 or parts.path not in ("", "/"):
            raise ConfigError(source, reason)
    except ValueError as exc:
        raise ConfigError(source, reason) from exc
    return str(value)


def switch(source: str, key: str, value: Any) -> bool:
    """A truth value. Raises ConfigError."""
    if not isinstance(value, bool):
        raise ConfigError(source, f"{key} must be true or false, got {value!r}")
    return value
