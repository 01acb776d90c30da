"""Whether PubMed still reads a search as it did."""

import pytest

from harvester.drift import Reading, drift
from harvester.pubmed.search import SearchResult

MISSING = 'QuotedPhraseNotFound: "CI 581"[tiab]'


def result(translation: str = "x[All Fields]", *warnings: str, count: int = 0) -> SearchResult:
    return SearchResult(term="x", count=count, pmids=(), translation=translation, warnings=warnings)


def test_the_first_run_reports_and_trusts() -> None:
    notes, doubt = drift("trd", None, result("x", MISSING))
    assert notes == [f"PubMed says of the search trd: {MISSING}"]
    assert doubt is None


def test_the_same_reading_says_nothing() -> None:
    before = Reading("x", (MISSING,))
    assert drift("trd", before, result("x", MISSING)) == ([], None)


def test_another_translation_is_told() -> None:
    notes, doubt = drift("trd", Reading("x"), result("y"))
    assert "reads the search trd differently" in notes[0]
    assert doubt is None


def test_a_phrase_left_out_for_the_first_time_is_not_trusted() -> None:
    notes, doubt = drift("trd", Reading("x"), result("x", MISSING))
    assert len(notes) == 1
    assert doubt is not None
    assert MISSING in doubt


def test_another_warning_is_only_told() -> None:
    notes, doubt = drift("trd", Reading("x"), result("x", "OutputMessage: slow today"))
    assert (len(notes), doubt) == (1, None)


@pytest.mark.parametrize(
    ("before", "now", "doubted"),
    [
        (1000, 0, True),
        (1000, 899, True),
        (1000, 900, False),
        (1000, 1500, False),
        (20, 10, False),
        (20, 9, True),
        (0, 0, False),
    ],
)
def test_a_count_that_fell_suddenly_is_not_trusted(before: int, now: int, doubted: bool) -> None:
    notes, doubt = drift("trd", Reading("x", (), before), result("x", count=now))
    assert notes == []
    assert bool(doubt) is doubted
    if doubted:
        assert doubt is not None
        assert f"counts {now:,} records for the search trd where it counted {before:,}" in doubt
