"""The texts of the evidence questions: sourced, plain, and careful with words."""

import re
from itertools import chain

import pytest

from harvester.evidence.labels import facets
from harvester.evidence.questions import GROUPS, Question, load_questions, read_questions

QUESTIONS = tuple(load_questions().values())
# The Automated Readability Index (Senter and Smith, 1967): characters a word and words a sentence,
# as the school year that can read it. Year 6 is reading age 11 to 12, year 7 is 12 to 13.
READING = {"patients": 6.0, "clinicians": 8.0, "researchers": 7.0}
# Reviews that rate their certainty, whose words may be quoted.
RATED = {34510411, 34623633}

each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)


def texts(question: Question) -> list[str]:
    """Everything that the project itself says on the page."""
    return [
        question.question,
        *(sentence.text for sentence in (*question.answer, *question.detail)),
        *question.unknown,
        *(fact.text for fact in question.facts),
        *(panel.about for panel in question.panels),
        *(panel.title for panel in question.panels),
    ]


def reading_year(text: str) -> float:
    words = text.split()
    letters = sum(len(re.sub(r"\W", "", word)) for word in words)
    sentences = len(re.findall(r"[.?!](?=[”\s]|$)", text))
    return 4.71 * letters / len(words) + 0.5 * len(words) / sentences - 21.43


def test_all_questions_are_there() -> None:
    assert {question.id for question in QUESTIONS} == {f"e{n}" for n in range(1, 26)}
    assert {question.group for question in QUESTIONS} == set(GROUPS)
    assert len({question.question for question in QUESTIONS}) == len(QUESTIONS)


@each
def test_every_sentence_has_its_sources(question: Question) -> None:
    assert 2 <= len(question.answer) <= 5
    assert question.detail
    assert question.unknown
    for sentence in (*question.answer, *question.detail):
        assert sentence.text.endswith((".", "?")), sentence.text
        assert sentence.pmids or sentence.facts, sentence.text
        assert {*sentence.facts} <= {fact.id for fact in question.facts if fact.id}
        assert all(1 <= pmid < 10**8 for pmid in sentence.pmids)
    for fact in question.facts:
        assert fact.place
        assert fact.source
        assert re.search(r"\b20\d\d\b", fact.date)


@each
def test_the_answer_reads_like_a_school_book(question: Question) -> None:
    answer = " ".join(sentence.text for sentence in question.answer)
    assert reading_year(answer) <= READING[question.group], reading_year(answer)


def test_reading_years_tell_plain_from_learned_words() -> None:
    assert reading_year("The cat sat on the mat. It was warm.") < 1
    assert (
        reading_year("Intravenous subanaesthetic administration ameliorated symptomatology.") > 20
    )


@each
def test_related_questions_exist(question: Question) -> None:
    assert question.related
    assert question.id not in question.related
    assert set(question.related) <= load_questions().keys()


@each
def test_quoted_findings_are_of_the_vocabulary(question: Question) -> None:
    for facet, value in question.quotes:
        assert value in facets()[facet][1], (facet, value)


@each
def test_words_are_chosen_with_care(question: Question) -> None:
    said = " ".join(texts(question)).lower()
    for word in (
        r"commit\w* suicide",
        r"(?:failed|failing) treatment",
        r"treatment failures?",
        r"\bcures?\b",
        r"\bsafe and effective\b",
        r"\bproven?\b",
        r"\bmiracle\b",
        r"\baddicts?\b",
        r"\bsufferers?\b",
    ):
        assert not re.search(word, said), word


@each
def test_patients_are_given_no_doses(question: Question) -> None:
    if question.group == "patients":
        assert not re.search(r"\d ?(?:mg|µg|mcg|ml)\b|mg/kg", " ".join(texts(question)))
        assert question.crisis


@each
def test_certainty_is_quoted_from_a_review_that_rates_it(question: Question) -> None:
    for sentence in (*question.answer, *question.detail):
        if re.search(r"\bcertainty\b|\bGRADE\b", sentence.text):
            assert RATED & set(sentence.pmids), sentence.text


@each
def test_every_panel_asks_for_ketamine(question: Question) -> None:
    for panel in question.panels:
        asked = {value for name, value in panel.chosen if name == "relevance"}
        assert asked, panel.title
        assert asked <= {"core", "related", "not_depression", "incidental"}, panel.title
        if "incidental" in asked:
            assert ("drug", "ketamine") in panel.chosen, panel.title


