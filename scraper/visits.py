"""A due link -> its page -> what the database keeps of it: one visit, whatever comes."""

from __future__ import annotations

import logging
import random
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scraper import urls
from scraper.clock import Clock
from scraper.config import Config
from scraper.errors import CleanError, FetchError, StoreError
from scraper.fetch import Fetcher
from scraper.frontier import Frontier
from scraper.model import Article, Outcome, Page, Report, Verdict
from scraper.retry import DAY, IN_RUN, IN_RUN_TRIES, fate, second_look
from scraper.store import DueLink, Store
from scraper.workers import Workers

log = logging.getLogger("scraper")


@dataclass(slots=True)
class Means:
    """What a run works with. The store is only touched on the event loop's thread: one writer."""

    store: Store
    config: Config
    workers: Workers
    clock: Clock
    random: random.Random
    progress: Callable[[Report], None]
    report: Report = field(default_factory=Report)


class Visits:
    """The visits of one run."""

    def __init__(self, means: Means, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        self.store = means.store
        self.config = means.config
        self.workers = means.workers
        self.clock = means.clock
        self.random = means.random
        self.report = means.report
        self.progress = means.progress
        self.stored = {Verdict.ARTICLE, *map(Verdict, self.config.also_store)}
        self.frontier = Frontier(self.visit_safely, self.clock, self.connections)
        self.tries: dict[int, int] = {}

    def connections(self, url: str) -> int:
        """How many links of one site are visited at once."""
        return self.config.host(urls.host(url).split(":")[0]).connections

    async def visit_safely(self, link: DueLink) -> None:
        """Visits one link; a fault of ours becomes an outcome of that link alone."""
        try:
            await self.visit(link)
        except StoreError:
            raise
        except Exception as exc:
            self.failed(link, Outcome.CLEAN_FAILED, fault(link.url, exc), None)
        self.progress(self.report)

    async def visit(self, link: DueLink) -> None:
        """Fetches one link, cleans its page, stores what it is.

        Nothing is asked of a site that asked for more patience than a run has, now or in a run
        before: its links wait.
        """
        rest = self.store.site_backoff(urls.site(link.url))
        if rest is not None and rest > self.clock.now():
            return
        try:
            page = await self.fetcher.fetch(
                link.url, etag=link.etag, last_modified=link.last_modified
            )
        except FetchError as exc:
            self.failed(link, exc.outcome, exc.reason, exc.retry_after)
            return
        if page.status == 304:
            self.unchanged(link)
            return
        self.report.tally.pages_fetched += 1
        try:
            article = await self.workers.clean(page)
        except CleanError as exc:
            if not self.frontier.stopping:  # who stops a whole group of processes stops cleaners
                self.failed(link, Outcome.CLEAN_FAILED, exc.reason, None)
            return
        reserved = set(article.reservations) & set(self.config.obey)
        if reserved - {"noarchive"}:
            reason = f"its owner reserves it ({', '.join(sorted(reserved))})"
            self.failed(link, Outcome.RESERVED, reason, None)
            return
        await self.brought_up_to_date(link)
        archived = self.config.keep_pages_days > 0 and "noarchive" not in reserved
        with self.store.transaction():
            self.keep(link, article, page if archived else None)
            self.store.keep_validators(link.id, page)

    async def brought_up_to_date(self, link: DueLink) -> None:
        """Cleans again what an older cleaner made of a link's page before, if that is kept.

        What is new in the text would else count as an edit of the publisher's.
        """
        number = self.store.stale_article(link.id)
        page = None if number is None else self.store.page(link.id)
        if number is None or page is None:
            return
        with suppress(CleanError):
            article = await self.workers.clean(page)
            if article.verdict in self.stored:
                self.store.recleaned(number, article)

    def keep(self, link: DueLink, article: Article, page: Page | None) -> None:
        """Writes down what a link's page is; `page` None: it is not archived."""
        now, tally = self.clock.now(), self.report.tally
        again = self.look_again(link, article.verdict)
        if article.verdict in self.stored:
            saved = self.store.save_article(link.id, page, article, now=now, next_try=again)
            tally.articles_new += saved.new
            tally.articles_revised += saved.revised
            return
        self.store.link_refused(link.id, article, page, now=now, next_try=again)
        tally.refused += 1
        log.info("refused as %s: %s (%s)", article.verdict, link.url, article.verdict_reason)

    def unchanged(self, link: DueLink) -> None:
        """Writes down that a second look found the same page."""
        again = self.look_again(link, Verdict(link.verdict)) if link.verdict else None
        self.store.link_unchanged(link.id, next_try=again, now=self.clock.now())

    def look_again(self, link: DueLink, verdict: Verdict) -> datetime | None:
        """When a link is visited again whose page had `verdict`; None: never."""
        return second_look(verdict, link.looks + 1, self.clock.now(), self.random.random())

    def failed(
        self, link: DueLink, outcome: Outcome, error: str, retry_after: float | None
    ) -> None:
        """Writes down how a link failed, and tries again in this run if that is due soon."""
        now, tried = self.clock.now(), self.tries.get(link.id, 0)
        self.tries[link.id] = tried + 1
        then = fate(outcome, link.attempts + tried + 1, now, retry_after, self.random.random())
        self.store.link_failed(
            link.id, outcome, error, next_try=then.next_try, state=then.state, now=now
        )
        log.info("%s: %s (%s)", link.url, error, outcome)
        if retry_after and retry_after > IN_RUN:
            until = now + timedelta(seconds=min(retry_after, DAY))
            self.store.set_site_backoff(urls.site(link.url), until)
        wait = (then.next_try - now).total_seconds() if then.next_try else IN_RUN + 1
        if wait <= IN_RUN and tried < IN_RUN_TRIES:
            self.frontier.put_later(link, wait)
        else:
            self.report.tally.failed += 1


def fault(subject: str, exc: Exception) -> str:
    """What went wrong in our own code, in a line; the log has the traceback."""
    log.exception("failed on %s", subject)
    where = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__}: {exc} ({where.name}, line {where.lineno})"
