"""Whether the file is whole: SQLite's own checks, the text index, links, hashes, dates."""

import sqlite3
from collections.abc import Callable, Iterator

from harvester.errors import ParseError
from harvester.library.schema import FTS_TABLE, TABLES
from harvester.library.store import LOOKUP_KEYS, has_left_out_abstracts, raw_records

__all__ = ["check", "check_file"]

Reader = Callable[[bytes, str], str]


def check(connection: sqlite3.Connection, read_hash: Reader) -> Iterator[str]:
    """Yield one sentence for each fault; nothing when all is well.

    `read_hash` gives the content hash of a raw record in its format, so that each record is
    compared with what was received. The connection must be able to write: FTS5's own check is an
    INSERT that changes nothing.
    """
    altered = list(_altered(connection))
    yield from altered
    if altered:
        return  # the other questions are for the tables of the schema
    yield from check_file(connection)
    yield from _lonely_rows(connection)
    yield from _hashes(connection, read_hash)
    yield from _dates(connection)


def _altered(connection: sqlite3.Connection) -> Iterator[str]:
    """Tables that are not as the schema says: something else than this program has altered them."""
    for name, table in TABLES.items():
        rows = connection.execute("SELECT name, type FROM pragma_table_info(?)", (name,))
        found = dict(rows.fetchall())
        if not found:
            yield f"The table {name} is missing."
            continue
        expected = {column: spec.type.partition(" ")[0] for column, spec in table.columns.items()}
        for column, kind in expected.items():
            if column not in found:
                yield f"The table {name} lacks its column {column}."
            elif found[column] != kind:
                yield f"The column {column} of {name} is {found[column] or 'untyped'}, not {kind}."
        for column in found.keys() - expected.keys():
            yield f"The table {name} has a column that is none of the library's: {column}."


def check_file(connection: sqlite3.Connection) -> Iterator[str]:
    """The part of `check` that needs no raw records: SQLite's own checks, and the text index."""
    for (message,) in connection.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield f"SQLite finds a fault: {message}."
    for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"A row of {table} ({rowid or 'by key'}) refers to a missing row of {parent}."
    # Nothing is left of it: the file that is checked remains the same, byte for byte.
    connection.execute("SAVEPOINT check_text_index")
    try:
        connection.execute(
            f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}, rank) VALUES ('integrity-check', 1)"  # noqa: S608
        )
    except sqlite3.DatabaseError as error:
        if not error.sqlite_errorname.startswith("SQLITE_CORRUPT"):
            raise
        yield f"The text index does not agree with the articles ({error}); run: harvester derive."
    finally:
        connection.execute("ROLLBACK TO check_text_index")
        connection.execute("RELEASE check_text_index")


def _lonely_rows(connection: sqlite3.Connection) -> Iterator[str]:
    for name, table in TABLES.items():
        if table.per_article or name in ("raw_records", "article_topics"):
            (count,) = connection.execute(
                f"SELECT count(*) FROM {name} WHERE pmid NOT IN (SELECT pmid FROM articles)"  # noqa: S608
            ).fetchone()
            if count:
                yield f"{count:,} rows of {name} belong to no article."
    for name in LOOKUP_KEYS:
        user, column = next(
            (other, column)
            for other, table in TABLES.items()
            for column, spec in table.columns.items()
            if spec.references == f"{name}.id"
        )
        (count,) = connection.execute(
            f"SELECT count(*) FROM {name} WHERE id NOT IN (SELECT {column} FROM {user})"  # noqa: S608
        ).fetchone()
        if count:
            yield f"{count:,} rows of {name} are used by no article."


def _hashes(connection: sqlite3.Connection, read_hash: Reader) -> Iterator[str]:
    stored = dict(connection.execute("SELECT pmid, content_hash FROM articles"))
    for pmid, form, raw in raw_records(connection):
        expected = stored.pop(pmid, None)
        try:
            found = read_hash(raw, form)
        except ParseError as error:
            yield f"The raw record of PMID {pmid} cannot be read: {error}"
            continue
        if expected is not None and found != expected:
            yield f"The row of PMID {pmid} does not agree with its raw record."
    if has_left_out_abstracts(connection):
        return  # and with them the raw records
    for pmid in sorted(stored):
        yield f"PMID {pmid} has no raw record."


def _dates(connection: sqlite3.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT pmid, first_seen, last_changed FROM articles WHERE last_changed < first_seen"
    )
    for pmid, first_seen, last_changed in rows:
        yield f"PMID {pmid} changed ({last_changed}) before it was first seen ({first_seen})."
