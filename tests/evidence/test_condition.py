"""What the people studied have, and how near a record is: the traps of the field, one by one."""

import pytest

from harvester.evidence.derivation import findings_of
from harvester.pubmed.records import MeshHeading
from tests.evidence.records import record

KETAMINE = "Ketamine was infused."


def values(facet: str, title: str, *abstract: str | tuple[str, str], **more: object) -> list[str]:
    found = findings_of(record(title, *abstract, **more))
    return [finding.value for finding in found if finding.facet == facet]


@pytest.mark.parametrize(
    ("title", "methods", "expected"),
    [
        ("Ketamine in treatment-resistant depression", "Patients were enrolled.", ["trd"]),
        ("Ketamine for low mood", "Adults who had failed two antidepressants.", ["trd"]),
        ("Ketamine in adults", "Adults with major depressive disorder took part.", ["mdd"]),
        (
            "Ketamine in treatment-resistant depression",
            "Adults with major depressive disorder took part.",
            ["trd", "mdd"],
        ),
        ("Ketamine in treatment-resistant PTSD", "Veterans took part.", ["ptsd"]),
        ("Refractory status epilepticus", "Patients were sedated.", []),
        ("Ketamine for anxiety and depression", "Adults took part.", ["depression", "anxiety"]),
        ("A drug in body dysmorphic disorder", "Adults took part.", ["other_mental"]),
        (
            "A drug in bipolar disorder",
            "Adults with PTSD took part.",
            ["ptsd", "other_mental"],
        ),
        ("A drug in bipolar disorder", "Adults with bipolar depression.", ["bipolar_depression"]),
        ("Antidepressant-resistant PTSD", "Veterans took part.", ["ptsd"]),
        # What is measured beside the condition of the title.
        ("A drug for major depression", "Suicidality was tracked in adults.", ["mdd"]),
        ("A drug in advanced cancer", "Pain scores of adults were rated.", ["palliative"]),
        ("A drug for chronic pain", "Adults came for opioid detoxification.", ["pain"]),
        ("Treatment of ketamine use disorder", "Adults were treated.", ["sud"]),
        (
            "Psilocybin in depression: a case report",
            "A 30-year-old man had visited a shaman.",
            ["depression"],
        ),
        (
            "Esketamine at caesarean section and postpartum depression",
            "Depression was rated on the day after surgery.",
            ["postpartum_depression"],
        ),
        ("Psychedelics for addiction", "Adults took part.", ["sud"]),
        ("Effects of MDE on the brain", "Men took MDE or placebo.", []),
        ("A drug in a mindfulness retreat", "Meditators were randomized.", []),
        ("Brain signals after a drug", "Twelve healthy volunteers were given LSD.", ["healthy"]),
        ("A drug in comorbid alcohol use disorder and PTSD", "Adults came.", ["ptsd", "sud"]),
        ("Vitrectomy for tractional retinal detachment (TRD)", "Eyes with TRD were treated.", []),
        ("Respiratory depression after ketamine", "Patients were watched.", []),
        ("Spreading depression in injured brain", "Patients were recorded.", []),
        ("Ketamine in adults", "Adults without suicidal ideation took part.", []),
        ("Ketamine for suicidal ideation", "Adults in crisis took part.", ["suicidality"]),
        ("Ketamine in bipolar depression", "Adults took part.", ["bipolar_depression"]),
        ("Ketamine in healthy volunteers", "Depression scales were filled in.", ["healthy"]),
        ("Working memory of ecstasy users", "Depression was rated.", ["recreational_use"]),
        ("Ketamine for PTSD", "Depression was rated too, in veterans.", ["ptsd"]),
    ],
)
def test_what_the_people_have(title: str, methods: str, expected: list[str]) -> None:
    assert values("condition", title, ("METHODS", methods)) == expected


@pytest.mark.parametrize(
    ("title", "methods"),
    [
        ("Retreatment with ketamine in treatment-resistant depression", "Patients came."),
        ("Ketamine in treatment-resistant depression", "Patients were retreated with infusions."),
        ("Repeated ketamine in treatment-resistant depression", "Retreated patients had six."),
        ("Chronic ketamine treatment of treatment-resistant depression", "Adults came."),
        (
            "Emergency department visits after ketamine for treatment-resistant depression",
            "Records were read.",
        ),
    ],
)
def test_those_who_are_treated_again_are_no_users(title: str, methods: str) -> None:
    assert values("condition", title, ("METHODS", methods)) == ["trd"]


def test_the_background_counts_only_where_nothing_else_does() -> None:
    background = ("BACKGROUND", "Treatment-resistant depression is frequent.")
    assert values("condition", "Ketamine for PTSD", background, ("METHODS", "Adults came.")) == [
        "ptsd"
    ]
    assert values("condition", "A look at esketamine", background, ("METHODS", "Adults came.")) == [
        "trd"
    ]
    wide = ("METHODS", "Anxiety was rated in adults with psychiatric disorders.")
    assert values("condition", "A look at esketamine", background, wide) == ["trd"]


def test_an_aim_at_the_end_of_a_background_counts() -> None:
    aim = "It is common. This study examined ketamine in people with anorexia nervosa."
    found = values("condition", "A drug once more", ("BACKGROUND", aim), ("METHODS", KETAMINE))
    assert found == ["eating_disorder"]
    earlier = "We previously reported ketamine in people with anorexia nervosa."
    assert not values("condition", "A drug", ("BACKGROUND", earlier), ("METHODS", "Men ran."))[1:]


def test_of_which_substance_a_disorder_is() -> None:
    found = findings_of(record("Ketamine for alcohol use disorder", ("METHODS", "Adults came.")))
    assert [f.detail for f in found if f.value == "sud"] == [{"substance": "alcohol"}]


def test_headings_name_the_condition_of_older_records() -> None:
    heading = MeshHeading(name="Depressive Disorder, Treatment-Resistant")
    assert values("condition", "Effects of a drug", mesh=(heading,)) == ["trd"]


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        ("Ketamine in treatment-resistant depression", "Patients were enrolled.", "core"),
        ("Ketamine in healthy volunteers", "Volunteers were scanned.", "related"),
        ("Ketamine for postoperative pain", "Patients were enrolled.", "not_depression"),
        ("Sleep of shift workers", "Some nurses had taken ketamine once.", "incidental"),
        ("Psilocybin for headache", "Ketamine was forbidden for a month.", "incidental"),
        ("Deep brain stimulation in treatment-resistant depression", "Ten came.", "no_drug"),
    ],
)
def test_how_near_a_record_is(title: str, abstract: str, expected: str) -> None:
    assert values("relevance", title, ("METHODS", abstract)) == [expected]
