"""Bringing the library up to date with PubMed.

search -> plan -> fetch -> read -> store -> compare the sets -> report. Each step lives in a module
of its own; here they are joined, and here it is decided what a failure means for the run.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

from harvester import __version__
from harvester.accounts import Accounts, stray, undelivered
from harvester.drift import Reading, drift
from harvester.errors import HarvesterError, Interrupted
from harvester.intake import Incoming, make_ready, prepare, take
from harvester.library import membership, runs
from harvester.library import store as library
from harvester.library.changes import plan
from harvester.library.database import explained, transaction
from harvester.library.lock import exclusive
from harvester.library.migrations import open_library
from harvester.library.runs import Problem
from harvester.pubmed.eutils import DatabaseInfo, Eutils
from harvester.pubmed.fetch import Batch, fetch
from harvester.pubmed.search import search, search_window
from harvester.reports import Progress, Report, no_progress
from harvester.topics import Topic
from harvester.window import window_start
from harvester.workers import kept_ready

__all__ = ["harvest"]

log = logging.getLogger(__name__)

_Read = Callable[[Sequence[bytes]], list[Incoming | Problem | None]]

# So many records make it worth while to have processes read them, and to merge the text index.
MANY = 1000


def harvest(
    path: Path,
    client: Eutils,
    topics: Sequence[Topic],
    *,
    label: str,
    full: bool = False,
    limit: int | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = no_progress,
    stop: Event | None = None,
) -> Report:
    """Bring the library at `path` up to date for `topics`; `label` is the topic's name, or all.

    Raises ServiceDown when PubMed cannot be reached or keeps failing, LibraryBusy when another
    harvest runs, Interrupted after `stop` was set. What was stored before stays.
    """
    with exclusive(path, now=clock()), explained(path):
        connection = open_library(path).conn
        try:
            with transaction(connection):
                library.claim(connection, "real", path)
            run = _Run(
                connection=connection,
                client=client,
                topics=tuple(topics),
                label=label,
                clock=clock,
                progress=progress,
                stop=stop or Event(),
            )
            return run.run(full=full, limit=limit)
        finally:
            connection.close()


@dataclass(slots=True, kw_only=True)
class _Run:
    """One harvest under way."""

    connection: sqlite3.Connection
    client: Eutils
    topics: tuple[Topic, ...]
    label: str
    clock: Callable[[], datetime]
    progress: Progress
    stop: Event

    run_id: int = 0
    began: float = field(default_factory=time.monotonic)
    info: DatabaseInfo | None = None
    accounts: Accounts = field(default_factory=Accounts)
    read: _Read = field(init=False)

    def run(self, *, full: bool, limit: int | None) -> Report:
        accounts = self.accounts
        self._open()
        try:
            self._search(full=full)
            wanted = self._plan(full=full, limit=limit)
            with self._readers(len(wanted)) as self.read:
                self._fetch(wanted)
                self._compare()
            if accounts.outcome.added or accounts.outcome.revised:
                library.optimize(self.connection, text_index=len(accounts.outcome.added) > MANY)
        except Interrupted:
            accounts.complete = False
        except HarvesterError as error:
            accounts.complete = False
            error.report = self._close("failed", error=str(error)).as_json()
            raise
        except sqlite3.Error:
            self._close_if_possible()
            raise
        report = self._close()
        if self.stop.is_set():
            left = accounts.unfetched
            rest = f"{left:,} records are left to fetch. " if left else ""
            stopped = Interrupted(f"Stopped as asked. {rest}Run the same command again to go on.")
            stopped.report = report.as_json()
            raise stopped
        return report

    def _open(self) -> None:
        with transaction(self.connection):
            self.run_id = runs.start(
                self.connection,
                command="harvest",
                topic=self.label,
                now=self.clock(),
                version=__version__,
                source=self.client.url,
            )
            for topic in self.topics:
                runs.save_topic_definition(
                    self.connection,
                    name=topic.name,
                    title=topic.title,
                    term=topic.term,
                    rationale=topic.rationale,
                )

    # -- what PubMed has ------------------------------------------------------------------

    def _search(self, *, full: bool) -> None:
        """The complete set of each topic, and what PubMed revised since the last good run."""
        accounts = self.accounts
        self.info = self.client.database_info()
        members = self._members()
        for number, topic in enumerate(self.topics):
            self.progress("Searching PubMed", number, len(self.topics))
            result = search(self.client, topic.term, known=members[topic.name])
            accounts.add_set(topic.name, result)
            before = runs.last_reading(self.connection, topic.name, topic.term)
            notes, doubt = drift(topic.name, Reading(*before) if before else None, result)
            accounts.notes += notes
            if doubt:
                accounts.missed("search", doubt, topic=topic.name)
        accounts.since = self._window_start()
        if accounts.since and not full:
            # One search for all topics: a record that two of them find is listed once.
            term = " OR ".join(f"({topic.term})" for topic in self.topics)
            known = tuple(sorted(accounts.reported))
            accounts.add_window(
                self.label, search_window(self.client, term, accounts.since, known=known)
            )
        self.progress("Searching PubMed", len(self.topics), len(self.topics))

    def _window_start(self) -> date | None:
        """From each topic's last good run; before it has one, from its first attempt."""
        found = [
            runs.last_good_run(self.connection, topic.name)
            or runs.first_run(self.connection, topic.name)
            for topic in self.topics
        ]
        return window_start([run for run in found if run], now=self.clock())

    def _plan(self, *, full: bool, limit: int | None) -> tuple[int, ...]:
        accounts = self.accounts
        revised = set(accounts.window.pmids) if accounts.window else set()
        # Records held from files may be old; they are fetched once to make sure.
        revised |= library.held_pmids(self.connection, not_from="efetch")
        # What joins a search now may have been revised while nothing asked for it.
        members = set().union(*self._members().values())
        wanted = plan(
            reported=accounts.reported,
            held=library.held_pmids(self.connection) & members,
            revised=revised,
            retry=runs.unsolved_pmids(self.connection),
            full=full,
        )
        if limit is not None and len(wanted) > limit:
            accounts.missed(
                "fetch",
                f"{len(wanted) - limit:,} records were not fetched because of the limit "
                f"of {limit:,}.",
                topic=self.label,
            )
        return wanted[:limit]

    # -- what comes ------------------------------------------------------------------------

    def _fetch(self, wanted: Sequence[int]) -> set[int]:
        """Fetch, read and store; returns the PMIDs that PubMed does not know."""
        if not wanted:
            return set()
        accounts = self.accounts
        unknown: set[int] = set()
        done = 0
        self.progress("Fetching records", 0, len(wanted))
        gone = membership.withdrawn(self.connection)
        for batch in fetch(self.client, wanted, gone=gone, stop=self.stop):
            problems = [
                Problem(stage="fetch", reason=reason, pmid=pmid) for pmid, reason in batch.failed
            ]
            problems += [undelivered(p) for p in batch.missing if p in accounts.reported]
            problems += [stray(piece, self.label) for piece in batch.strays]
            if batch.failed:
                accounts.complete = False
            unknown.update(batch.missing)
            self._take(batch, problems)
            done += len(batch.asked)
            self.progress("Fetching records", done, len(wanted))
        if done < len(wanted):
            accounts.complete = False
            accounts.unfetched = len(wanted) - done
        return unknown

    def _readers(self, records: int) -> AbstractContextManager[_Read]:
        """Processes to read many records. They begin before any request is sent from a thread."""
        processes = None if records >= MANY else 1
        return kept_ready(self._prepare, begin=make_ready, processes=processes)

    def _prepare(self, record: bytes) -> Incoming | Problem | None:
        return prepare(record, "xml", lambda article: self.accounts.topics_of(article.pmid))

    def _take(self, batch: Batch, problems: list[Problem]) -> None:
        incoming = []
        for result in self.read([piece.data for piece in batch.pieces]):
            if isinstance(result, Incoming):
                incoming.append(result)
            elif result is not None:
                problems.append(result)
        self.accounts.outcome.add(
            take(
                self.connection,
                incoming,
                run_id=self.run_id,
                now=self.clock(),
                source="efetch",
                problems=problems,
            )
        )

    # -- what left --------------------------------------------------------------------------

    def _compare(self) -> None:
        """Mark what joined and what left each set; only a complete run may say that it left."""
        accounts = self.accounts
        held = library.held_pmids(self.connection)
        members = {name: set(pmids) for name, pmids in self._members().items()}
        joined = {name: (held & found) - members[name] for name, found in accounts.sets.items()}
        if any(joined.values()):
            with transaction(self.connection):
                for name, pmids in joined.items():
                    membership.join_topic(self.connection, name, sorted(pmids), run_id=self.run_id)
        if not accounts.complete:
            return
        gone = {name: members[name] - found for name, found in accounts.sets.items()}
        # Still in PubMed, or not? Asked by number; this also stores what became of the record. What
        # left earlier is asked for too: it is still shown, and may have been retracted since. So is
        # what was withdrawn: PubMed may only have failed to deliver it.
        left_before = set(membership.left_all(self.connection))
        withdrawn = membership.withdrawn(self.connection)
        doubtful = set().union(*gone.values(), left_before) - accounts.reported
        unknown = (self._fetch(sorted(doubtful, reverse=True)) & held) - withdrawn
        if not accounts.complete:
            return
        accounts.unknown = unknown
        accounts.withdrawn = {name: pmids & unknown for name, pmids in gone.items()}
        accounts.left = {name: pmids - unknown for name, pmids in gone.items()}
        with transaction(self.connection):
            membership.mark_withdrawn(
                self.connection, sorted(unknown), run_id=self.run_id, now=runs.utc(self.clock())
            )
            for name, pmids in accounts.left.items():
                membership.leave_topic(self.connection, name, sorted(pmids), run_id=self.run_id)
            runs.solve_problems(
                self.connection,
                self.run_id,
                topics=[*accounts.sets, self.label],
                still=accounts.reported.union(p.pmid for p in accounts.outcome.problems if p.pmid),
            )

    # -- the report -------------------------------------------------------------------------

    def _close(self, status: str | None = None, *, error: str | None = None) -> Report:
        accounts = self.accounts
        members = self._members()
        accounts.reconcile(members)
        status = status or accounts.status()
        topics = {name: accounts.counts(name, pmids) for name, pmids in members.items()}
        totals = accounts.totals(members)
        seconds = time.monotonic() - self.began
        with transaction(self.connection):
            runs.add_problems(self.connection, self.run_id, accounts.outcome.problems)
            for topic in self.topics:
                result = accounts.results.get(topic.name)
                runs.save_topic(
                    self.connection,
                    self.run_id,
                    topic.name,
                    topics[topic.name],
                    term=topic.term,
                    translation=result.translation if result else None,
                    warnings=result.warnings if result else (),
                    since=accounts.since.isoformat() if accounts.since else None,
                )
            runs.save_slices(self.connection, self.run_id, accounts.slices(self.label, members))
            runs.finish(
                self.connection,
                self.run_id,
                status=status,
                now=self.clock(),
                seconds=seconds,
                counts=totals,
                requests=self.client.requests_sent,
                complete=accounts.complete,
                database_build=self.info.build if self.info else None,
                database_updated=self.info.last_update if self.info else None,
                error=error,
            )
        return Report(
            run_id=self.run_id,
            topic=self.label,
            status=status,
            counts=totals,
            requests=self.client.requests_sent,
            seconds=seconds,
            topics=topics if self.label == "all" else None,
            problems=accounts.outcome.problems,
            notes=accounts.notes,
        )

    def _close_if_possible(self) -> None:
        """After a failure of the file itself: mark the run if the file can still be written."""
        self.accounts.complete = False
        try:
            self._close("failed", error="The library could not be written.")
        except sqlite3.Error:
            log.info("the run could not be marked as failed; the next run will do so")

    def _members(self) -> dict[str, tuple[int, ...]]:
        return {t.name: membership.topic_members(self.connection, t.name) for t in self.topics}
