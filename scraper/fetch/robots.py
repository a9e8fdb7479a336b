"""Origin -> what its robots.txt allows us, by RFC 9309."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol
from weakref import WeakValueDictionary

from protego import Protego

from scraper import urls
from scraper.clock import Clock
from scraper.errors import FetchError
from scraper.model import Outcome, RobotsRecord

TOKEN = "scraper"  # noqa: S105 - the product token that robots.txt files name us by
MOST_BYTES = 500 * 1024  # RFC 9309, 2.5
MOST_REDIRECTS = 5  # RFC 9309, 2.3.1.2
KEPT = timedelta(hours=24)  # RFC 9309, 2.4
KEPT_UNREACHABLE = timedelta(hours=1)
LONGEST_DELAY = 60.0  # seconds of Crawl-delay that are honoured
MOST_PARSED = 2000  # origins whose rules stay in memory

AGENT_LINE = re.compile(r"\s*user(?:-|\s+)?agent(?:\s*:\s*|\s+)(\S.*)", re.IGNORECASE)
NO_NAME = re.compile(r"\s*user(?:-|\s+)?agent\s*:?\s*", re.IGNORECASE)
RULE_LINE = re.compile(
    r"\s*(?:allow|di(?:ss?all?|asll)[oa]w|crawl(?:-|\s+)delay)(?:\s*:|\s).*", re.IGNORECASE
)
INDEX_LINE = re.compile(r"\s*(?i:allow).*/index\.html")
ESCAPED_SLASH = re.compile("%2f", re.IGNORECASE)
END_OF_LINE = re.compile("\r\n?|\n")  # RFC 9309, 2.2
MORE_ENDS = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")  # more that str.splitlines knows

Ask = Callable[[str], Awaitable[tuple[int, bytes]]]


class RobotsCache(Protocol):
    """Where robots.txt files are kept between runs."""

    def get_robots(self, origin: str) -> RobotsRecord | None:
        """The record of `origin`, expired or not; None without one."""
        ...

    def put_robots(self, record: RobotsRecord) -> None:
        """Keeps `record` in place of what there was of its origin."""
        ...


class MemoryRobots:
    """A RobotsCache that forgets with the process."""

    def __init__(self) -> None:
        self._records: dict[str, RobotsRecord] = {}

    def get_robots(self, origin: str) -> RobotsRecord | None:
        return self._records.get(origin)

    def put_robots(self, record: RobotsRecord) -> None:
        self._records[record.origin] = record


class Rules:
    """What one robots.txt means for us.

    2xx is parsed; 5xx and a server that could not be reached (status 0) disallow all (2.3.1.4);
    anything else, 4xx above all, allows all (2.3.1.3).
    """

    def __init__(self, record: RobotsRecord, trouble: str = "could not be reached") -> None:
        self.record = record
        self._parser = Protego.parse(for_us(record.body) if 200 <= record.status < 300 else "")
        self.trouble: str | None = None  # why all is disallowed
        if record.status == 0:
            self.trouble = f"{record.origin}/robots.txt {trouble}"
        elif record.status >= 500:
            self.trouble = f"{record.origin}/robots.txt answered {named(record.status)}"

    def allows(self, url: str) -> bool:
        """Whether `url` may be fetched."""
        return self.trouble is None and self._parser.can_fetch(comparable(url), TOKEN)

    @property
    def delay(self) -> float:
        """Seconds between requests that the file asks for, at most LONGEST_DELAY; 0 without."""
        return min(self._parser.crawl_delay(TOKEN) or 0.0, LONGEST_DELAY)


class Robots:
    """The rules of each origin, asked for once a day. `ask` fetches a URL -> status, body."""

    def __init__(self, cache: RobotsCache, clock: Clock, ask: Ask) -> None:
        self._cache = cache
        self._clock = clock
        self._ask = ask
        self._parsed: dict[str, Rules] = {}
        self._asking = WeakValueDictionary[str, asyncio.Lock]()  # of those that are being asked

    async def rules(self, url: str) -> Rules:
        """The rules of the origin of `url`; who asks while they are being fetched waits for them.

        Raises FetchError(BLOCKED_ADDRESS) when the file, or where it redirects to, lies there.
        """
        parts = urls.split(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._asking.setdefault(origin, asyncio.Lock()):
            rules = self._parsed.pop(origin, None)
            if rules is None or rules.record.expires_at <= self._clock.now():
                rules = await self._find(origin)
            self._parsed[origin] = rules
        if len(self._parsed) > MOST_PARSED:
            oldest = next(iter(self._parsed))
            del self._parsed[oldest]
        return rules

    async def _find(self, origin: str) -> Rules:
        """The rules from the cache, or else from the server."""
        record = self._cache.get_robots(origin)
        if record is not None and record.expires_at > self._clock.now():
            return Rules(record)
        trouble = ""
        try:
            status, body = await self._ask(f"{origin}/robots.txt")
        except FetchError as exc:
            if exc.outcome is Outcome.BLOCKED_ADDRESS:
                raise
            status, body, trouble = 0, b"", exc.reason
        text = text_of(body) if 200 <= status < 300 else ""
        now = self._clock.now()
        kept = KEPT_UNREACHABLE if status == 0 or status >= 500 else KEPT
        record = RobotsRecord(origin, status, text, now, now + kept)
        self._cache.put_robots(record)
        return Rules(record, trouble)


def text_of(body: bytes) -> str:
    """The text of a robots.txt: the first MOST_BYTES of it, as UTF-8 (RFC 9309, 2.3 and 2.5)."""
    if len(body) >= MOST_BYTES:  # half a line must not stand for a rule: "Disallow: /" of "/x"
        body = body[:MOST_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r"), 0)]
    return body.decode("utf-8-sig", "replace")


def for_us(text: str) -> str:
    """The agents and rules of `text`, as RFC 9309 reads them and so that protego does as well.

    Each group is named for us, for all, or for `other`: 2.2.1 compares whole product tokens, where
    protego takes "scrap" for us. It also keeps every named group: 250 kB of names above 250 kB of
    rules make it hold hundreds of millions. Other records are left out: they must not end a group
    (2.2.4). Lines end by 2.2 only.
    """
    lines = []
    for line in END_OF_LINE.split(text):
        line = MORE_ENDS.sub(" ", line.partition("#")[0])
        if found := AGENT_LINE.fullmatch(line):
            lines.append(f"User-agent: {group(found[1])}")
        elif NO_NAME.fullmatch(line):
            lines.append("User-agent: other")
        elif RULE_LINE.fullmatch(line):
            lines.append(rule(line))
    return "\n".join(lines)


def rule(line: str) -> str:
    """`line` as protego reads it by the letter: to it "Allow: /index.html" would allow "/" too."""
    line = comparable(line.rstrip())
    return f"{line}*" if INDEX_LINE.fullmatch(line) else line


def comparable(path: str) -> str:
    """`path` with the slashes of its query as such; RFC 9309, 2.2.2 has them and %2F match."""
    start, mark, query = path.partition("?")
    return start + mark + ESCAPED_SLASH.sub("/", query)


def group(agent: str) -> str:
    """Which of the three groups a User-agent line opens."""
    if agent.split()[0] == "*":
        return "*"
    token = re.match(r"[a-z_-]*", agent, re.IGNORECASE)
    return TOKEN if token and token[0].lower() == TOKEN else "other"


def named(status: int) -> str:
    """A status with its standard phrase, as in "503 Service Unavailable"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
