"""The vocabulary of the text index: the stems that it holds, in their order."""

import sqlite3

from harvester.library.schema import FTS_TABLE

__all__ = ["stems_beginning"]

# A temporary table: it can be made where nothing can be written, and is gone with the connection.
_TERMS = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.index_terms USING fts5vocab (main, {FTS_TABLE}, row)"
)
_BEGINNING = "SELECT term FROM temp.index_terms WHERE term >= ?1 AND term < ?1 || char(1114111)"


def stems_beginning(connection: sqlite3.Connection, start: str) -> tuple[str, ...]:
    """All stems of the index that begin so; `start` is written as the index writes words."""
    connection.execute(_TERMS)
    return tuple(row[0] for row in connection.execute(_BEGINNING, (start,)))
