"""Which drugs a record is about, and what they were in the study."""

import pytest

from harvester.evidence.derivation import findings_of
from harvester.evidence.findings import Finding
from harvester.pubmed.records import Article, Substance, Text
from harvester.pubmed.records import Keyword as AuthorKeyword
from tests.evidence.records import record


def drugs(article: Article) -> dict[str, Finding]:
    return {f.value: f for f in findings_of(article) if f.facet == "drug"}


def role(*abstract: tuple[str, str], title: str = "A study") -> object:
    return next(iter(drugs(record(title, *abstract)).values())).detail.get("role")


def test_the_racemic_form_is_not_found_where_only_an_enantiomer_is_studied() -> None:
    article = record(
        "Esketamine nasal spray for depression",
        ("BACKGROUND", "Esketamine, the S-enantiomer of ketamine, was approved."),
        ("METHODS", "Patients received esketamine."),
    )
    assert set(drugs(article)) == {"esketamine"}


def test_forms_that_are_both_studied_are_both_found() -> None:
    article = record(
        "Ketamine for depression",
        ("METHODS", "Patients received racemic ketamine or (S)-ketamine."),
    )
    assert set(drugs(article)) == {"ketamine", "esketamine"}


def test_a_drug_of_the_background_is_none_of_the_record() -> None:
    article = record(
        "LSD in healthy people",
        ("BACKGROUND", "Ketamine and ayahuasca raise BDNF."),
        ("METHODS", "People received LSD or placebo."),
    )
    assert set(drugs(article)) == {"lsd"}


def test_a_drug_named_once_beside_that_of_the_title_is_none_of_the_record() -> None:
    article = record(
        "Psilocybin for headache",
        ("METHODS", "Patients received psilocybin. None had taken LSD for a month."),
    )
    assert set(drugs(article)) == {"psilocybin"}


def test_a_survey_is_about_all_the_drugs_it_asks_for() -> None:
    article = record(
        "Ecstasy use: an online survey of adults",
        ("METHODS", "An online survey asked respondents for use of MDMA, LSD and mescaline."),
    )
    assert set(drugs(article)) == {"mdma", "lsd", "mescaline"}


def test_the_only_drug_named_is_what_the_record_is_about() -> None:
    article = record("Aura without infarction", ("CONCLUSIONS", "Ketamine may be tried."))
    assert set(drugs(article)) == {"ketamine"}


def test_psychedelics_at_large_are_found_only_where_none_is_named() -> None:
    assert set(drugs(record("Use of psychedelics among smokers"))) == {"psychedelics"}
    assert set(drugs(record("Psychedelics and LSD among smokers"))) == {"lsd"}


def test_an_ingredient_is_no_drug_of_its_own() -> None:
    article = record(
        "Ayahuasca in a ritual", ("METHODS", "The brew had 0.3 mg/ml dimethyltryptamine (DMT).")
    )
    assert set(drugs(article)) == {"ayahuasca"}


def test_headings_count_only_where_the_text_names_no_drug() -> None:
    word = AuthorKeyword(text=Text(plain="esketamine"))
    assert set(drugs(record("Ketamine infusions", keywords=(word,)))) == {"ketamine"}
    assert set(drugs(record("Fast relief", keywords=(word,)))) == {"esketamine"}
    substance = Substance(name="Esketamine")
    assert set(drugs(record("Fast relief", substances=(substance,)))) == {"esketamine"}


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("treatment", "Patients were treated with ketamine."),
        ("anaesthetic", "Rats were anesthetized with ketamine/xylazine and fixed."),
        ("ect_anaesthetic", "Patients had ketamine anaesthesia during electroconvulsive therapy."),
        ("challenge", "Twelve healthy volunteers received ketamine."),
        ("recreational", "Chronic ketamine users were scanned."),
        ("measured", "Ketamine in urine was determined by liquid chromatography."),
        ("comparator", "Scopolamine was compared with ketamine."),
    ],
)
def test_the_role(expected: str, text: str) -> None:
    assert role(("METHODS", text)) == expected


def test_a_subanaesthetic_dose_is_no_anaesthetic() -> None:
    assert role(("METHODS", "Patients received a subanesthetic dose of ketamine.")) == "treatment"


def test_without_words_for_it_there_is_no_role() -> None:
    assert role(title="Ketamine at last") is None
