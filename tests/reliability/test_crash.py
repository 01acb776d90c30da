"""Ended at any instant, and run again: the same library as if nothing had happened.

`HARVESTER_KILLS=200 pytest tests/reliability/test_crash.py -m slow` runs a longer campaign; each
number is a seed of its own, so that a failure can be had again.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.eutils_server import Corpus, EutilsServer
from tests.eutils_server.record import Record
from tests.reliability.libraries import Rows, contents, differences, faults, run

SAMPLE = ROOT / "data/sample.xml.gz"
BATCH = 25
# A first harvest has processes that read, a later one reads by itself.
MANY = 100
# Without these a record leaves names behind that no other record has.
LISTS = re.compile(rb"<(KeywordList|AuthorList|GrantList|DataBankList)\b.*?</\1>", re.DOTALL)
KILLS = int(os.environ.get("HARVESTER_KILLS", "25"))


def program(path: Path, url: str, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """`harvester` in a process of its own; options as in `program`."""
    words = [sys.executable, "-m", "tests.reliability.program"]
    words.append(json.dumps({"pace": 0, "batch": BATCH, "many": MANY} | options))
    words += ["--db", str(path), *map(str, arguments)]
    environment = {"HARVESTER_EUTILS_URL": url, "PATH": os.environ["PATH"]}
    return subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def old_corpus() -> Corpus:
    corpus = Corpus.from_files([SAMPLE])
    corpus.today = datetime.now(UTC).date() - timedelta(days=200)
    corpus.add_many(60, kind="trial")
    corpus.add_many(20, kind="bladder")
    return corpus


def new_corpus() -> Corpus:
    """The same some months later: records added, revised, retracted, deleted, out of a search."""
    corpus = old_corpus()
    corpus.pass_days(198)
    held = corpus.pmids
    for pmid in held[:60:2]:
        corpus.revise(pmid, title=f"Ketamine and depression, revised {pmid}")
    for pmid in held[100:110:2]:
        corpus.retract(pmid)
    for pmid in held[-10:]:
        corpus.revise(pmid, title="Of other matters")
    for pmid in held[200:205]:
        corpus.delete(pmid)
    for pmid in held[210:230]:
        corpus.put(Record.read(LISTS.sub(b"", corpus.records[pmid].xml)))
        corpus.revise(pmid)
    corpus.add_many(40, kind="mouse")
    corpus.add("trial", entered=corpus.today - timedelta(days=3000))
    return corpus


@dataclass
class Work:
    """Something that changes a library, and what it leaves when it is not disturbed."""

    command: tuple[object, ...]
    url: str
    before: Path | None
    expected: dict[str, Rows]
    steps: int
    seconds: float
    size: int


@dataclass
class Bench:
    """The works, each done once undisturbed when it is first asked for."""

    folder: Path
    servers: dict[str, EutilsServer]
    done: dict[str, Work] = field(default_factory=dict)

    def work(self, name: str) -> Work:
        if name not in self.done:
            self.done[name] = self._do(name)
        return self.done[name]

    def _do(self, name: str) -> Work:
        command: tuple[object, ...] = {
            "load": ("load", SAMPLE, "--all"),
            "derive": ("derive",),
        }.get(name, ("harvest",))
        url = self.servers["new" if name == "later" else "old"].url
        before = None
        if name in ("later", "derive"):
            before = self.folder / f"{name}-before.db"
            assert run(before, "harvest", "-s", url=self.servers["old"].url).exit_code == 0
        path = self.folder / f"{name}.db"
        if before:
            shutil.copy(before, path)
        count = self.folder / f"{name}.steps"
        began = time.monotonic()
        process = program(path, url, *command, count=str(count))
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
        assert faults(path) == []
        return Work(
            command=command,
            url=url,
            before=before,
            expected=contents(path),
            steps=int(count.read_text()),
            seconds=time.monotonic() - began,
            size=path.stat().st_size,
        )


@pytest.fixture(scope="module", autouse=True)
def _at_once() -> Iterator[None]:
    """Runs in this process do not wait for the pace either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harvester.pubmed.eutils.SPACING", 0.0)
        yield


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with ExitStack() as stack:
        servers = {
            "old": stack.enter_context(EutilsServer(corpus=old_corpus())),
            "new": stack.enter_context(EutilsServer(corpus=new_corpus())),
        }
        yield Bench(tmp_path_factory.mktemp("bench"), servers)


