"""Writing articles: every statement that changes what the library says about a record."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harvester.errors import LibraryError
from harvester.library.batches import CHUNK, batched, marks
from harvester.library.changes import Change, Held
from harvester.library.rows import Rows
from harvester.library.schema import FTS_TABLE, TABLES

__all__ = [
    "LEFT_OUT",
    "Stored",
    "claim",
    "confirm_source",
    "count_raw",
    "findings",
    "has_left_out_abstracts",
    "held",
    "held_pmids",
    "optimize",
    "packed",
    "raw_record",
    "raw_records",
    "rebuild_text_index",
    "replace_rows",
    "store",
    "unpacked",
]

# Lookup tables and the natural key by which a row of another table finds its number.
LOOKUP_KEYS = {
    "authors": ("name",),
    "mesh_terms": ("name", "kind"),
    "substances": ("name",),
    "keywords": ("keyword",),
    "publication_types": ("name",),
}

# Where the rows of a lookup table are used.
_USERS = {
    "authors": ("article_authors", "author_id"),
    "mesh_terms": ("article_mesh", "mesh_id"),
    "substances": ("article_substances", "substance_id"),
    "keywords": ("article_keywords", "keyword_id"),
    "publication_types": ("article_publication_types", "publication_type_id"),
    "trials": ("article_trials", "trial_id"),
}

# The setting of a snapshot whose abstracts were left out.
LEFT_OUT = "abstracts"

# Set when a record is first stored; a new version of the record leaves them alone (`last_changed`
# has a rule of its own).
_KEPT = {"pmid", "first_seen", "first_run", "last_changed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A record to be stored: what came, and what the ledger says about it.

    `raw` is `packed`, and `size` its bytes before that.
    """

    pmid: int
    content_hash: str
    rows: Rows
    raw: bytes
    size: int
    format: str
    source: str
    changes: tuple[Change, ...]


def packed(raw: bytes) -> bytes:
    """A record as received, compressed for the file.

    The fastest level: the best one takes almost twice as long for a tenth less.
    """
    return zlib.compress(raw, 1)


def unpacked(data: bytes) -> bytes:
    """The bytes as received."""
    return zlib.decompress(data)


def held(connection: sqlite3.Connection, pmids: Iterable[int]) -> dict[int, Held]:
    """What is held of these PMIDs."""
    found: dict[int, Held] = {}
    for part in batched(pmids):
        rows = connection.execute(
            "SELECT pmid, content_hash, version, revised, withdrawn IS NOT NULL FROM articles "  # noqa: S608
            f"WHERE pmid IN ({marks(part)})",
            part,
        )
        for pmid, content_hash, version, revised, withdrawn in rows:
            found[pmid] = Held(
                content_hash=content_hash,
                version=version,
                revised=revised,
                withdrawn=bool(withdrawn),
            )
    return found


def store(
    connection: sqlite3.Connection, records: Sequence[Stored], *, run_id: int, now: str
) -> None:
    """Store records and their lines in the ledger; the caller holds the transaction."""
    rows = Rows()
    for record in records:
        ours = (record.content_hash, record.source, now, now, run_id, run_id, None)
        rows.extend(record.rows, ours)
    pmids = [record.pmid for record in records]
    _write(connection, rows, pmids)
    connection.executemany(
        "INSERT OR REPLACE INTO raw_records (pmid, format, size, data) VALUES (?, ?, ?, ?)",
        ((record.pmid, record.format, record.size, record.raw) for record in records),
    )
    connection.executemany(
        "INSERT INTO changes (run_id, pmid, kind, fields, old_hash, new_hash) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                run_id,
                record.pmid,
                change.kind,
                json.dumps(change.fields) if change.fields else None,
                change.old_hash,
                change.new_hash,
            )
            for record in records
            for change in record.changes
        ),
    )
    for part in batched(pmids):
        connection.execute(
            "UPDATE problems SET solved_run = ? WHERE solved_run IS NULL "  # noqa: S608
            f"AND pmid IN ({marks(part)})",
            (run_id, *part),
        )


