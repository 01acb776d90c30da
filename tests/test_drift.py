"""Whether PubMed still reads a search as it did."""

from harvester.drift import Reading, drift
from harvester.pubmed.search import SearchResult

MISSING = 'QuotedPhraseNotFound: "CI 581"[tiab]'


def result(translation: str = "x[All Fields]", *warnings: str) -> SearchResult:
    return SearchResult(term="x", count=0, pmids=(), translation=translation, warnings=warnings)


def test_the_first_run_reports_and_trusts() -> None:
    notes, doubt = drift("trd", None, result("x", MISSING))
    assert notes == [f"PubMed says of the search trd: {MISSING}"]
    assert doubt is None


def test_the_same_reading_says_nothing() -> None:
    before = Reading(translation="x", warnings=(MISSING,))
    assert drift("trd", before, result("x", MISSING)) == ([], None)


def test_another_translation_is_told() -> None:
    notes, doubt = drift("trd", Reading(translation="x"), result("y"))
    assert "reads the search trd differently" in notes[0]
    assert doubt is None


def test_a_phrase_left_out_for_the_first_time_is_not_trusted() -> None:
    notes, doubt = drift("trd", Reading(translation="x"), result("x", MISSING))
    assert len(notes) == 1
    assert doubt is not None
    assert MISSING in doubt


def test_another_warning_is_only_told() -> None:
    notes, doubt = drift("trd", Reading(translation="x"), result("x", "OutputMessage: slow today"))
    assert (len(notes), doubt) == (1, None)
