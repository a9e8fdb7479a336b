from __future__ import annotations

import json
import re
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from newssite import LOOPBACK, Here, Reply, headline, paper, rss, serving, story, subscribed

from scraper import demo
from scraper.cli import run
from scraper.cli.commands import cli
from scraper.store import Store

ROOT = Path(__file__).parent.parent
FERRY = ROOT / "fixtures/site/articles/night-ferry-thornwick.html"


class Ended(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def scraper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command in this process and in an empty folder, cleaning in this process too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scraper.toml").write_text('contact = "tests@example.org"')
    monkeypatch.setattr(sys.modules["scraper.crawl"], "Workers", Here)
    monkeypatch.setattr("scraper.cli.page.Workers", Here)

    def command(*args: str) -> Ended:
        code = run(list(args))
        return Ended(code, *capsys.readouterr())

    return command


@pytest.fixture
def crawled(scraper: Command) -> Iterator[str]:
    """The base of a site whose three stories are in articles.db."""
    with serving(paper([1, 2, 3])) as site:
        assert scraper("add", site.url("/rss.xml"), "--allow", LOOPBACK).code == 0
        assert scraper("crawl", "--delay", "0", "--allow", LOOPBACK) == (0, "", "")
        yield site.base


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_help(scraper: Command, name: str) -> None:
    code, out, err = scraper(name, "--help")
    command = cli.commands[name]
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: scraper {name} ")
    assert command.help is not None
    assert command.help.split()[0] in out
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert all(option in out for option in parameter.opts)
            assert parameter.help or parameter.default is not None, parameter.name


def test_without_a_command_the_commands_are_listed(scraper: Command) -> None:
    listed = scraper()
    assert listed == scraper("--help")
    assert (listed.code, listed.err) == (0, "")
    assert all(f"\n  {name} " in listed.out for name in cli.commands)
    assert re.fullmatch(r"scraper, version \S+\n", scraper("--version").out)


def test_the_readme_names_every_command_and_option() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("\n## Commands\n")[2].partition("\n## ")[0]
    if not section:
        pytest.skip("the README has no table of commands yet")
    rows = {m[1]: m[0] for m in re.finditer(r"(?m)^\| `scraper (\w+).*$", section)}
    common = "".join(line for line in section.splitlines() if not line.startswith("|"))
    assert sorted(rows) == sorted(cli.commands)
    for name, command in cli.commands.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert any(f"`{o}" in rows[name] + common for o in parameter.opts), (
                    name, parameter.opts,
                )  # fmt: skip


MISTAKES = {
    "bogus": "No such command 'bogus'",
    "crawl --dues now": "No such option",
    "crawl --due later": "'later' is not 'now'",
    "crawl --delay soon": "'soon' is not a valid float",
    "crawl --delay -1": "delay must be a number from 0 to 3600",
    "crawl --delay nan": "delay must be a number from 0 to 3600",
    "crawl --allow 10.0.0.1/8": "has host bits set",
    "crawl --config none.toml": "none.toml: No such file",
    "crawl --config folder": "is a directory",
    "crawl --config page.pdf": "is no TOML file",
    "crawl --config odd.toml": "unknown setting 'colour'",
    "crawl --db folder": "folder: is a directory",
    "crawl --db text.txt": "text.txt: is not a SQLite database",
    "crawl --db other.db": "is a SQLite database of another program",
    "crawl --db newer.db": "was made by a newer version of scraper",
    "crawl --db none/a.db": "the folder none does not exist",
    "crawl extra": "unexpected extra argument",
    "add": "Missing argument 'URL|FILE...'",
    "add none.txt": "none.txt: No such file or directory",
    "add example.org": "an address begins with https://",
    "add folder": "folder: Is a directory",
    "add text.txt": "line 1: 'This is' is no http or https address",
    "add empty.opml": "names no feed",
    "add page.pdf": "is no http or https address",
    "add ftp://example.org/": "is no http or https address",
    "add http://[::1/": "is no address",
    "add http://127.0.0.1:1/": "a loopback address; --allow it to reach it",
    "add http://127.0.0.1:1/ --allow 127.0.0.0/8": "could not be reached",
    "clean none.html": "none.html: No such file or directory",
    "clean folder": "folder: Is a directory",
    "clean page.pdf": "page.pdf: is a PDF, no page",
    "clean binary": "binary: is binary, no page",
    "clean newer.db": "newer.db: is a database, no page",
    "clean http://127.0.0.1:1/ --allow 127.0.0.0/8": "could not be reached",
    "clean": "Missing argument",
    "clean page.pdf --format xml": "'xml' is not one of",
    "search": "Missing argument",
    "search ferry --limit 0": "0 is not in the range",
    "search ferry": "articles.db: does not exist",
    "show": "articles.db: does not exist",
    "show --db empty.db 7": "empty.db: holds no article 7",
    f"show --db empty.db {'9' * 5000}": "empty.db: holds no article 999",
    "show --db empty.db https://example.org/": "holds no article https://example.org/",
    "show --db line\nbreak.db": "line break.db: does not exist",
}


@pytest.fixture
def mistakes(tmp_path: Path, scraper: Command) -> Command:
    """The command in a folder of files that it can't use."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "page.pdf").write_bytes(b"%PDF-1.7\n\xff\xfe")
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "odd.toml").write_text('colour = "red"')
    (tmp_path / "text.txt").write_text("This is\nno list of addresses. " * 99)
    (tmp_path / "empty.opml").write_text('<opml version="2.0"><body/></opml>')
    for name in ("newer.db", "empty.db"):
        Store(tmp_path / name).close()
    for name, statement in (
        ("newer.db", "PRAGMA user_version=99"),
        ("other.db", "CREATE TABLE t (a)"),
    ):
        connection = sqlite3.connect(tmp_path / name)
        connection.execute(statement)
        connection.close()
    return scraper


@pytest.mark.parametrize("line", MISTAKES, ids=lambda line: line[:40])
def test_a_mistake_gives_one_clear_line_and_code_2(mistakes: Command, line: str) -> None:
    code, out, err = mistakes(*line.split(" "))
    assert (code, out) == (2, "")
    assert re.fullmatch(r"scraper[^\n]+\n", err), err
    assert MISTAKES[line] in err
    assert "Traceback" not in err


def test_add_takes_a_feed_a_home_page_and_lists(scraper: Command, tmp_path: Path) -> None:
    home = '<!doctype html><link rel="alternate" type="application/rss+xml" href="/rss.xml"><p>x'
    lists = {"/feeds.txt": "# ours\n{{base}}/a.xml\n", "/home": home, "/page": story(1)}
    with serving({**paper([1]), **lists}) as site:
        bad = f'<outline xmlUrl="ftp://x/"/><outline xmlUrl="{site.url("/b.xml")}"/>'
        (tmp_path / "l.opml").write_text(f'<opml version="2.0"><body>{bad}</body></opml>')
        urls = [site.url(path) for path in ("/rss.xml", "/home", "/feeds.txt")]
        code, out, err = scraper("add", *urls, "--json", "--allow", LOOPBACK)
        assert (code, err) == (0, "")
        assert [(row["url"].removeprefix(site.base), row["new"]) for row in json.loads(out)] == [
            ("/rss.xml", True), ("/rss.xml", False), ("/a.xml", True),
        ]  # fmt: skip
        code, out, err = scraper("add", site.url("/page"), "l.opml", "--allow", LOOPBACK)
        assert (code, out) == (2, "1 feed added. Next: scraper crawl --db articles.db\n")
        assert err.splitlines() == [
            f"scraper add: {site.url('/page')}: is an HTML page that links to no feed",
            "scraper add: ftp://x/: is no http or https address",
        ]
        assert scraper("add", urls[0], "--allow", LOOPBACK).out.startswith("0 feeds added, 1 known")


def test_crawl_tells_cron_what_got_worse_and_nothing_else(scraper: Command) -> None:
    crawl = partial(scraper, "crawl", "--due", "now", "--delay", "0", "--allow", LOOPBACK)
    with serving({**paper([1]), "/b.xml": rss()}) as site, Store("articles.db") as store:
        subscribed(store, site.url("/rss.xml"), site.url("/b.xml"))
        assert crawl() == (0, "", "")
        site.answers["/b.xml"] = "<!doctype html><p>Moved"
        line = f"scraper crawl: {site.url('/b.xml')}: is an HTML page, not a feed\n"
        assert crawl() == (1, "", line)
        assert crawl() == (0, "", "")
        site.answers["/rss.xml"] = Reply("", 404)
        code, out, err = crawl()
        assert (code, out, len(err.splitlines())) == (1, "", 2)
        assert crawl() == (1, "", "scraper crawl: every feed that was due failed (2)\n")
        site.answers["/rss.xml"] = rss()
        assert crawl() == (0, "", "")
        tally = json.loads(crawl("--json").out)
        assert (tally["feeds_due"], tally["feeds_failed"], tally["worse"]) == (2, 1, [])


def test_crawl_without_feeds_says_so(scraper: Command) -> None:
    assert scraper("crawl") == (
        0, "", "scraper crawl: articles.db has no feeds yet; scraper add URL\n"
    )  # fmt: skip
    assert scraper("crawl", "-q") == (0, "", "")


def test_what_is_stored_is_shown_and_found(scraper: Command, crawled: str) -> None:
    rows = [line.split("\t") for line in scraper("show").out.splitlines()]
    assert sorted(row[4] for row in rows) == sorted(map(headline, [1, 2, 3]))
    assert all(row[0].isdigit() and row[1] == "en" and int(row[3]) > 200 for row in rows)
    (hit,) = scraper("search", "keeper", "NOT", '"story 1"', "NOT", '"story 2"').out.splitlines()
    assert headline(3) in hit
    assert "⟦keeper⟧" in hit
    text = scraper("show", f"{crawled}/2.html?utm_source=x").out
    assert text.startswith(headline(2) + "\n\n")
    assert "The last word of story 2" in text
    assert scraper("search", "nowhere").out == ""
    assert len(scraper("show", "--limit", "2").out.splitlines()) == 2


def test_json_is_json(scraper: Command, crawled: str) -> None:
    newest = json.loads(scraper("show", "--json").out)
    assert len(newest) == 3
    key = str(newest[0]["id"])
    article = json.loads(scraper("show", key, "--json").out)
    assert (article["headline"], article["revision"]) == (newest[0]["headline"], 1)
    assert article["body"].count("\n\n") == 8
    cuts = json.loads(scraper("show", key, "--cuts", "--json").out)
    assert "Imprint" in {cut["text"] for cut in cuts}
    (revision,) = json.loads(scraper("show", key, "--history", "--json").out)
    assert revision["headline"] == article["headline"]
    assert len(json.loads(scraper("search", "keeper", "--json").out)) == 3
    assert len(scraper("show", key, "--cuts").out.splitlines()) == len(cuts)
    assert len(scraper("show", key, "--history").out.splitlines()) == 1
    cleaned = json.loads(scraper("clean", f"{crawled}/1.html", "--allow", LOOPBACK, "--json").out)
    assert cleaned["headline"] == headline(1)


def test_clean_gives_four_forms(scraper: Command, tmp_path: Path) -> None:
    title = "Thornwick votes to keep its night ferry for another ten years"
    code, text, err = scraper("clean", str(FERRY))
    assert (code, err) == (0, "")
    assert text.startswith(f"{title}\n\nAfter a winter of petitions")
    assert "Get the five stories" not in text
    assert scraper("clean", str(FERRY), "--format", "markdown").out.startswith(f"# {title}\n\n**")
    assert scraper("clean", str(FERRY), "--format", "html").out.startswith(
        f"<article>\n<h1>{title}</h1>\n"
    )
    record = json.loads(scraper("clean", str(FERRY), "--format", "json").out)
    assert "newsletter" in {cut["reason"] for cut in record["cuts"]}
    more = "The clerk wrote <p>50 pence</p> into the minutes, and nobody knows why he did so."
    (tmp_path / "saved.txt").write_text(f"{text}\n{more}\n")
    again = scraper("clean", "saved.txt")
    assert (again.code, again.out.startswith(title), more in again.out) == (0, True, True)


def test_clean_says_when_a_page_is_no_article(scraper: Command) -> None:
    wall = ROOT / "fixtures/site/consent.html"
    code, _, err = scraper("clean", str(wall))
    assert (code, len(err.splitlines())) == (1, 1)
    assert err.startswith(f"scraper clean: {wall}: no article but consent_wall: ")


def test_the_demo_stores_its_articles_once(
    scraper: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((demo.HOST, 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr(demo, "served", partial(demo.served, port))
    code, out, err = scraper("demo", "--db", "d.db")
    assert (code, err) == (0, "")
    stored, refused, last = (part.splitlines() for part in out.split("\n\n"))
    assert len(stored) == 14
    assert {row.split("\t")[1] for row in stored} >= {"en", "fr", "de", "es", "zh", "ar", "ru"}
    assert {row.split("\t")[0] for row in refused} == {
        "listing", "consent_wall", "paywall", "not_found", "blocked_by_robots"
    }  # fmt: skip
    assert "14 articles stored" in last[0]
    with Store("d.db") as store:
        before = store.counts()
        tally = json.loads(scraper("demo", "--db", "d.db", "--json").out)
        assert (tally["feeds_unchanged"], tally["pages_fetched"]) == (2, 0)
        assert store.counts() == before | {"runs": 2}
