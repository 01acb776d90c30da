"""Sentences, their places, and the part of the paper that each belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.evidence.passages import PARTS, part_of, read_passages
from tests.evidence.records import record


def texts(*abstract: str | tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (sentence.part, sentence.text)
        for sentence in read_passages(record("Title", *abstract)).sentences[1:]
    ]


def test_labels_say_which_part_a_sentence_is_of() -> None:
    assert texts(
        ("BACKGROUND", "Sleep was known. It is short."),
        ("DESIGN, SETTING, AND PARTICIPANTS", "Ten people slept."),
        ("MAIN FINDINGS", "They woke."),
        ("INTERPRETATION", "Sleep ends."),
    ) == [
        ("background", "Sleep was known."),
        ("background", "It is short."),
        ("methods", "Ten people slept."),
        ("results", "They woke."),
        ("conclusions", "Sleep ends."),
    ]


def test_labels_written_into_the_text_are_read() -> None:
    assert [
        part for part, _ in texts("Objective: To see. Methods: We looked. Results: It was.")
    ] == [
        "aims",
        "methods",
        "results",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "It was given i.v. Patients slept.",
        "Doses of 0.5 mg/kg vs. 1.0 mg/kg were given.",
        "Smith et al. 2015 gave it.",
        "It (e.g. The Drug) was given.",
        "It is on ClinicalTrials.Gov as such.",
    ],
)
def test_a_full_stop_within_a_sentence_does_not_end_it(text: str) -> None:
    assert texts(text) == [("text", text)]


def test_sentences_set_together_are_two() -> None:
    assert texts("We asked for sleep.Methods: Ten people slept.They woke.") == [
        ("text", "We asked for sleep."),
        ("methods", "Methods: Ten people slept."),
        ("methods", "They woke."),
    ]


def test_a_turn_is_found_with_every_kind_of_hyphen() -> None:
    known, own = (
        "Sleep is known. Rest is known. Tea is known.",
        "This multi\u2010centre study gave it.",
    )
    abstract = f"{known} {own} It helped."
    sentences = read_passages(record("Title", abstract)).sentences
    assert [s.opening for s in sentences] == [False, True, True, True, False, False]


def test_the_opening_ends_where_the_authors_turn_to_their_work() -> None:
    abstract = "Sleep is known. Rest is known. Here we gave tea. It helped. So tea helps."
    sentences = read_passages(record("Title", abstract)).sentences
    assert [s.opening for s in sentences] == [False, True, True, False, False, False]


@pytest.mark.parametrize(
    "turn",
    [
        "Nine volunteers received tea.",
        "Forty patients with colds were randomly assigned to tea.",
        "The effect was recorded in nine people.",
    ],
)
def test_what_was_done_to_people_is_no_opening(turn: str) -> None:
    sentences = read_passages(
        record("Title", f"Rest is known. {turn} It helped. So be it.")
    ).sentences
    assert [s.opening for s in sentences[1:]] == [True, False, False, False]


def test_without_a_turn_a_third_is_opening() -> None:
    sentences = read_passages(record("Title", "One. Two. Three. Four. Five. Six.")).sentences
    assert [s.opening for s in sentences[1:]] == [True, True, False, False, False, False]


def test_spaces_and_hyphens_of_every_kind_are_read_as_plain_ones() -> None:
    sentence = read_passages(
        record("0.5\u00a0mg/kg\u2009of placebo\u2010controlled tea")
    ).sentences[0]
    assert sentence.plain == "0.5 mg/kg of placebo-controlled tea"
    assert sentence.text == "0.5\u00a0mg/kg\u2009of placebo\u2010controlled tea"


def test_every_label_leads_to_a_part() -> None:
    assert {part_of("Aims"), part_of("STUDY DESIGN"), part_of("Main results")} <= set(PARTS)
    assert part_of("PLAIN LANGUAGE") is None


@given(
    st.text(max_size=200),
    st.lists(st.tuples(st.sampled_from(["", "METHODS", "x"]), st.text(max_size=200)), max_size=4),
)
def test_each_sentence_stands_where_it_says(title: str, sections: list[tuple[str, str]]) -> None:
    article = record(title, *sections)
    passages = read_passages(article)
    sources = {"title": title, "abstract": article.abstract_text or ""}
    for sentence, start in zip(passages.sentences, passages.starts, strict=True):
        source = sources[sentence.source]
        assert source[sentence.start : sentence.start + len(sentence.text)] == sentence.text
        assert sentence.text.strip()
        assert len(passages.folded) >= start + len(sentence.text)
        assert passages.at(start) == (sentence, 0)
