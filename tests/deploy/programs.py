"""Programs that are not on every machine, or that would do something to it: their stand-ins.

Each notes how it was called in the file $CALLS. What it is asked for must make sense, or it fails.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

__all__ = ["programs"]


def programs(folder: Path, *names: str) -> Path:
    """A folder with these programs, to be first on the path."""
    folder.mkdir(exist_ok=True)
    for name in names:
        program = folder / name
        environment = f"PYTHONPATH={shlex.quote(str(ROOT))}"
        command = shlex.join([sys.executable, "-m", "tests.deploy.programs", name])
        program.write_text(f'#!/bin/sh\n{environment} exec {command} "$@"\n')
        program.chmod(0o755)
    return folder


def gh(words: list[str]) -> int:
    """GitHub's own client: releases are folders in $RELEASES, the newest last by name."""
    releases = Path(os.environ["RELEASES"])
    parser = argparse.ArgumentParser(prog="gh", exit_on_error=True)
    match words:
        case ["release", "list", *options]:
            parser.add_argument("--exclude-drafts", action="store_true", required=True)
            parser.add_argument("--limit", type=int, required=True)
            parser.add_argument("--json", choices=["tagName"], required=True)
            parser.add_argument("--jq", required=True)
            given = parser.parse_args(options)
            rows = [{"tagName": path.name} for path in sorted(releases.iterdir(), reverse=True)]
            return _jq(given.jq, rows)
        case ["release", "download", tag, *options]:
            parser.add_argument("--dir", type=Path, required=True)
            parser.add_argument("--pattern", action="append", required=True)
            given = parser.parse_args(options)
            given.dir.mkdir()
            for name in given.pattern:
                shutil.copy(releases / tag / name, given.dir)
            return 0
        case ["release", "create", tag, *options]:
            parser.add_argument("files", nargs="+", type=Path)
            for name in ("--target", "--title", "--notes-file"):
                parser.add_argument(name, required=True)
            given = parser.parse_args(options)
            (releases / tag).mkdir()
            for path in (*given.files, given.notes_file):
                shutil.copy(path, releases / tag)
            return 0
        case ["api", "--method", "PUT", _]:
            return 0
    return 1


def _jq(expression: str, rows: list[dict[str, str]]) -> int:
    """As jq would; without it, the one thing that is asked here."""
    if shutil.which("jq"):
        import json

        return subprocess.run(
            ["jq", "--raw-output", expression], input=json.dumps(rows), text=True, check=False
        ).returncode
    found = next((row["tagName"] for row in rows if row["tagName"].startswith("library-")), None)
    print(found or "")
    return 0


def harvester(words: list[str]) -> int:
    """Ends with the first of the exit codes in the file `codes`, and takes it away."""
    first, *rest = Path("codes").read_text().split()
    Path("codes").write_text(" ".join(rest))
    return int(first)


def date(words: list[str]) -> int:
    """The day is $TODAY."""
    command = ["/bin/date", "--date", os.environ["TODAY"], *words]
    return subprocess.run(command, check=False).returncode


def sleep(words: list[str]) -> int:
    """No time passes."""
    return 0


if __name__ == "__main__":
    name, *words = sys.argv[1:]
    if "CALLS" in os.environ:
        with Path(os.environ["CALLS"]).open("a") as calls:
            print(name, *words, file=calls)
    sys.exit({"gh": gh, "harvester": harvester, "date": date, "sleep": sleep}[name](words))
