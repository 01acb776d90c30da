"""The processes that read for a harvest: only for many records, and the same library as without."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.faults import damage, slow
from tests.reliability.libraries import contents, differences, faults, run
from tests.reliability.test_crash import BATCH, ended, program

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="there is one processor, or it is not Linux: nobody else reads",
)

RECORDS = 4 * BATCH


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harvester.pubmed.eutils.SPACING", 0.0)


@pytest.fixture
def server() -> Iterator[EutilsServer]:
    """Its records of long ago come slowly, and one of them cannot be read."""
    corpus = Corpus(today=date(2026, 1, 5))
    corpus.add_many(RECORDS, kind="trial")
    corpus.today += timedelta(days=200)
    with EutilsServer(corpus=corpus) as running:
        running.fail(damage(corpus.pmids[30]), utility="efetch", times=None)
        running.fail(slow(0.4), utility="efetch", times=None)
        yield running


def fetching(server: EutilsServer, process: subprocess.Popen[bytes]) -> list[int]:
    """Those who read for it, when records are on their way."""
    wait_until(lambda: any(request.utility == "efetch" for request in server.requests))
    time.sleep(0.1)  # until they have heard of signals
    words = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(word) for word in words]


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def runs(path: Path) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT status, error FROM runs").fetchall()


def made_good(server: EutilsServer, path: Path, alone: Path) -> None:
    """The next harvest completes the library, as if nothing had happened."""
    for library in (path, alone):
        assert run(library, "harvest", "-s", url=server.url).exit_code == 3
    assert differences(contents(path), contents(alone)) == {}
    assert faults(path) == []


@pytest.mark.parametrize("many", [RECORDS, RECORDS + 1])
def test_they_read_where_it_pays(server: EutilsServer, tmp_path: Path, many: int) -> None:
    together, alone = tmp_path / "together.db", tmp_path / "alone.db"
    process = program(together, server.url, "harvest", "-s", many=many)
    readers = fetching(server, process)
    assert len(readers) == (len(os.sched_getaffinity(0)) if many == RECORDS else 0)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said.decode()
    assert ended(together)
    assert run(alone, "harvest", "-s", url=server.url).exit_code == 3
    assert differences(contents(together), contents(alone)) == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_that_reaches_all_is_the_same_as_for_one(
    server: EutilsServer, tmp_path: Path, number: signal.Signals
) -> None:
    """A terminal sends Ctrl-C to all processes, a service manager SIGTERM."""
    path = tmp_path / "literature.db"
    process = program(path, server.url, "harvest", "-s", many=1)
    readers = fetching(server, process)
    for pid in (process.pid, *readers):
        os.kill(pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 75, said.decode()
    assert said.decode().count("Stopping after the records in hand") == 1
    assert b"Traceback" not in said
    assert runs(path) == [("partial", None)]
    assert ended(path)
    made_good(server, path, tmp_path / "alone.db")


def test_one_that_dies_fails_the_run_and_costs_no_more(
    server: EutilsServer, tmp_path: Path
) -> None:
    path = tmp_path / "literature.db"
    process = program(path, server.url, "harvest", "-s", many=1)
    os.kill(fetching(server, process)[0], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said.decode()
    assert said.decode() == "Error: A process that shared in the work ended too early.\n"
    assert [status for status, _ in runs(path)] == ["failed"]
    assert ended(path)
    made_good(server, path, tmp_path / "alone.db")
