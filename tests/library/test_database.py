"""Writing beside readers: nobody waits long, and the write-ahead log stays short."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from harvester.library.database import LONGEST_LOG, connect, transaction

MEGABYTE = 1_000_000
READ_SECONDS = 0.02


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE pages (content BLOB)")
    return path


@pytest.fixture
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(path)) as connection:
        yield connection


def write(connection: sqlite3.Connection, megabytes: int) -> int:
    """Write so much in transactions of a megabyte; the longest that the log became, in bytes."""
    (_, _, path) = connection.execute("PRAGMA database_list").fetchone()
    log = Path(f"{path}-wal")
    longest = 0
    for _ in range(megabytes):
        with transaction(connection):
            connection.execute("INSERT INTO pages VALUES (zeroblob(?))", (MEGABYTE,))
            longest = max(longest, log.stat().st_size)
    return longest


@contextmanager
def relay_of_readers(path: Path) -> Iterator[list[int]]:
    """Readers of whom the next always begins before the last is done; what they counted."""
    counted: list[int] = []
    stop = threading.Event()

    def begin() -> sqlite3.Connection:
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=0)
        reader.execute("BEGIN")
        counted.append(reader.execute("SELECT count(*) FROM pages").fetchone()[0])
        return reader

    def read() -> None:
        reader = begin()
        while not stop.wait(READ_SECONDS):
            before, reader = reader, begin()
            before.close()
        reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield counted
    finally:
        stop.set()
        thread.join()


def test_the_log_stays_short_on_a_busy_site(path: Path, writer: sqlite3.Connection) -> None:
    with relay_of_readers(path) as counted:
        longest = write(writer, 120)
    assert longest < LONGEST_LOG + 4 * MEGABYTE
    assert counted == sorted(counted)
    assert len(set(counted)) > 5, "the readers saw what was written meanwhile"


def test_a_reader_who_stays_delays_the_writer_a_little(
    path: Path, writer: sqlite3.Connection
) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
        reader.isolation_level = None
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM pages").fetchone() == (0,)
        began = time.monotonic()
        write(writer, 40)
        assert time.monotonic() - began < 10
        assert reader.execute("SELECT count(*) FROM pages").fetchone() == (0,)
    assert Path(f"{path}-wal").stat().st_size > 40 * MEGABYTE
    write(writer, 2)
    assert Path(f"{path}-wal").stat().st_size <= LONGEST_LOG, "short again when the reader has gone"
