"""Every command of docs/deploy.md runs, in the order in which it stands there."""

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from harvester.cli import TEMPORARY, USAGE
from harvester.commands.context import FAILED, PARTIAL
from tests.conftest import ROOT
from tests.deploy.conftest import BARE, BIN, DEPLOY, KEY, serving
from tests.deploy.programs import programs
from tests.eutils_server import EutilsServer

TEXT = (ROOT / "docs/deploy.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
]
STAND_INS = ("sudo", "systemctl", "systemd-sysusers", "journalctl", "crontab", "docker", "nginx")


def test_every_file_is_explained() -> None:
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    assert [path.name for path in files if path.stem not in TEXT] == []


def test_every_exit_code_is_explained() -> None:
    codes = re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)
    assert set(map(int, codes)) == {0, PARTIAL, TEMPORARY, FAILED, USAGE}


def test_what_is_said_of_the_files_is_true() -> None:
    timer = (DEPLOY / "systemd/harvester.timer").read_text()
    assert "21:10:00" in timer
    assert "between 21:10 and 01:10" in TEXT
    assert "RandomizedDelaySec=4h" in timer
    unit = (DEPLOY / "systemd/harvester.service").read_text()
    assert ("five starts" in TEXT, "StartLimitBurst=5" in unit) == (True, True)
    assert ("half an hour" in TEXT, "RestartSec=30min" in unit) == (True, True)
    assert "status --max-age 36h" in (DEPLOY / "crontab").read_text()


@pytest.mark.slow
def test_every_command_runs(pubmed: EutilsServer, tmp_path: Path) -> None:
    there = tmp_path / "machine"
    library = there / "var/lib/harvester/literature.db"
    own = there / "opt/harvester/bin"
    for folder in ("etc/sysusers.d", "etc/systemd/system", "etc/nginx/conf.d", "var/lib/harvester"):
        (there / folder).mkdir(parents=True)
    programs(tmp_path / "bin", *STAND_INS, "python3")
    own.mkdir(parents=True)
    programs(own, "pip")
    for name in ("harvester", "sqlite-utils"):
        (own / name).symlink_to(BIN / name)
    environment = {
        **BARE,
        **KEY,
        "PATH": f"{tmp_path / 'bin'}:{BARE['PATH']}",
        "HARVESTER_EUTILS_URL": pubmed.url,
        "HARVESTER_DB": str(library),
        "UNITS": str(there / "etc/systemd/system"),
        "PROGRAM": str(BIN / "harvester"),
    }

    def run(line: str) -> None:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)

    for command in COMMANDS:
        line = re.sub(r"(?<![\w.])/(etc|opt|var)/", rf"{there}/\1/", command)
        if "https://library.example.org" in line:
            with serving(library, tmp_path / "site.txt") as site:
                run(line.replace("https://library.example.org", site.url))
        else:
            run(line)
        for unit in (there / "etc/systemd/system").glob("*.service"):
            unit.write_text(unit.read_text().replace("=/opt/", f"={there}/opt/"))
        if "VACUUM INTO" in line:
            with closing(sqlite3.connect(library.with_name("backup.db"))) as backup:
                assert backup.execute("SELECT count(*) FROM articles").fetchone() == (7,)

    assert (there / "etc/harvester.env").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(library)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        done = [row[0] for row in connection.execute("SELECT command FROM runs ORDER BY id")]
    assert done == ["harvest", "harvest", "derive"]
