"""The examples of docs/api.md do what the document says, against the sample."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.load import load
from harvester.serve import datasette_command
from harvester.topics import load_topics
from tests.conftest import ROOT
from tests.served import Served, clean_environment, free_port, served

DOCUMENT = (ROOT / "docs/api.md").read_text(encoding="utf-8")
WRITTEN_FOR = "http://127.0.0.1:8001"
EXAMPLE = re.compile(r"```(sh|python)\n(.*?)```\n+```output\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall(DOCUMENT)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """As `harvester up --sample` serves it."""
    folder = tmp_path_factory.mktemp("api")
    library = folder / "sample.db"
    topics = load_topics()
    found_by = [(topic, topics.parsed(topic)) for topic in topics]
    load(library, [ROOT / "data/sample.xml.gz"], found_by, label="all", kind="sample")
    port = free_port()
    with served(
        datasette_command(library, host="127.0.0.1", port=port),
        port=port,
        cwd=folder,
        environment=clean_environment(),
        output=folder / "output.txt",
        patience=30,
    ) as running:
        yield running


def run(kind: str, text: str, folder: Path) -> str:
    command = [sys.executable, "-c", text] if kind == "python" else ["sh", "-c", text]
    if kind == "sh" and not (shutil.which("curl") and shutil.which("jq")):
        pytest.skip("there is no curl or no jq on this machine")
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_an_example_of_every_kind() -> None:
    assert {kind for kind, _, _ in EXAMPLES} == {"sh", "python"}
    assert len(re.findall("```(?:sh|python)\n", DOCUMENT)) == len(EXAMPLES) >= 6


@pytest.mark.parametrize(("kind", "text", "output"), EXAMPLES)
def test_an_example_answers_what_is_written(
    kind: str, text: str, output: str, sample: Served, tmp_path: Path
) -> None:
    assert WRITTEN_FOR in text
    assert run(kind, text.replace(WRITTEN_FOR, sample.url), tmp_path) == output