def kill(chance: Random, path: Path, work: Work) -> str:
    """Start the work and end it somewhere; how it was meant to end, and how it did."""
    how = chance.choice(("steps", "steps", "seconds", "bytes"))
    if how == "seconds":
        process = program(path, work.url, *work.command)
        wait = chance.uniform(0, work.seconds)
        try:
            process.wait(timeout=wait)
        except subprocess.TimeoutExpired:
            process.kill()
        what = f"after {wait:.3f} s"
    else:
        top = work.steps if how == "steps" else work.size
        number = chance.randint(1, top)
        process = program(path, work.url, *work.command, **{how: number})
        what = f"at {number:,} of {top:,} {how}"
    _, said = process.communicate(timeout=120)
    assert b"Traceback" not in said, said.decode()
    assert ended(path), "a process goes on without the program"
    assert process.returncode in (0, -signal.SIGKILL, -signal.SIGXFSZ), said.decode()
    return f"{what}: {'done' if process.returncode == 0 else 'killed'}"


def ended(path: Path) -> bool:
    """Whether all processes that work for this library have ended, or do so within seconds."""
    end = time.monotonic() + 20
    while any(str(path) in words for words in command_lines()):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def command_lines() -> Iterator[str]:
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            yield place.read_bytes().decode(errors="replace")


def forced(log: Path) -> int:
    """How many bytes of the log are on the disk for sure: those that a checkpoint began to copy.

    SQLite forces the log to the disk before it copies a page into the library, and notes beside it
    how far it means to come (`nBackfillAttempted`, https://www.sqlite.org/walformat.html, 2.1).
    """
    index = log.with_name(log.name.removesuffix("-wal") + "-shm").read_bytes()
    page_size = int.from_bytes(log.read_bytes()[8:12])
    frames = int.from_bytes(index[128:132], sys.byteorder)
    return min(32 + frames * (24 + page_size), log.stat().st_size) if frames else 0


def cut_power(chance: Random, path: Path) -> str:
    """What was written last and not yet forced to the disk is lost; nothing if all is there."""
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or chance.random() < 0.5:
        return ""
    size = log.stat().st_size
    kept = chance.randint(forced(log), size)
    os.truncate(log, kept)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)  # memory, in truth
    return f", power cut, {kept:,} of {size:,} bytes of the log left"


def killed_and_again(bench: Bench, tmp_path: Path, name: str, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 (no secret)
    work = bench.work(name)
    path = tmp_path / "literature.db"
    if work.before:
        shutil.copy(work.before, path)
    for _ in range(chance.choice((1, 1, 2, 3))):
        print(f"seed {seed}, {name}, {kill(chance, path, work)}{cut_power(chance, path)}")
        assert [fault for fault in faults(path) if "still running" not in fault] == []
    again = run(path, *work.command, "-s", url=work.url)
    assert again.exit_code == 0, again.output
    assert differences(contents(path), work.expected) == {}
    assert faults(path) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["first", "later"])
def test_a_harvest_that_was_killed_is_made_good(bench: Bench, tmp_path: Path, name: str) -> None:
    killed_and_again(bench, tmp_path, name, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_anywhere(bench: Bench, tmp_path: Path, seed: int) -> None:
    names = ("first", "later", "first", "later", "load", "derive")
    killed_and_again(bench, tmp_path, names[seed % len(names)], seed)
