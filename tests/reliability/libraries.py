"""Two libraries side by side: do they say the same, table by table, and is each whole?"""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result

from harvester.cli import main
from harvester.library.columns import Column
from harvester.library.schema import FTS_TABLE, TABLES
from harvester.library.store import LOOKUP_KEYS, unpacked

Rows = Counter[tuple[object, ...]]

NOWHERE = "http://127.0.0.1:9/entrez/eutils/"

# What may differ between two libraries of the same records, by column.
MAY_DIFFER = {
    "id": "a number given in the order of storing; rows that refer to it are compared by its name",
    "run_id": "a harvest that was ended and started again has more runs",
    "first_run": "the same",
    "last_run": "the same",
    "first_seen": "the second in which a record was stored",
    "last_changed": "the same",
    "since": "a run that goes on after another looks for what was revised meanwhile",
}
# Of these the number or the time differs for the same reasons, but not whether there is one.
ONLY_WHETHER = {"left_run", "solved_run", "withdrawn"}
# A run is compared by what it ends with: these of the last run, and nothing of those before it.
LAST_RUN = {
    "runs": ("command", "topic", "reported", "held", "problems", "complete"),
    "run_topics": (
        "topic",
        "term",
        "translation",
        "warnings",
        "reported",
        "held",
        "problems",
    ),
    "run_slices": ("topic", "kind", "low", "high", "reported", "received", "stored"),
}
# Trials and journals have numbers of the world's, which stay the same.
NUMBERED = tuple(LOOKUP_KEYS)


def contents(path: Path) -> dict[str, Rows]:
    """All rows of a library by table, without what may differ."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = {name: _rows(connection, name) for name in TABLES}
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', '{FTS_TABLE}', 'instance')"
        )
        found[FTS_TABLE] = Counter(connection.execute("SELECT * FROM temp.words"))
    return found


def differences(one: dict[str, Rows], other: dict[str, Rows]) -> dict[str, tuple[list, list]]:
    """Some rows that only the one, and only the other holds, by table; nothing when they agree."""
    return {
        name: (list(one[name] - other[name])[:5], list(other[name] - one[name])[:5])
        for name in one
        if one[name] != other[name]
    }


def run(path: Path, *arguments: object, url: str = NOWHERE) -> Result:
    """`harvester` in this process."""
    environment = {"HARVESTER_EUTILS_URL": url, "NCBI_API_KEY": "", "NCBI_EMAIL": ""}
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(main, ["--db", str(path), *words], env=environment)


def faults(path: Path) -> list[str]:
    """What `harvester check` finds, and what a user would stumble over; nothing if all is well."""
    if not _has_tables(path):
        return [] if is_whole(path) else ["The file is damaged."]
    checked = run(path, "check")
    found = checked.stdout.splitlines() if checked.exit_code else []
    if checked.exit_code and not found:
        found.append(checked.stderr)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        running = "SELECT id FROM runs WHERE status = 'running'"
        found += [f"Run {number} is still running." for (number,) in connection.execute(running)]
    return found


def is_whole(path: Path) -> bool:
    """SQLite's own check; a file that was never begun is whole too."""
    if not path.exists():
        return True
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _has_tables(path: Path) -> bool:
    """False for a library that was ended before it was made."""
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        made = "SELECT 1 FROM sqlite_master WHERE name = 'articles'"
        return connection.execute(made).fetchone() is not None


def _rows(connection: sqlite3.Connection, name: str) -> Rows:
    if name in LAST_RUN:
        number = "id" if name == "runs" else "run_id"
        where = f"WHERE {number} = (SELECT max(id) FROM runs)"
        if name == "run_slices":
            where += " AND kind = 'set'"  # as for `since` above
        return Counter(
            connection.execute(f"SELECT {', '.join(LAST_RUN[name])} FROM {name} {where}")
        )
    if name == "raw_records":  # however they were compressed
        found = connection.execute("SELECT pmid, format, size, data FROM raw_records")
        return Counter((*row, unpacked(data)) for *row, data in found)
    columns = [
        expression
        for column, spec in TABLES[name].columns.items()
        if (expression := _expression(name, column, spec))
    ]
    return Counter(connection.execute(f"SELECT {', '.join(columns)} FROM {name}"))


def _expression(table: str, column: str, spec: Column) -> str:
    if column in ONLY_WHETHER:
        return f"{column} IS NOT NULL"
    if column in MAY_DIFFER and not (column == "id" and table == "trials"):
        return ""
    lookup = (spec.references or "").partition(".")[0]
    if lookup in NUMBERED:
        key = " || '|' || ".join(LOOKUP_KEYS[lookup])
        return f"(SELECT {key} FROM {lookup} WHERE {lookup}.id = {table}.{column})"
    return column
