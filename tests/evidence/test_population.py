"""Whom a study is about, and of which age."""

import pytest

from harvester.evidence.derivation import findings_of
from harvester.pubmed.records import Article, MeshHeading
from tests.evidence.records import record

TITLE = "A trial of a drug"


def values(article: Article) -> set[str]:
    return {found.value for found in findings_of(article) if found.facet == "population"}


def said(*abstract: str | tuple[str, str], title: str = TITLE) -> set[str]:
    return values(record(title, *abstract))


def test_people() -> None:
    assert said(("METHODS", "Twenty patients were enrolled.")) == {"human"}
    assert "human" in said(("METHODS", "Fifty-two depressed subjects received an infusion."))


def test_animals() -> None:
    assert said(("METHODS", "Male rats received saline."), title="A drug in rats") == {"animal"}
    assert said(("METHODS", "Thirteen ewes were enrolled."), title="A drug in sheep") == {"animal"}


def test_cells() -> None:
    assert "in_vitro" in said(("METHODS", "Cultured neurons were exposed."), title="Neurons")


def test_patients_of_a_background_are_not_studied() -> None:
    assert said(
        ("BACKGROUND", "Many patients with depression do not respond."),
        ("METHODS", "Mice were tested in the forced swim test."),
        title="A drug in mice",
    ) == {"animal"}


def test_animal_models_in_a_review_of_people() -> None:
    found = said(
        ("BACKGROUND", "Animal models, in rats above all, suggest a mechanism."),
        ("METHODS", "We searched for trials in patients. Patients and volunteers were included."),
        ("RESULTS", "Twelve trials in 400 patients were found."),
        title="A drug in patients: a systematic review",
    )
    assert "human" in found
    assert "animal" not in found


def test_a_mouse_may_be_a_tool_and_a_guinea_pig_a_person() -> None:
    assert said(("METHODS", "Patients moved a computer mouse.")) == {"human"}
    assert said(("METHODS", "Patients served as guinea pigs.")) == {"human"}


def test_people_and_rats() -> None:
    found = said(
        ("METHODS", "Twelve healthy volunteers and 24 rats received the drug."),
        title="A drug in people and rats",
    )
    assert {"human", "animal"} <= found


def test_a_preclinical_randomised_trial_is_of_animals() -> None:
    assert said(
        ("METHODS", "Rats were randomised to the drug or saline."),
        title="A preclinical randomized controlled trial in rats",
    ) == {"animal"}


def test_check_tags_decide_where_words_do_not() -> None:
    tag = (MeshHeading(name="Animals", ui="D000818"),)
    assert values(record("Binding of a drug", "Affinity was measured.", mesh=tag)) == {"animal"}


@pytest.mark.parametrize(
    ("sentence", "ages"),
    [
        ("Adults with depression were enrolled.", {"adults"}),
        ("Patients aged 18 to 65 years were enrolled.", {"adults"}),
        ("Patients aged 18-74\u00a0years were enrolled.", {"adults"}),
        ("The patients' mean age was 42.1 years.", {"adults"}),
        ("A 64-year-old woman was treated.", {"adults"}),
        ("Patients aged 13-17 years were enrolled.", {"adolescents"}),
        ("Participants were 16 to 22 years old.", {"adolescents", "adults"}),
        ("Patients aged 65 years and older were enrolled.", {"older_adults"}),
        ("Elderly patients were enrolled.", {"older_adults"}),
        ("Forty children were sedated as patients.", {"children"}),
        ("Patients told of childhood trauma.", set()),
        ("Patients of a child and adolescent psychiatry were asked.", set()),
        ("Patients were rated with the Children's Depression Rating Scale.", set()),
        ("Patients had depression for 20 years.", set()),
    ],
)
def test_ages(sentence: str, ages: set[str]) -> None:
    assert said(("METHODS", sentence)) - {"human"} == ages


def test_ages_of_earlier_work_do_not_count() -> None:
    found = said(
        ("OBJECTIVE", "The drug works in adults, but in adolescents nobody knows."),
        ("METHODS", "Fifty-four adolescents were enrolled as patients."),
    )
    assert found == {"human", "adolescents"}


def test_headings_tell_an_age_where_no_word_does() -> None:
    tags = (
        MeshHeading(name="Humans", ui="D006801"),
        MeshHeading(name="Adolescent", ui="D000293"),
        MeshHeading(name="Aged, 80 and over", ui="D000369"),
    )
    told = record(TITLE, ("METHODS", "Adults with depression were enrolled."), mesh=tags)
    assert values(told) == {"human", "adults"}
    untold = record(TITLE, ("METHODS", "Patients with depression were enrolled."), mesh=tags)
    assert values(untold) == {"human", "adolescents", "older_adults"}


def test_patients_may_only_have_given_the_cells() -> None:
    assert said(
        ("METHODS", "Cultured neurons derived from two patients were exposed."), title="Neurons"
    ) == {"in_vitro"}


def test_rats_may_only_have_given_the_cells() -> None:
    assert said(("METHODS", "Rat brain endothelial cells were cultured."), title="A barrier") == {
        "in_vitro"
    }


def test_animals_have_no_age_group() -> None:
    assert said(("METHODS", "Adult rats were treated."), title="A drug in rats") == {"animal"}


def test_a_disorder_is_of_people_where_nobody_is_named() -> None:
    found = record("Ketamine for treatment-resistant depression", "It has been 25 years.")
    assert values(found) == {"human"}
    assert values(record("Synthesis of a compound", "Yields were high.")) == set()
