"""Programs that are not on every machine, or that would do something to it: their stand-ins.

Each notes how it was called in the file $CALLS. What it is asked for must make sense, or it fails.
"""

import argparse
import json
import os
import re
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


def sudo(words: list[str]) -> int:
    """We are who we are; the account must be the one of the units."""
    if words[0] == "-u":
        assert words[1] == "harvester"
        words = words[2:]
    return subprocess.run(words, check=False).returncode


def systemctl(words: list[str]) -> int:
    """Knows the installed units in $UNITS; starts the harvest by the command of its unit."""
    verb, *names = [word for word in words if not word.startswith("--")]
    assert verb in {"daemon-reload", "enable", "list-timers", "reload", "restart", "start", "stop"}
    units = Path(os.environ["UNITS"])
    for name in names:
        unit = units / (name if "." in name else f"{name}.service")
        assert name == "nginx" or unit.exists(), name
        if verb == "enable":
            assert "[Install]" in unit.read_text(), name
        if (verb, name) == ("start", "harvester"):
            command = re.search("^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
            assert command
            return subprocess.run(shlex.split(command[1]), check=False).returncode
    return 0


def docker(words: list[str]) -> int:
    """Builds nothing; runs in a container what can run here."""
    program = Path(os.environ["PROGRAM"])
    match words:
        case ["build", "-f", file, "-t", "ketamine-library", "."]:
            return 0 if Path(file).exists() else 1
        case ["run", *options]:
            at = options.index("ketamine-library")
            files = [options[i + 1] for i, word in enumerate(options) if word == "--env-file"]
            assert all(Path(file).exists() for file in files)
            assert "library:/data" in options[:at]
            if "-d" in options[:at]:
                return 0
            return subprocess.run([program, *options[at + 1 :]], check=False).returncode
        case ["exec", "library-site", "harvester", *rest]:
            return subprocess.run([program, *rest], check=False).returncode
    return 1


def existing(words: list[str]) -> int:
    """What cannot be tried here; the files that it names are there."""
    named = [word for word in words if "/" in word or word.endswith(".txt")]
    return 0 if all(Path(word).exists() for word in named) else 1


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
    known = (date, docker, gh, harvester, sleep, sudo, systemctl)
    sys.exit({program.__name__: program for program in known}.get(name, existing)(words))
