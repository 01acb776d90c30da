"""The ledger of searches, read for an appendix: what was asked, when, and what came."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.library.batches import marks

__all__ = [
    "LoggedSearch",
    "StrategyChange",
    "duplicate_dois",
    "held_in_all",
    "logged_searches",
    "strategy_changes",
]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyChange:
    """A topic's term became another one: both counts, and the PMIDs gained and lost.

    From the last complete harvest with the former term to the first with the new one; records
    that PubMed added or took out of its own accord in between are among them, or gone.
    """

    topic: str
    run_id: int
    started: str
    term: str
    reported: int
    former_run_id: int
    former_term: str
    former_reported: int
    gained: tuple[int, ...]
    lost: tuple[int, ...]


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


def held_in_all(connection: sqlite3.Connection, topics: Sequence[str]) -> int:
    """How many records these searches find together, each counted once."""
    (count,) = connection.execute(
        "SELECT count(DISTINCT pmid) FROM article_topics "  # noqa: S608
        f"WHERE left_run IS NULL AND topic IN ({marks(topics)})",
        tuple(topics),
    ).fetchone()
    return int(count)


def strategy_changes(connection: sqlite3.Connection) -> list[StrategyChange]:
    """Every change of a topic's term, oldest first."""
    rows = connection.execute(
        "SELECT t.topic, t.run_id, t.term, t.reported, runs.started "
        "FROM run_topics AS t JOIN runs ON runs.id = t.run_id "
        "WHERE runs.command = 'harvest' AND runs.complete = 1 ORDER BY t.run_id, t.topic"
    ).fetchall()
    found = []
    last: dict[str, tuple[int, str, int]] = {}
    for topic, run_id, term, reported, started in rows:
        former = last.get(topic)
        if former and former[1] != term:
            span = (topic, former[0], run_id)
            found.append(
                StrategyChange(
                    topic=topic,
                    run_id=run_id,
                    started=started,
                    term=term,
                    reported=reported,
                    former_run_id=former[0],
                    former_term=former[1],
                    former_reported=former[2],
                    gained=_pmids(connection, _GAINED, span * 2),
                    lost=_pmids(connection, _LOST, span),
                )
            )
        last[topic] = (run_id, term, reported)
    return found


_GAINED = (
    "SELECT pmid FROM article_topics WHERE topic = ? AND first_run > ? AND first_run <= ? "
    "UNION SELECT pmid FROM changes "
    "WHERE topic = ? AND run_id > ? AND run_id <= ? AND kind = 'returned' ORDER BY pmid"
)
_LOST = (
    "SELECT pmid FROM changes "
    "WHERE topic = ? AND run_id > ? AND run_id <= ? AND kind = 'left' ORDER BY pmid"
)


def _pmids(
    connection: sqlite3.Connection, sql: str, values: tuple[str | int, ...]
) -> tuple[int, ...]:
    return tuple(pmid for (pmid,) in connection.execute(sql, values))


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
