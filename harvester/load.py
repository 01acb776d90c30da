"""Loading PubMed files through the same pipeline: XML (baseline, update, efetch) and MEDLINE."""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from harvester import __version__
from harvester.errors import HarvesterError, ParseError, SettingsError
from harvester.evidence.overrides import overrides_in_force
from harvester.intake import Incoming, Outcome, take
from harvester.library import membership, runs
from harvester.library import store as library
from harvester.library.database import explained, transaction
from harvester.library.lock import exclusive
from harvester.library.migrations import open_library
from harvester.library.runs import Problem, TopicCounts
from harvester.pubmed.query import Query
from harvester.pubmed.split import deleted_pmids
from harvester.reading import MEDLINE_SUFFIXES, Deletion, Part, Reader, Reading, parts
from harvester.reports import Progress, Report, no_progress
from harvester.topics import Topic
from harvester.workers import on_all_processors

__all__ = ["Spread", "load"]

# How a function is called for one part after the other: `map`, or one that spreads the calls over
# other processes and gives the results in the same order.
Spread = Callable[[Reader, Iterable[Part]], Iterable[Reading]]
# Files of fewer bytes, about a thousand records, are read before other processes have begun.
SMALL = 2_000_000

BATCH = 200


@dataclass(slots=True)
class _Seen:
    """PMIDs found in the files, by topic, and the outcome so far."""

    all: set[int] = field(default_factory=set)
    topics: dict[str, set[int]] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    outcome: Outcome = field(default_factory=Outcome)


def load(
    path: Path,
    files: Sequence[Path],
    topics: Sequence[tuple[Topic, Query]],
    *,
    label: str,
    keep_all: bool = False,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = no_progress,
    kind: str = "real",
    spread: Spread | None = None,
) -> Report:
    """Load `files` into the library at `path`, in the order given; later records win.

    Kept are records that match a topic's words, or all with `keep_all`; each is marked with every
    topic it matches. `kind` goes into the file's settings (`sample` for the built-in sample).
    Records are read and their findings made by `spread` (if not given: on all processors, small
    files here); all is written here, in order.
    Raises SettingsError when a file cannot be opened, ParseError when one is no PubMed file.
    """
    for file in files:
        if not file.is_file():
            raise SettingsError(f"There is no file {file}.")
    started = time.monotonic()
    with exclusive(path, now=clock()), explained(path):
        connection = open_library(path).conn
        try:
            with transaction(connection):
                library.claim(connection, kind, path)
                run_id = runs.start(
                    connection,
                    command="load",
                    topic=label,
                    now=clock(),
                    version=__version__,
                    source=", ".join(file.name for file in files),
                )
                for topic, _ in topics:
                    runs.save_topic_definition(
                        connection,
                        name=topic.name,
                        title=topic.title,
                        term=topic.term,
                        rationale=topic.rationale,
                    )
            seen = _Seen(topics={topic.name: set() for topic, _ in topics})
            reader = Reader(
                topics=tuple((topic.name, query) for topic, query in topics),
                keep_all=keep_all,
                overrides=overrides_in_force(),
            )
            try:
                for file in files:
                    _load_file(connection, file, reader, spread, seen, run_id, clock, progress)
                error = None
            except HarvesterError as caught:
                error = caught
            except sqlite3.Error as caught:
                runs.fail(connection, run_id, now=clock(), reason=str(caught))
                raise
            if seen.outcome.added or seen.outcome.revised:
                library.optimize(connection, text_index=len(seen.outcome.added) > 1000)
            report = _report(connection, seen, topics, run_id, label, keep_all)
            report.seconds = time.monotonic() - started
            if error:
                report.status = "failed"
            with transaction(connection):
                for topic, _ in topics:
                    runs.save_topic(
                        connection,
                        run_id,
                        topic.name,
                        (report.topics or {label: report.counts})[topic.name],
                        term=topic.term,
                    )
                runs.finish(
                    connection,
                    run_id,
                    status=report.status,
                    now=clock(),
                    seconds=report.seconds,
                    counts=report.counts,
                    error=str(error) if error else None,
                )
            if error:
                error.report = report.as_json()
                raise error
            return report
        finally:
            connection.close()


def _load_file(
    connection: sqlite3.Connection,
    file: Path,
    reader: Reader,
    spread: Spread | None,
    seen: _Seen,
    run_id: int,
    clock: Callable[[], datetime],
    progress: Progress,
) -> None:
    size = file.stat().st_size
    source = "medline file" if file.name.endswith(MEDLINE_SUFFIXES) else "xml file"
    incoming: list[Incoming] = []
    problems: list[Problem] = []

    def flush(now: datetime) -> None:
        seen.outcome.add(
            take(connection, incoming, run_id=run_id, now=now, source=source, problems=problems)
        )
        incoming.clear()
        problems.clear()

    some = False
    if spread is None:
        spread = map if size < SMALL else on_all_processors
    for reading in spread(reader, parts(file)):
        some = some or reading.records > 0
        for found in reading.found:
            if isinstance(found, Deletion):
                flush(clock())
                _withdraw(connection, found.data, seen, run_id, clock())
            elif isinstance(found, Problem):
                problems.append(found)
            else:
                seen.all.add(found.pmid)
                for name in found.topics:
                    seen.topics[name].add(found.pmid)
                incoming.append(found)
            if len(incoming) + len(problems) >= BATCH:
                flush(clock())
                progress(f"Loading {file.name}", reading.position, size)
    flush(clock())
    progress(f"Loading {file.name}", size, size)
    if not some and not seen.outcome.problems:
        raise ParseError(f"There is no PubMed record in {file.name}.")


def _withdraw(
    connection: sqlite3.Connection, data: bytes, seen: _Seen, run_id: int, now: datetime
) -> None:
    stamp = runs.utc(now)
    with transaction(connection):
        seen.withdrawn |= membership.mark_withdrawn(
            connection, deleted_pmids(data), run_id=run_id, now=stamp
        )


def _report(
    connection: sqlite3.Connection,
    seen: _Seen,
    topics: Sequence[tuple[Topic, Query]],
    run_id: int,
    label: str,
    keep_all: bool,
) -> Report:
    outcome = seen.outcome
    problems = len(outcome.problems)
    left = membership.left_in(connection, run_id)

    def counts(
        reported: set[int], held: Collection[int], withdrawn: int, problems: int
    ) -> TopicCounts:
        return TopicCounts(
            reported=len(reported),
            held=len(held),
            added=len(outcome.added & reported),
            revised=len(outcome.revised & reported),
            unchanged=len(outcome.unchanged & reported),
            withdrawn=withdrawn,
            problems=problems,
        )

    def of_topic(name: str) -> TopicCounts:
        """A record that cannot be read is a problem of the searches that found it before."""
        found = seen.topics[name]
        here = found.union(members[name])
        broken = sum(problem.pmid in here for problem in outcome.problems)
        return counts(found, members[name], left.get(name, 0), broken)

    members = {t.name: set(membership.topic_members(connection, t.name)) for t, _ in topics}
    if label != "all" or not keep_all:
        held = set().union(*members.values())
    else:
        held = library.held_pmids(connection)
    found = seen.topics[label] if label != "all" else seen.all
    totals = counts(found, held, len(seen.withdrawn), problems)
    by_topic = {name: of_topic(name) for name in members}
    news = outcome.added or outcome.revised or seen.withdrawn
    return Report(
        run_id=run_id,
        topic=label,
        status="partial" if problems else "new" if news else "unchanged",
        counts=totals,
        topics=by_topic if label == "all" else None,
        problems=outcome.problems,
    )
