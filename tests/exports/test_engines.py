"""Engines made for more than one machine find in our files what is in the library."""

import hashlib
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars
import pytest
from click.testing import CliRunner

from harvester.cli import main
from harvester.library.notices import retracted_pmids
from harvester.settings import packaged_file
from tests.conftest import ROOT
from tests.exports.nasty import NASTY
from tests.site import shelf

REAL = ("ketamine.xml.gz", "oddities.xml")
MAPPING: dict[str, Any] = json.loads((ROOT / "docs/opensearch.json").read_text())["mappings"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What an engine says of the library."""

    rows: int
    pmids: str
    years: tuple[tuple[int, int], ...]
    retracted: int
    people: int


def seen(
    pmids: Iterable[int], years: Iterable[tuple[int, int]], retracted: int, people: int
) -> Seen:
    found = sorted(pmids)
    digest = hashlib.sha256("".join(f"{pmid}\n" for pmid in found).encode()).hexdigest()
    return Seen(len(found), digest, tuple(sorted(years)), retracted, people)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("engines") / "literature.db"
    sample = packaged_file("sample.xml.gz", checkout="data/sample.xml.gz")
    run(path, "load", str(sample), "--all")
    shelf.add_records(path)
    return path


@pytest.fixture(scope="module")
def folder(library: Path) -> Path:
    folder = library.parent / "library.parquet"
    run(library, "export", "parquet", "-o", str(folder))
    return folder


@pytest.fixture(scope="module")
def in_sqlite(library: Path) -> Seen:
    with closing(sqlite3.connect(library)) as connection:
        return seen(
            [pmid for (pmid,) in connection.execute("SELECT pmid FROM articles")],
            list(connection.execute("SELECT coalesce(year, 0), count(*) FROM articles GROUP BY 1")),
            len(retracted_pmids(connection)),
            connection.execute("SELECT sum(sample_size) FROM articles").fetchone()[0],
        )


def run(library: Path, *words: str) -> None:
    result = CliRunner().invoke(main, ["--db", str(library), *words])
    assert result.exit_code == 0, result.stderr


def test_duckdb(folder: Path, in_sqlite: Seen) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW a AS SELECT * FROM read_parquet('{folder}/*/*.parquet')")

        def ask(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        assert in_sqlite == seen(
            [pmid for (pmid,) in ask("SELECT pmid FROM a")],
            [(year, n) for year, n in ask("SELECT year, count(*) FROM a GROUP BY 1")],
            ask("SELECT count(*) FROM a WHERE retracted")[0][0],
            int(ask("SELECT sum(sample_size) FROM a")[0][0]),
        )


@pytest.mark.parametrize("files", ["", "*/*.parquet"])
def test_polars(folder: Path, in_sqlite: Seen, files: str) -> None:
    table = polars.scan_parquet(folder / files, hive_partitioning=True)
    years = table.group_by("year").len().collect()
    sums = table.select(
        polars.col("retracted").sum().alias("retracted"), polars.col("sample_size").sum()
    ).collect()
    assert in_sqlite == seen(
        table.select("pmid").collect()["pmid"].to_list(),
        [(int(year), n) for year, n in years.iter_rows()],
        sums["retracted"].item(),
        sums["sample_size"].item(),
    )


@pytest.mark.slow
def test_spark(folder: Path, in_sqlite: Seen) -> None:
    """Where somebody has installed pyspark; it is half a gigabyte, and no part of the project."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    try:
        table = session.read.parquet(str(folder))
        table.createOrReplaceTempView("a")
        sums = session.sql("SELECT count_if(retracted), sum(sample_size) FROM a").collect()[0]
        years = session.sql("SELECT year, count(*) FROM a GROUP BY 1").collect()
        assert in_sqlite == seen(
            [row[0] for row in table.select("pmid").collect()],
            [(row[0], row[1]) for row in years],
            sums[0],
            sums[1],
        )
    finally:
        session.stop()


def bulk_command() -> str:
    """The command of docs/scale.md that makes OpenSearch's bulk form of JSON Lines."""
    text = (ROOT / "docs/scale.md").read_text()
    (found,) = re.findall(r"\| (jq -c '[^']+')", text)
    return str(found)


@pytest.mark.skipif(not shutil.which("jq"), reason="there is no jq on this machine")
def test_the_bulk_form_of_opensearch(library: Path) -> None:
    exported = CliRunner().invoke(main, ["--db", str(library), "export", "jsonl"]).stdout
    made = subprocess.run(
        shlex.split(bulk_command()), input=exported, capture_output=True, text=True, check=True
    )
    lines = made.stdout.splitlines()
    documents = list(map(json.loads, exported.split("\n")[:-1]))
    assert len(lines) == 2 * len(documents) > 500
    for action, line, document in zip(lines[::2], lines[1::2], documents, strict=True):
        assert json.loads(action) == {
            "index": {"_index": "literature", "_id": str(document["pmid"])}
        }
        assert json.loads(line) == document
        assert list(unfitting(document, MAPPING)) == []


def test_real_records_fit_the_mapping(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    run(path, "load", *(str(shared_data / "pubmed" / name) for name in REAL), "--all")
    exported = CliRunner().invoke(main, ["--db", str(path), "export", "jsonl"]).stdout
    faults = Counter(
        fault
        for line in exported.split("\n")[:-1]
        for fault in unfitting(json.loads(line), MAPPING)
    )
    assert faults == {}


def test_the_mapping_is_of_every_field_and_no_other() -> None:
    from harvester.exports.json_lines import document

    for holding in NASTY.values():
        assert list(unfitting(document(holding), MAPPING)) == []
    fields = set(document(next(iter(NASTY.values()))))
    assert set(MAPPING["properties"]) == fields


def test_a_field_that_does_not_fit_is_found() -> None:
    assert list(unfitting({"news": 1}, MAPPING)) == ["news: not in the mapping"]
    assert list(unfitting({"year": "2024"}, MAPPING)) == ["year: '2024' is no short"]
    assert list(unfitting({"published": "2024 May"}, MAPPING)) == [
        "published: '2024 May' is no date"
    ]


def unfitting(value: Any, mapping: dict[str, Any], at: str = "") -> Iterator[str]:
    """What OpenSearch would refuse with this mapping, which is `strict`."""
    if value is None or mapping.get("enabled") is False:
        return
    if isinstance(value, list):
        for one in value:
            yield from unfitting(one, mapping, at)
        return
    kind = mapping.get("type", "object")
    if "properties" in mapping:
        if not isinstance(value, dict):
            yield f"{at}: {value!r} is no object"
            return
        for name, part in value.items():
            where = f"{at}.{name}".lstrip(".")
            if name not in mapping["properties"]:
                yield f"{where}: not in the mapping"
            else:
                yield from unfitting(part, mapping["properties"][name], where)
    elif not FITS[kind](value):
        yield f"{at}: {value!r} is no {kind}"


def is_date(value: object) -> bool:
    """As the formats of the mapping, or a whole time."""
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            return bool(datetime.strptime(str(value), form))  # noqa: DTZ007 (a day)
        except ValueError:
            pass
    try:
        return date.fromisoformat(str(value)[:10]) is not None and str(value).endswith("Z")
    except ValueError:
        return False


FITS = {
    "keyword": lambda value: isinstance(value, str) and len(value.encode()) < 32_766,
    "text": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int and abs(value) < 2**31,
    "short": lambda value: type(value) is int and abs(value) < 2**15,
    "date": is_date,
    "flat_object": lambda value: isinstance(value, dict),
}
