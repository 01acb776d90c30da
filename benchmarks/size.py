"""What a record takes in the file, table by table."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.loading import load_command
from benchmarks.records import ABOUT, file_of
from benchmarks.results import Result
from benchmarks.runs import run
from harvester.library.schema import FTS_TABLE, TABLES

__all__ = ["measure"]

_RECORDS = 13_921
_LEAST = 20  # bytes a record; smaller tables are counted together


def measure(folder: Path) -> Result:
    path = folder / f"grown-{_RECORDS}.db"
    if not path.exists():
        run(load_command(path, file_of(folder, _RECORDS)))
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        (held, received, packed) = connection.execute(
            "SELECT count(*), sum(size), sum(length(data)) FROM raw_records"
        ).fetchone()
        sizes = _sizes(connection)
    lines = list(_lines(sizes, held, received, packed))
    text = sum(size for name, size in sizes.items() if name.startswith(FTS_TABLE))
    figures = {
        "record": sum(sizes.values()) / held,
        "text_index": text / held,
        "raw": packed / received,
    }
    return Result(figures=figures, lines=lines)


def _sizes(connection: sqlite3.Connection) -> Counter[str]:
    """Bytes of pages by table, its indexes under `name, indexes`."""
    owner = dict(connection.execute("SELECT name, tbl_name FROM sqlite_master"))
    found: Counter[str] = Counter()
    for name, size in connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
        table = owner.get(name, name)
        found[table if table == name else f"{table}, indexes"] += size
    return found


def _lines(sizes: Counter[str], held: int, received: int, packed: int) -> Iterator[str]:
    total = sum(sizes.values())
    yield from (
        f"{held:,} {ABOUT}: {total / 1e6:,.0f} MB, {total / held:,.0f} bytes a record.",
        "",
        "| table | bytes a record | of the file |",
        "|---|---|---|",
    )
    small = 0
    text = 0
    for name, size in sizes.most_common():
        if name.startswith(FTS_TABLE):
            text += size
        elif size / held < _LEAST:
            small += size
        else:
            yield f"| {_said(name)} | {size / held:,.0f} | {size / total:.1%} |"
    yield f"| text index (`{FTS_TABLE}`) | {text / held:,.0f} | {text / total:.1%} |"
    yield f"| all others | {small / held:,.0f} | {small / total:.1%} |"
    yield from (
        "",
        f"The raw records are {received / held:,.0f} bytes each as received and "
        f"{packed / held:,.0f} as kept, {packed / received:.0%} of it. The text index keeps no "
        "text of its own.",
    )


def _said(name: str) -> str:
    table, _, rest = name.partition(",")
    return f"`{table}`{',' + rest if rest else ''}" if table in TABLES else name
