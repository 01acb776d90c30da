"""Corrections by a person: read with care, applied to the record they name, and seen afterwards."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import main
from harvester.errors import SettingsError
from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding
from harvester.evidence.overrides import (
    BUILT_IN,
    FACET,
    Override,
    corrected,
    overrides_in_force,
    read_overrides,
)
from harvester.intake import what_it_says
from harvester.pubmed.records import AbstractSection, Article, Text
from tests.library.articles import article

ENTRY = """
[[override]]
pmid = 90000001
facet = "route"
remove = ["iv"]
add = "intranasal"
quote = "nasal spray"
reason = "The infusion was of the comparator."
date = 2026-11-25
reviewer = "psychiatrist"
"""


def record() -> Article:
    return article(
        title=Text(plain="Esketamine in depression"),
        abstract=(
            AbstractSection(
                text=Text(plain="Patients received an intravenous infusion, or a nasal spray."),
                label="METHODS",
            ),
        ),
    )


def override(**given: object) -> Override:
    known = {
        "pmid": 90_000_001,
        "facet": "route",
        "remove": (),
        "add": (),
        "quote": None,
        "n": None,
        "reason": "A reason.",
        "date": "2026-11-25",
        "reviewer": "pharmacist",
    }
    return Override(**{**known, **given})  # type: ignore[arg-type]


def of(findings: tuple[Finding, ...], facet: str) -> dict[str, Finding]:
    return {f.value: f for f in findings if f.facet == facet}


def test_none_comes_with_the_program() -> None:
    assert read_overrides(BUILT_IN) == {}


def test_the_commented_example_is_an_entry(tmp_path: Path) -> None:
    text = BUILT_IN.read_text("utf-8")
    start = text.index("# [[override]]")
    lines = text[start:].split("\n#\n")[0].splitlines()
    file = tmp_path / "own.toml"
    file.write_text("\n".join(line.removeprefix("# ") for line in lines), "utf-8")
    (found,) = read_overrides(file)[90_000_001]
    assert (found.remove, found.add, found.quote) == (("iv",), ("intranasal",), "nasal spray")
    assert (found.date, found.reviewer) == ("2026-11-25", "psychiatrist")


def test_a_value_is_taken_away_and_another_added_and_both_are_told() -> None:
    before = findings_of(record())
    assert "iv" in of(before, "route")
    after = corrected(
        record(), before, [override(remove=("iv",), add=("intranasal",), quote="nasal spray")]
    )
    (added,) = of(after, "route").values()
    assert (added.value, added.source) == ("intranasal", "abstract")
    text = record().abstract_text or ""
    assert added.start is not None
    assert text[added.start :].startswith("nasal spray")
    (removed,) = of(after, FACET).values()
    assert removed.value == "route.iv"
    assert removed.detail["removed"] == "iv"
    for finding in (added, removed):
        assert finding.detail["reason"] == "A reason."
        assert finding.detail["date"] == "2026-11-25"
        assert finding.detail["reviewer"] == "pharmacist"
    rest = [f for f in before if f.facet != "route"]
    assert [f for f in after if f.facet not in ("route", FACET)] == rest


def test_what_is_added_comes_first_and_has_its_number() -> None:
    found = (Finding(facet="sample_size", value="included", rule="r/1", source="title", quote="x"),)
    (added, *_) = corrected(
        record(), found, [override(facet="sample_size", add=("randomized",), n=40)]
    )
    assert (added.value, added.detail["n"], added.detail["basis"]) == (
        "randomized",
        40,
        "randomized",
    )
    assert (added.source, added.start, added.quote) == (FACET, None, "")


def test_nothing_happens_to_other_records() -> None:
    before = findings_of(record())
    assert corrected(record(), before, ()) == before


def test_a_file_of_the_operator_is_applied_when_findings_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(ENTRY, "utf-8")
    monkeypatch.setenv("HARVESTER_OVERRIDES", str(file))
    findings, problem = what_it_says(record())
    assert problem is None
    assert list(of(findings, "route")) == ["intranasal"]
    assert what_it_says(article(90_000_002))[1] is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("", ""),
        (ENTRY.replace("2026-11-25", '"soon"'), "date"),
        (ENTRY.replace("90000001", '"90000001"'), "pmid"),
        (ENTRY.replace('"route"', '"rout"'), "rout"),
        (ENTRY.replace('"intranasal"', '"nose"'), "nose"),
        (ENTRY.replace('"psychiatrist"', '""'), "reviewer"),
        (ENTRY.replace("reason", "because"), "reason"),
        (ENTRY + "who = 1\n", "who"),
        (ENTRY + "n = 3\n", "number n"),
        (ENTRY.replace('["iv"]', "[1]"), "remove"),
        (ENTRY.replace('remove = ["iv"]\nadd = "intranasal"\n', ""), "neither"),
        ("[[overide]]\n", "entries only"),
        ("override = [1]\n", "no table"),
        (ENTRY.replace("90000001", "-5"), "pmid"),
        (ENTRY.replace("90000001", "1" + 22 * "0"), "pmid"),
        ("override = 3", "entries only"),
        ("not toml", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str | None, says: str
) -> None:
    file = tmp_path / "own.toml"
    if wrong is not None:
        file.write_text(wrong, "utf-8")
    monkeypatch.setenv("HARVESTER_OVERRIDES", str(file))
    if not says:
        assert overrides_in_force() == {}
        return
    with pytest.raises(SettingsError, match=says) as error:
        overrides_in_force()
    assert str(error.value).count("\n") == 0


@pytest.mark.parametrize("command", ["derive", "harvest"])
def test_a_command_does_not_begin_with_a_mistake(tmp_path: Path, command: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text("not toml", "utf-8")
    library = tmp_path / "literature.db"
    result = CliRunner().invoke(
        main, ["--db", str(library), command], env={"HARVESTER_OVERRIDES": str(file)}
    )
    assert result.exit_code == 2
    assert "The corrections in" in result.output
    assert not library.exists()
