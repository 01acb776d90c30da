"""A library that a cluster read is the one that a single process makes, whatever happens to it."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from distributed import LocalCluster

from harvester.cli import main
from harvester.cluster import spread_over
from harvester.errors import ClusterDown, SettingsError
from harvester.load import load
from harvester.reading import Part, Reader, Reading
from harvester.settings import packaged_file
from harvester.topics import load_topics
from tests.reliability.libraries import contents, differences, faults

HERE = {
    "host": "127.0.0.1",
    "protocol": "tcp://",
    "dashboard_address": "127.0.0.1:0",
    "silence_logs": 50,
}


def sample() -> Path:
    return packaged_file("sample.xml.gz", checkout="data/sample.xml.gz")


def command(path: Path, *words: object, **options: object) -> Result:
    arguments = ["--db", str(path), "load", *map(str, words)]
    return CliRunner().invoke(main, arguments, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Workers that are threads of this process: quick, and enough for all but a death."""
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, **HERE) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, loaded by one process."""
    path: Path = tmp_path_factory.mktemp("alone") / "literature.db"
    assert command(path, sample()).exit_code == 0
    return path


def test_the_library_is_the_same(cluster: LocalCluster, alone: Path, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    result = command(path, sample(), "--cluster", cluster.scheduler_address)
    assert result.exit_code == 0, result.stderr
    assert differences(contents(path), contents(alone)) == {}


def test_a_file_that_breaks_off_is_told_as_here(cluster: LocalCluster, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xml.gz"
    broken.write_bytes(sample().read_bytes()[:-9_000])
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    one = command(here, broken)
    other = command(there, broken, "--cluster", cluster.scheduler_address)
    assert (one.exit_code, other.exit_code) == (3, 3)
    assert differences(contents(there), contents(here)) == {}


def test_corrections_of_this_process_hold(
    cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers elsewhere have another environment; the corrections travel with the work."""
    own = tmp_path / "own.toml"
    own.write_text(
        '[[override]]\npmid = 90000756\nfacet = "design"\nremove = ["*"]\n'
        'add = ["narrative_review"]\n'
        'reason = "Read in full."\ndate = 2026-11-01\nreviewer = "librarian"\n'
    )
    monkeypatch.setenv("HARVESTER_OVERRIDES", str(own))
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    assert command(here, sample()).exit_code == 0
    assert command(there, sample(), "--cluster", cluster.scheduler_address).exit_code == 0
    assert differences(contents(there), contents(here)) == {}


def test_where_there_is_no_cluster_there_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harvester.cluster._SECONDS", 0.5)
    for address in ("tcp://127.0.0.1:9", "nonsense://", "127.0.0.1:x"):
        result = command(tmp_path / "no.db", sample(), "--cluster", address)
        assert (result.exit_code, result.stdout) == (2, ""), address
        assert result.stderr == f"Error: There is no Dask scheduler at {address}.\n"
    assert not (tmp_path / "no.db").exists()


def test_without_dask_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "harvester.cluster", None)
    result = command(tmp_path / "no.db", sample(), "--cluster", "tcp://127.0.0.1:8786")
    assert result.exit_code == 2
    assert "pip install 'ketamine-library[cluster]'" in result.stderr


def test_workers_of_another_version_are_not_used(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harvester.cluster._version", lambda: "0.0.1")
    with (
        pytest.raises(SettingsError, match=r"run version 0\.0\.1"),
        spread_over(cluster.scheduler_address),
    ):
        pass


def test_a_cluster_without_workers_is_none() -> None:
    with (
        LocalCluster(n_workers=0, processes=False, **HERE) as empty,
        pytest.raises(SettingsError, match="no workers"),
        spread_over(empty.scheduler_address),
    ):
        pass


def searches() -> Sequence[tuple[object, object]]:
    topics = load_topics()
    return [(topic, topics.parsed(topic)) for topic in topics]


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(
    tmp_path: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes read; one of them is killed with most of the file before it."""
    monkeypatch.setattr("harvester.reading.RECORDS", 10)
    path = tmp_path / "literature.db"
    given: list[int] = []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **HERE) as cluster:
        pids = [worker.pid for worker in cluster.workers.values()]
        assert os.getpid() not in pids
        with spread_over(cluster.scheduler_address) as spread:

            def killing(reader: Reader, parts: Iterable[Part]) -> Iterator[Reading]:
                for reading in spread(reader, parts):
                    if len(given) == 5:
                        os.kill(pids[0], signal.SIGKILL)
                    given.append(reading.records)
                    yield reading

            report = load(path, [sample()], searches(), label="all", spread=killing)
    assert len(given) > 40
    assert report.status == "new"
    assert differences(contents(path), contents(alone)) == {}
    assert faults(path) == []


@pytest.mark.slow
def test_a_cluster_that_is_lost_is_told_and_the_next_run_ends_the_work(
    tmp_path: Path, alone: Path
) -> None:
    path = tmp_path / "literature.db"
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=True, **HERE)
    ended = threading.Event()

    def end(label: str, done: int, total: int) -> None:
        if not ended.is_set():
            ended.set()
            cluster.close()
            time.sleep(0.5)

    with (
        pytest.raises(ClusterDown, match="was lost"),
        spread_over(cluster.scheduler_address) as spread,
    ):
        load(path, [sample()], searches(), label="all", progress=end, spread=spread)
    assert ended.is_set()
    assert faults(path) == []
    assert command(path, sample()).exit_code == 0
    held = contents(path)["articles"]
    assert held == contents(alone)["articles"]
