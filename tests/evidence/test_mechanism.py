"""A mechanism is found where a paper is about it, not where it is named in passing."""

from harvester.evidence.derivation import findings_of
from tests.evidence.records import record


def mechanisms(title: str, *abstract: str | tuple[str, str]) -> list[str]:
    found = findings_of(record(title, *abstract))
    return [f.value for f in found if f.facet == "mechanism"]


def test_the_title_is_enough() -> None:
    assert mechanisms("Ketamine and BDNF in depression") == ["bdnf_trkb"]


def test_one_sentence_of_the_results_is_not() -> None:
    once = ("RESULTS", "BDNF rose.")
    assert mechanisms("Ketamine in depression", once) == []
    twice = ("RESULTS", "BDNF rose. At a week BDNF was as before.")
    assert mechanisms("Ketamine in depression", twice) == ["bdnf_trkb"]


def test_the_background_never_is() -> None:
    known = ("BACKGROUND", "BDNF is low in depression. BDNF rises after ketamine.")
    assert mechanisms("Ketamine in depression", known, ("RESULTS", "Mood rose.")) == []
