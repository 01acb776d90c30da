"""Rules of the house that can be read off the files."""

import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

LONGEST_MODULE = 400
# Where packages come from is the business of the machine that installs them.
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|index-url|find-links|registry\.npmjs|deb\.debian\.org", re.IGNORECASE
)
MACHINE_PATHS = re.compile(r"(?<![\w.~])/(home|root|Users|work|srv|mnt)/\w")


def tracked() -> list[Path]:
    """The text files of the repository; in an unpacked release there is none to ask."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path != Path(__file__)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]


def test_no_path_of_a_machine() -> None:
    assert found(MACHINE_PATHS) == []


def test_no_registry_is_named() -> None:
    assert found(REGISTRIES) == []


def test_a_module_is_short_enough_to_read() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "harvester").rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_nothing_is_a_ragbag() -> None:
    assert [
        path.name for path in ROOT.glob("harvester/**/*.py") if path.stem in {"utils", "helpers"}
    ] == []


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 80)])
def test_tests_cannot_leave_this_machine(address: tuple[str, int]) -> None:
    with pytest.raises(AssertionError, match="network"):
        socket.create_connection(address, timeout=1)


def test_tests_reach_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
