"""How the library is: counts, freshness, the last run; read only."""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from harvester.library import runs

__all__ = ["Status", "is_fresh", "read_status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What `harvester status` says; times are UTC, ISO, and `age_seconds` is of `last_good`."""

    articles: int
    withdrawn: int
    retracted: int
    with_abstract: int
    first_year: int | None
    last_year: int | None
    topics: Mapping[str, int]
    unsolved_problems: int
    sample: bool
    last_run: Mapping[str, Any] | None
    last_good: str | None
    age_seconds: int | None

    def fresh(self, max_age: timedelta) -> bool:
        """True when a good run ended no longer ago than `max_age`."""
        return self.age_seconds is not None and is_fresh(
            timedelta(seconds=self.age_seconds), max_age
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def is_fresh(age: timedelta, max_age: timedelta) -> bool:
    """True when a run ended so long ago or later.

    One that seems to have ended more than a day from now was dated by a wrong clock: not fresh.
    """
    return -timedelta(days=1) < age <= max_age


def read_status(connection: sqlite3.Connection, *, now: datetime) -> Status:
    """Read the library's status; a good run is a harvest that missed nothing."""
    totals = connection.execute(
        "SELECT count(*), count(withdrawn), coalesce(sum(retracted), 0), "
        "coalesce(sum(has_abstract), 0), min(year), max(year) FROM articles"
    ).fetchone()
    topics = dict(
        connection.execute(
            "SELECT topics.name, count(article_topics.pmid) FROM topics "
            "LEFT JOIN article_topics ON article_topics.topic = topics.name "
            "AND article_topics.left_run IS NULL GROUP BY topics.name ORDER BY topics.name"
        ).fetchall()
    )
    kind = connection.execute("SELECT value FROM settings WHERE name = 'kind'").fetchone()
    recent = runs.run_rows(connection, limit=1)
    good = runs.last_good_of_all(connection)
    finished = good["finished"] if good else None
    return Status(
        articles=totals[0],
        withdrawn=totals[1],
        retracted=totals[2],
        with_abstract=totals[3],
        first_year=totals[4],
        last_year=totals[5],
        topics=topics,
        unsolved_problems=len(runs.unsolved(connection)),
        sample=bool(kind and kind[0] == "sample"),
        last_run=recent[0] if recent else None,
        last_good=finished,
        age_seconds=int((now - datetime.fromisoformat(finished)).total_seconds())
        if finished
        else None,
    )
