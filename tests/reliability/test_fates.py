"""What becomes of records over the nights, and what the ledger says of it."""

from collections.abc import Callable
from dataclasses import replace

from tests.eutils_server import kinds
from tests.eutils_server.edit import add_correction, set_revised
from tests.eutils_server.record import Record
from tests.test_harvest import Night, night, old_corpus

__all__ = ["night"]

PMID = 70_000_003


def tonight(library: Night) -> list[tuple]:
    """Harvest on a later day; the lines of the ledger, without those of new records."""
    library.corpus.pass_days(40)
    library.harvest()
    return library.rows(
        "SELECT pmid, kind, topic FROM changes WHERE kind <> 'added' "
        "AND run_id = (SELECT max(id) FROM runs) ORDER BY pmid, id"
    )


def change(library: Night, new: Callable[[bytes], bytes]) -> None:
    xml = new(library.corpus.records[PMID].xml)
    library.corpus.put(Record.read(set_revised(xml, library.corpus.today.isoformat())))


def test_a_retraction(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(40)
    notice = library.corpus.retract(PMID)
    assert tonight(library) == [(PMID, "revised", None), (PMID, "retracted", None)]
    assert library.rows("SELECT pmid FROM articles WHERE retracted") == [(PMID,)]
    assert library.rows("SELECT pmid FROM articles WHERE retraction_notice") == [(notice,)]
    assert tonight(library) == []


def test_a_correction_and_a_concern(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(40)
    change(library, lambda xml: add_correction(xml, "ErratumIn", 60_000_001))
    assert tonight(library) == [(PMID, "revised", None), (PMID, "corrected", None)]
    change(library, lambda xml: add_correction(xml, "ExpressionOfConcernIn", 60_000_002))
    assert tonight(library) == [(PMID, "revised", None), (PMID, "corrected", None)]
    assert library.rows("SELECT corrected, concern FROM articles WHERE pmid = ?", PMID) == [(1, 1)]


def test_mesh_indexing(night: Callable[..., Night]) -> None:
    corpus = old_corpus()
    bare = corpus.add(replace(kinds["trial"], mesh=()))
    library = night(corpus)
    library.harvest()
    library.corpus.pass_days(40)
    made = corpus.records[bare].made
    assert made is not None
    today = corpus.today.isoformat()
    corpus.put(Record.make(replace(made, kind=kinds["trial"], revised=today)))
    assert tonight(library) == [(bare, "revised", None), (bare, "indexed", None)]
    assert tonight(library) == []


def test_leaving_and_returning(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    library.corpus.pass_days(40)
    before = library.corpus.records[PMID].xml
    change(library, lambda xml: xml.replace(b"etamine", b"idazolam"))
    assert tonight(library) == [
        (PMID, "revised", None),
        (PMID, "left", "ketamine-trd"),
        (PMID, "left", "ketamine-depression"),
        (PMID, "left", "ketamine-safety"),
    ]
    assert tonight(library) == []
    change(library, lambda _xml: before)
    assert sorted(tonight(library), key=str) == [
        (PMID, "returned", "ketamine-depression"),
        (PMID, "returned", "ketamine-safety"),
        (PMID, "returned", "ketamine-trd"),
        (PMID, "revised", None),
    ]
    assert library.rows("SELECT * FROM article_topics WHERE left_run IS NOT NULL") == []
    assert tonight(library) == []


def test_a_merged_record_is_withdrawn_and_keeps_its_text(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    before = library.rows("SELECT title, abstract, content_hash FROM articles WHERE pmid = ?", PMID)
    library.corpus.merge(PMID, into=PMID + 1)
    assert (PMID, "withdrawn", None) in tonight(library)
    assert tonight(library) == []
    after = library.rows("SELECT title, abstract, content_hash FROM articles WHERE pmid = ?", PMID)
    assert before == after


def test_a_deleted_record_that_comes_back(night: Callable[..., Night]) -> None:
    library = night(old_corpus())
    library.harvest()
    record = library.corpus.records[PMID]
    library.corpus.delete(PMID)
    assert (PMID, "withdrawn", None) in tonight(library)
    library.corpus.put(record)
    assert (PMID, "returned", None) in tonight(library)
    assert library.rows("SELECT * FROM articles WHERE withdrawn IS NOT NULL") == []
    assert library.rows("SELECT * FROM article_topics WHERE left_run IS NOT NULL") == []
    assert tonight(library) == []
