"""What the drug was compared with, and what was only taken besides."""

import pytest

from harvester.evidence.derivation import findings_of
from tests.evidence.records import record

TRIAL = "Ketamine for depression: a randomized controlled trial"


def compared(text: str, title: str = TRIAL) -> set[str]:
    found = findings_of(record(title, ("METHODS", text)))
    return {f.value for f in found if f.facet == "comparator"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patients received ketamine or placebo.", {"placebo"}),
        ("Patients received ketamine or saline.", {"placebo"}),
        ("Patients received ketamine (0.5 mg/kg) or midazolam (0.045 mg/kg).", {"midazolam"}),
        ("Patients received infusions of ketamine and midazolam.", {"midazolam"}),
        ("They had one infusion of ketamine and one infusion of midazolam.", {"midazolam"}),
        ("The control group received a dose of midazolam; others had ketamine.", {"midazolam"}),
        ("Patients received ketamine or an active placebo, midazolam.", {"midazolam"}),
        ("This placebo-controlled trial gave patients ketamine or midazolam.", {"midazolam"}),
        ("Patients received ketamine, midazolam, or placebo.", {"midazolam", "placebo"}),
        ("Patients received ketamine or electroconvulsive therapy.", {"ect"}),
        ("Patients received esketamine; the quetiapine group had tablets.", {"quetiapine"}),
        ("In ECT patients, ketamine was compared with methohexital.", {"other_anaesthetic"}),
        ("Patients received ketamine or fentanyl.", {"fentanyl"}),
        ("Ketamine was compared with treatment as usual.", {"treatment_as_usual"}),
        ("Patients went to ketamine or a waiting list.", {"waitlist"}),
        ("Patients received two different doses of ketamine.", {"dose_comparison"}),
        ("Patients received placebo or naltrexone before ketamine.", {"placebo_pretreatment"}),
        ("Patients received ketamine or (S)-ketamine.", {"head_to_head"}),
    ],
)
def test_a_comparator(text: str, expected: set[str]) -> None:
    assert compared(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Patients maintained on lithium received ketamine.",
        "Patients received esketamine plus a new oral antidepressant.",
        "Patients were premedicated with midazolam and received ketamine.",
        "Patients undergoing electroconvulsive therapy received ketamine.",
        "Patients with controlled hypertension received ketamine.",
        "Patients received ketamine; two later had ECT.",
        "Patients resistant to ECT received ketamine.",
        "Patients received ketamine under propofol anaesthesia.",
        "Patients received ketamine diluted in saline.",
        "Patients received ketamine in single-blind fashion.",
    ],
)
def test_what_is_taken_besides_is_no_comparator(text: str) -> None:
    assert compared(text) == set()


def test_ect_is_no_comparator_of_its_anaesthetics() -> None:
    text = (
        "Ketamine was compared with methohexital in patients undergoing ECT; the ECT group slept."
    )
    title = "Ketamine anaesthesia during ECT: a randomized controlled trial"
    assert compared(text, title) == {"other_anaesthetic"}


def test_placebo_that_others_should_use_is_no_comparator() -> None:
    assert compared("Patients received ketamine. Placebo-controlled trials are needed.") == set()


def test_the_control_group_of_a_trial_is_the_arm_with_the_comparator() -> None:
    text = "Patients received ketamine. The control group received saline."
    assert compared(text) == {"placebo"}
    text = "Patients and healthy controls received ketamine or saline."
    assert compared(text) == {"placebo", "control_group"}


def test_users_are_compared_with_people_who_do_not_use_it() -> None:
    text = "Twenty ketamine users were compared with 20 polydrug controls who took cannabis."
    assert compared(text, "Memory in recreational ketamine users") == {"control_group"}


def test_a_single_arm_has_no_comparator_and_says_so() -> None:
    title = "Ketamine for depression: an open-label trial"
    assert compared("Patients received ketamine.", title) == {"none"}
    assert compared("Patients received ketamine or placebo.", title) == {"placebo"}


def test_saline_is_the_vehicle_of_animals() -> None:
    assert compared("Rats received ketamine or saline.", "Ketamine in rats") == {"vehicle"}
    assert compared("Sheep received ketamine or saline (placebo).", "Ketamine in sheep") == {
        "placebo"
    }


def test_case_reports_and_narrative_reviews_compare_nothing() -> None:
    text = "The patient received ketamine. It is better than placebo."
    assert compared(text, "Ketamine for depression: a case report") == set()
    assert compared("Ketamine is better than placebo.", "Ketamine: a narrative review") == set()


def test_a_systematic_review_has_the_comparators_that_it_compares() -> None:
    title = "Ketamine for depression: a systematic review and meta-analysis"
    assert compared("We reviewed trials of ketamine versus midazolam.", title) == {"midazolam"}
    assert compared("Control groups received placebo in most trials.", title) == set()
