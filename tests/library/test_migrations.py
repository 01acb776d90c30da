"""What opening a library costs."""

import os
import subprocess
import sys
from pathlib import Path

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
