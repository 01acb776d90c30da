"""What the library hands out again is what was put in."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.evidence.findings import Finding
from harvester.library import store
from harvester.library.database import connect_read_only, transaction
from harvester.library.holdings import Holding, read_holdings
from harvester.pubmed.records import Article, BookSection, Text
from tests.library.articles import NOW, article, stored
from tests.site import shelf


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("holding") / "literature.db"
    shelf.make_library(path)
    return path


@pytest.fixture(scope="module")
def everything(library: Path) -> dict[int, Holding]:
    connection = connect_read_only(library)
    pmids = [row[0] for row in connection.execute("SELECT pmid FROM articles")]
    found = {holding.article.pmid: holding for holding in read_holdings(connection, pmids)}
    connection.close()
    return found


def comparable(record: Article) -> Article:
    """Without what the library has no column for: who owns an ISSN, markup outside of texts."""
    journal = record.journal
    book = record.book
    # One identifier for each name, whichever record brought it.
    types = tuple(replace(kind, ui=None) for kind in record.publication_types)
    if book:
        sections = tuple(
            BookSection(title=Text(plain=s.title.markup or s.title.plain), level=s.level)
            for s in book.sections
        )
        book = replace(book, sections=sections)
    return replace(
        record,
        journal=journal and replace(journal, issn_type=None),
        book=book,
        publication_types=types,
    )


def without_dates_of_book(record: Article) -> Article:
    """The library keeps of a book's dates what sorts."""
    if record.book is None:
        return record
    unknown = dict.fromkeys(("published", "beginning", "ending", "contribution"))
    return replace(record, book=replace(record.book, **unknown))


@pytest.mark.parametrize("record", shelf.records(), ids=lambda record: record.pmid)
def test_a_record_comes_back_as_it_was_parsed(
    record: Article, everything: dict[int, Holding]
) -> None:
    found = everything[record.pmid].article
    assert without_dates_of_book(comparable(found)) == without_dates_of_book(comparable(record))


def test_records_come_in_the_order_asked_for_and_unknown_ones_are_passed_over(
    library: Path,
) -> None:
    connection = connect_read_only(library)
    asked = [shelf.CROWD, shelf.ABSENT, shelf.PLAIN, shelf.BARE]
    assert [holding.article.pmid for holding in read_holdings(connection, asked)] == [
        shelf.CROWD,
        shelf.PLAIN,
        shelf.BARE,
    ]


def test_a_notice_here_counts_before_pubmed_has_marked_the_record(
    everything: dict[int, Holding],
) -> None:
    assert {pmid for pmid, holding in everything.items() if holding.retracted} == {
        shelf.RETRACTED,
        shelf.UNMARKED,
    }
    assert not everything[shelf.LATE_NOTICE].retracted


def test_what_the_library_adds_comes_along(everything: dict[int, Holding]) -> None:
    holding = everything[shelf.WITHDRAWN]
    assert holding.withdrawn == shelf.LATER
    assert holding.topics == ()
    assert everything[shelf.PLAIN].topics == ("ketamine-trd",)
    assert [trial.id for trial in holding.trials] == ["NCT90000001"]
    assert not holding.invented


def test_findings_are_told_in_words_and_absent_harms_as_absent(
    connection: sqlite3.Connection, run_id: int
) -> None:
    findings = tuple(
        Finding(facet=f, value=v, rule="r/1", source="title", quote="q", detail=d)
        for f, v, d in (
            ("design", "rct", {}),
            ("sample_size", "randomised", {"n": 236}),
            ("safety", "dissociation", {"polarity": "absent"}),
        )
    )
    with transaction(connection):
        record = stored(article(1), findings=findings)
        store.store(connection, [record], run_id=run_id, now=NOW)
    (holding,) = read_holdings(connection, [1])
    assert holding.findings == findings
    assert (holding.design, holding.sample_size) == ("rct", 236)
    assert holding.said("sample_size") == ("236 randomised",)
    assert holding.said("safety")[0].endswith("(reported as absent)")


@pytest.mark.parametrize(
    ("basis", "unsure", "people"),
    [("treated", False, 40), ("treated", True, None), ("animals", False, None)],
)
def test_only_people_who_are_surely_counted_are_the_sample_size(
    connection: sqlite3.Connection, run_id: int, basis: str, unsure: bool, people: int | None
) -> None:
    detail = {"n": 40, "unsure": True} if unsure else {"n": 40}
    size = Finding(
        facet="sample_size", value=basis, rule="r/1", source="title", quote="q", detail=detail
    )
    with transaction(connection):
        record = stored(article(1), findings=(size,))
        store.store(connection, [record], run_id=run_id, now=NOW)
    (held,) = connection.execute("SELECT sample_size FROM articles WHERE pmid = 1").fetchone()
    (holding,) = read_holdings(connection, [1])
    assert (held, holding.sample_size) == (people, people)


@given(st.lists(st.integers(1, 400), max_size=30))
def test_any_list_of_numbers_is_read_in_batches(library: Path, pmids: list[int]) -> None:
    connection = connect_read_only(library)
    try:
        asked = [shelf.PLAIN - 200 + n for n in pmids]
        holding = {record.pmid for record in shelf.records()}
        found = [record.article.pmid for record in read_holdings(connection, asked)]
        assert found == [pmid for pmid in asked if pmid in holding]
        assert not connection.in_transaction
    finally:
        connection.close()
