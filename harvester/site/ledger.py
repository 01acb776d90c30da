"""The ledger as it is read for pages and feeds: runs, counts, and what happened to each record.

One *change* here is all that one run saw of one record: a record that was retracted is also
revised, in the same run, and must never be shown as revised only.
"""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.library.notices import NOTICES, notices_about
from harvester.library.wording import KINDS
from harvester.site.brief import Brief, brief
from harvester.site.change_counts import Told
from harvester.site.changes_address import Asked
from harvester.site.record import BRIEF_COLUMNS, rows

__all__ = [
    "Change",
    "Event",
    "Key",
    "Run",
    "first_filled",
    "pick",
    "read_changes",
    "read_runs",
]

Key = tuple[int, int]  # run and PMID

_RANK = " ".join(f"WHEN '{kind}' THEN {rank}" for rank, kind in enumerate(KINDS))
_HAVING = (
    "c.pmid IN (SELECT l.pmid FROM article_publication_types l "
    "JOIN publication_types t ON t.id = l.publication_type_id WHERE t.name IN ({}))"
)
_TRIALS = _HAVING.format("'Randomized Controlled Trial'")
_SYNTHESES = _HAVING.format("'Systematic Review', 'Meta-Analysis'")
_REVIEWS = _HAVING.format("'Review'")
# What readers look for first: a retraction, whatever else happened; then trials and reviews.
_WEIGHT = (
    "CASE WHEN c.pmid IN (SELECT pmid FROM articles WHERE retracted = 1) THEN 0 "  # noqa: S608
    f"WHEN {_TRIALS} THEN 1 WHEN {_SYNTHESES} THEN 2 WHEN {_REVIEWS} THEN 3 ELSE 4 END"
)

