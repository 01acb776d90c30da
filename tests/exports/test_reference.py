"""What reference managers are told: titles, standings, notes, pages."""

import pytest

from harvester.exports.reference import keywords, notes, page_range, status, title
from harvester.pubmed.records import Correction, PublicationType, Text
from tests.exports.nasty import NASTY, RETRACTED, holding


@pytest.mark.parametrize(
    ("printed", "first", "last"),
    [
        ("428-38", "428", "438"),
        ("428-438", "428", "438"),
        ("S88-7", "S88", "S87"),
        ("e1234", "e1234", ""),
        ("1-2, 9", "1", "2"),
        ("1067-71; discussion 1072", "1067", "1071"),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_pages_are_told_in_full(printed: str | None, first: str, last: str) -> None:
    assert page_range(printed) == (first, last)


def test_a_retraction_stands_first_in_title_tags_and_notes() -> None:
    assert title(RETRACTED) == "RETRACTED: A trial that nobody should rely on."
    assert keywords(RETRACTED)[0] == "RETRACTED"
    assert notes(RETRACTED)[0].startswith("RETRACTED ARTICLE")
    assert "Retraction notice: PMID 90000999. J Samples. 2025 Mar;13(1):9" in notes(RETRACTED)
    assert status(RETRACTED) == ("retracted",)


def test_a_title_that_says_so_already_says_it_once() -> None:
    said = holding(
        title=Text(plain="Retracted: A trial."),
        publication_types=(PublicationType(name="Retracted Publication"),),
    )
    assert title(said) == "Retracted: A trial."


def test_a_notice_here_is_told_before_pubmed_links_it() -> None:
    late = NASTY["retracted by a notice here"]
    assert title(late).startswith("RETRACTED: ")
    assert "Retraction notice: PMID 90000998" in notes(late)


def test_a_notice_is_no_retracted_article() -> None:
    notice = holding(
        title=Text(plain="Retraction of a trial"),
        publication_types=(PublicationType(name="Retraction of Publication"),),
        corrections=(Correction(kind="RetractionOf", pmid=90_000_106),),
    )
    assert title(notice) == "Retraction of a trial"
    assert status(notice) == ("notice",)
    assert notes(notice)[:2] == ("Retraction notice, not a study.", "Retracts: PMID 90000106")


def test_doubts_and_corrections_are_told() -> None:
    doubted = holding(
        corrections=(
            Correction(kind="ExpressionOfConcernIn", source="J Samples. 2025 Jun"),
            Correction(kind="ErratumIn", pmid=5),
            Correction(kind="CommentIn", pmid=6),
        )
    )
    assert status(doubted) == ("concern", "corrected")
    assert notes(doubted)[:2] == (
        "Expression of concern: J Samples. 2025 Jun",
        "Correction: PMID 5",
    )
    assert not any("PMID 6" in note for note in notes(doubted))


def test_findings_are_told_as_what_rules_found_and_absent_harms_as_absent() -> None:
    told = next(note for note in notes(NASTY["plain"]) if note.startswith("Design: "))
    assert "Participants: 236 randomised" in told
    assert "(reported as absent)" in told
    assert told.endswith("(found by rules in the words of the record; check before use)")


def test_an_invented_record_says_so() -> None:
    assert notes(holding(invented=True))[0] == "Sample data: this record is invented."


def test_a_withdrawn_record_says_so() -> None:
    assert status(NASTY["withdrawn"]) == ("withdrawn",)
    assert notes(NASTY["withdrawn"])[0] == "PubMed no longer has this record."


def test_only_a_title_in_its_own_language_is_better_than_none() -> None:
    assert title(NASTY["title only in its language"]) == "[样本标题]"
    assert title(holding(title=Text(plain=""))) == "[No title]"


@pytest.mark.parametrize(
    ("own", "from_there", "words"),
    [
        ("PartialRetractionIn", "PartialRetractionOf", "Partly retracted in"),
        ("CorrectedandRepublishedIn", "CorrectedandRepublishedFrom", "Corrected version"),
        ("ErratumIn", "ErratumFor", "Correction"),
    ],
)
def test_a_correction_is_told_from_whichever_side_it_is_known(
    own: str, from_there: str, words: str
) -> None:
    for record in (
        holding(corrections=(Correction(kind=own, pmid=7),)),
        holding(corrections=(), linked_from=(Correction(kind=from_there, pmid=7),)),
    ):
        assert status(record) == ("corrected",)
        assert f"{words}: PMID 7" in notes(record)
