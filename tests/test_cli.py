"""The command line as its users meet it: exit codes, streams, sentences."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harvester.cli import main
from tests.eutils_server import Corpus, EutilsServer
from tests.test_load import as_set, records

NOWHERE = "http://127.0.0.1:9/entrez/eutils/"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests to the loopback service need not wait for each other."""
    monkeypatch.setattr("harvester.pubmed.eutils.SPACING", 0.0)
    monkeypatch.setattr("harvester.pubmed.eutils.SPACING_WITH_KEY", 0.0)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "data" / "literature.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "records.xml"
    path.write_bytes(as_set(*records()))
    return path


@pytest.fixture(scope="module")
def server() -> Iterator[EutilsServer]:
    corpus = Corpus()
    corpus.add_many(5, kind="trial")
    corpus.add_many(2, kind="bladder")
    with EutilsServer(corpus=corpus) as running:
        yield running


def run(db: Path, *arguments: object, url: str = NOWHERE, **environment: str) -> Result:
    env = {"HARVESTER_EUTILS_URL": url, "NCBI_API_KEY": "", "NCBI_EMAIL": ""} | environment
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(main, ["--db", str(db), *words], env=env)


KEYS = [
    "run_id",
    "topic",
    "status",
    "reported",
    "held",
    "added",
    "revised",
    "unchanged",
    "left",
    "withdrawn",
    "problems",
    "requests",
    "seconds",
]


