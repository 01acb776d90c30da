"""Whose dose it is, how much, and over how many minutes."""

import pytest

from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding
from tests.evidence.records import record


def found(facet: str, text: str, title: str = "Ketamine for depression") -> dict[str, Finding]:
    findings = findings_of(record(title, ("METHODS", text)))
    return {f.value: f for f in findings if f.facet == facet}


def dose(text: str, title: str = "Ketamine for depression") -> object:
    """Kind, smallest, largest, unit and drug of the only dose."""
    doses = found("dose", text, title)
    if not doses:
        return None
    ((kind, finding),) = doses.items()
    detail = finding.detail
    return kind, detail["min"], detail["max"], detail["unit"], detail["drug"]


@pytest.mark.parametrize(
    "written",
    [
        "0.5 mg/kg",
        ".5 mg/kg",
        "0·5 mg/kg",
        "0.5 mg per kilogram of body weight",
        "0.5 mg kg-1",
        "0.5 mg kg(-1)",
        "0.5 mg·kg−1",
        "0.5\u00a0mg/kg",
        "0.5mg / kg",
        "0.5-mg/kg",
    ],
)
def test_all_spellings_of_a_dose_by_weight(written: str) -> None:
    text = f"Patients received ketamine ({written}) once."
    assert dose(text) == ("per_kg", 0.5, 0.5, "mg/kg", "ketamine")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patients had ketamine (0.25, 0.5 and 1 mg/kg).", ("per_kg", 0.25, 1.0, "mg/kg")),
        ("Patients had ketamine 0.5-0.75 mg/kg.", ("per_kg", 0.5, 0.75, "mg/kg")),
        ("Patients had 0.5 to 1.0 mg/kg of ketamine.", ("per_kg", 0.5, 1.0, "mg/kg")),
        ("Patients had ketamine at 0.1 mg kg−1 hr−1.", ("rate", 0.1, 0.1, "mg/kg/h")),
        ("Patients had ketamine at 2 µg/kg/min.", ("rate", 2.0, 2.0, "µg/kg/min")),
        ("Patients had ketamine (28/56/84 mg).", ("fixed", 28.0, 84.0, "mg")),
        ("Patients had ketamine (28-mg, 56-mg, or 84-mg).", ("fixed", 28.0, 84.0, "mg")),
        ("Patients had ketamine, 56- or 84-mg.", ("fixed", 56.0, 84.0, "mg")),
    ],
)
def test_the_smallest_and_the_largest(text: str, expected: tuple[object, ...]) -> None:
    assert dose(text) == (*expected, "ketamine")


@pytest.mark.parametrize(
    "text",
    [
        "Patients had ketamine (0.5 mg/kg) or midazolam (0.045 mg/kg).",
        "Patients had midazolam (0.045 mg/kg) or 0.5 mg/kg of ketamine.",
        "After propofol 1.5 mg/kg patients had 0.5 mg/kg ketamine.",
        "Patients had naltrexone 50 mg, then ketamine 0.5 mg/kg.",
        "Rats had xylazine (10 mg/kg) and ketamine (0.5 mg/kg).",
    ],
)
def test_the_doses_of_other_drugs_are_not_those_of_the_drug(text: str) -> None:
    assert dose(text) == ("per_kg", 0.5, 0.5, "mg/kg", "ketamine")


def test_a_dose_of_another_drug_alone_is_none() -> None:
    assert dose("Patients had ketamine. They had midazolam 2 mg before.") is None


def test_the_dose_is_shown_with_its_drug() -> None:
    text = "Patients had intravenous ketamine (0.5 mg/kg) over 40 min."
    assert found("dose", text)["per_kg"].quote == "ketamine (0.5 mg/kg)"


def test_a_dose_without_a_name_is_that_of_the_only_drug() -> None:
    text = "Patients had infusions (0.5 mg/kg)."
    assert dose(text) == ("per_kg", 0.5, 0.5, "mg/kg", "ketamine")


def test_doses_of_animals_are_left_out_where_people_were_studied() -> None:
    text = (
        "Twenty healthy human subjects received ketamine (0.5 mg/kg). "
        "Eighteen male rats received ketamine (25 mg/kg)."
    )
    assert dose(text, "Ketamine in humans and rats") == ("per_kg", 0.5, 0.5, "mg/kg", "ketamine")


def test_levels_in_blood_are_no_doses() -> None:
    assert dose("Patients had ketamine; glucose was 90 mg/dl.") is None


def minutes(text: str) -> tuple[object, object] | None:
    times = found("infusion_minutes", text)
    return (times["minutes"].detail["min"], times["minutes"].detail["max"]) if times else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patients had ketamine (0.5 mg/kg) over 40 min.", (40, 40)),
        ("Patients had a 40-min intravenous infusion of ketamine.", (40, 40)),
        ("Ketamine was infused over forty minutes.", (40, 40)),
        ("Ketamine was infused over 40 to 60 minutes.", (40, 60)),
        ("Patients had a bolus of ketamine over 1-2 min.", (1, 2)),
        ("Ketamine was infused for 96 h.", (5760, 5760)),
        ("Ketamine was infused over one hour.", (60, 60)),
        ("Patients had ketamine infusions; mood was rated at 40, 80 and 110 minutes.", None),
        ("Mood rose 40 minutes after the infusion of ketamine.", None),
        ("After ketamine patients were observed for 2 hours.", None),
    ],
)
def test_the_time_of_an_infusion(text: str, expected: tuple[int, int] | None) -> None:
    assert minutes(text) == expected
