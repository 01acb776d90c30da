"""The libraries that do a part of the same work, in an environment of their own."""

import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["PARSERS", "environment", "program"]

PACKAGES = ("biopython", "pubmed-parser", "metapub", "pymed", "sqlite-utils", "setuptools<81")
# Name in the table, and the function in `peer_program`.
PARSERS = {
    "Biopython `Entrez.read`": "entrez",
    "`pubmed_parser`": "pubmed_parser",
    "`metapub`": "metapub",
    "`pymed`": "pymed",
}


def environment(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The peers' Python, made with pip if it is not there, and what is installed for it."""
    place = folder / "peers"
    python = place / "bin/python"
    if not (place / "installed").exists():
        print("Installing the peers ...", file=sys.stderr)
        venv.create(place, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        (place / "installed").touch()
    listed = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    named = tuple(name.partition("<")[0].replace("-", "_") for name in PACKAGES[:-1])
    return python, tuple(
        line for line in listed if line.partition("==")[0].replace("-", "_").lower() in named
    )


def program(python: Path, task: str, *arguments: object) -> list[str]:
    """The command for one of the peers' tasks."""
    path = Path(__file__).with_name("peer_program.py")
    return [str(python), str(path), task, *map(str, arguments)]
