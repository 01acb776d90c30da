"""A copy of the library for others: of one moment, compact, checked, without what is not theirs."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from harvester.errors import LibraryError
from harvester.library.check import check_file
from harvester.library.database import connect_read_only, explained
from harvester.library.schema import TABLES
from harvester.library.store import LEFT_OUT, optimize, rebuild_text_index

__all__ = ["TableSum", "reading_snapshot", "sums", "take_snapshot"]

# Where texts of abstracts stand, but for the index. The words that a finding rests on are among
# them: thousands of quotes of a journal are more than a quotation.
_WITHOUT_ABSTRACTS = (
    "UPDATE articles SET abstract = NULL WHERE abstract IS NOT NULL",
    "DELETE FROM abstract_sections",
    "UPDATE findings SET quote = NULL, start = NULL WHERE source = 'abstract'",
    "DELETE FROM raw_records",
    f"INSERT OR REPLACE INTO settings (name, value) VALUES ('{LEFT_OUT}', 'left out')",  # noqa: S608
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSum:
    """How many rows a table has, and their SHA-256 (see `sums`)."""

    rows: int
    sha256: str


def take_snapshot(library: Path, target: Path, *, abstracts: bool = True) -> None:
    """Write the library as it is at this moment to `target`, which must not be there yet.

    Left out is what was received and could not be read (`problems.raw`) and, with `abstracts`
    false, every text of an abstract: their rows, the raw records, the index, the quotes. The file
    is written twice (SQLite manual, VACUUM INTO), so that nothing is left in pages no longer used.
    It can be opened immutable. Raises LibraryError when it is not whole.
    """
    draft = target.with_name(f"{target.name}.draft")
    with explained(library), closing(connect_read_only(library)) as connection:
        try:
            connection.execute("VACUUM INTO ?", (str(draft),))
        except sqlite3.OperationalError:  # a damaged library is a DatabaseError
            with explained(draft):
                raise
    with explained(draft), closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        # A draft that is lost is made again.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("UPDATE problems SET raw = NULL WHERE raw IS NOT NULL")
        if not abstracts:
            for statement in _WITHOUT_ABSTRACTS:
                connection.execute(statement)
            rebuild_text_index(connection)
        connection.execute("COMMIT")
        optimize(connection, text_index=True)
        faults = [*check_file(connection)]
        if faults:
            raise LibraryError(f"The snapshot of {library} is not whole: {' '.join(faults)}")
        connection.execute("VACUUM INTO ?", (str(target),))
    draft.unlink()
    with reading_snapshot(target) as connection:
        found = [message for (message,) in connection.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise LibraryError(f"The snapshot of {library} is not whole: {found[0]}.")


@contextmanager
def reading_snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """A snapshot, opened as what it is: a file that nobody changes."""
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with explained(path), closing(sqlite3.connect(uri, uri=True)) as connection:
        yield connection


def sums(connection: sqlite3.Connection) -> Mapping[str, TableSum]:
    """Each table's rows and their hash, which anyone can compute again.

    The hash is of one line for each row, in the order of the primary key: the row as SQLite's
    `json_array` writes it, bytes in hexadecimal. The same content has the same hash, whatever the
    file's bytes.
    """
    return {name: _sum(connection, name) for name in TABLES}


def _sum(connection: sqlite3.Connection, name: str) -> TableSum:
    table = TABLES[name]
    values = ", ".join(
        f"hex({column})" if spec.type.startswith("BLOB") else column
        for column, spec in table.columns.items()
    )
    query = f"SELECT json_array({values}) FROM {name} ORDER BY {', '.join(table.key)}"  # noqa: S608
    digest, rows = sha256(), 0
    for (line,) in connection.execute(query):
        digest.update(f"{line}\n".encode())
        rows += 1
    return TableSum(rows=rows, sha256=digest.hexdigest())
