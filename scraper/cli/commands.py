"""The commands: argv -> calls of the library -> rows, records, exit codes."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click

from scraper import config as settings
from scraper import demo as sample
from scraper import render
from scraper.add import find
from scraper.cli.diffs import show_diff
from scraper.cli.terminal import Lines, complain, progress, say, summary, table
from scraper.clock import SystemClock
from scraper.config import VERSION, Config
from scraper.crawl import Options
from scraper.crawl import crawl as run_crawl
from scraper.errors import ConfigError, FeedError, FetchError, ScraperError
from scraper.model import Cut, Report
from scraper.store import Revision, Store

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_CONFIG = Path("scraper.toml")
clock = SystemClock()


def common(command: F) -> F:
    """The options that every command has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("-q", "--quiet", is_flag=True, help="No progress, no hints."),
        click.option("-v", "--verbose", is_flag=True, help="Say what is done."),
        click.option(
            "--config", "config_file", type=click.Path(dir_okay=False),
            help="Settings; scraper.toml if there is one.",
        ),
        click.option("--db", default="articles.db", show_default=True, help="The database."),
    ):  # fmt: skip
        command = option(command)
    return command


def fetching(command: F) -> F:
    """The options of every command that fetches."""
    option = click.option(
        "--allow", multiple=True, metavar="CIDR",
        help="A private network that may be reached, on any port. Repeatable.",
    )  # fmt: skip
    return option(command)


def configured(config_file: str | None, verbose: bool, **flags: Any) -> Config:
    """The settings of the file and the flags; logging as asked for."""
    level = logging.INFO if verbose else logging.CRITICAL
    logging.basicConfig(level=logging.CRITICAL, format="%(message)s", handlers=[Lines()])
    logging.getLogger("scraper").setLevel(level)
    path = config_file or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
    given = {k: v for k, v in flags.items() if v not in (None, ())}
    return settings.load(path, **given)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(VERSION, prog_name="scraper")
@click.pass_context
def cli(context: click.Context) -> None:
    """Polls feeds, fetches what is new, strips it to headline and body, keeps it in SQLite."""
    if context.invoked_subcommand is None:
        say(context.get_help())


@cli.command()
@click.argument("sources", nargs=-1, required=True, metavar="URL|FILE...")
@common
@fetching
def add(sources: tuple[str, ...], db: str, config_file: str | None, **rest: Any) -> int:
    """Adds feeds: a feed, a home page, an OPML file, a text file of addresses."""
    config = configured(config_file, rest["verbose"], allow=rest["allow"])
    rows: list[dict[str, Any]] = []
    code = 0
    with Store(db) as store:
        for source in sources:
            try:
                found = find(source, config, store)
            except (ConfigError, FeedError, FetchError) as exc:
                complain(f"scraper add: {exc}")
                code = 2
                continue
            for feed in found:
                try:
                    new = store.add_feed(
                        feed.url, title=feed.title, kind=feed.kind, now=clock.now()
                    )
                except ConfigError as exc:  # one address of a list
                    complain(f"scraper add: {exc}")
                    code = 2
                    continue
                rows.append({"url": feed.url, "title": feed.title, "new": new})
    if rest["as_json"]:
        say(render.as_json(rows))
    elif not rest["quiet"] and rows:
        added = sum(row["new"] for row in rows)
        known = f", {len(rows) - added} known before" if added < len(rows) else ""
        say(f"{added} feed{'' if added == 1 else 's'} added{known}. Next: scraper crawl --db {db}")
    return code


@cli.command()
@click.option("--due", type=click.Choice(["now"]), help="now: poll every feed, due or not.")
@click.option("--recheck", type=click.Choice(["now"]), help="now: the last week's articles again.")
@click.option("--delay", type=float, metavar="S", help="Seconds between requests to one site.")
@click.option("--only", metavar="HOST", help="Visit this host or site only.")
@common
@fetching
def crawl(db: str, config_file: str | None, **rest: Any) -> int:
    """One run over what is due: what cron calls. Prints nothing when all is well."""
    config = configured(
        config_file, rest["verbose"], allow=rest["allow"], delay=rest["delay"]
    )  # fmt: skip
    with Store(db) as store, progress(not rest["quiet"] and not rest["as_json"]) as show:
        if not store.feeds() and not rest["quiet"]:
            complain(f"scraper crawl: {db} has no feeds yet; scraper add URL")
        # cron mails what is printed: there the first run of a database says it, and no other
        if rest["verbose"] or (not rest["quiet"] and (sys.stderr.isatty() or not store.has_run())):
            for line in config.cautions:
                complain(f"scraper crawl: {line}")
        report = run_crawl(
            store, config,
            Options(rest["due"] == "now", rest["recheck"] == "now", rest["only"]),
            clock=clock, progress=show,
        )  # fmt: skip
    return told(report, **rest)


def told(report: Report, *, as_json: bool, verbose: bool, quiet: bool, **rest: Any) -> int:
    """Says how a run went; its exit code."""
    if as_json:
        outcome = {"ended": report.ended, "worse": report.worse, "waiting": report.waiting}
        say(render.as_json(asdict(report.tally) | outcome))
    elif verbose or (sys.stdout.isatty() and not quiet):
        idle = "" if report.tally.feeds_due else "; no feed is due, --due now polls all"
        say(summary(report) + idle)
    if report.ended == "interrupted" and not quiet:
        complain(f"scraper crawl: interrupted; {report.waiting} links wait for the next run")
    for line in report.worse:
        complain(f"scraper crawl: {line}")
    return 1 if report.worse else 0


