"""Making the tables, and bringing an older file up to the schema of this program.

The schema is data (`schema`). The first migration makes all of it, in a new file; it is never
applied again, so a change of the schema also adds a function here for the files made before, which
does nothing in a file made since. Each is applied once, in a transaction of its own, and recorded
in the file (`sqlite_utils.Migrations`). What else has altered a file, `check` tells.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from harvester.errors import LibraryError
from harvester.library.database import connect, connect_read_only, explained
from harvester.library.schema import FTS_COLUMNS, FTS_TABLE, FTS_TOKENIZER, TABLES, Table

__all__ = ["fts_ddl", "index_ddl", "open_library", "table_ddl"]


@contextmanager
def _as_if_missing(*names: str) -> Iterator[None]:
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(hidden))  # to import one whose entry is None is an ImportError
    try:
        yield
    finally:
        for name in hidden:
            del modules[name]


# Where these are installed sqlite-utils imports them, to know their types: 100 MB and half a
# second for every command, of which nothing here makes use.
with _as_if_missing("numpy", "pandas"):
    from sqlite_utils import Database, Migrations

migrations = Migrations("library")


def open_library(path: Path) -> Database:
    """Open the library for writing; make it, or migrate it, if needed.

    Raises LibraryError when the file is something else, or cannot be written.
    """
    if not path.parent.exists():
        try:
            path.parent.mkdir(parents=True)
        except OSError as error:
            raise LibraryError(f"The folder of {path} cannot be made: {error.strerror}.") from error
    _check_owner(path)
    database = Database(connect(path))
    with explained(path):
        _check_age(path, database)
        if migrations.pending(database):
            migrations.apply(database)
    return database


def _check_owner(path: Path) -> None:
    """Leave a database of another program as it is, its journal mode too."""
    if not path.exists() or not path.stat().st_size:
        return
    with explained(path), closing(connect_read_only(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if names and Migrations.migrations_table not in names:
        raise LibraryError(f"The file {path} is a database of another program; name another.")


def _check_age(path: Path, database: Database) -> None:
    known = {migration.name for migration in migrations.pending(Database(memory=True))}
    unknown = {migration.name for migration in migrations.applied(database)} - known
    if unknown:
        raise LibraryError(
            f"The library {path} was made by a newer version of this program; update the program."
        )


def table_ddl(name: str, table: Table) -> str:
    """The CREATE TABLE statement of a table of the schema."""
    single = table.key[0] if len(table.key) == 1 else None
    lines = []
    for column, spec in table.columns.items():
        line = f"{column} {spec.type}"
        if column == single:
            line += " PRIMARY KEY"
        if spec.references:
            other, _, other_column = spec.references.partition(".")
            line += f" REFERENCES {other}({other_column})"
        lines.append(line)
    if single is None:
        lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    lines.extend(f"UNIQUE ({', '.join(columns)})" for columns in table.unique)
    body = ",\n  ".join(lines)
    return f"CREATE TABLE {name} (\n  {body}\n){'' if table.rowid else ' WITHOUT ROWID'}"


def index_ddl(name: str, columns: tuple[str, ...]) -> str:
    """The CREATE INDEX statement of an index of that table; leaves one that is there."""
    words = "_".join(columns).replace(" COLLATE", "").lower().replace(" ", "_")
    return f"CREATE INDEX IF NOT EXISTS idx_{name}_{words} ON {name} ({', '.join(columns)})"


def fts_ddl() -> tuple[str, ...]:
    """The text index over `articles` and the triggers that keep it in step.

    `content="articles"` in double quotes is what Datasette looks for to offer search
    (simonw/datasette#1991).
    """
    columns = ", ".join(FTS_COLUMNS)
    new = ", ".join(f"new.{column}" for column in FTS_COLUMNS)
    old = ", ".join(f"old.{column}" for column in FTS_COLUMNS)
    insert = f"INSERT INTO {FTS_TABLE} (rowid, {columns}) VALUES (new.pmid, {new});"  # noqa: S608
    delete = (
        f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}, rowid, {columns}) "  # noqa: S608
        f"VALUES ('delete', old.pmid, {old});"
    )
    return (
        f"CREATE VIRTUAL TABLE {FTS_TABLE} USING fts5 ({columns}, "
        f'tokenize = \'{FTS_TOKENIZER}\', content="articles", content_rowid="pmid")',
        f"CREATE TRIGGER articles_inserted AFTER INSERT ON articles BEGIN {insert} END",
        f"CREATE TRIGGER articles_deleted AFTER DELETE ON articles BEGIN {delete} END",
        f"CREATE TRIGGER articles_updated AFTER UPDATE OF {columns} ON articles "
        f"BEGIN {delete} {insert} END",
    )


@migrations()
def m0001_schema(database: Database) -> None:
    """All tables, indexes and the text index."""
    for name, table in TABLES.items():
        database.execute(table_ddl(name, table))
        for columns in table.indexes:
            database.execute(index_ddl(name, columns))
    for statement in fts_ddl():
        database.execute(statement)


@migrations()
def m0002_identifiers(database: Database) -> None:
    """Indexes that find a DOI or a trial's number in whatever case it is written."""
    database.execute(index_ddl("articles", ("doi COLLATE NOCASE",)))
    database.execute(index_ddl("trials", ("id COLLATE NOCASE",)))
