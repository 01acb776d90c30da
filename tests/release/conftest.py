from pathlib import Path

import pytest

from tests.eutils_server import Corpus
from tests.release.libraries import harvested, make_corpus


@pytest.fixture
def corpus() -> Corpus:
    return make_corpus()


@pytest.fixture
def library(corpus: Corpus, tmp_path: Path) -> Path:
    return harvested(tmp_path / "literature.db", corpus)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "releases"
