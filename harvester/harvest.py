"""Bringing the library up to date with PubMed.

search -> plan -> fetch -> read -> store -> compare the sets -> report. Each step lives in a module
of its own; here they are joined, and here it is decided what a failure means for the run.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

from harvester import __version__
from harvester.errors import HarvesterError, Interrupted
from harvester.intake import Incoming, Outcome, read, take
from harvester.library import runs
from harvester.library import store as library
from harvester.library.changes import plan
from harvester.library.database import explained, transaction
from harvester.library.lock import exclusive
from harvester.library.migrations import open_library
from harvester.library.runs import Problem, SliceRow, TopicCounts
from harvester.pubmed.eutils import DatabaseInfo, Eutils
from harvester.pubmed.fetch import Batch, fetch
from harvester.pubmed.parse import pmid_of
from harvester.pubmed.search import SearchResult, search, search_window
from harvester.pubmed.split import Piece
from harvester.reports import Progress, Report, no_progress
from harvester.topics import Topic

__all__ = ["harvest"]

log = logging.getLogger(__name__)

# PubMed's dates are US Eastern days and records are indexed late or back-dated; 30 days is the
# overlap that others arrived at after losing records (wcmc-its/ReCiter#690, #697).
OVERLAP = timedelta(days=30)


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
    stop = stop or Event()
    with exclusive(path, now=clock()), explained(path):
        connection = open_library(path).conn
        try:
            with transaction(connection):
                library.claim(connection, "real", path)
            return _Run(
                connection=connection,
                client=client,
                topics=tuple(topics),
                label=label,
                full=full,
                limit=limit,
                clock=clock,
                progress=progress,
                stop=stop,
            ).run()
        finally:
            connection.close()


@dataclass(slots=True, kw_only=True)
class _Run:
    """One harvest: what it was asked, and what it has found so far."""

    connection: sqlite3.Connection
    client: Eutils
    topics: tuple[Topic, ...]
    label: str
    full: bool
    limit: int | None
    clock: Callable[[], datetime]
    progress: Progress
    stop: Event

    run_id: int = 0
    started: float = 0.0
    info: DatabaseInfo | None = None
    since: date | None = None
    results: dict[str, SearchResult] = field(default_factory=dict)
    sets: dict[str, frozenset[int]] = field(default_factory=dict)
    reported: frozenset[int] = frozenset()
    window: SearchResult | None = None
    outcome: Outcome = field(default_factory=Outcome)
    left: dict[str, set[int]] = field(default_factory=dict)
    withdrawn: dict[str, set[int]] = field(default_factory=dict)
    complete: bool = True
    unfetched: int = 0

    def run(self) -> Report:
        self.started = time.monotonic()
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
        try:
            self._search()
            self._fetch(self._plan())
            self._compare()
            if self.outcome.added or self.outcome.revised:
                library.optimize(self.connection, text_index=len(self.outcome.added) > 1000)
        except Interrupted:
            self.complete = False
        except HarvesterError as error:
            self.complete = False
            self._close("failed", error=str(error))
            raise
        except sqlite3.Error:
            self._close_if_possible()
            raise
        status = self._news() if self.complete else "partial"
        report = self._close(status)
        if self.stop.is_set():
            left = f"{self.unfetched:,} records are left to fetch. " if self.unfetched else ""
            raise Interrupted(f"Stopped as asked. {left}Run the same command again to go on.")
        return report

    # -- what PubMed has ------------------------------------------------------------------

    def _search(self) -> None:
        """The complete set of each topic, and what PubMed revised since the last good run."""
        self.info = self.client.database_info()
        for number, topic in enumerate(self.topics):
            self.progress("Searching PubMed", number, len(self.topics))
            members = library.topic_members(self.connection, topic.name)
            result = search(self.client, topic.term, known=members)
            self.results[topic.name] = result
            self.sets[topic.name] = frozenset(result.pmids)
            if not result.complete:
                self._problem("search", result.reason, topic=topic.name)
                self.complete = False
        self.reported = frozenset().union(*self.sets.values())
        self.since = self._window_start()
        if self.since and not self.full:
            term = " OR ".join(f"({topic.term})" for topic in self.topics)
            self.window = search_window(
                self.client, term, self.since, known=tuple(sorted(self.reported))
            )
            if not self.window.complete:
                self._problem("search", self.window.reason, topic=self.label)
                self.complete = False
        self.progress("Searching PubMed", len(self.topics), len(self.topics))

    def _window_start(self) -> date | None:
        """The last good run minus the overlap; before there is one, the first attempt."""
        good = [runs.last_good_run(self.connection, topic.name) for topic in self.topics]
        started = [run["started"] for run in good if run]
        if not started:
            earlier = [r for r in runs.run_rows(self.connection) if r["command"] == "harvest"]
            started = [r["started"] for r in earlier if r["id"] != self.run_id]
        if not started:
            return None
        return datetime.fromisoformat(min(started)).date() - OVERLAP

    def _plan(self) -> tuple[int, ...]:
        revised = set(self.window.pmids) if self.window else set()
        # Records held from files may be old; they are fetched once to make sure.
        revised |= library.held_pmids(self.connection, not_from="efetch")
        wanted = plan(
            reported=self.reported,
            held=library.held_pmids(self.connection),
            revised=revised,
            retry=runs.unsolved_pmids(self.connection),
            full=self.full,
        )
        if self.limit is not None and len(wanted) > self.limit:
            self._problem(
                "fetch",
                f"{len(wanted) - self.limit:,} records were not fetched because of the limit "
                f"of {self.limit:,}.",
                topic=self.label,
            )
            self.complete = False
            wanted = wanted[: self.limit]
        return wanted

    # -- what comes ------------------------------------------------------------------------

    def _fetch(self, wanted: Sequence[int]) -> set[int]:
        """Fetch, read and store; returns the PMIDs that PubMed did not deliver."""
        if not wanted:
            return set()
        undelivered: set[int] = set()
        done = 0
        self.progress("Fetching records", 0, len(wanted))
        for batch in fetch(self.client, wanted, stop=self.stop):
            problems = [
                Problem(stage="fetch", reason=reason, pmid=pmid) for pmid, reason in batch.failed
            ]
            problems += [_undelivered(p) for p in batch.missing if p in self.reported]
            problems += [_stray(piece) for piece in batch.strays]
            if batch.failed:
                self.complete = False
            undelivered.update(batch.missing)
            self._take(batch, problems)
            done += len(batch.asked)
            self.progress("Fetching records", done, len(wanted))
        if done < len(wanted):
            self.complete = False
            self.unfetched = len(wanted) - done
        return undelivered

    def _take(self, batch: Batch, problems: list[Problem]) -> None:
        incoming = []
        for piece in batch.pieces:
            result = read(piece.data, "xml")
            if isinstance(result, Problem):
                problems.append(result)
                continue
            article, content_hash = result
            incoming.append(
                Incoming(
                    article=article,
                    content_hash=content_hash,
                    raw=piece.data,
                    format="xml",
                    topics=self._topics_of(article.pmid),
                )
            )
        self.outcome.add(
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
        held = library.held_pmids(self.connection)
        members = {
            topic.name: set(library.topic_members(self.connection, topic.name))
            for topic in self.topics
        }
        joined = {name: (held & found) - members[name] for name, found in self.sets.items()}
        if any(joined.values()):
            with transaction(self.connection):
                for name, pmids in joined.items():
                    library.join_topic(self.connection, name, sorted(pmids), run_id=self.run_id)
        if not self.complete:
            return
        gone = {name: members[name] - found for name, found in self.sets.items()}
        unknown = set().union(*gone.values()) - self.reported
        # Still in PubMed, or not? Asked by number; this also stores what became of the record.
        missing = self._fetch(sorted(unknown, reverse=True))
        if not self.complete:
            return
        withdrawn = missing & held
        self.withdrawn = {name: pmids & withdrawn for name, pmids in gone.items()}
        self.left = {name: pmids - withdrawn for name, pmids in gone.items()}
        with transaction(self.connection):
            now = self.clock().isoformat(timespec="seconds").replace("+00:00", "Z")
            library.mark_withdrawn(self.connection, sorted(withdrawn), run_id=self.run_id, now=now)
            for name, pmids in self.left.items():
                library.leave_topic(self.connection, name, sorted(pmids), run_id=self.run_id)
            runs.solve_problems(
                self.connection,
                self.run_id,
                topics=[*self.results, self.label],
                reported=set(self.reported),
            )
            if self.outcome.revised:
                library.delete_orphans(self.connection)

    # -- the report -------------------------------------------------------------------------

    def _close(self, status: str, *, error: str | None = None) -> Report:
        self._reconcile()
        topics = {topic.name: self._counts(topic.name) for topic in self.topics}
        totals = self._totals(topics)
        seconds = time.monotonic() - self.started
        if status in ("new", "unchanged") and totals.problems:
            status = "partial"
        with transaction(self.connection):
            runs.add_problems(self.connection, self.run_id, self.outcome.problems)
            for topic in self.topics:
                result = self.results.get(topic.name)
                runs.save_topic(
                    self.connection,
                    self.run_id,
                    topic.name,
                    topics[topic.name],
                    term=topic.term,
                    translation=result.translation if result else None,
                    warnings=result.warnings if result else (),
                    since=self.since.isoformat() if self.since else None,
                )
            runs.save_slices(self.connection, self.run_id, self._slices())
            runs.finish(
                self.connection,
                self.run_id,
                status=status,
                now=self.clock(),
                seconds=seconds,
                counts=totals,
                requests=self.client.requests_sent,
                complete=self.complete and status != "failed",
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
            problems=self.outcome.problems,
        )

    def _close_if_possible(self) -> None:
        """After a failure of the file itself: mark the run if the file can still be written."""
        try:
            self._close("failed", error="The library could not be written.")
        except sqlite3.Error:
            log.info("the run could not be marked as failed; the next run will do so")

    def _counts(self, name: str) -> TopicCounts:
        members = set(library.topic_members(self.connection, name))
        left = self.left.get(name, set())
        of = members | self.sets.get(name, frozenset()) | left
        return TopicCounts(
            reported=self.results[name].count if name in self.results else 0,
            held=len(members),
            added=len(self.outcome.added & of),
            revised=len(self.outcome.revised & of),
            unchanged=len(self.outcome.unchanged & of),
            left=len(left),
            withdrawn=len(self.withdrawn.get(name, ())),
            problems=sum(self._concerns(problem, name) for problem in self.outcome.problems),
        )

    def _totals(self, topics: dict[str, TopicCounts]) -> TopicCounts:
        """Over the union: a record of two topics counts once, and left only when both lost it."""
        if len(topics) == 1:
            (totals,) = topics.values()
            return replace(totals, problems=len(self.outcome.problems))
        members = set().union(
            *(library.topic_members(self.connection, topic.name) for topic in self.topics)
        )
        return TopicCounts(
            reported=len(self.reported),
            held=len(members),
            added=len(self.outcome.added),
            revised=len(self.outcome.revised),
            unchanged=len(self.outcome.unchanged),
            left=len(set().union(*self.left.values()) - self.reported),
            withdrawn=len(set().union(*self.withdrawn.values())),
            problems=len(self.outcome.problems),
        )

    def _concerns(self, problem: Problem, topic: str) -> bool:
        return topic == problem.topic or problem.pmid in self.sets.get(topic, ())

    def _reconcile(self) -> None:
        """Name each record that PubMed reports and the library does not hold."""
        if not self.complete:
            return
        named = {problem.pmid for problem in self.outcome.problems}
        for topic, found in self.sets.items():
            held = library.topic_members(self.connection, topic)
            for pmid in sorted(found.difference(held) - named):
                named.add(pmid)
                self.outcome.problems.append(_undelivered(pmid))

    def _slices(self) -> Iterable[SliceRow]:
        for topic, result in self.results.items():
            members = library.topic_members(self.connection, topic)
            for part in result.slices:
                stored = sum((part.low or 0) <= pmid <= (part.high or 1 << 62) for pmid in members)
                yield SliceRow(
                    topic=topic,
                    kind="set",
                    low=part.low,
                    high=part.high,
                    reported=part.reported,
                    received=part.received,
                    stored=stored,
                )
        for part in self.window.slices if self.window else ():
            yield SliceRow(
                topic=self.label,
                kind="revised",
                low=part.low,
                high=part.high,
                reported=part.reported,
                received=part.received,
            )

    def _news(self) -> str:
        gone = any(self.withdrawn.values()) or any(self.left.values())
        return "new" if self.outcome.added or self.outcome.revised or gone else "unchanged"

    def _topics_of(self, pmid: int) -> tuple[str, ...]:
        return tuple(name for name, found in self.sets.items() if pmid in found)

    def _problem(self, stage: str, reason: str, *, topic: str) -> None:
        self.outcome.problems.append(Problem(stage=stage, reason=reason, topic=topic))


def _stray(piece: Piece) -> Problem:
    return Problem(
        stage="fetch",
        reason="PubMed sent a record that was not asked for.",
        pmid=pmid_of(piece.data),
        raw=piece.data,
    )


def _undelivered(pmid: int) -> Problem:
    return Problem(
        stage="fetch",
        reason="PubMed's search lists this record, but PubMed does not deliver it.",
        pmid=pmid,
    )
