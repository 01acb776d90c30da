"""The Dockerfile: linted, what it copies, and its commands run here, where no engine builds it."""

import fnmatch
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import main
from tests.conftest import ROOT
from tests.deploy.conftest import BARE, BIN, DEPLOY, serving
from tests.served import clean_environment, free_port

PATH = DEPLOY / "Dockerfile"
TEXT = re.sub(r"\s*\\\n\s*", " ", PATH.read_text())
LINES = [line.split(maxsplit=1) for line in TEXT.splitlines() if line and line[0] != "#"]
PORT = "8001"


def instructions(name: str) -> list[str]:
    return [rest for word, rest in LINES if word == name]


def copied() -> list[tuple[list[str], str]]:
    """Sources and target of each COPY from the checkout."""
    lines = [line.split() for line in instructions("COPY") if not line.startswith("--from")]
    return [(sources, target) for *sources, target in lines]


def health_check(port: str) -> int:
    """The exit code of the check, with another port."""
    (line,) = instructions("HEALTHCHECK")
    command = json.loads(line[line.index("CMD ") + 4 :])
    assert PORT in command[-1]
    command = [*command[:-1], command[-1].replace(PORT, port)]
    environment = {**BARE, "PATH": f"{BIN}:{BARE['PATH']}"}
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode


def test_it_is_a_good_dockerfile() -> None:
    done = subprocess.run([BIN / "hadolint", PATH], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_copies_what_is_there_and_not_ignored() -> None:
    first, *patterns = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and line[0] != "#"
    ]
    assert first == "*", "nothing goes to the engine but what is named"
    named = {pattern[1:].rstrip("/") for pattern in patterns if pattern.startswith("!")}
    sources = {source.rstrip("/") for line, _ in copied() for source in line}
    assert sources == named
    assert all((ROOT / source).exists() for source in sources)
    assert not [name for name in named if fnmatch.fnmatch(name, "*.db*")]


def test_it_serves_as_a_user_with_no_rights_a_library_that_stays() -> None:
    assert instructions("USER") == ["10001"]
    assert instructions("VOLUME") == ["/data"]
    assert "HARVESTER_DB=/data/literature.db" in instructions("ENV")[0]
    assert instructions("EXPOSE") == [PORT]
    (program,) = map(json.loads, instructions("ENTRYPOINT"))
    (arguments,) = map(json.loads, instructions("CMD"))
    assert program == ["harvester"]
    assert arguments[1:] == ["--host", "0.0.0.0", "--port", PORT]  # noqa: S104 (in a container)
    asked = CliRunner().invoke(main, [*arguments, "--help"])
    assert asked.exit_code == 0


@pytest.mark.slow
def test_its_health_check_says_whether_the_site_can_read_the_library(
    library: Path, tmp_path: Path
) -> None:
    with serving(library, tmp_path / "output.txt") as site:
        port = site.url.rsplit(":", 1)[1]
        assert health_check(port) == 0
        library.write_bytes(b"no database at all, but long enough to be looked at" * 100)
        assert health_check(port) == 1
    assert health_check(str(free_port())) == 1


@pytest.mark.slow
def test_what_it_copies_can_be_installed_as_it_says(tmp_path: Path, package_index: None) -> None:
    source = tmp_path / "src"
    for sources, target in copied():
        for name in sources:
            path, to = ROOT / name, source / target
            to.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(path, to, dirs_exist_ok=True, ignore=ignore)
            else:
                shutil.copy(path, to)
    install, _ = instructions("RUN")
    command = install.replace("/opt/harvester", str(tmp_path / "opt"))
    command = command.replace("python -m", f"{sys.executable} -m", 1)
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=source,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    program = [tmp_path / "opt/bin/harvester", "--db", tmp_path / "data/literature.db"]
    sample = source / "data/sample.xml.gz"
    subprocess.run([*program, "load", sample, "--all"], check=True, cwd="/", capture_output=True)
    subprocess.run([*program, "check"], check=True, cwd="/", capture_output=True)
