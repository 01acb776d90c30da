"""The ledger: what each run asked, found, changed, and could not do."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = [
    "Problem",
    "SliceRow",
    "TopicCounts",
    "add_problems",
    "change_rows",
    "fail",
    "finish",
    "first_run",
    "last_good_of_all",
    "last_good_run",
    "last_reading",
    "run_rows",
    "save_slices",
    "save_topic",
    "save_topic_definition",
    "solve_problems",
    "solve_records",
    "start",
    "topic_rows",
    "unsolved",
    "unsolved_pmids",
    "utc",
]

COUNTS = ("added", "revised", "unchanged", "left", "withdrawn", "problems")


@dataclass(slots=True)
class TopicCounts:
    """What a run found for one topic, or for all together."""

    reported: int = 0
    held: int = 0
    added: int = 0
    revised: int = 0
    unchanged: int = 0
    left: int = 0
    withdrawn: int = 0
    problems: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that could not be dealt with; `raw` is what was received."""

    stage: str
    reason: str
    pmid: int | None = None
    topic: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceRow:
    """A part of a set as it was read; `low` and `high` are None for a whole set."""

    topic: str
    kind: str
    low: int | None
    high: int | None
    reported: int
    received: int
    stored: int | None = field(default=None)


def start(
    connection: sqlite3.Connection,
    *,
    command: str,
    topic: str,
    now: datetime,
    version: str,
    source: str | None,
) -> int:
    """Open a run and return its number.

    The caller holds the library's lock, so a run still marked as running was killed: say so.
    """
    connection.execute(
        "UPDATE runs SET status = 'failed', error = 'The run was ended before it was done.' "
        "WHERE status = 'running'"
    )
    return int(
        connection.execute(
            "INSERT INTO runs (command, topic, status, started, version, source) "
            "VALUES (?, ?, 'running', ?, ?, ?) RETURNING id",
            (command, topic, utc(now), version, source),
        ).fetchone()[0]
    )


def fail(connection: sqlite3.Connection, run_id: int, *, now: datetime, reason: str) -> None:
    """Note that a run failed, if the file can still be written; the next run does so otherwise."""
    with suppress(sqlite3.Error):
        connection.execute(
            "UPDATE runs SET status = 'failed', finished = ?, error = ? WHERE id = ?",
            (utc(now), reason, run_id),
        )


def finish(
    connection: sqlite3.Connection,
    run_id: int,
    *,
    status: str,
    now: datetime,
    seconds: float,
    counts: TopicCounts,
    requests: int = 0,
    complete: bool = False,
    database_build: str | None = None,
    database_updated: str | None = None,
    error: str | None = None,
) -> None:
    """Close a run with its totals."""
    connection.execute(
        "UPDATE runs SET status = ?, finished = ?, seconds = ?, reported = ?, held = ?, "
        "added = ?, revised = ?, unchanged = ?, left = ?, withdrawn = ?, problems = ?, "
        "requests = ?, complete = ?, database_build = ?, database_updated = ?, error = ? "
        "WHERE id = ?",
        (
            status,
            utc(now),
            round(seconds, 3),
            counts.reported,
            counts.held,
            *(getattr(counts, name) for name in COUNTS),
            requests,
            int(complete),
            database_build,
            database_updated,
            error,
            run_id,
        ),
    )


def save_topic_definition(
    connection: sqlite3.Connection, *, name: str, title: str, term: str, rationale: str
) -> None:
    """Keep what a topic is; nothing is written when it is the same."""
    row = (title, term, rationale, name)
    held = connection.execute(
        "SELECT title, term, rationale, name FROM topics WHERE name = ?", (name,)
    ).fetchone()
    if held != row:
        connection.execute(
            "INSERT INTO topics (title, term, rationale, name) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET title = excluded.title, term = excluded.term, "
            "rationale = excluded.rationale",
            row,
        )


def save_topic(
    connection: sqlite3.Connection,
    run_id: int,
    topic: str,
    counts: TopicCounts,
    *,
    term: str,
    translation: str | None = None,
    warnings: Sequence[str] = (),
    since: str | None = None,
) -> None:
    """Keep what a run asked for one topic, PubMed's reading of it, and what was found."""
    connection.execute(
        "INSERT INTO run_topics (run_id, topic, term, translation, warnings, since, reported, "
        "held, added, revised, unchanged, left, withdrawn, problems) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            topic,
            term,
            translation,
            json.dumps(list(warnings), ensure_ascii=False) if warnings else None,
            since,
            counts.reported,
            counts.held,
            *(getattr(counts, name) for name in COUNTS),
        ),
    )


def save_slices(connection: sqlite3.Connection, run_id: int, slices: Iterable[SliceRow]) -> None:
    """Keep the parts in which sets were read."""
    connection.executemany(
        "INSERT INTO run_slices (run_id, topic, kind, low, high, reported, received, stored) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (run_id, s.topic, s.kind, s.low, s.high, s.reported, s.received, s.stored)
            for s in slices
        ),
    )


def add_problems(connection: sqlite3.Connection, run_id: int, problems: Iterable[Problem]) -> None:
    """Keep what could not be dealt with; one that is known and still unsolved is not repeated."""
    for problem in problems:
        key = (problem.pmid, problem.topic, problem.stage, problem.reason)
        known = connection.execute(
            "SELECT 1 FROM problems WHERE pmid IS ? AND topic IS ? AND stage = ? AND reason = ? "
            "AND solved_run IS NULL",
            key,
        ).fetchone()
        if not known:
            connection.execute(
                "INSERT INTO problems (pmid, topic, stage, reason, run_id, raw) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (*key, run_id, problem.raw),
            )


