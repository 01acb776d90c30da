"""The words of the ledger cover every kind and every part there is."""

from dataclasses import fields

from harvester.library import wording
from harvester.library.ledger_tables import LEDGER_TABLES
from harvester.pubmed.records import Article


def test_every_kind_of_the_schema_has_a_label_and_a_sentence() -> None:
    kinds = LEDGER_TABLES["changes"].columns["kind"].about.split(", ")
    assert set(wording.KINDS) == set(kinds)
    sentences = {wording.sentence(kind) for kind in kinds}
    assert len(sentences) == len(kinds)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_every_part_of_a_record_has_words() -> None:
    parts = {part.name for part in fields(Article)} - {"pmid"}
    assert parts - set(wording._PARTS) == set()


def test_what_changed_is_said_once_and_dates_only_when_nothing_else_did() -> None:
    assert wording.parts(["dates", "authors", "authors_complete", "mesh"]) == (
        "authors",
        "MeSH headings",
    )
    assert wording.sentence("revised", ["dates", "abstract"]) == "Revised: abstract."
    assert "only its dates" in wording.sentence("revised", ["dates"])
    assert wording.sentence("revised") == "Revised."


def test_the_search_is_named() -> None:
    assert wording.sentence("left", topic="trd") == "No longer found by the search “trd”."
    assert wording.sentence("returned", topic="trd") == "Found again by the search “trd”."
    assert wording.sentence("returned") == "Found again in PubMed."


def test_a_kind_that_is_not_known_is_shown_as_it_is() -> None:
    assert wording.label("merged") == "Merged"
    assert wording.sentence("merged") == "Merged."
