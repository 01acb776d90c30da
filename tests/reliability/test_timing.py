"""As few requests as possible, and as fast as PubMed's limits allow.

The figures are printed; the bound on time is generous, since other work may share the machine
(`pytest -s tests/reliability/test_timing.py` on a quiet one is the measurement).
"""

import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from harvester.pubmed.pace import SPACING
from tests.conftest import ROOT
from tests.eutils_server import Corpus, EutilsServer
from tests.test_harvest import Night

LATENCY = 0.3


def corpus(count: int) -> Corpus:
    """Records of long ago, each found by all four searches."""
    made = Corpus(today=date(2026, 1, 5))
    made.add_many(count, kind="trial")
    made.today += timedelta(days=200)
    return made


@pytest.mark.slow
def test_requests_of_a_night_without_news(tmp_path: Path) -> None:
    with EutilsServer(corpus=corpus(10_000)) as server:
        night = Night(tmp_path / "literature.db", server)
        night.harvest()
        night.corpus.pass_days(40)
        one, four = night.harvest("ketamine-trd"), night.harvest()
    print(
        f"10,000 held, nothing new: {one.requests} requests for one topic, {four.requests} for four"
    )
    assert (one.status, four.status) == ("unchanged", "unchanged")
    assert one.requests <= 6
    assert four.requests <= 16


@pytest.mark.slow
def test_time_of_a_first_harvest(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    with EutilsServer(corpus=corpus(3_000), latency=LATENCY) as server:
        command = [sys.executable, "-m", "harvester", "--db", str(path), "harvest", "-s"]
        command += ["--topic", "ketamine-trd"]
        began = time.monotonic()
        subprocess.run(
            command, check=True, cwd=ROOT, env={"HARVESTER_EUTILS_URL": server.url}, timeout=120
        )
        seconds = time.monotonic() - began
        requests = len(server.requests)
    least = (requests - 1) * SPACING + LATENCY
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(
        f"3,000 records: {requests} requests in {seconds:.1f} s, {seconds / least:.2f} of the "
        f"least {least:.1f} s (start of the program included), peak {memory} MB at most"
    )
    assert seconds < 4 * least
