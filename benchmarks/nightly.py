"""What a night costs: requests, rows written and time, against a server on this machine."""

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.libraries import ROOT
from benchmarks.results import Result
from harvester.harvest import harvest
from harvester.library.schema import TABLES
from harvester.pubmed.eutils import Eutils
from harvester.pubmed.pace import SPACING
from harvester.settings import Settings
from harvester.topics import load_topics
from tests.eutils_server import Corpus, EutilsServer

__all__ = ["measure"]

_HELD = 10_000
_NEW = 20
_FIRST = 3_000  # records of the first harvest that is timed
_LATENCY = 0.3  # s, of each of PubMed's replies
_LEDGER = {"runs", "run_topics", "run_slices"}
_TOPICS = load_topics()


def measure(folder: Path) -> Result:
    del folder
    with TemporaryDirectory() as place:
        path = Path(place) / "literature.db"
        with EutilsServer(corpus=_corpus(_HELD)) as server:
            _harvest(path, server)
            server.corpus.pass_days(40)
            one = _night(path, server, "ketamine-trd")
            four = _night(path, server)
            server.corpus.add_many(_NEW, kind="trial")
            news = _night(path, server)
        seconds, least, requests = _first(Path(place) / "first.db")
    figures = {
        "requests_one": one.requests,
        "requests_four": four.requests,
        "rows": one.rows + four.rows,
        "first": seconds / least,
    }
    return Result(figures=figures, lines=list(_lines(one, four, news, (seconds, least, requests))))


class _Night:
    """What one harvest did; `written` are rows by table, those of the ledger of runs apart."""

    def __init__(self, path: Path, server: EutilsServer, topic: str | None) -> None:
        before = _contents(path)
        server.requests.clear()
        began, used = time.perf_counter(), time.thread_time()
        self.status = _harvest(path, server, topic)
        self.seconds = time.perf_counter() - began
        self.cpu = time.thread_time() - used
        self.requests = len(server.requests)
        after = _contents(path)
        self.written = {
            name: changed for name in TABLES if (changed := (after[name] - before[name]).total())
        }
        self.rows = sum(n for name, n in self.written.items() if name not in _LEDGER)

    def __str__(self) -> str:
        tables = ", ".join(f"{name} {n}" for name, n in self.written.items() if name in _LEDGER)
        return (
            f"| {self.status} | {self.requests} | {self.rows} | {tables} | {self.cpu:.2f} "
            f"| {self.seconds:.2f} |"
        )


def _night(path: Path, server: EutilsServer, topic: str | None = None) -> _Night:
    return _Night(path, server, topic)


def _harvest(path: Path, server: EutilsServer, topic: str | None = None) -> str:
    """A harvest at three in the morning of the server's day, without waiting for the pace."""
    wanted = list(_TOPICS) if topic is None else [_TOPICS.topic(topic)]
    settings = Settings(db=path, eutils_url=server.url)
    now = datetime.combine(server.corpus.today, datetime.min.time(), UTC) + timedelta(hours=3)
    with Eutils(settings, sleep=lambda seconds: None) as client:
        return harvest(path, client, wanted, label=topic or "all", clock=lambda: now).status


def _corpus(count: int) -> Corpus:
    """Records of long ago, each found by all four searches."""
    made = Corpus(today=date(2026, 1, 5))
    made.add_many(count, kind="trial")
    made.today += timedelta(days=200)
    return made


def _contents(path: Path) -> dict[str, Counter[tuple[object, ...]]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return {name: Counter(connection.execute(f"SELECT * FROM {name}")) for name in TABLES}  # noqa: S608


def _first(path: Path) -> tuple[float, float, int]:
    """Seconds of a first harvest of one topic at PubMed's pace, the least, and its requests."""
    with EutilsServer(corpus=_corpus(_FIRST), latency=_LATENCY) as server:
        command = [sys.executable, "-m", "harvester", "--db", str(path), "harvest", "--silent"]
        began = time.monotonic()
        subprocess.run(
            [*command, "--topic", "ketamine-trd"],
            check=True,
            cwd=ROOT,
            env={**os.environ, "HARVESTER_EUTILS_URL": server.url},
        )
        seconds = time.monotonic() - began
        requests = len(server.requests)
    return seconds, (requests - 1) * SPACING + _LATENCY, requests


def _lines(
    one: _Night, four: _Night, news: _Night, first: tuple[float, float, int]
) -> Iterator[str]:
    seconds, least, requests = first
    yield from (
        f"{_HELD:,} invented records held, each found by all four searches; the service runs on "
        "this machine and answers at once, and the pace is not kept. Rows are those that are new "
        "or different after the night.",
        "",
        "| night | status | requests | rows written, but for the ledger of runs | the ledger "
        "| CPU s | s |",
        "|---|---|---|---|---|---|---|",
        f"| nothing new, one topic {one}",
        f"| nothing new, four topics {four}",
        f"| {_NEW} new records, four topics {news}",
        "",
        f"A first harvest of {_FIRST:,} records of one topic, with replies that take "
        f"{_LATENCY} s and {1 / SPACING:.1f} requests a second, took {seconds:.1f} s with the "
        f"start of the program: {seconds / least:.2f} of the {least:.1f} s that {requests} "
        f"requests take at least. Load average of the machine: {os.getloadavg()[0]:.1f}.",
    )
