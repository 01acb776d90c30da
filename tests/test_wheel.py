"""A wheel, installed elsewhere, brings all it needs."""

import re
import subprocess
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import DEVNULL

import pytest

from harvester import __version__
from tests.conftest import ROOT
from tests.served import Served, clean_environment, free_port, served

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A program installed from the wheel, and an empty folder to use it in."""

    bin: Path
    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        ran = subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def packaged(self, name: str) -> Path:
        (path,) = self.bin.parent.glob(f"lib/python*/site-packages/harvester/{name}")
        return path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, package_index: None) -> Installed:
    top = tmp_path_factory.mktemp("wheel")
    environment = clean_environment(HARVESTER_EUTILS_URL=f"http://127.0.0.1:{free_port()}/")
    venv.create(top / "venv", with_pip=True)
    pip = [top / "venv/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheels = top / "wheels"
    run = partial(subprocess.run, check=True, env=environment, stdout=DEVNULL, stderr=DEVNULL)
    run([*pip, "wheel", "--no-deps", "-w", wheels, ROOT])
    (wheel,) = wheels.glob("ketamine_library-*.whl")
    run([*pip, "install", "-c", ROOT / "constraints.txt", wheel])
    (top / "elsewhere").mkdir()
    return Installed(bin=top / "venv/bin", folder=top / "elsewhere", environment=environment)


@pytest.fixture(scope="module")
def loaded(installed: Installed) -> Installed:
    installed.run("harvester", "load", str(installed.packaged("sample.xml.gz")), "--all")
    return installed


@pytest.fixture(params=["harvester serve", "plain Datasette"])
def site(loaded: Installed, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    port = free_port()
    command = {
        "harvester serve": ["harvester", "serve", "--port", str(port)],
        "plain Datasette": [
            *("datasette", "data/literature.db", "-p", str(port)),
            *("-m", str(loaded.packaged("metadata.yml"))),
        ],
    }[request.param]
    with served(
        [str(loaded.bin / command[0]), *command[1:]],
        port=port,
        cwd=loaded.folder,
        environment=loaded.environment,
        output=tmp_path / "output.txt",
        patience=60,
    ) as running:
        yield running


def test_it_says_its_version_and_its_topics(installed: Installed) -> None:
    assert installed.run("harvester", "--version").split()[-1] == __version__
    assert "ketamin*[tiab]" in installed.run("harvester", "topics")


def test_it_loads_and_checks_a_library_where_it_stands(loaded: Installed) -> None:
    assert (loaded.folder / "data/literature.db").exists()
    assert loaded.run("harvester", "check") == ""
    assert '"articles": 0' not in loaded.run("harvester", "status", "--json")


def test_its_site_brings_pages_style_and_metadata(site: Served) -> None:
    home = site.get("/")
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', home)
    assert "color" in site.get(style)
    assert "<mark>" in site.get("/search?q=ketamine")
    assert '"total"' in site.get("/search.json?q=ketamine")
    assert "Also searched for" in site.get("/search?q=Spravato+OR+ketamine")
    assert "number of the record (PMID)" in site.get("/literature/articles?_size=1")
    assert site.status("/literature/newest_trials.json") == 200
    assert site.status("/literature/raw_records") in {403, 404}
    assert site.status("/literature?sql=select+1") in {403, 404}
