"""Runs, problems, the lock, and SQLite's errors in words."""

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.errors import LibraryBusy, LibraryError
from harvester.library import runs
from harvester.library.database import connect_read_only, explained, transaction
from harvester.library.lock import exclusive
from harvester.library.migrations import open_library
from harvester.library.runs import Problem, TopicCounts
from harvester.library.status import read_status

NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)


def start(connection: sqlite3.Connection, topic: str = "all") -> int:
    return runs.start(connection, command="harvest", topic=topic, now=NOW, version="0", source=None)


def finish(connection: sqlite3.Connection, run_id: int, **parts: object) -> None:
    values = {
        "status": "new",
        "now": NOW,
        "seconds": 1.5,
        "counts": TopicCounts(reported=2, held=2),
    }
    runs.finish(connection, run_id, **(values | parts))


def test_a_run_that_was_killed_is_marked_by_the_next(connection: sqlite3.Connection) -> None:
    killed = start(connection)
    later = start(connection)
    rows = {row["id"]: row for row in runs.run_rows(connection)}
    assert rows[killed]["status"] == "failed"
    assert rows[killed]["error"] == "The run was ended before it was done."
    assert rows[later]["status"] == "running"


def test_the_window_starts_at_the_last_run_that_missed_nothing(
    connection: sqlite3.Connection,
) -> None:
    assert runs.last_good_of_all(connection) is None
    good = start(connection)
    searched(connection, good, "ketamine-trd")
    finish(connection, good, complete=True)
    incomplete = start(connection)
    searched(connection, incomplete, "ketamine-trd")
    finish(connection, incomplete, status="partial", complete=False)
    failed = start(connection)
    finish(connection, failed, status="failed", complete=False, error="x")
    found = runs.last_good_run(connection, "ketamine-trd")
    assert found is not None
    assert found["id"] == good
    assert runs.last_good_run(connection, "trd") is None, "that run had no such topic"


def searched(connection: sqlite3.Connection, run_id: int, *topics: str) -> None:
    for topic in topics:
        runs.save_topic_definition(connection, name=topic, title=topic, term="x", rationale="")
        runs.save_topic(connection, run_id, topic, TopicCounts(), term="x")


def test_the_library_is_as_fresh_as_its_oldest_topic(connection: sqlite3.Connection) -> None:
    first = start(connection)
    searched(connection, first, "ketamine-trd", "trd")
    finish(connection, first, complete=False, status="partial")
    second = start(connection, "trd")
    searched(connection, second, "trd")
    finish(connection, second, complete=True)
    assert runs.last_good_of_all(connection) is None, "one topic was never harvested well"
    third = start(connection, "ketamine-trd")
    searched(connection, third, "ketamine-trd")
    finish(connection, third, complete=True)
    found = runs.last_good_of_all(connection)
    assert found is not None
    assert found["id"] == second
    begun = runs.first_run(connection, "trd")
    assert begun is not None
    assert begun["id"] == first


def test_an_unsolved_problem_is_not_repeated(connection: sqlite3.Connection) -> None:
    run_id = start(connection)
    problem = Problem(stage="parse", reason="No PMID.", pmid=5, raw=b"<x")
    runs.add_problems(connection, run_id, [problem, problem])
    again = start(connection)
    runs.add_problems(connection, again, [problem])
    (only,) = runs.unsolved(connection)
    assert (only["run_id"], only["pmid"]) == (run_id, 5)
    assert runs.unsolved_pmids(connection) == (5,)


def test_a_complete_run_settles_what_no_longer_concerns_it(
    connection: sqlite3.Connection,
) -> None:
    first = start(connection)
    runs.add_problems(
        connection,
        first,
        [
            Problem(stage="search", reason="Parts do not add up.", topic="trd"),
            Problem(stage="parse", reason="Broken.", pmid=5),
            Problem(stage="parse", reason="Broken.", pmid=6),
        ],
    )
    second = start(connection)
    runs.solve_problems(connection, second, topics=["trd"], still={6})
    assert [row["pmid"] for row in runs.unsolved(connection)] == [6]


def test_a_topic_that_is_the_same_is_not_written_again(connection: sqlite3.Connection) -> None:
    topic = {"name": "trd", "title": "TRD", "term": "TRD[tiab]", "rationale": "why"}
    runs.save_topic_definition(connection, **topic)
    before = connection.total_changes
    runs.save_topic_definition(connection, **topic)
    assert connection.total_changes == before


def test_status_of_an_empty_library(connection: sqlite3.Connection) -> None:
    status = read_status(connection, now=NOW)
    assert (status.articles, status.last_run, status.age_seconds) == (0, None, None)
    json.dumps(status.as_json())


def test_the_lock_says_who_holds_it(path: Path) -> None:
    with exclusive(path, now=NOW):
        probe = (
            "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
            "from harvester.library.lock import exclusive\n"
            "with exclusive(Path(sys.argv[1]), now=datetime.now(UTC)): pass"
        )
        result = subprocess.run(
            [sys.executable, "-c", probe, str(path)], capture_output=True, text=True, check=False
        )
        assert "LibraryBusy: Another harvest holds the library" in result.stderr
        assert "since 2026-11-02T03:00:00+00:00" in result.stderr
    with exclusive(path, now=NOW):
        pass


def test_the_lock_in_one_process(path: Path) -> None:
    with exclusive(path, now=NOW), pytest.raises(LibraryBusy), exclusive(path, now=NOW):
        pass


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(LibraryError, match="is not a SQLite database"):
        open_library(path)


def test_a_missing_library(path: Path) -> None:
    with pytest.raises(LibraryError, match="There is no library at"):
        connect_read_only(path)


def test_a_locked_library(connection: sqlite3.Connection, path: Path) -> None:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with (
        transaction(connection),
        pytest.raises(LibraryBusy, match="Another program is writing"),
        explained(path),
        transaction(other),
    ):
        pass
    other.close()


def test_migrating_twice_changes_nothing(path: Path) -> None:
    open_library(path).conn.close()
    before = path.read_bytes()
    open_library(path).conn.close()
    assert path.read_bytes() == before


def test_datasette_detects_the_text_index(path: Path) -> None:
    database = open_library(path)
    assert database["articles"].detect_fts() == "articles_fts"
    database.conn.close()


def test_a_file_replaced_while_it_is_written(path: Path) -> None:
    connection = open_library(path).conn
    path.rename(path.with_name("moved.db"))
    with pytest.raises(LibraryError, match="was deleted or replaced"), transaction(connection):
        pass
    path.write_bytes(b"")
    with pytest.raises(LibraryError, match="was deleted or replaced"), transaction(connection):
        pass
    connection.close()
