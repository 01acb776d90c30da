"""The workflow: linted, and its steps run by bash as GitHub does, beside a `gh` of our own."""

import gzip
import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester.intake import READERS
from harvester.library.check import check
from tests.conftest import ROOT
from tests.deploy.conftest import BARE, BIN, DEPLOY, KEY
from tests.deploy.programs import programs
from tests.eutils_server import EutilsServer

PATH = DEPLOY / "github-actions/harvest.yml"
WORKFLOW = yaml.safe_load(PATH.read_text())
JOBS = WORKFLOW["jobs"]
STEPS: Mapping[str, Any] = {
    step["name"]: step for job in JOBS.values() for step in job["steps"] if "name" in step
}
AFTER_HARVEST = ("Check", "Publish")
NIGHT = ("Restore the last library", "Harvest", *AFTER_HARVEST, "Is the library fresh?")


def lint(*command: object) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_a_workflow() -> None:
    lint(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", PATH)


def test_it_is_safe() -> None:
    config = Path(__file__).with_name("zizmor.yml")
    lint(BIN / "zizmor", "--offline", "--persona=pedantic", "--config", config, PATH)


def test_it_may_do_no_more_than_it_must() -> None:
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "harvest": {"contents": "write"},
        "stay-enabled": {"actions": "write"},
    }
    assert all(job["timeout-minutes"] for job in JOBS.values())
    assert WORKFLOW["concurrency"] == {"group": "harvest", "cancel-in-progress": False}
    with_secrets = [name for name, step in STEPS.items() if "secrets." in json.dumps(step)]
    assert with_secrets == ["Harvest"]
    for step in (step for job in JOBS.values() for step in job["steps"]):
        assert "${{" not in step.get("run", ""), "values come by the environment"
        assert re.fullmatch(r"actions/[a-z-]+@v\d+", step.get("uses", "actions/none@v1"))


