"""One fetch -> its hops: where each redirect leads, what is sent along, what is noted."""

from __future__ import annotations

import warnings
from urllib.parse import urlunsplit

import httpx

from scraper import urls
from scraper.config import Config
from scraper.errors import FetchError
from scraper.fetch.request import Answer
from scraper.model import Outcome

PERMANENT = (301, 308)
MOST_COOKIES = 50  # RFC 6265, 6.1: what a client should take of a site, at least
LARGEST_COOKIE = 4096  # bytes
DOWNGRADED = "redirected from https to http"
UNCHECKED = "the server's certificate was not checked"
INVALID = (ValueError, httpx.InvalidURL)


class Chain:
    """The hops of one fetch: the first is the URL that was asked for.

    Cookies live as long as the chain, and go to the site that set them: many a site sets one, sends
    the reader back to the same page, and does so for ever if it does not come back.
    """

    def __init__(self, config: Config, url: str) -> None:
        """Raises FetchError(INVALID_URL)."""
        self._config = config
        self._jars: dict[str, httpx.Cookies] = {}
        self._seen: set[tuple[str, bytes]] = set()
        self._permanent = True
        self.redirects = 0
        self.url = askable(url)
        self.moved_to: str | None = None  # where permanent redirects alone have led
        self.notes: tuple[str, ...] = ()
        self._look_at_host()

    def headers(self) -> dict[bytes, bytes]:
        """What goes out with this hop: what is set for its host, and its site's cookies.

        What is set for a host may be a secret: it stays at home once the way led from https to
        http, where anyone can read it.
        """
        sent = {} if DOWNGRADED in self.notes else self._config.host(self._host).headers
        found = {name.encode(): value.encode() for name, value in sent.items()}
        cookies = self._cookies()
        if cookies:
            name = next((n for n in found if n.lower() == b"cookie"), b"Cookie")
            found[name] = b"; ".join(filter(None, (found.get(name), cookies)))
        return found

    def follow(self, answer: Answer) -> None:
        """Goes where the redirect `answer` leads. Raises FetchError."""
        assert answer.location is not None
        self._seen.add((self.url, self._cookies()))
        self._keep_cookies(answer)
        if self.redirects >= self._config.max_redirects:
            reason = f"redirects more than {self._config.max_redirects} times"
            raise FetchError(self.url, reason, Outcome.TOO_MANY_REDIRECTS)
        before, self.url = self.url, resolved(self.url, answer.location)
        self.redirects += 1
        if (self.url, self._cookies()) in self._seen:
            reason = f"redirects in a circle, to {self.url}"
            raise FetchError(before, reason, Outcome.REDIRECT_LOOP)
        self._permanent = self._permanent and answer.status in PERMANENT
        self.moved_to = self.url if self._permanent else self.moved_to
        if before.startswith("https:") and self.url.startswith("http:"):
            self._note(DOWNGRADED)
        self._look_at_host()

    def _look_at_host(self) -> None:
        """Notes what is unusual about asking this hop's host."""
        settings = self._config.host(self._host)
        if self.url.startswith("https:") and not settings.verify_tls:
            self._note(UNCHECKED)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes = (*self.notes, text)

    @property
    def _host(self) -> str:
        return urls.split(self.url).hostname or ""

    def _cookies(self) -> bytes:
        """The value of this hop's Cookie header; b"" without one."""
        jar = self._jars.get(urls.site(self.url))
        if jar is None:
            return b""
        request = httpx.Request("GET", self.url)
        jar.set_cookie_header(request)
        return next((v for k, v in request.headers.raw if k.lower() == b"cookie"), b"")

    def _keep_cookies(self, answer: Answer) -> None:
        """Takes the cookies that an answer of this hop sets, as many as a chain needs."""
        good = [one for one in answer.cookies[:MOST_COOKIES] if len(one) <= LARGEST_COOKIE]
        if not good:
            return
        headers = [(b"set-cookie", one) for one in good]
        response = httpx.Response(200, headers=headers, request=httpx.Request("GET", self.url))
        jar = self._jars.setdefault(urls.site(self.url), httpx.Cookies())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # http.cookiejar warns of a cookie that it cannot read
            jar.extract_cookies(response)


def askable(url: str) -> str:
    """`url` as it goes out: without fragment, with a path. Raises FetchError(INVALID_URL)."""
    try:
        parts = urls.split(url)
        asked = urlunsplit(parts._replace(path=parts.path or "/"))
        if httpx.URL(asked).raw_host.decode("ascii") != parts.hostname:
            raise ValueError("has a host name that can be read in two ways")
    except INVALID as exc:
        raise FetchError(url, " ".join(str(exc).split())[:200], Outcome.INVALID_URL) from exc
    return asked


def resolved(base: str, location: str) -> str:
    """Where the redirect of `base` to `location` leads. Raises FetchError(INVALID_URL)."""
    try:
        return askable(urls.join(base, location))
    except (ValueError, FetchError) as exc:
        why = exc.reason if isinstance(exc, FetchError) else str(exc)
        reason = f"redirects to {location[:200]!r}, which {why}"
        raise FetchError(base, reason, Outcome.INVALID_URL) from exc