@cli.command()
@click.argument("source", metavar="FILE|URL|-")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "html", "json"]), default="text",
    show_default=True,
)  # fmt: skip
@click.option(
    "--second-opinion", type=click.Choice(["auto", "never"]),
    help="Whether trafilatura is asked, too, where our scorer is in doubt.",
)  # fmt: skip
@common
@fetching
def clean(
    source: str, form: str, second_opinion: str | None, config_file: str | None, **rest: Any
) -> int:
    """One page to text, markdown, HTML or JSON. A .txt file is text that was scraped naively."""
    from scraper.cli.page import article_of  # costs half a second: the cleaner

    asked = {"allow": rest["allow"], "second_opinion": second_opinion}
    article = article_of(source, configured(config_file, rest["verbose"], **asked))
    if rest["as_json"] or form == "json":
        say(render.as_json(render.record(article)))
    else:
        say({"text": render.text, "markdown": render.markdown, "html": render.page}[form](article))
    if article.verdict != "article":
        complain(
            f"scraper clean: {source}: no article but {article.verdict}: {article.verdict_reason}"
        )
        return 1
    return 0


@cli.command()
@click.argument("key", required=False, metavar="[ID|URL]")
@click.option("--cuts", is_flag=True, help="What was dropped, and why.")
@click.option("--history", is_flag=True, help="Its revisions.")
@click.option("--diff", is_flag=True, help="What each revision changed, word by word.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@common
def show(key: str | None, cuts: bool, history: bool, diff: bool, **rest: Any) -> int:
    """One article; without ID or URL the newest ones."""
    configured(rest["config_file"], rest["verbose"])
    with Store(rest["db"], must_exist=True) as store:
        if key is None:
            newest(store, rest["limit"], rest["as_json"])
            return 0
        stored = store.article(int(key) if key.isdecimal() and len(key) < 20 else key)
        if stored is None:
            raise ScraperError(rest["db"], f"holds no article {key}")
        if cuts:
            show_cuts(store.cuts(stored.id), rest["as_json"])
        elif diff and not rest["as_json"]:
            show_diff(store.revisions(stored.id))
        elif history or diff:
            show_history(store.revisions(stored.id), rest["as_json"])
        elif rest["as_json"]:
            known = {"id": stored.id, "revision": stored.revision, "first_seen": stored.first_seen}
            say(render.as_json(known | render.record(stored.article)))
        else:
            say(render.text(stored.article))
    return 0


def show_cuts(cuts: Sequence[Cut], as_json: bool) -> None:
    """Prints what was dropped from a page."""
    if as_json:
        say(render.as_json([asdict(cut) for cut in cuts]))
    else:
        table("Cuts", ("reason", "rule", "text"), [(c.reason, c.rule, c.text) for c in cuts])


def show_history(revisions: Sequence[Revision], as_json: bool) -> None:
    """Prints the revisions of an article."""
    if as_json:
        say(render.as_json([asdict(revision) for revision in revisions]))
        return
    rows = [(r.revision, r.seen_at, r.headline, ", ".join(r.changed)) for r in revisions]
    table("Revisions", ("revision", "seen", "headline", "changed"), rows)


def newest(store: Store, limit: int, as_json: bool) -> None:
    """Prints the newest articles."""
    rows = store.recent(limit)
    if as_json:
        say(render.as_json([asdict(row) for row in rows]))
        return
    columns = ("id", "language", "published", "words", "headline")
    table("Stored", columns, [(a.id, a.language, a.published, a.words, a.headline) for a in rows])


@cli.command()
@common
def demo(db: str, config_file: str | None, **rest: Any) -> int:
    """Crawls the bundled sample site on loopback, shows what was stored and what was refused."""
    configured(None, rest["verbose"])
    config = settings.load(
        None, allow=[f"{sample.HOST}/32"], delay=0.0, contact="the-demo@localhost"
    )
    with sample.served() as base, Store(db) as store:
        for path in sample.FEEDS:
            store.add_feed(base + path, now=clock.now())
            store.set_feed_status(base + path, "active")
        try:
            with progress(not rest["quiet"]) as show:
                only = Options(every_feed=True, only=base.removeprefix("http://"))
                report = run_crawl(store, config, only, clock=clock, progress=show)
        finally:  # nobody serves it after this: it must not fail in the user's own crawls
            for path in sample.FEEDS:
                store.set_feed_status(base + path, "paused")
        if rest["as_json"]:
            told(report, **rest)
            return 0
        newest(store, 50, as_json=False)
        refused = [r for r in store.refused(50) if r.url.startswith(base)]
    say("")
    table("Refused", ("outcome", "url", "reason"), [
        (r.verdict or r.outcome, r.url, r.reason) for r in refused
    ])  # fmt: skip
    command = shlex.join([sys.argv[0], "search", "--db", db, "ferry"])
    say(f"\n{summary(report)}. Next: {command}")
    return 0
