"""What was measured on, and with what."""

import os
import platform
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from harvester import __version__

__all__ = ["conditions"]


def conditions() -> Iterator[str]:
    """Lines of Markdown: day, machine and versions."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, ketamine-library {__version__}"
    yield (
        f"- {os.cpu_count()} processors ({cpu[1].strip() if cpu else platform.machine()}), "
        f"{memory:.0f} GB of memory, {platform.system()}"
    )
    yield (
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"Datasette {version('datasette')}, uvicorn {version('uvicorn')}"
    )
