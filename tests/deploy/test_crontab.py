"""The crontab: each line run as cron runs it, and what would be mailed."""

import re
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from harvester.library.lock import exclusive
from tests.deploy.conftest import BARE, BIN, DEPLOY, KEY
from tests.eutils_server import EutilsServer, faults

pytestmark = pytest.mark.slow

TEXT = (DEPLOY / "crontab").read_text()
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
SETTINGS = dict(re.fullmatch(r"(\w+)=(\S+)", line).groups() for line in LINES if "=" in line[:20])  # type: ignore[union-attr]
JOBS = [re.split(r"\s+", line, maxsplit=5) for line in LINES if "=" not in line[:20]]
HARVEST, FRESH, WHOLE = (job[5] for job in JOBS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Runs a line with nothing but what the crontab and cron itself set."""

    folder: Path
    url: str

    def mail(self, line: str) -> str:
        """What the line prints: cron sends that, and nothing when there is nothing."""
        environment = {
            **{key: BARE[key] for key in ("PATH", "HOME", "SHELL")},
            **SETTINGS,
            **KEY,
            "HARVESTER": str(BIN / "harvester"),
            "HARVESTER_DB": str(self.library),
            "HARVESTER_LOG": str(self.log),
            "HARVESTER_EUTILS_URL": self.url,
        }
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            env=environment,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    @property
    def library(self) -> Path:
        return self.folder / "literature.db"

    @property
    def log(self) -> Path:
        return self.folder / "harvest.log"


@pytest.fixture
def cron(pubmed: EutilsServer, tmp_path: Path) -> Cron:
    return Cron(folder=tmp_path, url=pubmed.url)


def test_it_is_written_as_cron_reads_it() -> None:
    assert TEXT.endswith("\n"), "cron does not run a last line without its end"
    assert set(SETTINGS) == {
        "MAILTO",
        "HARVESTER",
        "HARVESTER_DB",
        "HARVESTER_LOG",
        "NCBI_EMAIL",
    }
    for *when, command in JOBS:
        assert all(re.fullmatch(r"\d+|\*", field) for field in when)
        assert "%" not in command, "cron makes it the end of the line"
        assert not re.search(r"(^|[ >])/", command.replace("/dev/null", "")), "no path of its own"


def test_it_harvests_in_the_hours_that_ncbi_asks_for() -> None:
    minute, hour, *_ = JOBS[0]
    for day in range(366):
        start = datetime(2027, 1, 1, int(hour), int(minute), tzinfo=UTC) + timedelta(days=day)
        there = start.astimezone(ZoneInfo("America/New_York"))
        assert there.hour >= 21 or there.hour < 5


def test_nothing_is_mailed_when_all_is_well(cron: Cron) -> None:
    assert [cron.mail(line) for line in (HARVEST, FRESH, WHOLE)] == ["", "", ""]
    assert cron.log.read_text().splitlines()[0].startswith("Run 1: 7 added")
    assert cron.mail(HARVEST) == ""
    assert "Run 2: nothing new" in cron.log.read_text()


def test_nothing_is_mailed_when_it_is_worth_trying_again_later(cron: Cron) -> None:
    with exclusive(cron.library, now=datetime.now(UTC)):
        assert cron.mail(HARVEST) == ""
    assert "try again later" in cron.log.read_text()


def test_records_that_cannot_be_read_are_mailed(cron: Cron, pubmed: EutilsServer) -> None:
    pubmed.fail(faults.damage(pubmed.corpus.pmids[0]), utility="efetch", times=1)
    assert "Problem: PMID" in cron.mail(HARVEST)


def test_wrong_settings_are_mailed(cron: Cron) -> None:
    wrong = Cron(folder=cron.folder, url="nonsense")
    assert "check HARVESTER_EUTILS_URL" in wrong.mail(HARVEST)


def test_a_library_that_grows_old_is_mailed(cron: Cron) -> None:
    cron.mail(HARVEST)
    with closing(sqlite3.connect(cron.library)) as connection, connection:
        connection.execute("UPDATE runs SET finished = '2026-01-01T03:00:00Z'")
    assert cron.mail(FRESH) == "The last good run is older than 36h.\n"


def test_a_damaged_library_is_mailed(cron: Cron) -> None:
    cron.mail(HARVEST)
    with closing(sqlite3.connect(cron.library)) as connection, connection:
        connection.execute("DELETE FROM raw_records WHERE pmid = (SELECT min(pmid) FROM articles)")
    assert cron.mail(WHOLE)
