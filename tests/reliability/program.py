"""`harvester` as a process of its own that can be made to end at any instant.

    python -m tests.reliability.program '{"batch": 25, "steps": 1200}' --db FILE harvest

Options, all of them optional:

- `batch`: records asked for at once, so that a small library takes many transactions;
- `many`: so many records to fetch are read in processes of their own (as usual: 1,000);
- `pace`: seconds between two requests (as usual: 0.37);
- `steps`: SIGKILL when SQLite's machine has done so many steps, of 50 instructions each;
- `count`: the name of a file to write the number of steps to;
- `bytes`: SIGKILL's like in the middle of a write: no file may grow beyond so many bytes;
- `limit`: the same, but the write fails, as it does on a full disk.
"""

import atexit
import json
import os
import resource
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

INSTRUCTIONS = 50


def count_steps(die_at: int | None, report: str | None) -> None:
    """Count what SQLite does on all connections, and die when the number is reached."""
    connect = sqlite3.connect
    done = 0

    def step() -> int:
        nonlocal done
        done += 1
        if done == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def counted(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = connect(*args, **kwargs)
        connection.set_progress_handler(step, INSTRUCTIONS)
        return connection

    sqlite3.connect = counted  # type: ignore[assignment]
    if report:
        atexit.register(lambda: Path(report).write_text(str(done)))


def main() -> None:
    options = json.loads(sys.argv.pop(1))
    if "steps" in options or "count" in options:
        count_steps(options.get("steps"), options.get("count"))
    if "bytes" in options:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    size = options.get("bytes", options.get("limit"))
    if size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    from harvester import harvest
    from harvester.cli import main as harvester
    from harvester.pubmed import eutils, fetch

    harvest.MANY = options.get("many", harvest.MANY)
    if "pace" in options:
        eutils.SPACING = options["pace"]
    if "batch" in options:
        fetch.fetch.__kwdefaults__["batch_size"] = options["batch"]
    harvester(prog_name="harvester")


if __name__ == "__main__":
    main()
