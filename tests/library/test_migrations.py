"""What opening a library costs, and what an older one gets."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harvester.library.migrations import open_library
from harvester.site.search import lookup
from tests.conftest import ROOT

CODE = """
import sys
from pathlib import Path
from harvester.library.migrations import open_library
open_library(Path("l.db")).conn.close()
print("opened")
import numpy, pandas  # still there for whoever wants them
"""


def test_what_is_installed_beside_is_not_imported(tmp_path: Path) -> None:
    for name in ("numpy", "pandas"):
        (tmp_path / f"{name}.py").write_text(f"print('{name}')\n__version__ = '3.0'\n")
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["opened", "numpy", "pandas"]


@pytest.fixture
def older(path: Path) -> Path:
    """A library as the first version of this program made it."""
    connection = open_library(path).conn
    with connection:
        connection.execute("DELETE FROM _sqlite_migrations WHERE name <> 'm0001_schema'")
        for index in ("idx_articles_doi_nocase", "idx_trials_id_nocase"):
            connection.execute(f"DROP INDEX {index}")
    connection.close()
    return path


def test_an_older_library_gets_what_a_new_one_has(older: Path, tmp_path: Path) -> None:
    assert shape(open_library(older).conn) == shape(open_library(tmp_path / "new.db").conn)


@pytest.mark.parametrize(
    ("kind", "index"),
    [("doi", "idx_articles_doi_nocase (doi=?)"), ("trial", "idx_trials_id_nocase (id=?)")],
)
def test_an_identifier_is_looked_up_in_an_index(older: Path, kind: str, index: str) -> None:
    wanted = lookup(kind, "x")
    plan = open_library(older).conn.execute(f"EXPLAIN QUERY PLAN {wanted.sql}", wanted.values)
    steps = [step for *_, step in plan]
    assert any(index in step for step in steps)
    assert not any(step.startswith("SCAN") for step in steps)


def shape(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
