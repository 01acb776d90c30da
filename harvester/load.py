"""Loading PubMed files through the same pipeline: XML (baseline, update, efetch) and MEDLINE."""

import gzip
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from harvester import __version__
from harvester.errors import HarvesterError, ParseError, SettingsError, TruncatedReply
from harvester.intake import Incoming, Outcome, read, take
from harvester.library import membership, runs
from harvester.library import store as library
from harvester.library.database import explained, transaction
from harvester.library.lock import exclusive
from harvester.library.migrations import open_library
from harvester.library.runs import Problem, TopicCounts
from harvester.pubmed.medline import split_medline
from harvester.pubmed.query import Query
from harvester.pubmed.split import deleted_pmids, split_stream
from harvester.reports import Progress, Report, no_progress
from harvester.topics import Topic

__all__ = ["load"]

BATCH = 200
MEDLINE_SUFFIXES = (".nbib", ".txt", ".medline")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raw:
    """One record's bytes and where they stand; `deleted` for a DeleteCitation block."""

    data: bytes
    format: str
    position: int
    deleted: bool = False


@dataclass(slots=True)
class _Seen:
    """PMIDs found in the files, by topic, and the outcome so far."""

    all: set[int] = field(default_factory=set)
    topics: dict[str, set[int]] = field(default_factory=dict)
    withdrawn: int = 0
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
) -> Report:
    """Load `files` into the library at `path`, in the order given; later records win.

    Kept are records that match a topic's words, or all with `keep_all`; each is marked with every
    topic it matches. `kind` goes into the file's settings (`sample` for the built-in sample).
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
            try:
                for file in files:
                    _load_file(connection, file, topics, seen, run_id, keep_all, clock, progress)
                error = None
            except HarvesterError as caught:
                error = caught
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
                raise error
            return report
        finally:
            connection.close()


def _load_file(
    connection: sqlite3.Connection,
    file: Path,
    topics: Sequence[tuple[Topic, Query]],
    seen: _Seen,
    run_id: int,
    keep_all: bool,
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

    count = 0
    try:
        for raw in _records(file):
            count += 1
            if raw.deleted:
                flush(clock())
                _withdraw(connection, raw.data, seen, run_id, clock())
                continue
            result = read(raw.data, raw.format)
            if isinstance(result, Problem):
                problems.append(result)
            else:
                article, content_hash = result
                found = tuple(topic.name for topic, query in topics if query.matches(article))
                if not found and not keep_all:
                    continue
                seen.all.add(article.pmid)
                for name in found:
                    seen.topics[name].add(article.pmid)
                incoming.append(
                    Incoming(
                        article=article,
                        content_hash=content_hash,
                        raw=raw.data,
                        format=raw.format,
                        topics=found,
                    )
                )
            if len(incoming) + len(problems) >= BATCH:
                flush(clock())
                progress(f"Loading {file.name}", raw.position, size)
    except (ParseError, TruncatedReply) as error:
        # What was whole is kept; the rest is named. Of a file that is none, nothing is.
        if isinstance(error, ParseError) and not count:
            raise
        problems.append(Problem(stage="parse", reason=f"{file.name}: {error}"))
    flush(clock())
    progress(f"Loading {file.name}", size, size)
    if not count and not seen.outcome.problems:
        raise ParseError(f"There is no PubMed record in {file.name}.")


def _records(file: Path) -> Iterator[_Raw]:
    """The records of a file, in order, with the position in the file as stored."""
    with file.open("rb") as stored:
        zipped = stored.read(2) == b"\x1f\x8b"
        stored.seek(0)
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=stored)) if zipped else stored
        if file.name.removesuffix(".gz").endswith(MEDLINE_SUFFIXES):
            for data in split_medline(stream):
                yield _Raw(data=data, format="medline", position=stored.tell())
        else:
            for piece in split_stream(stream):
                yield _Raw(
                    data=piece.data,
                    format="xml",
                    position=stored.tell(),
                    deleted=piece.kind == "delete",
                )


def _withdraw(
    connection: sqlite3.Connection, data: bytes, seen: _Seen, run_id: int, now: datetime
) -> None:
    stamp = runs.utc(now)
    with transaction(connection):
        seen.withdrawn += membership.mark_withdrawn(
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

    def counts(reported: set[int], held: set[int]) -> TopicCounts:
        return TopicCounts(
            reported=len(reported),
            held=len(held),
            added=len(outcome.added & reported),
            revised=len(outcome.revised & reported),
            unchanged=len(outcome.unchanged & reported),
            withdrawn=seen.withdrawn,
            problems=problems,
        )

    members = {t.name: set(membership.topic_members(connection, t.name)) for t, _ in topics}
    by_topic = {name: counts(seen.topics[name], held) for name, held in members.items()}
    if label != "all":
        totals = by_topic[label]
    elif keep_all:
        totals = counts(seen.all, library.held_pmids(connection))
    else:
        totals = counts(seen.all, set().union(*members.values()))
    news = outcome.added or outcome.revised or seen.withdrawn
    return Report(
        run_id=run_id,
        topic=label,
        status="partial" if problems else "new" if news else "unchanged",
        counts=totals,
        topics=by_topic if label == "all" else None,
        problems=outcome.problems,
    )