def replace_rows(connection: sqlite3.Connection, records: Sequence[tuple[int, str, Rows]]) -> None:
    """Write the rows of held records again: PMID, content hash and rows of each.

    Dates of first sight and last change, and the runs, stay; the caller holds the transaction.
    """
    rows = Rows()
    for pmid, content_hash, made in records:
        kept = connection.execute(
            "SELECT source, first_seen, last_changed, first_run, last_run, withdrawn FROM articles "
            "WHERE pmid = ?",
            (pmid,),
        ).fetchone()
        rows.extend(made, (content_hash, *kept))
    _write(connection, rows, [pmid for pmid, *_ in records])


def findings(connection: sqlite3.Connection, pmids: Iterable[int]) -> set[tuple[int, str, str]]:
    """PMID, facet and value of all findings of these records."""
    return {
        tuple(row)
        for part in batched(pmids)
        for row in connection.execute(
            f"SELECT pmid, facet, value FROM findings WHERE pmid IN ({marks(part)})",  # noqa: S608
            part,
        )
    }


def confirm_source(connection: sqlite3.Connection, pmids: Iterable[int], source: str) -> None:
    """Note that records held from a file were found the same at `source`."""
    for part in batched(pmids):
        connection.execute(
            f"UPDATE articles SET source = ? WHERE source <> ? AND pmid IN ({marks(part)})",  # noqa: S608
            (source, source, *part),
        )


def held_pmids(connection: sqlite3.Connection, *, not_from: str | None = None) -> set[int]:
    """All PMIDs held and not withdrawn, or those of them that did not come from that source."""
    rows = connection.execute(
        "SELECT pmid FROM articles WHERE withdrawn IS NULL AND source IS NOT ?", (not_from,)
    )
    return {pmid for (pmid,) in rows}


def raw_record(connection: sqlite3.Connection, pmid: int) -> tuple[str, bytes] | None:
    """Format (xml or medline) and bytes of a record as received."""
    row = connection.execute(
        "SELECT format, data FROM raw_records WHERE pmid = ?", (pmid,)
    ).fetchone()
    return (row[0], unpacked(row[1])) if row else None


def raw_records(connection: sqlite3.Connection) -> Iterator[tuple[int, str, bytes]]:
    """PMID, format and bytes of every record, in order of PMID, never all in memory."""
    last = 0
    while rows := connection.execute(
        "SELECT pmid, format, data FROM raw_records WHERE pmid > ? ORDER BY pmid LIMIT ?",
        (last, CHUNK),
    ).fetchall():
        for pmid, form, data in rows:
            yield pmid, form, unpacked(data)
        last = rows[-1][0]


def has_left_out_abstracts(connection: sqlite3.Connection) -> bool:
    """Whether the file is a snapshot without abstracts, which has no raw records either."""
    found = connection.execute("SELECT 1 FROM settings WHERE name = ?", (LEFT_OUT,)).fetchone()
    return found is not None


def claim(connection: sqlite3.Connection, kind: str, path: Path) -> None:
    """Note what the file is, `real` or the built-in `sample`; the two are never mixed.

    Raises LibraryError when it is the other, or a snapshot without abstracts: what is held of such
    a record counts as known, so its abstract would never come.
    """
    if has_left_out_abstracts(connection):
        raise LibraryError(
            f"{path} is a release without abstracts, for reading only; name another file with --db."
        )
    row = connection.execute("SELECT value FROM settings WHERE name = 'kind'").fetchone()
    if row is None:
        connection.execute("INSERT INTO settings (name, value) VALUES ('kind', ?)", (kind,))
    elif row[0] != kind:
        raise LibraryError(
            f"{path} holds {'the built-in sample' if row[0] == 'sample' else 'real records'}; "
            "name another file with --db."
        )


def count_raw(connection: sqlite3.Connection) -> int:
    """How many raw records are kept."""
    return int(connection.execute("SELECT count(*) FROM raw_records").fetchone()[0])