# The ledger of these runs, with what notices say.
_SEEN = (
    "SELECT run_id, pmid, kind, fields, topic FROM changes "
    "WHERE run_id IN (SELECT value FROM json_each(:runs)) UNION ALL "
    "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), "
    "NULL, NULL FROM json_each(:told)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A harvest or a load, as in the table of runs; `started` is UTC."""

    id: int
    command: str
    topic: str
    status: str
    started: str
    seconds: float | None
    reported: int | None
    held: int | None
    problems: int
    complete: bool
    error: str | None

    @property
    def day(self) -> str:
        return self.started[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the ledger; `topic` is a title. `told`: a notice says so, not the record."""

    kind: str
    fields: tuple[str, ...]
    topic: str | None
    new_hash: str | None
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a run saw of a record: events, the gravest first.

    `found_by` are the titles of the searches that found it in that run for the first time;
    `notices` say what was published about it: words, PMID, whether it is held. `article` is None
    for a record that is not held.
    """

    run: int
    pmid: int
    events: tuple[Event, ...]
    found_by: tuple[str, ...]
    notices: tuple[tuple[str, int, bool], ...]
    article: Brief | None

    @property
    def kind(self) -> str:
        return self.events[0].kind


def read_runs(connection: sqlite3.Connection) -> tuple[Run, ...]:
    """Harvests and loads, newest first."""
    found = rows(
        connection,
        "SELECT id, command, topic, status, started, seconds, reported, held, problems, "
        "complete, error FROM runs WHERE command IN ('harvest', 'load') "
        "ORDER BY started DESC, id DESC",
    )
    return tuple(Run(**{**row, "complete": bool(row["complete"])}) for row in found)


def first_filled(connection: sqlite3.Connection) -> int | None:
    """The run that brought the first records: all of them are new."""
    found: int | None = connection.execute(
        "SELECT min(run_id) FROM changes WHERE kind = 'added'"
    ).fetchone()[0]
    return found


def pick(
    connection: sqlite3.Connection,
    asked: Asked,
    runs: Collection[int],
    *,
    told: Told,
    limit: int,
    offset: int = 0,
) -> list[Key]:
    """The changes of these runs that are asked for, what people must know first at the top.

    Retracted and withdrawn ones come first; then trials before reviews before all others, and the
    newest records; those of which only the dates were touched come last of the revised ones. What
    notices say of other records (`told`) are changes like those of the ledger.
    """
    where, values = _where(asked)
    values["runs"] = json.dumps(list(runs))
    values["told"] = json.dumps([change for change in told if change[0] in runs])
    if asked.kinds:
        where = (
            f"(c.run_id, c.pmid) IN (SELECT c.run_id, c.pmid FROM c "  # noqa: S608
            f"WHERE {where} AND c.kind IN (SELECT value FROM json_each(:kinds)))"
        )
        values["kinds"] = json.dumps(asked.kinds)
    found = rows(
        connection,
        f"WITH c AS ({_SEEN}) SELECT c.run_id AS run, c.pmid, "  # noqa: S608 (constants and parameters)
        f"min(CASE c.kind {_RANK} ELSE 99 END) AS rank, "
        "max(c.kind = 'revised' AND c.fields = '[\"dates\"]') AS touched "
        f"FROM c WHERE {where} GROUP BY c.run_id, c.pmid "
        f"ORDER BY rank, touched, {_WEIGHT}, c.run_id DESC, c.pmid DESC "
        "LIMIT :limit OFFSET :offset",
        **values,
        limit=limit,
        offset=offset,
    )
    return [(row["run"], row["pmid"]) for row in found]


def read_changes(
    connection: sqlite3.Connection, keys: Sequence[Key], told: Told = ()
) -> tuple[Change, ...]:
    """Everything about these changes, in their order; what notices say of them (`told`) too."""
    pmids = json.dumps(sorted({pmid for _, pmid in keys}))
    named = rows(connection, "SELECT name, title FROM topics")
    titles: dict[str, str] = {row["name"]: row["title"] for row in named}
    events: dict[Key, list[Event]] = {key: [] for key in keys}
    for row in rows(
        connection,
        "SELECT run_id, pmid, kind, fields, topic, new_hash FROM changes "
        "WHERE pmid IN (SELECT value FROM json_each(:pmids)) ORDER BY id",
        pmids=pmids,
    ):
        if (row["run_id"], row["pmid"]) in events:
            event = Event(
                kind=row["kind"],
                fields=tuple(json.loads(row["fields"] or "[]")),
                topic=titles.get(row["topic"], row["topic"]),
                new_hash=row["new_hash"],
            )
            events[row["run_id"], row["pmid"]].append(event)
    for run, pmid, kind in told:
        if (run, pmid) in events:
            event = Event(kind=kind, fields=(), topic=None, new_hash=None, told=True)
            events[run, pmid].append(event)
    found_by: dict[Key, list[str]] = {}
    for row in rows(
        connection,
        "SELECT pmid, topic, first_run FROM article_topics "
        "WHERE pmid IN (SELECT value FROM json_each(:pmids)) ORDER BY topic",
        pmids=pmids,
    ):
        title = titles.get(row["topic"]) or row["topic"]
        found_by.setdefault((row["first_run"], row["pmid"]), []).append(title)
    notices = _notices(connection, {pmid for _, pmid in keys})
    articles = {
        row["pmid"]: brief(row)
        for row in rows(
            connection,
            f"SELECT {BRIEF_COLUMNS} FROM articles a "  # noqa: S608 (constants)
            "WHERE a.pmid IN (SELECT value FROM json_each(:pmids))",
            pmids=pmids,
        )
    }
    order = tuple(KINDS)
    return tuple(
        Change(
            run=run,
            pmid=pmid,
            events=tuple(sorted(events[run, pmid], key=lambda e: _place(order, e.kind))),
            found_by=tuple(found_by.get((run, pmid), ())),
            notices=tuple(notices.get(pmid, ())),
            article=articles.get(pmid),
        )
        for run, pmid in keys
    )


def _notices(
    connection: sqlite3.Connection, pmids: Collection[int]
) -> dict[int, list[tuple[str, int, bool]]]:
    linked = notices_about(connection, pmids)
    others = json.dumps(sorted({other for links in linked.values() for _, other in links}))
    found = rows(
        connection,
        "SELECT pmid FROM articles WHERE pmid IN (SELECT value FROM json_each(:others))",
        others=others,
    )
    held = {row["pmid"] for row in found}
    return {
        pmid: [(NOTICES[kind], other, other in held) for kind, other in links]
        for pmid, links in linked.items()
    }


def _place(order: Sequence[str], kind: str) -> int:
    return order.index(kind) if kind in order else len(order)


def _where(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Everything that is asked for but the kinds, as SQL over `changes c`."""
    clauses = ["1"]
    values: dict[str, Any] = {}
    if asked.run is not None:
        clauses.append("c.run_id = :run")
        values["run"] = asked.run
    if asked.first or asked.last:
        clauses.append(
            "c.run_id IN (SELECT id FROM runs "
            "WHERE substr(started, 1, 10) BETWEEN :first AND :last)"
        )
        values |= {"first": asked.first or "", "last": asked.last or "9999-99-99"}
    if asked.topic:
        clauses.append(
            "(c.topic IS NULL OR c.topic = :topic) "
            "AND c.pmid IN (SELECT pmid FROM article_topics WHERE topic = :topic)"
        )
        values["topic"] = asked.topic
    return " AND ".join(clauses), values
