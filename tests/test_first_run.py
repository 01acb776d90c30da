"""A newcomer's first minutes: clone, `make up`, with PubMed out of reach and with it in reach."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.eutils_server import Corpus, EutilsServer
from tests.served import Served, clean_environment, free_port, served

pytestmark = pytest.mark.slow

TWO_MINUTES = 120


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, package_index: None) -> Path:
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    folder = tmp_path_factory.mktemp("first") / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


def make_up(clone: Path, eutils: str, output: Path, *more: str) -> AbstractContextManager[Served]:
    port = free_port()
    return served(
        ["make", "up", f"PORT={port}", *more],
        port=port,
        cwd=clone,
        environment=clean_environment(HARVESTER_EUTILS_URL=eutils),
        output=output,
        patience=TWO_MINUTES,
    )


@pytest.fixture
def pubmed() -> Iterator[EutilsServer]:
    corpus = Corpus.bulk(30)
    corpus.add_many(20, kind="stimulation")
    corpus.add_many(10, kind="other")
    with EutilsServer(corpus=corpus) as server:
        yield server


def test_the_sample_is_served_when_pubmed_is_out_of_reach(clone: Path, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/entrez/eutils/"
    with make_up(clone, nowhere, tmp_path / "output.txt") as site:
        assert site.seconds < TWO_MINUTES
        assert "Every record and number here is invented" in site.get("/")
        assert json.loads(site.get("/search.json?q=ketamine"))["total"] > 50
        assert "harvester harvest" in site.said
        assert "Traceback" not in site.said


def test_what_was_harvested_is_served(clone: Path, pubmed: EutilsServer, tmp_path: Path) -> None:
    database = tmp_path / "literature.db"
    with make_up(clone, pubmed.url, tmp_path / "output.txt", f"DB={database}") as site:
        assert database.exists()
        assert "Every record and number here is invented" not in site.get("/")
        assert json.loads(site.get("/search.json?q=ketamine"))["total"] == 30
        assert json.loads(site.get("/search.json"))["total"] == 50
        assert "Traceback" not in site.said
