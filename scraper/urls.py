"""URL -> normalised URL (the key of a link), host, site. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import idna
from tld import get_fld

DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that say where a reader came from, never what is shown. Short or common words (`ref`,
# `id`, `source`) are left alone: on some site they choose the page.
TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid|igshid|mc_cid|mc_eid"
    r"|_hsenc|_hsmi|mkt_tok|at_(?:medium|campaign|custom\d|link_\w+|format|ptr_name)|xtor|wt_mc"
    r"|ns_(?:campaign|mchannel|source|linkname|fee)|cmpid|ocid|s_cid|spm|_ga|_gl|ito|smid"
    r"|guce_referrer(?:_sig)?|guccounter|pk_(?:campaign|kwd|source|medium)|mtm_\w+|vero_id)",
    re.IGNORECASE,
)
CONTROL = re.compile(r"[\x00-\x20\x7f]+")
NO_HOST = re.compile(r"[\x00-\x20\x7f%<>\\^|]")  # forbidden domain code points (WHATWG URL, 3.5)
LABELS = re.compile(r"(?!.{255})[^.]{1,63}(?:\.[^.]{1,63})*\.?", re.DOTALL)  # RFC 1035, 2.3.4
BRACKETED = re.compile(r"\[[^\[\]]+\](?::\d*)?")  # what else there is urlsplit passes over


def normalise(url: str) -> str:
    """The key of a link: scheme and host lowered, default port, fragment, tracking parameters gone.

    Everything else stays as it is: servers may tell two spellings of a path apart (RFC 3986, 6.2.2
    is followed for case only). Characters outside ASCII are percent-encoded, host names are turned
    into their IDNA form. Raises ValueError with the reason when `url` is no http(s) address.
    """
    parts = split(url)
    query = "&".join(
        pair for pair in parts.query.split("&") if not TRACKING.fullmatch(pair.split("=", 1)[0])
    )
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


@lru_cache(256)  # asked for some five times a request
def split(url: str) -> SplitResult:
    """`url` in its parts, ready to be asked for. Raises ValueError with the reason."""
    try:
        parts = urlsplit(
            CONTROL.sub("", url.strip()) if "\n" in url or "\t" in url else url.strip()
        )
        port = parts.port
    except ValueError as exc:
        raise ValueError(f"is no address ({exc})") from exc
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise ValueError("is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user name or password")
    name = ascii_host(parts.hostname or "")
    bracketed = "[" in parts.netloc
    if bracketed and not BRACKETED.fullmatch(parts.netloc):
        raise ValueError(f"has an impossible host name {parts.netloc!r}")
    netloc = f"[{name}]" if bracketed else name
    if port == 0:  # RFC 6335, 6: reserved; httpcore takes it for the default port
        raise ValueError("names port 0")
    if port is not None and port != DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._[]|")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|{}^`\\")
    return SplitResult(scheme, netloc, path, query, "")


def ascii_host(name: str) -> str:
    """A host name in lower-case ASCII. Raises ValueError for one that cannot be looked up."""
    if not name:
        raise ValueError("has no host name")
    if NO_HOST.search(name):
        raise ValueError(f"has an impossible host name {name!r}")
    try:
        ascii_name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError as exc:
        raise ValueError(f"has an impossible host name {name!r}") from exc
    if not LABELS.fullmatch(ascii_name):
        raise ValueError("has a host name whose parts are empty or too long")
    return ascii_name


def join(base: str, link: str) -> str:
    """`link` as seen from `base`. Raises ValueError when the two make no address."""
    return urljoin(base, link.strip())


def host(url: str) -> str:
    """The host name of `url`, lowered, with a port that is not the default; "" without one."""
    try:
        return split(url).netloc
    except ValueError:
        return ""


def site(url: str) -> str:
    """The registrable domain of `url` by the bundled public suffix list, else its host name."""
    try:
        parts = split(url)
    except ValueError:
        return ""
    return domain(parts.hostname or "")


@lru_cache(4096)
def domain(name: str) -> str:
    """The registrable domain of a host name, else the name."""
    found = get_fld(f"http://{name}/", fail_silently=True) if "." in name else None
    return found or name
