"""Asked to stop in a search, a back-off, a fetch: what is in hand is stored, the rest later."""

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.eutils_server import EutilsServer
from tests.eutils_server.faults import replay, slow
from tests.reliability.libraries import contents, differences, faults, run
from tests.reliability.test_crash import old_corpus, program

PATIENCE = 10.0


@pytest.fixture(scope="module", autouse=True)
def _at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harvester.pubmed.eutils.SPACING", 0.0)
        yield


@pytest.fixture
def server() -> Iterator[EutilsServer]:
    with EutilsServer(corpus=old_corpus()) as running:
        yield running


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def asked(server: EutilsServer, utility: str, times: int = 1) -> Callable[[], bool]:
    return lambda: sum(r.utility == utility for r in server.requests) >= times


def stop(process: subprocess.Popen[bytes], number: signal.Signals) -> tuple[str, float]:
    began = time.monotonic()
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    return stderr.decode(), time.monotonic() - began


# Where it is when it is asked to stop: how to get it there, and how to know.
PLACES = {
    "search": (lambda server: server.fail(slow(1.0), utility="esearch", times=None), "esearch", 1),
    "back-off": (
        lambda server: server.fail(replay("http503_unavailable"), utility="esearch", times=None),
        "esearch",
        3,
    ),
    "fetch": (lambda server: server.fail(slow(0.3), utility="efetch", times=None), "efetch", 6),
}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("place", PLACES)
def test_a_stop_is_clean_and_quick(
    server: EutilsServer, tmp_path: Path, place: str, number: signal.Signals
) -> None:
    path = tmp_path / "literature.db"
    prepare, utility, times = PLACES[place]
    prepare(server)
    process = program(path, server.url, "harvest", "-s")
    wait_until(asked(server, utility, times))
    said, seconds = stop(process, number)
    assert process.returncode == 75, said
    assert "Traceback" not in said
    assert said.strip().splitlines()[-1].startswith("Error: Stopped as asked.")
    assert seconds < PATIENCE
    with closing(sqlite3.connect(path)) as connection:
        ((status, complete),) = connection.execute("SELECT status, complete FROM runs").fetchall()
    assert (status, complete) == ("partial", 0)
    server.heal()
    assert run(path, "harvest", "-s", url=server.url).exit_code == 0
    alone = tmp_path / "alone.db"
    assert run(alone, "harvest", "-s", url=server.url).exit_code == 0
    assert differences(contents(path), contents(alone)) == {}
    assert faults(path) == []


@pytest.mark.slow
def test_a_second_ctrl_c_stops_at_once(server: EutilsServer, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    server.fail(slow(8.0), utility="efetch", times=None)
    process = program(path, server.url, "harvest", "-s")
    wait_until(asked(server, "efetch"))
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    said, seconds = stop(process, signal.SIGINT)
    # The first may have ended it just before; a shell calls the end by a signal 130, too.
    assert process.returncode in (1, 75, 130, -signal.SIGINT), said
    assert "Traceback" not in said
    assert seconds < 3
    server.heal()
    assert run(path, "harvest", "-s", url=server.url).exit_code == 0
    assert faults(path) == []


@pytest.mark.slow
def test_up_stops_too(server: EutilsServer, tmp_path: Path) -> None:
    server.fail(slow(0.3), utility="efetch", times=None)
    process = program(tmp_path / "literature.db", server.url, "up", "--silent", "--port", "0")
    wait_until(asked(server, "efetch", 3))
    said, seconds = stop(process, signal.SIGTERM)
    assert process.returncode == 75, said
    assert "Stopped as asked." in said
    assert seconds < PATIENCE
