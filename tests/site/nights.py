"""A library with three weeks of runs: every kind of change, quiet days, failures, a big day."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from harvester.library import membership, runs, store
from harvester.library.changes import Change
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import Article, Correction, PublicationType, Text
from tests.library.articles import NOW, article, stored

FIRST = 92_000_000
FILLED = 120  # records of the first harvest
TOPICS = {"one": "The first search", "two": "The <b>second</b> search"}
HOSTILE_TITLE = "<script>alert(1)</script>\u202egpj.exe\x00\x1b" + '"><img src=x onerror=alert(2)>'

RETRACTED, DOUBTED, CORRECTED, INDEXED, LEFT, RETURNED, WITHDRAWN, TOUCHED, HOSTILE = range(
    FIRST + 1, FIRST + 10
)
NEW_PLAIN, NEW_TRIAL, NEW_REVIEW, NEW_RETRACTED = range(FIRST + 500, FIRST + 504)
LATE = FIRST + 600
NOT_HELD = FIRST + 900

BUSY, TWICE, BIG = "2026-11-06", "2026-11-07", "2026-11-08"


def make_library(path: Path, *, kind: str = "real") -> None:
    """The same records, runs and changes each time."""
    connection = open_library(path).conn
    with transaction(connection):
        store.claim(connection, kind, path)
        for name, title in TOPICS.items():
            runs.save_topic_definition(connection, name=name, title=title, term="x", rationale="")
        _first_night(connection)
        night(connection, 2)
        night(connection, 3, status="failed", error="PubMed <i>is</i> out of reach.")
        night(connection, 4, complete=False, problems=2, held=FILLED - 2)
        _busy_night(connection)
        night(connection, 7, status="failed", error="PubMed is out of reach.")
        late = night(connection, 7, hour=9, status="new", topic="one")
        _add(connection, late, article(LATE, title=Text(plain="A late one")))
        _big_day(connection)
        for day in range(9, 22):
            _revise(connection, night(connection, day, status="new"), FIRST + 92 + day, f"n{day}")
    connection.close()


def night(
    connection: sqlite3.Connection,
    day: int,
    *,
    hour: int = 3,
    command: str = "harvest",
    topic: str = "all",
    status: str = "unchanged",
    complete: bool = True,
    problems: int = 0,
    held: int = FILLED,
    error: str | None = None,
) -> int:
    """A run of that day of November 2026."""
    now = datetime(2026, 11, day, hour, 14, tzinfo=UTC)
    run_id = runs.start(
        connection, command=command, topic=topic, now=now, version="0", source="loopback"
    )
    if status != "running":
        for name in TOPICS if topic == "all" else [topic]:
            runs.save_topic(connection, run_id, name, runs.TopicCounts(), term="x")
        runs.finish(
            connection,
            run_id,
            status=status,
            now=now,
            seconds=41.2,
            counts=runs.TopicCounts(reported=FILLED, held=held, problems=problems),
            complete=complete and status != "failed",
            error=error,
        )
    return run_id


def _first_night(connection: sqlite3.Connection) -> None:
    run = night(connection, 1, status="new")
    shelf = [article(FIRST + n) for n in range(FILLED)]
    store.store(connection, [stored(a) for a in shelf], run_id=run, now=NOW)
    pmids = [a.pmid for a in shelf]
    membership.join_topic(connection, "one", pmids, run_id=run)
    membership.join_topic(connection, "two", pmids[:50], run_id=run)
    membership.leave_topic(connection, "one", [RETURNED], run_id=run)
    connection.execute("DELETE FROM changes WHERE kind = 'left'")  # as if before the ledger


def _busy_night(connection: sqlite3.Connection) -> None:
    run = night(connection, 6, status="new")
    retraction = Correction(kind="RetractionIn", pmid=NOT_HELD)
    _change(
        connection,
        run,
        article(RETRACTED, corrections=(retraction,)),
        ("revised", ("corrections", "dates")),
        ("retracted", ()),
    )
    concern = Correction(kind="ExpressionOfConcernIn", pmid=NOT_HELD)
    _change(
        connection,
        run,
        article(DOUBTED, corrections=(concern,)),
        ("revised", ("corrections",)),
        ("corrected", ()),
    )
    erratum = Correction(kind="ErratumIn", pmid=NEW_PLAIN)
    _change(
        connection,
        run,
        article(CORRECTED, corrections=(erratum,)),
        ("revised", ("corrections",)),
        ("corrected", ()),
    )
    _change(connection, run, article(INDEXED), ("revised", ("mesh", "status")), ("indexed", ()))
    _change(connection, run, article(TOUCHED), ("revised", ("dates",)))
    hostile = article(HOSTILE, title=Text(plain=HOSTILE_TITLE, markup=HOSTILE_TITLE))
    _change(connection, run, hostile, ("revised", ("title", "abstract", "<b>")))
    _add(connection, run, article(NEW_PLAIN, title=Text(plain="Plain")), "one", "two")
    for pmid, name in (
        (NEW_TRIAL, "Randomized Controlled Trial"),
        (NEW_REVIEW, "Systematic Review"),
        (NEW_RETRACTED, "Retracted Publication"),
    ):
        types = (PublicationType(name="Journal Article"), PublicationType(name=name))
        _add(connection, run, article(pmid, publication_types=types), "one")
    for topic in TOPICS:
        membership.leave_topic(connection, topic, [LEFT], run_id=run)
    membership.join_topic(connection, "one", [RETURNED], run_id=run)
    membership.mark_withdrawn(connection, [WITHDRAWN], run_id=run, now="2026-11-06T03:14:00Z")


def _big_day(connection: sqlite3.Connection) -> None:
    run = night(connection, 8, command="load", status="new")
    for n in range(20, 20 + 72):
        _revise(connection, run, FIRST + n, "big")


def _revise(connection: sqlite3.Connection, run: int, pmid: int, content_hash: str) -> None:
    _change(connection, run, article(pmid), ("revised", ("abstract", "mesh")), mark=content_hash)


def _add(connection: sqlite3.Connection, run: int, record: Article, *topics: str) -> None:
    _change(connection, run, record, ("added", ()))
    for topic in topics:
        membership.join_topic(connection, topic, [record.pmid], run_id=run)


def _change(
    connection: sqlite3.Connection,
    run: int,
    record: Article,
    *events: tuple[str, tuple[str, ...]],
    mark: str = "h2",
) -> None:
    changes = [Change(kind=kind, fields=fields, new_hash=mark) for kind, fields in events]
    store.store(connection, [stored(record, mark, *changes)], run_id=run, now=NOW)
