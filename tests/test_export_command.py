"""`harvester export`: what the search page finds, as a file."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import rispy
from click.testing import CliRunner, Result

from harvester.cli import main
from harvester.commands import export
from harvester.exports import files, formats, parquet
from tests.site import stacks
from tests.site.conftest import Get, getter, serve

Export = Callable[..., Result]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("stacks") / "literature.db"
    stacks.make_library(path)
    return path


@pytest.fixture(scope="module")
def run(library: Path) -> Export:
    def run(*arguments: str, code: int = 0) -> Result:
        command = ["--db", str(library), "export", *arguments]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


def test_the_command_knows_every_format() -> None:
    assert tuple(formats.FORMATS) == export.FORMATS
    help_of_parts = next(p for p in export.export.params if p.name == "in_parts")
    assert f"{formats.PART:,} records" in str(getattr(help_of_parts, "help", ""))


@pytest.mark.parametrize("form", [name for name in formats.FORMATS if name != "parquet"])
@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ((), ""),
        (("--search", "ketamine"), "q=ketamine"),
        (
            ("--search", "ketamine", "--filter", "type=Review", "--filter", "from=2005"),
            "q=ketamine&type=Review&from=2005",
        ),
        (
            ("--filter", "drug=ketamine", "--filter", "drug=esketamine", "--filter", "sort=oldest"),
            "drug=ketamine&drug=esketamine&sort=oldest",
        ),
    ],
)
def test_the_file_is_the_sites(
    run: Export, get: Get, form: str, arguments: tuple[str, ...], query: str
) -> None:
    written = run(form, "-s", *arguments)
    assert written.stdout_bytes == get(f"/search.{formats.FORMATS[form].suffix}?{query}").content


def test_results_are_on_stdout_and_messages_on_stderr(run: Export, tmp_path: Path) -> None:
    written = run("ris", "--search", "ketamine")
    assert rispy.loads(written.stdout)
    assert written.stderr.splitlines()[-1].endswith(" records written.")
    to_file = run("ris", "--search", "ketamine", "-o", str(tmp_path / "x.ris"))
    assert to_file.stdout == ""
    assert (tmp_path / "x.ris").read_bytes() == written.stdout_bytes
    assert to_file.stderr.splitlines()[-2:] == [
        str(tmp_path / "x.ris"),
        written.stderr.splitlines()[-1],
    ]
    assert run("ris", "-s", "--search", "nothingthatmatches").output == ""


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        (["from=2019", "from=2020"], "Error: The filter from takes one value; it was given twice."),
        (["sort=oldest", "sort=newest"], "Error: The filter sort takes one value; it was given "),
        (["n_from=20", "n_from=20"], "Error: The filter n_from takes one value; it was given "),
        (["design=RCT"], "Error: There is no design RCT. There are: comment, protocol, "),
        (["type=Review", "access=open"], "no access open. There are: free, subscription."),
        (["topic=nonsense"], "Error: There is no topic nonsense. There are: "),
    ],
)
def test_a_filter_that_cannot_be_meant_so_is_told_and_nothing_written(
    run: Export, tmp_path: Path, filters: list[str], says: str
) -> None:
    options = [part for text in filters for part in ("--filter", text)]
    told = run("csv", *options, "-o", str(tmp_path / "x.csv"), code=2)
    assert says in told.stderr
    assert told.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_value_that_a_rule_knows_and_no_article_has_is_an_empty_file(run: Export) -> None:
    assert run("csv", "--filter", "design=scoping_review", "--filter", "from=9998").exit_code == 0
    assert run("ris", "--filter", "mesh=No such heading").stdout == ""


_STOPPED = """
import os, signal, sys
from harvester.cli import main
from harvester.commands import export

def records(connection, pmids, show, real=export._records):
    for done, holding in enumerate(real(connection, pmids, show)):
        if done == 3:
            print(os.listdir(sys.argv[-1]), flush=True)
            os.kill(os.getpid(), signal.SIGTERM)
        yield holding

