"""Addresses -> reached or refused."""

from __future__ import annotations

import asyncio
import ipaddress

import httpcore
import pytest
from misbehave import HTML, Server, config, redirect, reply

from scraper.config import Config
from scraper.errors import FetchError
from scraper.fetch import Accept, Fetcher, MemoryRobots, guard
from scraper.fetch.guard import GuardedBackend, refusal
from scraper.model import Outcome

REFUSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1
192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7
203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1
64:ff9b::808:808 64:ff9b:1::a00:1 100::1 2001::1 2001:0:7f00:1:: 2001:10::1 2001:20::1 2001:db8::1
2002:7f00:1:: 2002:a00:1::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%1 febf::1
fec0::1 ff02::1 ff0e::1
""".split()
REACHED = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
172.15.255.255 172.32.0.1 192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1 223.255.255.255
2001:200::1 2606:4700:4700::1111 2a00:1450:4001::1 2003::1
""".split()


@pytest.mark.parametrize("text", REFUSED)
def test_addresses_that_are_refused(text: str) -> None:
    assert refusal(ipaddress.ip_address(text), 80, ())


@pytest.mark.parametrize("text", REACHED)
def test_addresses_that_are_reached(text: str) -> None:
    assert refusal(ipaddress.ip_address(text), 443, ()) is None


def test_ports() -> None:
    public, inner = ipaddress.ip_address("1.1.1.1"), ipaddress.ip_address("10.1.1.1")
    assert [p for p in (22, 25, 80, 443, 6379, 8080, 8443) if not refusal(public, p, ())] == [
        80,
        443,
        8080,
        8443,
    ]
    allow = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("1.1.1.1/32"))
    assert refusal(public, 25, allow) is None
    assert refusal(inner, 6379, allow) is None
    assert refusal(ipaddress.ip_address("::ffff:10.1.1.1"), 80, allow) is not None


def outcome(fetcher: Fetcher, url: str, accept: Accept = Accept.PAGE) -> asyncio.Future[FetchError]:
    async def ask() -> FetchError:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(url, accept=accept)
        return caught.value

    return asyncio.ensure_future(ask())


async def ended(fetcher: Fetcher, url: str) -> str:
    try:
        await fetcher.fetch(url)
    except FetchError as exc:
        return exc.outcome
    return "ok"


def test_robots_txt_that_redirects_inside_reaches_nothing() -> None:
    async def run() -> None:
        async with (
            Server({"/": reply()}, "127.0.0.1") as canary,
            Server({"/": reply(), "/robots.txt": redirect(canary.url("/"))}) as site,
            Fetcher(config(), MemoryRobots()) as fetcher,
        ):
            error = await outcome(fetcher, site.url())
            assert error.outcome is Outcome.BLOCKED_ADDRESS
            assert site.paths() == []
            assert canary.connections == 0

    asyncio.run(run())


@pytest.mark.parametrize("honest", range(1, 6))
def test_a_dns_answer_that_changes_gains_nothing(
    honest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "KEPT", -1.0)  # each question is a look-up
    asked: list[str] = []

    async def lying(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.1.1"] if len(asked) <= honest else ["127.0.0.1"]

    async def run() -> None:
        closing = reply(HTML, "Connection: close")
        none = reply(b"", "Connection: close", status=404)
        async with (
            Server({"/": closing, "/robots.txt": none}) as site,
            Server({"/": reply()}, "127.0.0.1", port=site.port) as canary,
            Fetcher(config(), MemoryRobots(), resolver=lying) as fetcher,
        ):
            url = site.url(host="a.test")
            got = [await ended(fetcher, url) for _ in range(3)]
            assert got[0] == ("ok" if honest >= 4 else "blocked_address")
            assert got[2] == "blocked_address"
            assert all(r.headers["host"] == f"a.test:{site.port}" for r in site.requests)
            assert canary.connections == 0

    asyncio.run(run())


def test_a_name_is_looked_up_once_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def counting(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.1.1"]

    async def run() -> None:
        closing = reply(HTML, "Connection: close")
        async with (
            Server({"/": closing}) as site,
            Fetcher(config(), MemoryRobots(), resolver=counting) as fetcher,
        ):
            await fetcher.fetch(site.url(host="a.test"))
            await fetcher.fetch(site.url(host="a.test"))
            assert site.connections == 2
            assert asked == ["a.test"]
            monkeypatch.setattr(guard, "KEPT", -1.0)
            await fetcher.fetch(site.url(host="a.test"))
            assert len(asked) > 1

    asyncio.run(run())


def test_only_good_addresses_of_a_name_are_dialled_and_dead_ones_are_passed_over() -> None:
    async def several(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "127.0.1.77", "127.0.1.1"]  # refused, dead, alive

    async def run() -> None:
        async with (
            Server({"/": reply()}) as site,
            Server({"/": reply()}, "127.0.0.1", port=site.port) as canary,
            Fetcher(config(), MemoryRobots(), resolver=several) as fetcher,
        ):
            assert (await fetcher.fetch(site.url(host="a.test"))).status == 200
            assert canary.connections == 0

    asyncio.run(run())


def test_a_look_up_counts_for_the_connect_timeout() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    async def run() -> None:
        backend = GuardedBackend(Config(), never)
        with pytest.raises(httpcore.ConnectTimeout):
            await backend.connect_tcp("a.test", 80, timeout=0.05)

    asyncio.run(run())
