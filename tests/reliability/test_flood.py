"""An answer of 200 MB, in a process of its own, so that its memory can be measured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.eutils_server import Corpus, EutilsServer, Fault
from tests.eutils_server.replies import Reply

MEGABYTES = 200
# Without a flood a harvest has some 60 MB; an answer is let go of after 64 MB.
MOST = 200

CODE = """
import pathlib, sys
from harvester.cli import main
try:
    main()
finally:
    status = pathlib.Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) // 1000, file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak")
@pytest.mark.parametrize("utility", ["einfo", "esearch", "efetch"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_memory_stays_bounded(packed: bool, utility: str, tmp_path: Path) -> None:
    corpus = Corpus()
    corpus.add("trial")
    root = {"einfo": b"eInfoResult", "esearch": b"eSearchResult", "efetch": b"PubmedArticleSet"}
    tag = root[utility]
    body = b"<%b>%b</%b>" % (tag, b"<x> </x>" * (MEGABYTES * 125_000), tag)
    command = [sys.executable, "-c", CODE, "--db", str(tmp_path / "l.db"), "harvest", "--json"]
    with EutilsServer(corpus=corpus) as server:
        server.fail(Fault(reply=Reply(body=body, gateway=not packed)), utility=utility, times=2)
        done = subprocess.run(
            command,
            env={"PATH": os.environ["PATH"], "HARVESTER_EUTILS_URL": server.url},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "larger than 64 MB" in done.stderr
    peak = int(done.stderr.split()[-1])
    print(f"{utility}: {peak} MB at most")
    assert peak < MOST