def solve_problems(
    connection: sqlite3.Connection, run_id: int, *, topics: Iterable[str], still: Collection[int]
) -> None:
    """Close what a complete run has settled: its topics' searches, and records no longer asked.

    `still` are the records that the searches find, and those that this run names again.
    """
    connection.executemany(
        "UPDATE problems SET solved_run = ? "
        "WHERE topic = ? AND pmid IS NULL AND solved_run IS NULL AND run_id <> ?",
        ((run_id, topic, run_id) for topic in topics),
    )
    solve_records(connection, run_id, set(unsolved_pmids(connection)).difference(still))


def solve_records(connection: sqlite3.Connection, run_id: int, pmids: Iterable[int]) -> None:
    """Close the problems of records that came whole in this run."""
    connection.executemany(
        "UPDATE problems SET solved_run = ? WHERE pmid = ? AND solved_run IS NULL",
        ((run_id, pmid) for pmid in pmids),
    )


def unsolved(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Problems that no later run has settled, without their raw text."""
    cursor = connection.execute(
        "SELECT id, run_id, pmid, topic, stage, reason FROM problems "
        "WHERE solved_run IS NULL ORDER BY id"
    )
    return list(_dicts(cursor))


def unsolved_pmids(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Records that could not be fetched or read, to be tried again."""
    rows = connection.execute(
        "SELECT DISTINCT pmid FROM problems WHERE pmid IS NOT NULL AND solved_run IS NULL "
        "ORDER BY pmid"
    )
    return tuple(pmid for (pmid,) in rows)


def last_good_run(connection: sqlite3.Connection, topic: str) -> dict[str, Any] | None:
    """The last harvest of the topic that missed nothing."""
    cursor = connection.execute(
        "SELECT * FROM runs WHERE command = 'harvest' AND complete = 1 "
        "AND status IN ('new', 'unchanged', 'partial') "
        "AND id IN (SELECT run_id FROM run_topics WHERE topic = ?) ORDER BY id DESC LIMIT 1",
        (topic,),
    )
    return next(_dicts(cursor), None)


def last_good_of_all(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """The oldest of the last good harvests of all topics: so fresh is the library as a whole.

    The topics are those of the last harvest of all; before there is one, those ever harvested. None
    where one of them has had no good harvest.
    """
    topics = connection.execute(
        "SELECT DISTINCT topic FROM run_topics WHERE run_id = "
        "(SELECT max(id) FROM runs WHERE command = 'harvest' AND topic = 'all' "
        "AND id IN (SELECT run_id FROM run_topics))"
    ).fetchall() or connection.execute(
        "SELECT DISTINCT topic FROM run_topics WHERE run_id IN "
        "(SELECT id FROM runs WHERE command = 'harvest')"
    )
    good = [last_good_run(connection, topic) for (topic,) in topics]
    found = [run for run in good if run]
    return min(found, key=lambda run: int(run["id"])) if found and len(found) == len(good) else None


def first_run(connection: sqlite3.Connection, topic: str) -> dict[str, Any] | None:
    """The first harvest of the topic that has ended, however it did."""
    cursor = connection.execute(
        "SELECT * FROM runs WHERE command = 'harvest' "
        "AND id IN (SELECT run_id FROM run_topics WHERE topic = ?) ORDER BY id LIMIT 1",
        (topic,),
    )
    return next(_dicts(cursor), None)


def last_reading(
    connection: sqlite3.Connection, topic: str, term: str
) -> tuple[str, tuple[str, ...], int] | None:
    """PubMed's translation, warnings and count when this very term was last searched for the topic.

    A run that failed is passed over: its user read of the failure, not of the warnings.
    """
    row = connection.execute(
        "SELECT t.translation, t.warnings, coalesce(t.reported, 0) FROM run_topics AS t "
        "JOIN runs ON runs.id = t.run_id "
        "WHERE t.topic = ? AND t.term = ? AND t.translation IS NOT NULL "
        "AND runs.status <> 'failed' ORDER BY t.run_id DESC LIMIT 1",
        (topic, term),
    ).fetchone()
    return (row[0], tuple(json.loads(row[1] or "[]")), row[2]) if row else None


def run_rows(connection: sqlite3.Connection, *, limit: int | None = None) -> list[dict[str, Any]]:
    """Runs, newest first."""
    cursor = connection.execute(
        "SELECT * FROM runs ORDER BY id DESC LIMIT ?", (-1 if limit is None else limit,)
    )
    return list(_dicts(cursor))


def topic_rows(connection: sqlite3.Connection) -> dict[int, list[dict[str, Any]]]:
    """By run: each search as sent, PubMed's reading of it, and its counts."""
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in _dicts(connection.execute("SELECT * FROM run_topics ORDER BY run_id, topic")):
        row["warnings"] = json.loads(row["warnings"] or "[]")
        rows.setdefault(row.pop("run_id"), []).append(row)
    return rows


def change_rows(
    connection: sqlite3.Connection, *, since: str | None = None
) -> Iterator[dict[str, Any]]:
    """The ledger of records, oldest first; `since` is a UTC date or time, ISO."""
    cursor = connection.execute(
        "SELECT changes.run_id, runs.started AS at, changes.pmid, changes.kind, changes.fields, "
        "changes.topic, changes.old_hash, changes.new_hash, articles.title "
        "FROM changes JOIN runs ON runs.id = changes.run_id "
        "LEFT JOIN articles ON articles.pmid = changes.pmid "
        "WHERE runs.started >= ? ORDER BY changes.id",
        (since or "",),
    )
    return _dicts(cursor)


def _dicts(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def utc(moment: datetime) -> str:
    """The moment as the library writes it: `2026-11-02T03:00:00Z`."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
