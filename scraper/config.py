"""TOML and flags -> one frozen Config, read once."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scraper.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

try:
    VERSION = version("scraper")
except PackageNotFoundError:  # run from a source tree that was never installed
    VERSION = "0+unknown"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a run. Times are in seconds, sizes in bytes unless the name says it."""

    contact: str = ""  # an address or URL at which a site's owner reaches you
    delay: float = 1.0  # between two requests to one host
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
    max_new_links: int = 1000  # a poll of one feed
    poll_interval: float = 900.0  # of a feed that says nothing of its own rhythm
    keep_pages_days: int = 90  # 0: pages are not kept
    min_free_mb: int = 500  # a run stops under it

    @property
    def user_agent(self) -> str:
        """What servers are told: name, version, contact."""
        return f"scraper/{VERSION} (+{self.contact})" if self.contact else f"scraper/{VERSION}"


ALSO_STORED = ("live_blog", "paywall", "video", "gallery")
CHOICES = {"second_opinion": ("auto", "never")}
LIMITS: dict[str, tuple[float, float]] = {
    "delay": (0, 3600),
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
    if key == "also_store":
        return verdicts(source, value)
    if key in CHOICES:
        if value not in CHOICES[key]:
            wanted = " or ".join(map(repr, CHOICES[key]))
            raise ConfigError(source, f"{key} must be {wanted}, got {value!r}")
        return value
    if isinstance(default, str):
        if not isinstance(value, str) or not value.isprintable() or not value.isascii():
            raise ConfigError(source, f"{key} must be printable ASCII text, got {value!r}")
        return value
    low, high = LIMITS[key]
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, float) and isinstance(default, int):
        numeric = False
    if not numeric or not low <= value <= high:
        noun = "a whole number" if isinstance(default, int) else "a number"
        raise ConfigError(source, f"{key} must be {noun} from {low:g} to {high:g}, got {value!r}")
    return type(default)(value)


def verdicts(source: str, values: Any) -> tuple[str, ...]:
    """Names of verdicts, as they are. Raises ConfigError for one that is never stored."""
    if not isinstance(values, list | tuple) or not set(map(str, values)) <= set(ALSO_STORED):
        known = ", ".join(ALSO_STORED)
        raise ConfigError(source, f"also_store must be a list of {known}; got {values!r}")
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
