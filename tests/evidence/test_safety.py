"""Harms with their polarity: what did not happen is never an event."""

import pytest

from harvester.evidence.derivation import findings_of
from tests.evidence.records import record


def harms(*results: str) -> dict[str, object]:
    found = findings_of(record("Ketamine in patients", ("RESULTS", " ".join(results))))
    return {f.value: f.detail["polarity"] for f in found if f.facet == "safety"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nausea was common.", {"nausea": "present"}),
        ("No case of interstitial cystitis occurred.", {"urinary": "absent"}),
        ("There were no deaths.", {"mortality": "absent"}),
        ("Dissociation was nearly absent.", {"dissociation": "absent"}),
        ("Blood pressure did not change.", {"blood_pressure": "absent"}),
        (
            "There was no nausea, but dizziness was common.",
            {"nausea": "absent", "dizziness": "present"},
        ),
        ("Neither sedation nor headache was seen.", {"sedation": "absent", "headache": "absent"}),
        ("Not only nausea was seen.", {"nausea": "present"}),
        ("The dissociation constant was low.", {}),
        ("Survival analysis showed a median time to relapse of 18 days.", {}),
        ("The tolerance of oral ketamine was excellent.", {}),
        ("The dependence of response on dose was weak.", {}),
        ("Gender and brain lateralization dependence was tested.", {}),
        ("NMDA receptors are involved in learning, memory and mood.", {}),
        ("They came from an addiction psychiatry practice.", {}),
        ("Two patients died.", {"mortality": "present"}),
        ("No tolerance to the effect developed.", {"abuse_dependence": "absent"}),
        ("Dependence on ketamine was seen in one.", {"abuse_dependence": "present"}),
        ("Memory was worse in nine.", {"cognition": "present"}),
        ("Uncontrolled hypertension was an exclusion.", {}),
    ],
)
def test_polarity(text: str, expected: dict[str, str]) -> None:
    assert harms(text) == expected


def test_both_is_mixed_and_shows_the_event() -> None:
    text = "No nausea was seen after placebo. Nausea followed ketamine in nine patients."
    found = findings_of(record("Ketamine in patients", ("RESULTS", text)))
    (finding,) = (f for f in found if f.value == "nausea")
    assert finding.detail == {"polarity": "mixed"}
    assert finding.quote == "Nausea"
