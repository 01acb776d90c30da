"""Deriving again from the stored raw records, without network: rows, findings, text index."""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from harvester import __version__
from harvester.errors import HarvesterError, LibraryError
from harvester.intake import Incoming, prepare
from harvester.library import runs
from harvester.library import store as library
from harvester.library.database import explained, transaction
from harvester.library.lock import exclusive
from harvester.library.migrations import open_library
from harvester.library.runs import Problem, TopicCounts
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
    revised by it: what PubMed sent is the same. The report's notes say, for each facet, how many
    findings are new and how many are gone.
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
            news, gone = Counter[str](), Counter[str]()
            try:
                problems = _rewrite(connection, counts, progress, news, gone)
                with transaction(connection):
                    runs.add_problems(connection, run_id, problems)
                    library.rebuild_text_index(connection)
                library.optimize(connection, text_index=False)
            except (HarvesterError, sqlite3.Error) as error:
                runs.fail(connection, run_id, now=clock(), reason=str(error))
                raise
            counts.problems = len(problems)
            report = Report(
                run_id=run_id,
                topic="all",
                status="partial" if problems else "unchanged",
                counts=counts,
                seconds=time.monotonic() - started,
                problems=problems,
                notes=[
                    f"{facet}: {news[facet]:,} new, {gone[facet]:,} gone"
                    for facet in sorted(news | gone)
                ],
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
    connection: sqlite3.Connection,
    counts: TopicCounts,
    progress: Progress,
    news: Counter[str],
    gone: Counter[str],
) -> list[Problem]:
    problems: list[Problem] = []
    batch: list[Incoming] = []

    def flush() -> None:
        before = library.findings(connection, [record.pmid for record in batch])
        now = {found for record in batch for found in record.rows.findings()}
        news.update(_by_facet(now - before))
        gone.update(_by_facet(before - now))
        with transaction(connection):
            library.replace_rows(connection, [(r.pmid, r.content_hash, r.rows) for r in batch])
        counts.held += len(batch)
        batch.clear()
        progress("Deriving", counts.held, counts.reported)

    for _, form, raw in library.raw_records(connection):
        result = prepare(raw, form, lambda _: ())
        if not isinstance(result, Incoming):
            problems += [result] if result else []
            continue
        problems += [result.problem] if result.problem else []
        batch.append(result)
        if len(batch) == BATCH:
            flush()
    flush()
    return problems


def _by_facet(findings: Iterable[tuple[int, str, str]]) -> Iterable[str]:
    return (facet for _, facet, _ in findings)
