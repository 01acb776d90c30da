"""Work that processes share: the same results, in the same order, and an end in any case."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.errors import HarvesterError, ParseError
from harvester.workers import PART, kept_ready, on_all_processors
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
from harvester.workers import PART, kept_ready, on_all_processors

def without_end():
    while True:
        yield 0

results = on_all_processors(lambda _: (os.getpid(), bytes(1_000_000)), without_end(), processes=2)
print(*(next(results)[0] for _ in range(2)), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


KEPT = """
import os, signal
from harvester.workers import kept_ready

with kept_ready(lambda _: os.getpid(), begin=lambda: None, processes=2) as read:
    print(*{*read(range(100))}, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@LINUX
@pytest.mark.parametrize("program", [KILLED, KEPT])
def test_the_processes_of_a_killed_program_end(tmp_path: Path, program: str) -> None:
    script = tmp_path / "killed.py"
    script.write_text(program)
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


begun: list[int] = []


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that other tests have left wait for work, and hold no lock."""
    monkeypatch.setattr("harvester.workers.threading.active_count", lambda: 1)


def begin() -> None:
    begun.append(os.getpid())


def who(number: int) -> tuple[int, int, list[int]]:
    return 2 * number, os.getpid(), begun


@LINUX
@pytest.mark.usefixtures("no_threads")
@pytest.mark.parametrize("processes", [2, 3])
@pytest.mark.parametrize("count", [0, 1, PART, 5 * PART + 1])
def test_those_kept_ready_answer_in_order(processes: int, count: int) -> None:
    with kept_ready(who, begin=begin, processes=processes) as read:
        got = read(range(count)) + read(range(count))
    assert [result for result, *_ in got] == [*range(0, 2 * count, 2)] * 2
    pids = {pid for _, pid, _ in got}
    assert len(pids) == min(processes, -(-count // PART))
    assert os.getpid() not in pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert all(began == [pid] for _, pid, began in got)


@LINUX
@pytest.mark.usefixtures("no_threads")
def test_all_of_those_kept_ready_have_begun_before_they_are_asked(tmp_path: Path) -> None:
    def noted() -> None:
        (tmp_path / str(os.getpid())).touch()

    with kept_ready(double, begin=noted, processes=2):
        end = time.monotonic() + 20
        while len(list(tmp_path.iterdir())) < 2:
            assert time.monotonic() < end, "they wait to be asked"
            time.sleep(0.01)


def test_with_one_processor_nobody_is_kept_ready() -> None:
    with kept_ready(who, begin=begin, processes=1) as read:
        assert read(range(2)) == [(0, os.getpid(), []), (2, os.getpid(), [])]


def test_with_threads_nobody_is_kept_ready() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        with kept_ready(double, begin=begin, processes=2) as read:
            assert read([1]) == [(2, os.getpid())]
    finally:
        end.set()
        thread.join()


@LINUX
@pytest.mark.usefixtures("no_threads")
def test_an_error_of_those_kept_ready_is_told() -> None:
    def fail(number: int) -> int:
        raise ParseError("It is broken.", pmid=number)

    with kept_ready(fail, begin=begin, processes=2) as read, pytest.raises(ParseError) as caught:
        read([7])
    assert (str(caught.value), caught.value.pmid) == ("It is broken.", 7)
    with (
        kept_ready(double, begin=lambda: fail(0), processes=2) as read,
        pytest.raises(ParseError, match=r"It is broken\."),
    ):
        read([7])


@LINUX
@pytest.mark.usefixtures("no_threads")
def test_that_one_kept_ready_dies_is_told() -> None:
    with (
        kept_ready(lambda _: os._exit(9), begin=begin, processes=2) as read,
        pytest.raises(HarvesterError, match="ended too early"),
    ):
        read([1])


@LINUX
@pytest.mark.usefixtures("no_threads")
def test_that_one_kept_ready_has_died_is_told() -> None:
    with kept_ready(double, begin=begin, processes=2) as read:
        ((_, pid),) = read([1])
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
            time.sleep(0.01)
        with pytest.raises(HarvesterError, match="ended too early"):
            read([1])


@LINUX
@pytest.mark.usefixtures("no_threads")
def test_those_kept_ready_do_not_stop_before_the_program() -> None:
    with kept_ready(double, begin=begin, processes=2) as read:
        ((_, pid),) = read([1])
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(pid, number)
        assert read([2]) == [(4, pid)]


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
