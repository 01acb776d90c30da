"""What the machine needs for a part of the work, and our own parts: each a process of its own.

    python -m benchmarks.tasks TASK FILE [DATABASE]

Prints how many records there were, or for `stages` what each stage took, as JSON.
"""

import gzip
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from pickle import HIGHEST_PROTOCOL, dumps, loads
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from harvester.library.migrations import fts_ddl, index_ddl, open_library, table_ddl
from harvester.library.schema import FTS_TABLE, TABLES

_CHUNK = 262_144


def gunzip(file: str) -> int:
    """Only unpack the file."""
    return sum(1 for _ in _chunks(file))


def expat_alone(file: str) -> int:
    """Expat reads it, and calls nothing."""
    parser = expat.ParserCreate()
    for chunk in _chunks(file):
        parser.Parse(chunk)
    return 0


def iterparse(file: str) -> int:
    """ElementTree makes the elements, and nothing is taken from them."""
    count = 0
    with gzip.open(file) as stream:
        for _, element in ElementTree.iterparse(stream):  # noqa: S314 (PubMed's own file)
            if element.tag == "PubmedArticle":
                count += 1
                element.clear()
    return count


def floor(file: str, database: str) -> int:
    """The elements, and then the finished library's rows in one transaction, and its text index."""
    count = iterparse(file)
    with closing(sqlite3.connect(database)) as connection:
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}  # noqa: S608
    began = time.process_time()
    write(rows, Path(database).parent)
    print(json.dumps({"records": count, "write": time.process_time() - began}))
    return count


def write(rows: dict[str, list[Any]], place: Path) -> None:
    """A new library of these rows: tables, rows, indexes, text index; one transaction."""
    with (
        TemporaryDirectory(dir=place) as folder,
        closing(sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN")
        for name, table in TABLES.items():
            connection.execute(table_ddl(name, table))
            if rows[name]:
                marks = ", ".join("?" * len(table.columns))
                connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows[name])  # noqa: S608
        for name, table in TABLES.items():
            for columns in table.indexes:
                connection.execute(index_ddl(name, columns))
        for statement in fts_ddl():
            connection.execute(statement)
        connection.execute(f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}) VALUES ('rebuild')")  # noqa: S608
        connection.execute("COMMIT")


def read_rows(file: str, database: str) -> int:
    """Only read what `floor` writes: taken off its time, as it is no part of a load."""
    del file
    with closing(sqlite3.connect(database)) as connection:
        for name in TABLES:
            connection.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608
    return 0


def parse(file: str) -> int:
    """Ours: cut the file, read every record whole, hash it."""
    from harvester.pubmed.parse import read_record  # noqa: PLC0415
    from harvester.pubmed.split import split_stream  # noqa: PLC0415

    with Path(file).open("rb") as stream:
        return sum(bool(read_record(piece.data)) for piece in split_stream(stream))


def empty(file: str, database: str) -> int:
    """Make a library without records, and without the triggers of its text index."""
    del file
    with closing(open_library(Path(database)).conn) as connection:
        for name in ("inserted", "deleted", "updated"):
            connection.execute(f"DROP TRIGGER articles_{name}")
    return 0


def stages(file: str, database: str) -> int:
    """Each stage of a load alone, in this process: seconds of it."""
    from harvester.intake import what_it_says  # noqa: PLC0415
    from harvester.library.rows import article_rows  # noqa: PLC0415
    from harvester.library.store import packed  # noqa: PLC0415
    from harvester.pubmed import elements, parse  # noqa: PLC0415
    from harvester.pubmed.query_match import Indexed  # noqa: PLC0415
    from harvester.pubmed.split import split_stream  # noqa: PLC0415
    from harvester.topics import load_topics  # noqa: PLC0415

    known = load_topics()
    queries = [known.parsed(topic) for topic in known]
    took: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        result = work()
        took[name] = time.process_time() - began
        return result

    def matched(article: Any) -> list[bool]:
        indexed = Indexed(article)
        return [query.matches(indexed) for query in queries]

    timed("unpack (gzip)", lambda: gunzip(file))
    with Path(file).open("rb") as stream:
        raw = timed("unpack and cut into records", lambda: [p.data for p in split_stream(stream)])
    what_it_says(parse.read_record(raw[0])[0])  # the rules are made ready once
    trees = timed("make the elements", lambda: [parse._tree(data) for data in raw])
    timed("hash the content", lambda: [elements.content_hash(tree) for tree in trees])
    trees.clear()
    articles = timed(
        "make elements, hash, and read", lambda: [parse.read_record(d)[0] for d in raw]
    )
    timed("match the four searches", lambda: [matched(article) for article in articles])
    said = timed("derive findings", lambda: [what_it_says(article)[0] for article in articles])
    rows = timed("make rows", lambda: list(map(article_rows, articles, said)))
    timed("compress the record", lambda: [packed(data) for data in raw])
    sent = timed("send to the writer: pack", lambda: dumps(rows, HIGHEST_PROTOCOL))
    timed("send to the writer: unpack", lambda: loads(sent))  # noqa: S301 (our own)
    with closing(sqlite3.connect(database)) as connection:
        held = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}  # noqa: S608
    timed("write rows and indexes (floor: all at once)", lambda: write(held, Path(database).parent))
    print(json.dumps({"records": len(raw), "seconds": took}))
    return len(raw)


def _chunks(file: str) -> Iterator[bytes]:
    with gzip.open(file) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


TASKS: dict[str, Callable[..., int]] = {
    task.__name__: task
    for task in (gunzip, expat_alone, iterparse, floor, read_rows, parse, empty, stages)
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](*sys.argv[2:])
