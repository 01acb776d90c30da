"""Opening the SQLite file, and what its errors mean to a user."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvester.errors import LibraryBusy, LibraryError

__all__ = ["connect", "connect_read_only", "explained", "transaction"]

BUSY_SECONDS = 30.0

# What SQLite says, by the stable part of its message, and what it means here.
_MEANINGS = (
    ("locked", LibraryBusy, "Another program is writing to {path}; try again in a moment."),
    ("full", LibraryError, "The disk is full, or a size limit was met, while writing {path}."),
    ("readonly", LibraryError, "The library {path} cannot be written: it is read-only."),
    ("read-only", LibraryError, "The library {path} cannot be written: it is read-only."),
    ("unable to open", LibraryError, "The library {path} cannot be opened."),
    ("not a database", LibraryError, "The file {path} is not a SQLite database."),
    ("malformed", LibraryError, "The library {path} is damaged; restore it from a copy."),
    ("disk i/o", LibraryError, "The disk failed while reading or writing {path}."),
    ("already exists", LibraryError, "The file {path} is not a library of ours: {message}."),
    ("no such table", LibraryError, "The file {path} is not a library of ours: {message}."),
    ("no such column", LibraryError, "The file {path} is not a library of ours: {message}."),
)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file at `path` into errors a user can act on."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        message = str(error)
        for part, kind, meaning in _MEANINGS:
            if part in message.lower():
                raise kind(meaning.format(path=path, message=message)) from error
        raise LibraryError(f"SQLite failed on {path}: {message}.") from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection for writing: WAL, so that readers never wait, and explicit transactions.

    In WAL mode `synchronous=NORMAL` never damages the file; a power cut may undo the last
    transactions, which the next harvest does again.
    """
    with explained(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16000")
    return connection


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; the file must be there."""
    if not path.exists():
        raise LibraryError(f"There is no library at {path}; run: harvester harvest.")
    with explained(path):
        uri = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("SELECT count(*) FROM sqlite_master")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, with the write lock taken at the start."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # A full disk has already rolled it back; then there is nothing left to undo.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