def test_load_prints_its_report_as_json(db: Path, file: Path) -> None:
    result = run(db, "load", file, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert list(report) == [*KEYS, "topics"]
    assert (report["topic"], report["status"], report["added"]) == ("all", "new", 3)
    assert list(report["topics"]) == [
        "ketamine-trd",
        "ketamine-depression",
        "trd",
        "ketamine-safety",
    ]
    assert all(list(topic) == KEYS for topic in report["topics"].values())
    assert "Loading records.xml" in result.stderr, "progress goes to stderr"


def test_silence(db: Path, file: Path) -> None:
    result = run(db, "load", file, "--silent")
    assert result.stderr == ""
    assert result.stdout.startswith("Run 1: 3 added; 3 in the files, 3 held")


def test_one_topic_has_no_topics(db: Path, file: Path) -> None:
    report = json.loads(run(db, "load", file, "--topic", "trd", "--json").stdout)
    assert list(report) == KEYS
    assert report["topic"] == "trd"


def test_problems_exit_3_and_are_named(db: Path, file: Path) -> None:
    first, second, _ = records()
    file.write_bytes(as_set(first, second.replace(b"</Abstract>", b"")))
    result = run(db, "load", file)
    assert result.exit_code == 3
    assert "Problem: PMID 70000001" in result.stderr


def test_a_run_that_fails_prints_its_object_too(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "garbage.xml"
    file.write_text("garbage")
    result = run(db, "load", file, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["run_id"], report["status"], report["reported"]) == (1, "failed", 0)
    assert {topic["status"] for topic in report["topics"].values()} == {"failed"}


def test_a_library_without_a_good_run_says_so(db: Path, file: Path) -> None:
    assert run(db, "load", file).exit_code == 0
    result = run(db, "status", "--max-age", "36h")
    assert (result.exit_code, result.stderr) == (1, "There has been no good run yet.\n")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_harvest_and_the_ledger(db: Path, server: EutilsServer) -> None:
    result = run(db, "harvest", "--json", url=server.url)
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["status"], report["reported"], report["held"]) == ("new", 7, 7)
    assert run(db, "harvest", url=server.url).stdout.startswith("Run 2: nothing new; 7 held of 7")

    status = json.loads(run(db, "status", "--json", "--max-age", "36h").stdout)
    assert status["articles"] == 7
    assert status["last_run"]["status"] == "unchanged"
    assert "Articles      7" in run(db, "status").stdout

    runs = json.loads(run(db, "runs", "--json").stdout)["runs"]
    assert [row["id"] for row in runs] == [2, 1]
    assert {topic["topic"]: topic["held"] for topic in runs[0]["topics"]} == {
        "ketamine-depression": 5,
        "ketamine-safety": 7,
        "ketamine-trd": 5,
        "trd": 5,
    }
    assert "harvest all: new (7 added)" in run(db, "runs").stdout

    changes = json.loads(run(db, "changes", "--json").stdout)["changes"]
    assert [change["kind"] for change in changes] == ["added"] * 7
    assert run(db, "changes", "--since", "2999-01-01").stdout == ""
    assert run(db, "check").exit_code == 0
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE runs SET finished = '2026-01-01T03:00:00Z'")
    old = run(db, "status", "--max-age", "36h")
    assert (old.exit_code, old.stderr) == (1, "The last good run is older than 36h.\n")
    assert run(db, "derive", "-s").exit_code == 0


def test_pubmed_out_of_reach_is_temporary(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harvester.pubmed.eutils._WAITS", (0,) * 6)
    result = run(db, "harvest")
    assert result.exit_code == 75
    assert result.stderr.strip().splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["load", "missing.xml"], "There is no file missing.xml."),
        (["harvest", "--topic", "dreams"], "There is no topic"),
        (["changes", "--since", "yesterday"], "yesterday is not a day"),
        (["status", "--max-age", "soon"], "soon is not an age"),
        (["--topics", "missing.toml", "topics"], "missing.toml cannot be read"),
    ],
)
def test_wrong_settings_exit_2(db: Path, arguments: list[str], sentence: str) -> None:
    result = run(db, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


@pytest.mark.parametrize("command", ["status", "runs", "changes", "check", "derive", "serve"])
def test_a_missing_library_is_said_in_a_sentence(db: Path, command: str) -> None:
    result = run(db, command)
    assert result.exit_code == 1
    assert f"There is no library at {db}; run: harvester harvest." in result.stderr
    assert not db.exists()


def test_a_file_that_is_no_library(db: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE notes (text)")
    result = run(other, "status")
    assert result.exit_code == 1
    assert "is not a library of ours" in result.stderr


def test_topics_shows_what_is_sent(db: Path) -> None:
    result = run(db, "topics")
    assert result.exit_code == 0
    assert '"resistant depression"[tiab:~3]' in result.stdout
    found = json.loads(run(db, "topics", "--json").stdout)["topics"]
    assert found[0]["name"] == "ketamine-trd"


def test_another_file_of_topics(db: Path, file: Path, tmp_path: Path) -> None:
    topics = tmp_path / "birds.toml"
    topics.write_text(
        '[blocks.BIRDS]\nterm = "(bird*[tiab])"\nrationale = "all birds"\n'
        '[topics.birds]\ntitle = "Birds"\nquery = "BIRDS"\nrationale = "to see"\n'
    )
    file.write_bytes(as_set(*records(kind="other")))
    result = run(db, "--topics", topics, "load", file, "--json")
    assert json.loads(result.stdout)["topics"]["birds"]["held"] == 3


def test_no_secret_is_shown(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harvester.pubmed.eutils._WAITS", (0,) * 6)
    secrets = {"NCBI_API_KEY": "0123456789abcdef0123456789abcdef0123", "NCBI_EMAIL": "a@b.example"}
    result = run(db, "-vv", "harvest", **secrets)
    assert result.exit_code == 75
    for secret in secrets.values():
        assert secret not in result.output
        assert secret.encode() not in db.read_bytes()


def test_every_command_has_help_with_an_example() -> None:
    for name, command in main.commands.items():
        assert f"harvester {name}" in (command.help or ""), name
        for parameter in command.params:
            assert parameter.param_type_name == "argument" or parameter.help, parameter.name


def test_help_fits_80_columns() -> None:
    for name in [None, *main.commands]:
        words = [name, "--help"] if name else ["--help"]
        text = CliRunner(env={"COLUMNS": "80"}).invoke(main, words).stdout
        assert max(map(len, text.splitlines())) <= 80, name


@pytest.mark.slow
def test_a_real_process(db: Path, file: Path) -> None:
    """Streams, exit code and signals as a scheduled job has them."""
    command = [sys.executable, "-m", "harvester", "--db", str(db), "load", str(file), "--json"]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["held"] == 3


def test_a_port_that_is_taken_is_told_before_an_address(db: Path, file: Path) -> None:
    run(db, "load", file)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run(db, "serve", "--port", taken.getsockname()[1])
    assert result.exit_code == 2
    assert "it is in use" in result.stderr
    assert "The site is at" not in result.stderr


def test_an_export_into_no_folder_names_it(db: Path, file: Path, tmp_path: Path) -> None:
    run(db, "load", file)
    result = run(db, "export", "csv", "-o", tmp_path / "none/list.csv")
    assert result.exit_code == 2
    assert result.stderr == f"Error: There is no folder {tmp_path / 'none'}.\n"


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_check_leaves_the_file_as_it_is(db: Path, file: Path, journal: str) -> None:
    run(db, "load", file)
    with closing(sqlite3.connect(db)) as connection:
        assert connection.execute(f"PRAGMA journal_mode = {journal}").fetchone() == (journal,)
    before = db.read_bytes()
    result = run(db, "check")
    assert (result.exit_code, result.stderr) == (0, "The library is whole.\n")
    assert db.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["changes", "--since", "2026-9-1"],
        ["status", "--max-age", "99999999999999d"],
        ["export", "csv", "--search", "\udcff"],
    ],
)
def test_what_cannot_be_meant_is_told(db: Path, file: Path, arguments: list[str]) -> None:
    run(db, "load", file)
    result = run(db, *arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_a_derivation_that_fails_is_on_record(
    db: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("no such column: x")

    run(db, "load", file)
    monkeypatch.setattr("harvester.library.store.replace_rows", full)
    assert run(db, "derive").exit_code == 1
    newest, *_ = json.loads(run(db, "runs", "--json").stdout)["runs"]
    assert (newest["command"], newest["status"]) == ("derive", "failed")
    assert newest["error"] == "no such column: x"
