"""The ledger of searches, read for an appendix: what was asked, when, and what came."""

import json
import sqlite3
from dataclasses import dataclass

__all__ = ["LoggedSearch", "duplicate_dois", "logged_searches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSearch:
    """One topic's search in its last complete harvest; times are UTC, ISO.

    `slices` are (low, high, reported, received) of the parts in which a set was read; `harvests`
    counts the complete harvests of the topic, of which `first` began the first.
    """

    topic: str
    title: str
    term: str
    translation: str
    warnings: tuple[str, ...]
    run_id: int
    started: str
    database_build: str | None
    database_updated: str | None
    reported: int
    held: int
    left: int
    withdrawn: int
    version: str
    slices: tuple[tuple[int | None, int | None, int, int], ...]
    harvests: int
    first: str


def logged_searches(connection: sqlite3.Connection, topics: list[str]) -> list[LoggedSearch]:
    """The last complete harvest of each of these topics, in their order; none if never."""
    return [found for topic in topics if (found := _last(connection, topic))]


def duplicate_dois(connection: sqlite3.Connection) -> int:
    """How many records share a DOI with another record."""
    (count,) = connection.execute(
        "SELECT coalesce(sum(n), 0) FROM "
        "(SELECT count(*) AS n FROM articles WHERE doi IS NOT NULL "
        "GROUP BY lower(doi) HAVING n > 1)"
    ).fetchone()
    return int(count)


def _last(connection: sqlite3.Connection, topic: str) -> LoggedSearch | None:
    row = connection.execute(
        "SELECT t.topic, topics.title, t.term, t.translation, t.warnings, runs.id, runs.started, "
        "runs.database_build, runs.database_updated, t.reported, t.held, runs.version "
        "FROM run_topics AS t JOIN runs ON runs.id = t.run_id JOIN topics ON topics.name = t.topic "
        "WHERE t.topic = ? AND runs.command = 'harvest' AND runs.complete = 1 "
        "ORDER BY runs.id DESC LIMIT 1",
        (topic,),
    ).fetchone()
    if row is None:
        return None
    slices = connection.execute(
        "SELECT low, high, reported, received FROM run_slices "
        "WHERE run_id = ? AND topic = ? AND kind = 'set' ORDER BY low",
        (row[5], topic),
    ).fetchall()
    harvests, first, left, withdrawn = connection.execute(
        "SELECT count(*), min(runs.started), sum(t.left), sum(t.withdrawn) "
        "FROM run_topics AS t JOIN runs ON runs.id = t.run_id "
        "WHERE t.topic = ? AND runs.command = 'harvest' AND runs.complete = 1",
        (topic,),
    ).fetchone()
    return LoggedSearch(
        topic=row[0],
        title=row[1],
        term=row[2],
        translation=row[3] or "",
        warnings=tuple(json.loads(row[4] or "[]")),
        run_id=row[5],
        started=row[6],
        database_build=row[7],
        database_updated=row[8],
        reported=row[9],
        held=row[10],
        version=row[11],
        slices=tuple(slices),
        harvests=harvests,
        first=first,
        left=left,
        withdrawn=withdrawn,
    )
