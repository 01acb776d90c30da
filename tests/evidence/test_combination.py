"""What people had together with the drug, and who had it."""

import pytest

from harvester.evidence.derivation import findings_of
from tests.evidence.records import record


def combined(text: str, title: str = "Ketamine for depression") -> set[str]:
    found = findings_of(record(title, ("METHODS", text)))
    return {f.value for f in found if f.facet == "combination"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patients received ketamine-assisted psychotherapy.", {"psychotherapy"}),
        ("Patients received esketamine plus a new oral antidepressant.", {"antidepressant"}),
        ("Patients undergoing ECT received ketamine.", {"ect"}),
        ("Patients received ketamine combined with rTMS.", {"tms"}),
        ("Volunteers received ketamine after pretreatment with lamotrigine.", {"other_drug"}),
        ("Patients with depression resistant to antidepressants received ketamine.", set()),
        ("Patients received ketamine or ECT.", set()),
        ("Patients received ketamine; scores fell from pretreatment levels.", set()),
        ("Patients who had failed psychotherapy received ketamine.", set()),
    ],
)
def test_what_is_given_with_the_drug(text: str, expected: set[str]) -> None:
    assert combined(text) == expected


def test_what_drug_users_mix_is_no_treatment() -> None:
    text = "Participants reported co-administration of ketamine and alcohol."
    assert combined(text, "Recreational ketamine users") == set()


def test_it_is_said_of_people_only() -> None:
    assert combined("Rats received ketamine after pretreatment with rapamycin.") == set()