def rebuild_text_index(connection: sqlite3.Connection) -> None:
    """Make the text index again from the articles."""
    connection.execute(f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}) VALUES ('rebuild')")  # noqa: S608


def optimize(connection: sqlite3.Connection, *, text_index: bool) -> None:
    """Let SQLite gather what its planner needs; after much writing also merge the text index."""
    if text_index:
        connection.execute(f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}) VALUES ('optimize')")  # noqa: S608
    connection.execute("PRAGMA analysis_limit = 1000")
    connection.execute("PRAGMA optimize = 0x10002")


def _write(connection: sqlite3.Connection, rows: Rows, pmids: Sequence[int]) -> None:
    # Of a record that is new there is nothing to take away.
    replaced = held(connection, pmids)
    used = {table: _used(connection, table, replaced) for table in _USERS}
    for table, values in rows.lookups.items():
        connection.executemany(_LOOKUP_INSERTS[table], dict.fromkeys(values))
    for part in batched(replaced):
        for table in _PER_ARTICLE:
            connection.execute(
                f"DELETE FROM {table} WHERE pmid IN ({marks(part)})",  # noqa: S608
                part,
            )
    for table, values in rows.tables.items():
        if values:
            connection.executemany(_INSERTS[table], values)
    # In the same transaction, so that the library is whole wherever a run is ended.
    for table, (user, column) in _USERS.items():
        connection.executemany(
            f"DELETE FROM {table} WHERE id = ?1 "  # noqa: S608 (names of our schema)
            f"AND NOT EXISTS (SELECT 1 FROM {user} WHERE {column} = ?1)",
            used[table],
        )


def _used(
    connection: sqlite3.Connection, table: str, pmids: Iterable[int]
) -> list[tuple[int | str]]:
    """The rows of a lookup table that these articles refer to."""
    user, column = _USERS[table]
    return [
        row
        for part in batched(pmids)
        for row in connection.execute(
            f"SELECT DISTINCT {column} FROM {user} WHERE pmid IN ({marks(part)})",  # noqa: S608
            part,
        )
    ]


def _lookup_insert(table: str) -> str:
    """Insert a lookup's row; one that is there keeps its number, and gains what it lacks."""
    columns = [column for column in TABLES[table].columns if column != "id" or table == "trials"]
    key = LOOKUP_KEYS.get(table, TABLES[table].key)
    gained = ", ".join(
        f"{column} = coalesce({table}.{column}, excluded.{column})"
        for column in columns
        if column not in key
    )
    missing = " OR ".join(
        f"({table}.{column} IS NULL AND excluded.{column} IS NOT NULL)"
        for column in columns
        if column not in key
    )
    then = f"UPDATE SET {gained} WHERE {missing}" if gained else "NOTHING"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 (names of our schema)
        f"VALUES ({', '.join('?' * len(columns))}) ON CONFLICT ({', '.join(key)}) DO {then}"
    )


def _insert(table: str) -> str:
    """Insert a row; where the schema refers to a lookup, its natural key finds the number."""
    values = []
    for column in TABLES[table].columns.values():
        lookup = (column.references or "").partition(".")[0]
        if key := LOOKUP_KEYS.get(lookup):
            where = " AND ".join(f"{part} = ?" for part in key)
            values.append(f"(SELECT id FROM {lookup} WHERE {where})")  # noqa: S608
        else:
            values.append("?")
    columns = list(TABLES[table].columns)
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(values)})"  # noqa: S608
    if table == "articles":
        new = ", ".join(
            f"{column} = excluded.{column}" for column in columns if column not in _KEPT
        )
        # The clock may have been put back since the record was first seen.
        new += ", last_changed = max(excluded.last_changed, articles.first_seen)"
        statement += f" ON CONFLICT (pmid) DO UPDATE SET {new}"
    return statement


_PER_ARTICLE = tuple(name for name, table in TABLES.items() if table.per_article)
_LOOKUP_INSERTS = {table: _lookup_insert(table) for table in ("journals", "trials", *LOOKUP_KEYS)}
_INSERTS = {table: _insert(table) for table in ("articles", *_PER_ARTICLE)}
