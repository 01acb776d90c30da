"""What the results say of effect, quoted; registrations; funding and interests."""

import pytest

from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding
from harvester.pubmed.records import Author, Grant, Text
from tests.evidence.records import record


def of(facet: str, *abstract: str | tuple[str, str], **more: object) -> list[Finding]:
    article = record("Ketamine in patients with depression", *abstract, **more)
    return [finding for finding in findings_of(article) if finding.facet == facet]


@pytest.mark.parametrize(
    ("text", "value", "quote"),
    [
        (
            "Remission was reached by 27.1% of patients.",
            "remission",
            "Remission was reached by 27.1%",
        ),
        ("In all, 71% of patients responded.", "response", "71% of patients responded"),
        ("MADRS scores did not differ between groups.", "no_difference", "did not differ"),
        ("Ketamine was noninferior to ECT.", "noninferior", "noninferior"),
        ("Depression improved within 2 hours.", "time_to_effect", "within 2 hours"),
    ],
)
def test_outcomes_are_quoted(text: str, value: str, quote: str) -> None:
    found = {finding.value: finding.quote for finding in of("outcome", ("RESULTS", text))}
    assert found[value].startswith(quote)


def test_a_missed_difference_is_not_a_gain() -> None:
    text = ("RESULTS", "Ketamine did not significantly reduce depression scores.")
    assert [finding.value for finding in of("outcome", text)] == ["no_difference"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Mood improved with ketamine 0.5 mg/kg over 40 min or placebo; depression fell.",
            {"time_to_effect": None},
        ),
        (
            "Depression improved after ketamine infused within 40 minutes.",
            {"time_to_effect": None},
        ),
        (
            "No significant difference in depression was found at 24 hours.",
            {"time_to_effect": None, "no_difference": "No significant difference"},
        ),
        (
            "At 24 hours ketamine had a non-significant effect on depression.",
            {"time_to_effect": None, "no_difference": "non-significant effect", "favours": None},
        ),
        (
            "Depression improved at 24 hours, but did not differ at 7 days.",
            {"time_to_effect": "at 24 hours", "no_difference": "did not differ"},
        ),
        ("Dissociative symptoms were gone within 1.5 hours.", {"time_to_effect": None}),
        ("Depression improved 1.5 hours after the infusion.", {"time_to_effect": "1.5 hours"}),
    ],
)
def test_an_onset_is_when_something_changed(text: str, expected: dict[str, str | None]) -> None:
    found = {finding.value: finding.quote for finding in of("outcome", ("RESULTS", text))}
    for value, words in expected.items():
        assert found.get(value, "").startswith(words or ""), found
        assert (value in found) == bool(words), found


def test_animals_have_no_outcome_of_this_kind() -> None:
    article = record("Ketamine in rats", ("RESULTS", "In rats 60% responded within 2 hours."))
    assert not [f for f in findings_of(article) if f.facet == "outcome"]


@pytest.mark.parametrize(
    ("text", "number", "registry"),
    [
        ("(ClinicalTrials.gov number, NCT03113968.)", "NCT03113968", "ClinicalTrials.gov"),
        ("ClinicalTrials.gov: ACTRN12616001096448.", "ACTRN12616001096448", "ANZCTR"),
        ("EudraCT 2015-000139-22.", "2015-000139-22", "EudraCT"),
        ("Registered as ISRCTN 14689382.", "ISRCTN14689382", "ISRCTN"),
        ("PROSPERO CRD42018108393.", "CRD42018108393", "PROSPERO"),
    ],
)
def test_a_number_names_its_own_registry(text: str, number: str, registry: str) -> None:
    (found,) = of("registration", ("METHODS", f"Patients came. {text}"))
    assert (found.value, found.detail) == (number, {"registry": registry})


def test_funding_and_interests_are_flagged_as_printed() -> None:
    found = of(
        "funding",
        ("CONCLUSIONS", "It helped. (Funded by Janssen Research.)"),
        grants=(Grant(agency="NIMH NIH HHS"),),
        coi_statement=Text(plain="Dr A received fees from Janssen. Dr B has none."),
    )
    assert [(f.value, f.source) for f in found] == [
        ("industry", "abstract"),
        ("public", "grant"),
        ("conflict_stated", "conflicts"),
    ]
    assert found[2].quote == "Dr A received fees from Janssen."


def test_no_interests_and_an_employer() -> None:
    author = Author(last_name="Doe", affiliations=(Text(plain="Janssen Research, Titusville."),))
    found = of(
        "funding",
        authors=(author,),
        coi_statement=Text(plain="The authors declare no conflict of interest."),
    )
    assert [(f.value, f.source) for f in found] == [
        ("industry", "affiliation"),
        ("no_conflict_stated", "conflicts"),
    ]
