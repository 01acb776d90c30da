"""Once, again and again, or to keep an effect."""

import pytest

from harvester.evidence.derivation import findings_of
from tests.evidence.records import record


def schedules(text: str, title: str = "Ketamine for depression") -> dict[str, object]:
    found = findings_of(record(title, ("METHODS", text)))
    return {f.value: f.detail.get("doses") for f in found if f.facet == "schedule"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patients received a single infusion of ketamine.", {"single": 1}),
        ("Patients received six infusions of ketamine.", {"repeated": 6}),
        ("Patients received ketamine infusions twice weekly.", {"repeated": None}),
        ("Patients received seven weekly SC ketamine doses.", {"repeated": 7}),
        ("Repeated 10 µg ketamine doses were given; six infusions in all.", {"repeated": 6}),
        (
            "Patients received two infusions, one of saline and one of ketamine.",
            {"single": 1},
        ),
        (
            "Patients received repeated ketamine infusions, then a maintenance phase.",
            {"repeated": None, "maintenance": None},
        ),
        ("In this single-blind, single-centre trial patients received ketamine.", {}),
        ("Patients received ketamine with a maintenance infusion for 120 min.", {}),
        ("Patients had failed three antidepressant treatments and received ketamine.", {}),
        ("Patients received ketamine; daily life was rated by repeated measures.", {}),
    ],
)
def test_the_schedule(text: str, expected: dict[str, object]) -> None:
    assert schedules(text) == expected


def test_the_doses_of_all_are_not_those_of_one() -> None:
    text = "We reviewed 741 infusions of ketamine; patients had repeated infusions."
    assert schedules(text) == {"repeated": None}


def test_a_challenge_of_volunteers_is_one_dose_and_implied() -> None:
    text = "Fifteen healthy volunteers received ketamine or placebo."
    (finding,) = [f for f in findings_of(record("A ketamine challenge", ("METHODS", text)))
                  if f.facet == "schedule"]  # fmt: skip
    assert (finding.value, finding.detail) == ("single", {"implied": True})


def test_an_infusion_is_one_dose_and_implied() -> None:
    text = "Patients received an intravenous infusion of ketamine or saline."
    assert implied(text) == {"single": True}
    assert implied("Patients received a single infusion of ketamine.") == {"single": None}
    text += " Infusions were repeated weekly: six infusions of ketamine."
    assert implied(text) == {"repeated": None}


def implied(text: str) -> dict[str, object]:
    found = findings_of(record("Ketamine for depression", ("METHODS", text)))
    return {f.value: f.detail.get("implied") for f in found if f.facet == "schedule"}


def test_a_review_has_the_schedule_of_its_title() -> None:
    text = "Trials of a single infusion of ketamine were reviewed."
    assert schedules(text, "Ketamine: a systematic review") == {}
    title = "Repeated ketamine infusions: a systematic review"
    assert schedules(text, title) == {"repeated": None}
