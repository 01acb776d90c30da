"""Which searches find a record: joining, leaving, and what PubMed knows no more."""

import sqlite3
from collections.abc import Iterable, Mapping

from harvester.library.batches import batched, marks

__all__ = [
    "join_topic",
    "leave_topic",
    "left_all",
    "left_in",
    "mark_withdrawn",
    "topic_members",
    "withdrawn",
]


def join_topic(
    connection: sqlite3.Connection, topic: str, pmids: Iterable[int], *, run_id: int
) -> None:
    """Note that the topic's search finds these held records; a record that had left returns.

    Nothing is written about a record that is there already.
    """
    for part in batched(pmids):
        left = connection.execute(
            "UPDATE article_topics SET left_run = NULL "  # noqa: S608
            f"WHERE topic = ? AND left_run IS NOT NULL AND pmid IN ({marks(part)}) "
            "RETURNING pmid",
            (topic, *part),
        ).fetchall()
        for (pmid,) in left:
            _ledger(connection, run_id, pmid, "returned", topic)
        connection.executemany(
            "INSERT INTO article_topics (pmid, topic, first_run) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            ((pmid, topic, run_id) for pmid in part),
        )


def leave_topic(
    connection: sqlite3.Connection, topic: str, pmids: Iterable[int], *, run_id: int
) -> None:
    """Note that the topic's search no longer finds these records."""
    for pmid in pmids:
        connection.execute(
            "UPDATE article_topics SET left_run = ? "
            "WHERE pmid = ? AND topic = ? AND left_run IS NULL",
            (run_id, pmid, topic),
        )
        _ledger(connection, run_id, pmid, "left", topic)


def mark_withdrawn(
    connection: sqlite3.Connection, pmids: Iterable[int], *, run_id: int, now: str
) -> frozenset[int]:
    """Mark held records that PubMed knows no more; they stay, with their last text.

    Returns those that were not marked before.
    """
    marked: set[int] = set()
    for pmid in pmids:
        changed = connection.execute(
            "UPDATE articles SET withdrawn = ?, last_changed = max(?, first_seen), last_run = ? "
            "WHERE pmid = ? AND withdrawn IS NULL",
            (now, now, run_id, pmid),
        ).rowcount
        if changed:
            marked.add(pmid)
            _ledger(connection, run_id, pmid, "withdrawn", None)
            connection.execute(
                "UPDATE article_topics SET left_run = ? WHERE pmid = ? AND left_run IS NULL",
                (run_id, pmid),
            )
    return frozenset(marked)


def left_in(connection: sqlite3.Connection, run_id: int) -> Mapping[str, int]:
    """How many records left each topic in this run."""
    return dict(
        connection.execute(
            "SELECT topic, count(*) FROM article_topics WHERE left_run = ? GROUP BY topic",
            (run_id,),
        ).fetchall()
    )


def left_all(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Records that searches found once and none finds now, withdrawn ones among them."""
    rows = connection.execute(
        "SELECT pmid FROM article_topics GROUP BY pmid HAVING count(*) = count(left_run) "
        "ORDER BY pmid"
    )
    return tuple(pmid for (pmid,) in rows)


def withdrawn(connection: sqlite3.Connection) -> frozenset[int]:
    """Records that PubMed knew no more when it was last asked for them."""
    rows = connection.execute("SELECT pmid FROM articles WHERE withdrawn IS NOT NULL")
    return frozenset(pmid for (pmid,) in rows)


def topic_members(connection: sqlite3.Connection, topic: str) -> tuple[int, ...]:
    """The PMIDs that the topic's search finds, as far as the library knows, in order."""
    rows = connection.execute(
        "SELECT pmid FROM article_topics WHERE topic = ? AND left_run IS NULL ORDER BY pmid",
        (topic,),
    )
    return tuple(pmid for (pmid,) in rows)


def _ledger(
    connection: sqlite3.Connection, run_id: int, pmid: int, kind: str, topic: str | None
) -> None:
    connection.execute(
        "INSERT INTO changes (run_id, pmid, kind, topic) VALUES (?, ?, ?, ?)",
        (run_id, pmid, kind, topic),
    )
