"""Opening the SQLite file, and what its errors mean to a user."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harvester.errors import LibraryBusy, LibraryError

__all__ = ["connect", "connect_read_only", "connect_to_check", "explained", "transaction"]

BUSY_SECONDS = 30.0
# SQLite starts the write-ahead log anew when no reader needs it. On a busy site there is always one
# who does, so a log of this size is emptied on purpose, for which readers are waited for this long.
LONGEST_LOG = 16_000_000  # bytes
_READERS_SECONDS = 1.0

# SQLite's names of what went wrong (the first that the error's own name begins with), and what it
# means here.
_BUSY = "Another program is writing to {path}; try again in a moment."
_FULL = "The disk is full, or a size limit was met, while writing {path}."
_MEANINGS: tuple[tuple[str, type[LibraryError], str], ...] = (
    ("SQLITE_BUSY", LibraryBusy, _BUSY),
    ("SQLITE_LOCKED", LibraryBusy, _BUSY),
    ("SQLITE_PROTOCOL", LibraryBusy, _BUSY),
    ("SQLITE_FULL", LibraryError, _FULL),
    # A quota or a limit of size; a disk that fails says the same.
    ("SQLITE_IOERR_WRITE", LibraryError, _FULL),
    ("SQLITE_IOERR_SHMSIZE", LibraryError, _FULL),
    ("SQLITE_IOERR_TRUNCATE", LibraryError, _FULL),
    ("SQLITE_IOERR", LibraryError, "The disk failed while reading or writing {path}."),
    (
        "SQLITE_READONLY",
        LibraryError,
        "The library {path} cannot be written: it, or its folder, is read-only.",
    ),
    ("SQLITE_NOTADB", LibraryError, "The file {path} is not a SQLite database."),
    ("SQLITE_CORRUPT", LibraryError, "The library {path} is damaged; restore it from a copy."),
)
_FOREIGN = ("no such table", "no such column", "already exists")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file at `path` into errors a user can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _explanation(path, error) from error


def _explanation(path: Path, error: sqlite3.DatabaseError) -> LibraryError:
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_IOERR":  # PRAGMA optimize, which writes, does not say what failed
        name = "SQLITE_IOERR_WRITE"
    for beginning, kind, meaning in _MEANINGS:
        if name.startswith(beginning):
            return kind(meaning.format(path=path))
    if name.startswith("SQLITE_CANTOPEN"):
        # In WAL mode a reader too needs a file beside the library.
        why = "" if os.access(path.parent, os.W_OK) else ": its folder is read-only"
        return LibraryError(f"The library {path} cannot be opened{why}.")
    if any(words in str(error) for words in _FOREIGN):
        return LibraryError(f"The file {path} is not a library of ours: {error}.")
    return LibraryError(f"SQLite failed on {path}: {error}.")


class _Writing(sqlite3.Connection):
    """Remembers which file it opened (device and number), and how long its log may become."""

    opened: tuple[Path, int, int] | None = None
    longest_log: int = LONGEST_LOG


def connect(path: Path) -> sqlite3.Connection:
    """A connection for writing: WAL, so that readers never wait, and explicit transactions.

    In WAL mode `synchronous=NORMAL` never damages the file; a power cut may undo the last
    transactions, which the next harvest does again.
    """
    with explained(path):
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, factory=_Writing
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {LONGEST_LOG}")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -4000")  # kB; four times as much gains nothing
    connection.opened = _place(path)
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


def connect_to_check(path: Path) -> sqlite3.Connection:
    """A connection that may write, as FTS5's own check asks for, and leaves the file as it is."""
    uri = f"{path.resolve().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, with the write lock taken at the start.

    Raises LibraryError when the file is no longer where it was opened: SQLite would go on writing
    to the one that nobody can open any more.
    """
    opened = connection.opened if isinstance(connection, _Writing) else None
    if opened and _place(opened[0]) != opened:
        raise LibraryError(
            f"The library {opened[0]} was deleted or replaced while it was being written; "
            "run the same command again."
        )
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has already rolled it back; then there is nothing left to undo.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if isinstance(connection, _Writing):
        _shorten_log(connection)


def _shorten_log(connection: _Writing) -> None:
    """Empty a write-ahead log that has become long; a reader who stays only delays it."""
    if connection.opened is None or _log_size(connection) < connection.longest_log:
        return
    connection.execute(f"PRAGMA busy_timeout = {_READERS_SECONDS * 1000:.0f}")
    # What was committed is safe, whatever becomes of this: a full disk stops the next transaction.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")
    connection.longest_log = LONGEST_LOG + _log_size(connection)


def _log_size(connection: _Writing) -> int:
    path = connection.opened[0] if connection.opened else Path()
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except OSError:
        return 0


def _place(path: Path) -> tuple[Path, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return path, found.st_dev, found.st_ino