export._records = records
main(sys.argv[1:-1])
"""


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_program_that_is_told_to_end_leaves_nothing_unfinished(
    library: Path, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    arguments = ["--db", str(library), "export", form, "-o", str(folder / "all"), str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", _STOPPED, *arguments], capture_output=True, text=True, check=False
    )
    assert ".new" in done.stdout  # it was on its way
    assert done.returncode == 75
    assert done.stderr.splitlines()[-1] == "Error: The export was stopped."
    assert list(folder.iterdir()) == []


def test_in_a_folder_the_file_is_named_for_the_search_and_the_day(
    run: Export, tmp_path: Path
) -> None:
    run("bibtex", "--search", "ketamine", "--filter", "type=Review", "-o", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["pubmed_ketamine-review_2026-11-01.bib"]


def test_parts_are_numbered_and_whole(
    run: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PART", 25)
    told = run("ris", "--parts", "-o", str(tmp_path / "all.ris"))
    names = ["all_1.ris", "all_2.ris", "all_3.ris"]
    assert told.stderr.splitlines()[-4:-1] == [str(tmp_path / name) for name in names]
    found = [rispy.loads((tmp_path / name).read_text(encoding="utf-8")) for name in names]
    assert [len(part) for part in found] == [25, 25, stacks.COUNT - 50]
    numbers = [record["accession_number"] for part in found for record in part]
    assert len(set(numbers)) == stacks.COUNT
    run("nbib", "--parts", "--search", "nothingthatmatches", "-o", str(tmp_path / "none.nbib"))
    assert (tmp_path / "none_1.nbib").read_bytes() == b""


def test_parquet_is_a_folder_by_year_or_one_file_on_stdout(run: Export, tmp_path: Path) -> None:
    for _ in range(2):  # a second one replaces the first
        run("parquet", "-o", str(tmp_path))
    (folder,) = tmp_path.iterdir()
    assert folder.name == "pubmed_all_2026-11-01.parquet"
    table = ds.dataset(folder, partitioning="hive").to_table()
    assert table.num_rows == stacks.COUNT
    assert all(
        year == (inside or 0)
        for year, inside in zip(
            table["year"].to_pylist(), table["pub_year"].to_pylist(), strict=True
        )
    )
    run("parquet", "-o", str(folder), "--filter", "type=Review")
    assert ds.dataset(folder, partitioning="hive").count_rows() < stacks.COUNT
    whole = pq.read_table(io.BytesIO(run("parquet").stdout_bytes))
    assert whole.num_rows == stacks.COUNT


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("csv", "--filter", "desing=rct"), "There is no filter desing. There are: design, "),
        (("csv", "--filter", "from=soon"), "The filter from cannot be soon."),
        (("csv", "--filter", "design"), "The filter design cannot be empty."),
        (("csv", "--parts", "-o", "x.csv"), "--parts is for ris and nbib; csv is always whole."),
        (("ris", "--parts"), "--parts needs -o and the name of a file or a folder."),
        (("docx",), "'docx' is not one of 'ris'"),
    ],
)
def test_what_cannot_be_is_said(run: Export, arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments, code=2)
    assert says in result.stderr
    assert result.stdout == ""


def test_without_pyarrow_a_sentence_says_how_to_get_it(
    run: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "is_available", lambda: False)
    assert "pip install 'ketamine-library[parquet]'" in run("parquet", code=2).stderr


def test_nothing_is_left_of_a_file_that_cannot_be_finished(
    run: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "all.csv"
    target.write_text("older")

    def full(*_: object) -> object:
        yield b"pmid"
        raise OSError(28, os.strerror(28), str(target))

    monkeypatch.setattr(files, "encoded", full)
    assert "No space left on device" in run("csv", "-o", str(target), code=1).stderr
    assert [path.read_text() for path in tmp_path.iterdir()] == ["older"]


def test_a_missing_library_is_said(tmp_path: Path) -> None:
    missing = ["--db", str(tmp_path / "none.db"), "export", "ris"]
    result = CliRunner().invoke(main, missing)
    assert result.exit_code == 1
    assert "There is no library at" in result.stderr


def test_exporting_writes_nothing_into_the_library(run: Export, library: Path) -> None:
    before = library.read_bytes()
    run("jsonl", "-s")
    assert library.read_bytes() == before
