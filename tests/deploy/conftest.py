"""What the files under deploy/ are tried with: a small PubMed, a library, the program's folder."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.eutils_server import Corpus, EutilsServer
from tests.served import Served, free_port, served

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
# What a job gets that nobody has logged in for.
BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "SHELL": "/bin/sh", "LANG": "C.UTF-8"}
# With a key ten requests a second are allowed, which makes a harvest here a second shorter.
KEY = {"NCBI_API_KEY": "0123456789abcdef0123456789abcdef0123"}


@pytest.fixture
def pubmed() -> Iterator[EutilsServer]:
    corpus = Corpus()
    corpus.add_many(5, kind="trial")
    corpus.add_many(2, kind="bladder")
    with EutilsServer(corpus=corpus) as server:
        yield server


@pytest.fixture
def library(pubmed: EutilsServer, tmp_path: Path) -> Path:
    """A harvested library."""
    path = tmp_path / "library" / "literature.db"
    environment = {**BARE, **KEY, "HARVESTER_EUTILS_URL": pubmed.url}
    command = [BIN / "harvester", "--db", path, "harvest", "--silent"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return path


@pytest.fixture
def site(library: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(library, tmp_path / "site.txt") as running:
        yield running


def serving(library: Path, output: Path, *, stdout: bool = True) -> AbstractContextManager[Served]:
    """The site of the library, on a free port; what it writes to stdout can be left out."""
    port = free_port()
    command = [str(BIN / "harvester"), "--db", str(library), "serve", "--port", str(port)]
    return served(
        command if stdout else ["/bin/sh", "-c", f"exec {shlex.join(command)} >/dev/null"],
        port=port,
        cwd=library.parent,
        environment=BARE,
        output=output,
        patience=60,
    )
