"""The units: what systemd says about them, and that they know the program's exit codes."""

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from harvester.cli import TEMPORARY, USAGE
from harvester.commands.context import FAILED, PARTIAL
from harvester.pubmed import eutils
from tests.deploy.conftest import BARE, BIN, DEPLOY, serving
from tests.eutils_server import EutilsServer

UNITS = DEPLOY / "systemd"
PROGRAM = "/opt/harvester/bin/"
NEW_YORK = ZoneInfo("America/New_York")
UNIT_OF_TIME = {"s": 1, "min": 60, "h": 3600}

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="there is no systemd on this machine"
)

Unit = Mapping[str, Sequence[str]]


def unit(name: str) -> Unit:
    settings = defaultdict(list)
    for line in (UNITS / name).read_text().splitlines():
        if match := re.fullmatch(r"(\w+)=(.*)", line):
            settings[match[1]].append(match[2])
    return settings


def span(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+)(s|min|h)", text)
    assert match, text
    return timedelta(seconds=int(match[1]) * UNIT_OF_TIME[match[2]])


HARVEST, TIMER, SITE = map(unit, ("harvester.service", "harvester.timer", "harvester-site.service"))


def analyze(*arguments: object) -> str:
    done = subprocess.run(
        ["systemd-analyze", "--no-pager", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**BARE, "TZ": "UTC"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_systemd
def test_systemd_accepts_every_unit(tmp_path: Path) -> None:
    for path in [*UNITS.glob("*.service"), *UNITS.glob("*.timer")]:
        (tmp_path / path.name).write_text(path.read_text().replace(PROGRAM, f"{BIN}/"))
    copies = sorted(tmp_path.iterdir())
    assert len(copies) == 4
    assert analyze("verify", "--man=no", *copies) == ""


@needs_systemd
@pytest.mark.parametrize("name", ["harvester.service", "harvester-site.service"])
def test_the_program_may_do_little(name: str) -> None:
    """systemd's own rating: 0.0 is closed, 10.0 is open; most services of a system have 9."""
    said = analyze("security", "--offline=true", "--threshold=15", UNITS / name)
    assert re.search(r"Overall exposure level for \S+: [01]\.\d OK", said)


@needs_systemd
def test_a_harvest_starts_and_is_tried_again_in_the_hours_that_ncbi_asks_for() -> None:
    said = analyze("calendar", "--iterations=400", *TIMER["OnCalendar"])
    starts = re.findall(r": \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", said)
    assert len(starts) == 400
    tries = int(HARVEST["StartLimitBurst"][0]) - 1
    latest = span(TIMER["RandomizedDelaySec"][0]) + tries * span(HARVEST["RestartSec"][0])
    for text in starts:
        start = datetime.fromisoformat(text).replace(tzinfo=UTC)
        assert start.astimezone(NEW_YORK).hour == 21
        assert (start + latest).astimezone(NEW_YORK).hour < 5


def test_a_missed_night_is_made_up_for_and_hosts_do_not_start_together() -> None:
    assert TIMER["Persistent"] == ["true"]
    assert TIMER["FixedRandomDelay"] == ["true"], "else two nights may be 28 hours apart"


def test_each_exit_code_has_its_answer() -> None:
    def codes(key: str) -> set[int]:
        return {int(code) for line in HARVEST[key] for code in line.split()}

    assert codes("SuccessExitStatus") == {PARTIAL}
    assert codes("RestartPreventExitStatus") == {FAILED, USAGE}
    assert HARVEST["Restart"] == ["on-failure"], f"which {TEMPORARY} is"
    assert HARVEST["OnFailure"] == ["harvester-failed@%n.service"]
    assert SITE["RestartPreventExitStatus"] == [str(USAGE)]


def test_tries_end_and_the_next_night_is_free_to_try() -> None:
    tries = int(HARVEST["StartLimitBurst"][0])
    interval = span(HARVEST["StartLimitIntervalSec"][0])
    assert tries * (span(HARVEST["RestartSec"][0]) + timedelta(minutes=5)) < interval
    assert interval + timedelta(hours=6) < timedelta(hours=24)


def test_a_stop_waits_for_the_records_in_hand() -> None:
    assert span(HARVEST["TimeoutStopSec"][0]).total_seconds() > eutils._LONGEST_READ


def test_the_site_has_no_secrets_and_shares_the_file() -> None:
    assert "EnvironmentFile" not in SITE
    assert HARVEST["EnvironmentFile"] == ["/etc/harvester.env"]
    for key in ("User", "StateDirectory", "StateDirectoryMode", "UMask", "Environment"):
        assert HARVEST[key] == SITE[key], key
    account = (UNITS / "harvester.sysusers").read_text().split()
    assert account[:2] == ["u", HARVEST["User"][0]]


def test_what_the_units_start_works(pubmed: EutilsServer, tmp_path: Path) -> None:
    """The command and the environment as in the unit and the file of secrets, nothing else."""
    secrets = [
        line
        for line in (DEPLOY / "harvester.env").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    settings = [word for line in HARVEST["Environment"] for word in line.split()]
    environment = dict(word.split("=", 1) for word in [*settings, *secrets])
    assert environment["NCBI_EMAIL"]
    state = f"/var/lib/{HARVEST['StateDirectory'][0]}"
    library = Path(environment["HARVESTER_DB"].replace(state, str(tmp_path / "state")))
    environment |= {"HARVESTER_DB": str(library), "HARVESTER_EUTILS_URL": pubmed.url}
    (command,) = (line.replace(PROGRAM, f"{BIN}/") for line in HARVEST["ExecStart"])
    done = subprocess.run(
        command.split(), env=environment, cwd="/", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Run 1: 7 added")
    assert library.exists()


@pytest.mark.slow
def test_the_journal_has_errors_but_nothing_that_people_searched_for(
    library: Path, tmp_path: Path
) -> None:
    assert SITE["StandardOutput"] == ["null"]
    with serving(library, tmp_path / "output.txt", stdout=False) as site:
        site.get("/search?q=suicidal")
        library.write_bytes(b"no database at all, but long enough to be looked at" * 100)
        assert site.status("/health.json") == 503
    assert "suicidal" not in site.said
    assert "the library cannot be read" in site.said