def test_what_one_trial_found_is_not_said_of_all() -> None:
    for question in QUESTIONS:
        for sentence in (*question.answer, *question.detail):
            if "asleep" in sentence.text:
                assert sentence.text.startswith("In one trial ")


def test_nothing_is_said_of_what_a_library_holds() -> None:
    """Each library holds what its searches found."""
    for question in QUESTIONS:
        assert not re.search(r"\bthis library (?:has|holds)\b", " ".join(texts(question)), re.I)


def test_a_panel_is_named_as_what_its_words_find() -> None:
    for question in QUESTIONS:
        for panel in question.panels:
            if '"severe depression"' in panel.q:
                assert "hospital" not in panel.title
                assert "moderate to severe" in panel.about


def test_a_peak_is_not_a_majority() -> None:
    (count,) = (one.text for one in load_questions()["e2"].detail if "4,274" in one.text)
    assert "most of them" not in count
    assert "2022" in count


def test_infusions_and_the_spray_are_told_apart_where_suicide_is_the_question() -> None:
    answer = [sentence.text for sentence in load_questions()["e12"].answer]
    assert "into a vein" in answer[0]
    assert "nasal spray esketamine is another drug" in answer[2]
    assert "than placebo" in answer[2]
    assert "certainty" in answer[3]


@pytest.mark.parametrize("id_", ["e16", "e21"])
def test_what_the_label_says_is_told_with_its_source(id_: str) -> None:
    question = load_questions()[id_]
    assert any("label" in sentence.facts for sentence in question.answer)
    (fact,) = (fact for fact in question.facts if fact.id == "label")
    assert "arteriovenous malformation" in fact.text
    assert "bleeding in the brain" in fact.text
    assert fact.source.startswith("prescribing text")


@each
def test_laws_are_told_with_their_country(question: Question) -> None:
    sentences = (sentence.text for sentence in (*question.answer, *question.detail))
    for text in chain(sentences, question.unknown):
        assert not re.search(r"\bschedule [I\d]|\bapproved\b|\boff-label\b", text, re.I), text
    for fact in question.facts:
        assert fact.place.startswith(("United States", "United Kingdom", "Canada", "European"))


def test_suicide_brings_the_crisis_note() -> None:
    about = [q for q in QUESTIONS if "suicid" in " ".join((q.question, q.name)).lower()]
    assert about
    assert all(question.crisis for question in about)


MINIMAL = """
written = 2026-11-25
[base]
population = ["human"]
record = ["research"]
[wide]
relevance = ["core", "not_depression"]
record = ["research"]
[[question]]
id = "e1"
group = "patients"
name = "Name"
claim = "claim"
question = "Why?"
answer = [["Because.", 1]]
detail = [["So.", 1, 2], ["The label says so.", 3, "label"]]
unknown = ["All."]
quotes = ["safety:urinary"]
must_appear = [1]
related = []
[[question.fact]]
id = "label"
place = "United States"
date = "2021"
text = "So it is."
source = "a text"
[[question.panel]]
title = "Part"
rule = { safety = ["urinary"], population = [] }
[[question.panel]]
title = "Other part"
base = false
q = "bladder"
least = { n = "10" }
rule = { mechanism = ["*"] }
"""


def test_a_panel_adds_to_the_base_or_replaces_it() -> None:
    (question,) = read_questions(MINIMAL).values()
    first, second = question.panels
    assert first.chosen == (("record", "research"), ("safety", "urinary"))
    assert second.chosen[:3] == (
        ("relevance", "core"),
        ("relevance", "not_depression"),
        ("record", "research"),
    )
    assert ("population", "human") not in second.chosen
    assert {value for name, value in second.chosen if name == "mechanism"} == set(
        facets()["mechanism"][1]
    )
    assert (second.q, second.least) == ("bladder", (("n", "10"),))
    assert question.detail[0].pmids == (1, 2)
    assert (question.detail[1].pmids, question.detail[1].facts) == ((3,), ("label",))
    assert question.number == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('group = "patients"', 'group = "doctors"'),
        ('name = "Name"', 'name = "Name"\ncolour = "red"'),
        ('q = "bladder"', 'query = "bladder"'),
    ],
)
def test_what_no_question_may_say_is_refused(old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"question e1|panel Other part"):
        read_questions(MINIMAL.replace(old, new))
