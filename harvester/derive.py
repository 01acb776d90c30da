"""Deriving again from the stored raw records, without network: rows, findings, text index."""

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from harvester import __version__
from harvester.errors import LibraryError
from harvester.intake import read
from harvester.library import runs
from harvester.library import store as library
from harvester.library.database import explained, transaction
from harvester.library.lock import exclusive
from harvester.library.migrations import open_library
from harvester.library.runs import Problem, TopicCounts
from harvester.pubmed.records import Article
from harvester.reports import Progress, Report, no_progress

__all__ = ["derive"]

BATCH = 200


def derive(
    path: Path,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = no_progress,
) -> Report:
    """Read every stored raw record again, write its rows again, and rebuild the text index.

    For a new version of the program that reads more, or reads better. Records do not count as
    revised by it: what PubMed sent is the same.
    """
    if not path.exists():
        raise LibraryError(f"There is no library at {path}; run: harvester harvest.")
    started = time.monotonic()
    with exclusive(path, now=clock()), explained(path):
        connection = open_library(path).conn
        try:
            with transaction(connection):
                run_id = runs.start(
                    connection,
                    command="derive",
                    topic="all",
                    now=clock(),
                    version=__version__,
                    source=None,
                )
            counts = TopicCounts(reported=library.count_raw(connection))
            problems = _rewrite(connection, counts, progress)
            with transaction(connection):
                runs.add_problems(connection, run_id, problems)
                library.rebuild_text_index(connection)
            library.optimize(connection, text_index=False)
            counts.problems = len(problems)
            report = Report(
                run_id=run_id,
                topic="all",
                status="partial" if problems else "unchanged",
                counts=counts,
                seconds=time.monotonic() - started,
                problems=problems,
            )
            with transaction(connection):
                runs.finish(
                    connection,
                    run_id,
                    status=report.status,
                    now=clock(),
                    seconds=report.seconds,
                    counts=counts,
                )
            return report
        finally:
            connection.close()


def _rewrite(
    connection: sqlite3.Connection, counts: TopicCounts, progress: Progress
) -> list[Problem]:
    problems: list[Problem] = []
    batch: list[tuple[Article, str]] = []

    def flush() -> None:
        with transaction(connection):
            library.replace_rows(connection, batch)
        counts.held += len(batch)
        batch.clear()
        progress("Deriving", counts.held, counts.reported)

    for _, form, raw in library.raw_records(connection):
        result = read(raw, form)
        if isinstance(result, Problem):
            problems.append(result)
            continue
        batch.append(result)
        if len(batch) == BATCH:
            flush()
    flush()
    return problems
