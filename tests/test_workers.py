"""Work that processes share: the same results, in the same order, and an end in any case."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.errors import HarvesterError, ParseError
from harvester.workers import on_all_processors
from tests.conftest import ROOT
from tests.reliability.libraries import contents, differences
from tests.test_load import as_set, records, run

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is one process")


def numbers(end: int = 50) -> Iterator[int]:
    yield from range(end)


def double(number: int) -> tuple[int, int]:
    return 2 * number, os.getpid()


@LINUX
@pytest.mark.parametrize("processes", [2, 3])
def test_results_come_in_order(processes: int) -> None:
    got = list(on_all_processors(double, numbers(), processes=processes))
    assert [result for result, _ in got] == [2 * n for n in range(50)]
    pids = {pid for _, pid in got}
    assert len(pids) == processes
    assert os.getpid() not in pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_one_processor_needs_no_process() -> None:
    got = list(on_all_processors(double, numbers(), processes=1))
    assert {pid for _, pid in got} == {os.getpid()}


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_comes_after_what_was_done(processes: int) -> None:
    def broken() -> Iterator[int]:
        yield from range(5)
        raise ParseError("It is broken.", pmid=7)

    results = on_all_processors(double, broken(), processes=processes)
    assert [next(results)[0] for _ in range(5)] == [0, 2, 4, 6, 8]
    with pytest.raises(ParseError) as caught:
        next(results)
    assert (str(caught.value), caught.value.pmid) == ("It is broken.", 7)


@LINUX
def test_a_process_that_dies_is_told() -> None:
    def die(number: int) -> int:
        if number == 1:
            os._exit(9)
        return number

    with pytest.raises(HarvesterError, match="ended too early"):
        list(on_all_processors(die, numbers(), processes=2))


@LINUX
def test_who_leaves_early_leaves_no_process() -> None:
    results = on_all_processors(double, numbers(), processes=2)
    pids = {next(results)[1] for _ in range(2)}
    results.close()  # type: ignore[attr-defined]
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@LINUX
def test_a_process_holds_no_lock(tmp_path: Path) -> None:
    """Else a program that was killed could not be started again at once."""
    handle = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    results = on_all_processors(double, numbers(), processes=2)
    for _ in range(2):  # one of each: then both have begun
        next(results)
    os.close(handle)
    other = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


KILLED = """
import os, signal
from harvester.workers import on_all_processors

def without_end():
    while True:
        yield 0

results = on_all_processors(lambda _: (os.getpid(), bytes(1_000_000)), without_end(), processes=2)
print(*(next(results)[0] for _ in range(2)), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@LINUX
def test_the_processes_of_a_killed_program_end(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, check=False, timeout=30
    )
    pids = done.stdout.decode().split()
    assert len(pids) == 2, done.stderr.decode()
    end = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < end, "a process goes on without the program"
        time.sleep(0.05)


@LINUX
def test_the_library_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "records.xml"
    deleted = b"<DeleteCitation><PMID>70000001</PMID></DeleteCitation>"
    whole = as_set(*records(9), deleted, *records(3, kind="other"), b"<PubmedArticle/>")
    file.write_bytes(whole[:-19])
    monkeypatch.setattr("harvester.reading.RECORDS", 2)
    alone, together = tmp_path / "alone.db", tmp_path / "together.db"
    run(alone, file, keep_all=True)
    monkeypatch.setattr("harvester.load.SMALL", 0)
    report = run(together, file, keep_all=True)
    assert (report.counts.added, report.counts.withdrawn, report.counts.problems) == (9, 1, 1)
    assert differences(contents(alone), contents(together)) == {}