def test_what_follows_the_harvest_is_left_out_when_pubmed_was_out_of_reach() -> None:
    for name in AFTER_HARVEST:
        assert STEPS[name]["if"] == "steps.harvest.outputs.code != '75'"
    (schedule,) = WORKFLOW[True]["schedule"]  # YAML reads `on` as true
    assert re.fullmatch(r"[1-9]\d? \d+ \* \* \*", schedule["cron"]), "not on the hour"
    assert schedule["cron"].split()[0] not in {"15", "30", "45"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A machine that runs one night; the releases stay from night to night."""

    folder: Path
    url: str
    stand_ins: Path

    def night(self, day: str) -> Path:
        """A fresh checkout."""
        checkout = self.folder / day
        (checkout / "data").mkdir(parents=True)
        return checkout

    def step(self, checkout: Path, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        script = checkout / "step.sh"
        script.write_text(STEPS[name]["run"])
        own = {k: v for k, v in STEPS[name].get("env", {}).items() if "${{" not in v}
        environment = {
            **BARE,
            **KEY,
            **JOBS["harvest"]["env"],
            **own,
            "HARVESTER_EUTILS_URL": self.url,
            "PATH": f"{self.stand_ins}:{BIN}:{BARE['PATH']}",
            "GITHUB_OUTPUT": str(checkout / "output"),
            "GITHUB_SHA": "0123abc",
            "GITHUB_REPOSITORY": "someone/library",
            "RELEASES": str(self.folder / "releases"),
            "CALLS": str(self.folder / "calls"),
            "TODAY": checkout.name,
            **more,
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            env=environment,
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )

    def whole_night(self, day: str) -> Path:
        checkout = self.night(day)
        for name in (
            "Restore the last library",
            "Harvest",
            *AFTER_HARVEST,
            "Is the library fresh?",
        ):
            done = self.step(checkout, name)
            assert done.returncode == 0, (name, done.stdout, done.stderr)
        return checkout

    @property
    def releases(self) -> list[Path]:
        return sorted((self.folder / "releases").iterdir())

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def runner(pubmed: EutilsServer, tmp_path: Path) -> Runner:
    (tmp_path / "releases").mkdir()
    stand_ins = programs(tmp_path / "bin", "gh", "date", "sleep")
    return Runner(folder=tmp_path, url=pubmed.url, stand_ins=stand_ins)


def published(release: Path) -> sqlite3.Connection:
    """The library in the release, as somebody who downloads it has it."""
    subprocess.run(
        ["sha256sum", "--check", "literature.db.gz.sha256"],
        cwd=release,
        check=True,
        capture_output=True,
    )
    path = release / "literature.db"
    path.write_bytes(gzip.decompress((release / "literature.db.gz").read_bytes()))
    return sqlite3.connect(path)


@pytest.mark.slow
def test_two_nights(runner: Runner, pubmed: EutilsServer) -> None:
    runner.whole_night("2026-03-01 04:37")
    (first,) = runner.releases
    assert first.name == "library-2026-03-01-0437"
    assert {path.name for path in first.iterdir()} == {
        "literature.db.gz",
        "literature.db.gz.sha256",
        "notes.md",
    }
    notes = (first / "notes.md").read_text()
    assert "courtesy of the U.S. National Library of Medicine" in notes
    assert "Articles      7" in notes
    with closing(published(first)) as library:
        assert library.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert list(check(library, lambda raw, form: READERS[form](raw)[1])) == []

    pubmed.corpus.add_many(1, kind="trial")
    runner.whole_night("2026-03-02 04:37")
    assert len(runner.releases) == 2
    with closing(published(runner.releases[-1])) as library:
        runs = library.execute("SELECT id, status, added FROM runs").fetchall()
    assert runs == [(1, "new", 7), (2, "new", 1)], "what earlier nights knew is kept"


@pytest.mark.slow
def test_a_library_that_cannot_be_restored_stops_the_night(runner: Runner) -> None:
    runner.whole_night("2026-03-01 04:37")
    with (runner.releases[0] / "literature.db.gz").open("ab") as file:
        file.write(b"not what was published")
    done = runner.step(runner.night("2026-03-02 04:37"), "Restore the last library")
    assert done.returncode != 0
    assert "FAILED" in done.stdout


def test_releases_of_the_program_are_not_taken_for_the_library(runner: Runner) -> None:
    (runner.folder / "releases/v2.0").mkdir()
    done = runner.step(runner.night("2026-03-02 04:37"), "Restore the last library")
    assert (done.returncode, "no library yet" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("codes", "ends", "output", "says", "pauses"),
    [
        ("0", 0, "code=0", "", []),
        ("3", 0, "code=3", "::warning::Some records are set aside", []),
        ("1", 1, "", "", []),
        ("2", 2, "", "", []),
        ("75 75 75", 0, "code=75", "::warning::PubMed is out of reach", ["15m", "30m"]),
        ("75 0", 0, "code=0", "", ["15m"]),
        ("75 1", 1, "", "", ["15m"]),
    ],
)
def test_each_exit_code_has_its_answer(
    runner: Runner, codes: str, ends: int, output: str, says: str, pauses: list[str]
) -> None:
    checkout = runner.night("2026-03-01 04:37")
    programs(runner.stand_ins, "harvester")
    (checkout / "codes").write_text(codes)
    done = runner.step(checkout, "Harvest")
    assert done.returncode == ends
    assert says in done.stdout
    written = checkout / "output"
    assert (written.read_text().strip() if written.exists() else "") == output
    calls = runner.calls
    assert [call.split()[1] for call in calls if call.startswith("sleep")] == pauses
    assert calls.count("harvester harvest --silent") == len(codes.split())


@pytest.mark.slow
def test_a_library_three_nights_old_fails(runner: Runner, library: Path) -> None:
    checkout = runner.night("2026-03-01 04:37")
    library.rename(checkout / "data/literature.db")
    for hours, ends in ((49, 0), (71, 1)):
        with closing(sqlite3.connect(checkout / "data/literature.db")) as connection, connection:
            connection.execute(
                "UPDATE runs SET finished = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?)",
                (f"-{hours} hours",),
            )
        assert runner.step(checkout, "Is the library fresh?").returncode == ends


def test_the_schedule_is_enabled_anew(runner: Runner) -> None:
    done = runner.step(runner.night("2026-03-01 04:37"), "Enable this workflow again")
    assert done.returncode == 0
    assert runner.calls == [
        "gh api --method PUT repos/someone/library/actions/workflows/harvest.yml/enable"
    ]
    assert PATH.name == "harvest.yml"


def test_the_program_can_be_installed_as_the_workflow_says() -> None:
    words = STEPS["Install"]["run"].split()
    assert words == ["python", "-m", "pip", "install", "--constraint", "constraints.txt", "."]
    assert (ROOT / "constraints.txt").exists()
    assert os.access(BIN / "sqlite-utils", os.X_OK), "the step that publishes needs it"
