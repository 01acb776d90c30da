import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.library import runs
from harvester.library.migrations import open_library


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "literature.db"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_library(path).conn
    yield connection
    connection.close()


@pytest.fixture
def run_id(connection: sqlite3.Connection) -> int:
    return runs.start(
        connection,
        command="harvest",
        topic="all",
        now=datetime(2026, 11, 1, 3, tzinfo=UTC),
        version="0",
        source=None,
    )
