"""By which route the drug was given, and not by which another one was."""

import pytest

from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding
from harvester.pubmed.records import Article
from tests.evidence.records import record


def found(article: Article) -> dict[str, Finding]:
    return {f.value: f for f in findings_of(article) if f.facet == "route"}


def routes(text: str, title: str = "Ketamine for depression") -> set[str]:
    return set(found(record(title, ("METHODS", text))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patients received esketamine nasal spray plus an oral antidepressant.", {"intranasal"}),
        ("Patients with DSM-IV depression took oral ketamine.", {"oral"}),
        ("In this phase IV trial patients took oral ketamine.", {"oral"}),
        ("Patients received ketamine by subcutaneous infusion.", {"sc"}),
        ("Patients received IV ketamine and oral morphine on demand.", {"iv"}),
        ("Patients received intramuscular or sublingual ketamine.", {"im", "sublingual"}),
        ("Patients received ketamine (0.5 mg/kg SC).", {"sc"}),
        ("Rats received ketamine (10 mg/kg, i.p.).", {"ip"}),
    ],
)
def test_the_route_is_that_of_the_drug(text: str, expected: set[str]) -> None:
    assert routes(text) == expected


def test_an_infusion_to_people_is_taken_for_an_intravenous_one_and_says_so() -> None:
    finding = found(record("Ketamine", ("METHODS", "Patients received a ketamine infusion.")))["iv"]
    assert (finding.quote, finding.detail) == ("infusion", {"implied": True})


def test_what_is_given_over_minutes_runs_into_a_vein() -> None:
    text = "Patients received ketamine (0.5 mg/kg over 40 minutes)."
    finding = found(record("Ketamine", ("METHODS", text)))["iv"]
    assert (finding.quote, finding.detail) == ("over 40 minutes", {"implied": True})
    assert set(found(record("Ketamine", ("METHODS", f"{text} It was subcutaneous.")))) == {"sc"}


def test_an_intravenous_infusion_is_not_implied() -> None:
    text = "Patients received an infusion of intravenous ketamine."
    assert found(record("Ketamine", ("METHODS", text)))["iv"].detail == {}


@pytest.mark.parametrize(
    "text",
    [
        "Rats received an infusion of ketamine into the cortex.",
        "Patients received oral ketamine; none had an infusion.",
        "Patients received ketamine after an infusion of propofol.",
    ],
)
def test_an_infusion_says_no_more_than_that(text: str) -> None:
    assert "iv" not in routes(text)


def test_routes_of_others_are_told_in_the_background() -> None:
    article = record(
        "Subcutaneous esketamine",
        ("BACKGROUND", "Most studies gave ketamine intravenously."),
        ("METHODS", "Patients received subcutaneous esketamine."),
    )
    assert set(found(article)) == {"sc"}


def test_a_narrative_review_has_the_routes_of_its_title_only() -> None:
    text = "We review infusions and intranasal sprays of ketamine."
    assert found(record("Ketamine: a review", text)) == {}
    assert set(found(record("Oral ketamine: a review", text))) == {"oral"}


def test_pills_of_drug_users_are_no_route() -> None:
    assert routes("Ecstasy users took tablets.", "Memory in recreational ecstasy users") == set()


def test_without_a_drug_of_interest_there_is_no_route() -> None:
    assert routes("Patients received intravenous saline.", "Depression") == set()
