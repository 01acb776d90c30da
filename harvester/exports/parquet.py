"""Parquet, for DuckDB, pandas, Polars and Spark (pyarrow; the extra `parquet`, see `is_available`).

One table of flat columns: those of the CSV, and as JSON text what has parts of its own, since not
every engine reads nested columns alike. Inside the files the year is `pub_year`, without a type
that depends on the reader; the folders are named `year=2024`, `year=0` where none is known.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harvester.errors import LibraryError
from harvester.exports.json_lines import document
from harvester.exports.reference import date_of
from harvester.exports.table import COLUMNS
from harvester.library.holdings import Holding

if TYPE_CHECKING:  # it is an extra
    import pyarrow as pa

__all__ = ["MISSING", "is_available", "is_ours", "write", "write_folder"]

MISSING = "Parquet needs the package pyarrow; install: pip install 'ketamine-library[parquet]'."

_GROUP = 1_000  # rows that are in memory at a time
# Says that the folder is of ours. Without content, as Polars reads a folder of one kind of files
# and passes over empty ones; and with a first letter that Spark and pyarrow pass over.
_MARKER = "_ketamine_library"
_FILE = re.compile(r"year=[0-9]+/part-0\.parquet")
_NESTED = {
    "authors_json": ("authors", "Authors with their names' parts, affiliations and ORCID"),
    "mesh_json": ("mesh", "MeSH headings with identifiers and stars"),
    "findings_json": ("findings", "Findings with the words that each rests on"),
    "corrections_json": ("corrections", "Retractions, errata, comments: links to other records"),
    "trials_json": ("trials", "Registered trials with their registry"),
    "cites_json": ("cites", "PMIDs of the reference list"),
}


@cache
def is_available() -> bool:
    """Whether pyarrow is installed; to import it takes half a second and 40 MB."""
    return find_spec("pyarrow") is not None


def write(records: Iterable[Holding]) -> Iterator[bytes]:
    """One file, a group of rows at a time."""
    import pyarrow.parquet as pq

    sink = _Sink()
    with pq.ParquetWriter(sink, _schema(), compression="zstd") as writer:
        for table in _tables(records):
            writer.write_table(table)
            yield sink.taken()
    yield sink.taken()


def write_folder(records: Iterable[Holding], folder: Path) -> int:
    """The table in `folder`, a file a year, and the number of its rows; records come by year.

    It is written aside, then renamed, so that a reader finds the old folder or the new one.
    """
    import pyarrow.parquet as pq

    if folder.exists() and not is_ours(folder) and (folder.is_file() or any(folder.iterdir())):
        raise LibraryError(
            f"{folder} is there and is no Parquet folder of ours, or not only that; name another."
        )
    folder = folder.resolve()
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    count = 0
    try:
        for year, of_year in groupby(records, key=_year):
            place = aside / f"year={year}"
            place.mkdir()
            with pq.ParquetWriter(
                place / "part-0.parquet", _schema(), compression="zstd"
            ) as writer:
                for table in _tables(of_year):
                    writer.write_table(table)
                    count += table.num_rows
        if not count:
            (aside / "year=0").mkdir()
            pq.write_table(_schema().empty_table(), aside / "year=0" / "part-0.parquet")
        (aside / _MARKER).touch()
        _replace(folder, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return count


class _Sink:
    """Takes what pyarrow writes until somebody fetches it: the file is nowhere as a whole."""

    closed = False

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._written = 0

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        self._written += len(self._held[-1])
        return len(self._held[-1])

    def taken(self) -> bytes:
        """What was written since the last time."""
        data, self._held = b"".join(self._held), []
        return data

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        self.closed = True


def _schema() -> "pa.Schema":
    import pyarrow as pa

    types = {int: pa.int64(), str: pa.string(), bool: pa.bool_()}
    fields = [
        pa.field(_named(name), types[column.type], metadata={"about": column.about})
        for name, column in COLUMNS.items()
    ]
    fields += [
        pa.field(name, pa.string(), metadata={"about": f"{about}, as JSON"})
        for name, (_, about) in _NESTED.items()
    ]
    return pa.schema(fields)


def _named(column: str) -> str:
    return "pub_year" if column == "year" else column


def _tables(records: Iterable[Holding]) -> Iterator["pa.Table"]:
    import pyarrow as pa

    schema, rest = _schema(), iter(records)
    while rows := [_row(holding) for holding in islice(rest, _GROUP)]:
        yield pa.Table.from_pylist(rows, schema=schema)


def _row(holding: Holding) -> dict[str, Any]:
    whole = document(holding)
    return {
        **{_named(name): column.of(holding) for name, column in COLUMNS.items()},
        **{
            name: json.dumps(whole[part], ensure_ascii=False) for name, (part, _) in _NESTED.items()
        },
    }


def _year(holding: Holding) -> int:
    date = date_of(holding)
    return date.year if date else 0


def is_ours(folder: Path) -> bool:
    """Whether the folder is an older export and nothing else, so that a new one may replace it."""
    if not (folder / _MARKER).is_file():
        return False
    found = {path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()}
    return all(_FILE.fullmatch(str(path)) for path in found - {Path(_MARKER)})


def _replace(folder: Path, aside: Path) -> None:
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
