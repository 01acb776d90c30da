"""Several at once, and files that are not ours to write: who waits, who is told."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.library.lock import exclusive
from harvester.library.migrations import open_library
from tests.eutils_server import Corpus, EutilsServer
from tests.reliability.libraries import contents, differences, faults, run
from tests.reliability.test_crash import old_corpus, program

STARTS = 50


@pytest.fixture(scope="module", autouse=True)
def _at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harvester.pubmed.eutils.SPACING", 0.0)
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[EutilsServer]:
    with EutilsServer(corpus=old_corpus(), latency=0.05) as running:
        yield running


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "literature.db"


def test_a_second_harvest_is_told_who_works_and_since_when(
    server: EutilsServer, path: Path
) -> None:
    with exclusive(path, now=datetime(2026, 11, 2, 3, tzinfo=UTC)):
        second = run(path, "harvest", url=server.url)
    assert second.exit_code == 75
    assert (
        f"Another harvest holds the library {path} (process {os.getpid()}, "
        "since 2026-11-02T03:00:00+00:00); try again later." in second.stderr
    )


@pytest.mark.slow
def test_fifty_at_once(server: EutilsServer, path: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.db"
    assert run(alone, "harvest", "-s", url=server.url).exit_code == 0
    started = [program(path, server.url, "harvest", "-s") for _ in range(STARTS)]
    ended = [(process.communicate(timeout=180), process.returncode) for process in started]
    codes = [code for _, code in ended]
    assert set(codes) == {0, 75}
    assert codes.count(0) >= 1
    for (_, stderr), code in ended:
        assert b"Traceback" not in stderr
        if code == 75:
            assert b"Another harvest holds the library" in stderr
    assert differences(contents(path), contents(alone)) == {}
    assert faults(path) == []
    print(f"{codes.count(0)} of {STARTS} worked, one after the other; {codes.count(75)} were told")


def test_another_writer_holds_the_file(
    server: EutilsServer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_library(path).conn.close()
    monkeypatch.setattr("harvester.library.database.BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = run(path, "harvest", url=server.url)
    assert busy.exit_code == 75
    assert f"Another program is writing to {path}; try again in a moment." in busy.stderr
    assert run(path, "harvest", "-s", url=server.url).exit_code == 0


def test_a_reader_holds_nobody_up_and_sees_the_last_commit(
    server: EutilsServer, path: Path
) -> None:
    count = "SELECT count(*) FROM articles"
    open_library(path).conn.close()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute(count).fetchone() == (0,)
        assert run(path, "harvest", "-s", url=server.url).exit_code == 0
        assert reader.execute(count).fetchone() == (0,), "its own snapshot"
        reader.execute("COMMIT")
        assert reader.execute(count).fetchone()[0] > 400


def test_a_file_of_another_program(server: EutilsServer, path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY, text TEXT)")
        other.execute("INSERT INTO articles VALUES (1, 'mine')")
    before = path.read_bytes()
    failed = run(path, "harvest", url=server.url)
    assert failed.exit_code == 1
    assert "Traceback" not in failed.output
    assert f"The file {path} is a database of another program" in failed.stderr
    assert path.read_bytes() == before
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT text FROM articles").fetchall() == [("mine",)]


def test_a_damaged_file(server: EutilsServer, path: Path) -> None:
    assert run(path, "harvest", "-s", url=server.url).exit_code == 0
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 40))
    failed = run(path, "check")
    assert failed.exit_code == 1
    assert "Traceback" not in failed.output


def test_a_file_made_by_a_newer_program(server: EutilsServer, path: Path) -> None:
    with closing(open_library(path).conn) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('library', 'm9999_of_the_future', '2030-01-01')"
        )
    failed = run(path, "harvest", url=server.url)
    assert failed.exit_code == 1
    assert f"The library {path} was made by a newer version of this program" in failed.stderr


def test_a_folder_that_cannot_be_made() -> None:
    failed = run(Path("/proc/none/literature.db"), "harvest")
    assert failed.exit_code == 1
    assert failed.stderr.startswith(
        "Error: The lock /proc/none/literature.db.lock cannot be opened"
    )


def test_a_read_only_file(
    server: EutilsServer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened as on a read-only disk; the user here may be root, whom permissions do not stop."""
    corpus = Corpus()
    corpus.add("trial")
    open_library(path).conn.close()
    connect = sqlite3.connect

    def read_only(file: object, **options: object) -> sqlite3.Connection:
        name = file if options.pop("uri", False) else f"file:{file}?mode=ro"
        return connect(name, uri=True, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("harvester.library.database.sqlite3.connect", read_only)
    failed = run(path, "harvest", "--json", url=server.url)
    assert failed.exit_code == 1
    said = f"The library {path} cannot be written: it, or its folder, is read-only."
    assert said in failed.stderr
    with pytest.raises(json.JSONDecodeError):
        json.loads(failed.stdout)
