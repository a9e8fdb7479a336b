"""Settings of single hosts, as the servers see them: pace, connections, ports, proxies."""

from __future__ import annotations

import asyncio
import base64
import itertools

import pytest
from misbehave import Request, Server, config, fetcher, reply, result

from scraper.config import HostConfig
from scraper.errors import FetchError
from scraper.fetch import Fetcher, MemoryRobots
from scraper.fetch.guard import OPEN_PORTS
from scraper.model import Outcome, Page


async def slow(writer: asyncio.StreamWriter, _: Request) -> None:
    await asyncio.sleep(0.05)
    writer.write(reply(b"<p>slow", "Connection: close"))
    await writer.drain()


def test_delay_and_connections_of_a_host() -> None:
    hosts = {
        "127.0.1.2": HostConfig(delay=0.1, given=("delay",)),
        "127.0.1.3": HostConfig(connections=2, given=("connections",)),
    }

    async def run() -> None:
        async with (
            Server({"/": slow}, "127.0.1.1") as plain,
            Server({"/": slow}, "127.0.1.2") as patient,
            Server({"/": slow}, "127.0.1.3") as wide,
            fetcher(hosts=hosts) as source,
        ):
            urls = [server.url() for server in (plain, patient, wide) for _ in range(4)]
            await asyncio.gather(*(source.fetch(url) for url in urls))
            assert [s.peak for s in (plain, patient, wide)] == [1, 1, 2]
            times = [r.at for r in patient.requests if r.path == "/"]
            assert min(b - a for a, b in itertools.pairwise(times)) >= 0.1

    asyncio.run(run())


def test_connections_of_one_host_are_kept_apart() -> None:
    hosts = {"127.0.1.1": HostConfig(connections=3, given=("connections",))}

    async def run() -> None:
        async with Server({"/": reply()}) as server, fetcher(hosts=hosts) as source:
            await source.fetch(server.url())
            for _ in range(3):
                await asyncio.gather(*(source.fetch(server.url()) for _ in range(3)))
            assert len(server.paths()) == 10
            assert server.connections <= 3

    asyncio.run(run())


def test_a_port_needs_permission() -> None:
    public = "1.1.1.1"  # nothing is sent: the dial is refused, or never answered
    hosts = {"b.test": HostConfig(ports=(8001,), given=("ports",))}
    dialled: list[tuple[str, int]] = []

    async def resolver(host: str, port: int) -> list[str]:
        dialled.append((host, port))
        return ["127.0.0.1"] if host == "c.test" else [public]

    async def run() -> None:
        settings = config(hosts=hosts, connect_timeout=0.1)
        async with Fetcher(settings, MemoryRobots(), resolver=resolver) as source:
            closed = await result(source, "http://a.test:8001/")
            assert isinstance(closed, FetchError)
            assert closed.outcome is Outcome.BLOCKED_ADDRESS
            assert "port 8001, not one of 80, 443, 8080, 8443" in closed.reason

    asyncio.run(run())
    assert 8001 not in OPEN_PORTS


async def never(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} is the proxy's to resolve")


def through(proxy: Server, url: str, user: str = "") -> Page | FetchError:
    async def run() -> Page | FetchError:
        async with proxy:
            address = f"http://{user}127.0.0.1:{proxy.port}"
            hosts = {"*": HostConfig(proxy=address, given=("proxy",))}
            settings = config(hosts=hosts)
            async with Fetcher(settings, MemoryRobots(), resolver=never) as source:
                return await result(source, url)

    return asyncio.run(run())


def test_a_proxy_is_asked_for_what_has_one() -> None:
    url = "http://a.example.org/x?y"
    proxy = Server({url: reply(b"<p>by the proxy")}, "127.0.0.1")
    page = through(proxy, url, user="us%40er:pass@")
    assert isinstance(page, Page)
    assert page.body == b"<p>by the proxy"
    assert [r.path for r in proxy.requests] == ["http://a.example.org/robots.txt", url]
    expected = base64.b64encode(b"us@er:pass").decode()
    assert proxy.requests[-1].headers["proxy-authorization"] == f"Basic {expected}"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost/",
        "http://printer/",
        "http://nas.local/",
        "http://a.internal/",
        "http://a.example.org:22/",
        "http://1.1.1.1:22/",
    ],
)
def test_a_proxy_is_not_asked_for_what_is_inside(url: str) -> None:
    proxy = Server(address="127.0.0.1")
    found = through(proxy, url)
    assert isinstance(found, FetchError)
    assert found.outcome is Outcome.BLOCKED_ADDRESS
    assert proxy.connections == 0


def test_a_proxy_that_refuses_is_named() -> None:
    proxy = Server({"a.example.org:443": reply(b"no", status=403)}, "127.0.0.1")
    found = through(proxy, "https://a.example.org/")
    assert isinstance(found, FetchError)
    assert found.outcome is Outcome.ROBOTS_UNREACHABLE
    assert "its proxy refused it (403" in found.reason


def test_accept_language_is_sent_when_it_is_set() -> None:
    async def run() -> None:
        async with Server({"/": reply()}) as server:
            async with fetcher(accept_language="fr, en;q=0.5") as source:
                await source.fetch(server.url())
            assert server.requests[-1].headers["accept-language"] == "fr, en;q=0.5"
            async with fetcher() as source:
                await source.fetch(server.url())
            assert "accept-language" not in server.requests[-1].headers

    asyncio.run(run())
