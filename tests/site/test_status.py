"""What became of an article, known from a notice here before PubMed has marked the article."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.library import membership, runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import Correction
from tests.library.articles import NOW, article, stored
from tests.site.conftest import Get, getter, serve

WHEN = datetime(2026, 11, 1, 2, tzinfo=UTC)
FIRST = 91_000_700
GONE, PLAIN = FIRST + 50, FIRST + 51
KINDS = {
    "RetractionOf": "retracted",
    "RetractedandRepublishedFrom": "retracted",
    "ExpressionOfConcernFor": "concern",
    "ErratumFor": "corrected",
    "CorrectedandRepublishedFrom": "corrected",
    "PartialRetractionOf": "corrected",
}
BADGES = {
    "retracted": "Retracted",
    "concern": "Expression of concern",
    "corrected": "Corrected",
    "withdrawn": "No longer in PubMed",
}


@pytest.fixture(scope="module")
def get(tmp_path_factory: pytest.TempPathFactory) -> Get:
    """Of each kind an article that knows nothing yet, and its notice."""
    path: Path = tmp_path_factory.mktemp("status") / "literature.db"
    connection = open_library(path).conn
    records = [article(pmid, corrections=()) for pmid in (GONE, PLAIN)]
    for n, kind in enumerate(KINDS):
        notice = Correction(kind=kind, pmid=FIRST + n)
        records += [
            article(FIRST + n, corrections=()),
            article(FIRST + 100 + n, corrections=(notice,)),
        ]
    with transaction(connection):
        run_id = runs.start(
            connection, command="load", topic="all", now=WHEN, version="0", source="sample.xml"
        )
        store.store(connection, [stored(one) for one in records], run_id=run_id, now=NOW)
        membership.mark_withdrawn(connection, [GONE], run_id=run_id, now=NOW)
    connection.close()
    return getter(serve(path))


@pytest.mark.parametrize("status", BADGES)
def test_the_filter_finds_what_the_lists_mark(get: Get, status: str) -> None:
    expected = {FIRST + n for n, state in enumerate(KINDS.values()) if state == status}
    expected |= {GONE} if status == "withdrawn" else set()
    found = get(f"/search.json?status={status}").json()
    assert {result["pmid"] for result in found["results"]} == expected
    assert all(result["status"] == [status] for result in found["results"])
    html = get(f"/search?status={status}").text
    assert html.count(f'<li class="result" data-status="{status}">') == len(expected)
    assert BADGES[status] in html
    rows = get(f"/search.csv?status={status}").text.splitlines()
    assert len(rows) == len(expected) + 1
    assert all(status in row for row in rows[1:])


def test_a_record_of_which_nothing_is_known_has_an_empty_status(get: Get) -> None:
    (result,) = get(f"/search.json?q=pmid:{PLAIN}").json()["results"]
    assert result["status"] == []
    assert result["retracted"] is False


def test_a_record_that_pubmed_has_no_more_is_no_research(get: Get) -> None:
    found = get("/search.json?record=withdrawn").json()
    assert [result["pmid"] for result in found["results"]] == [GONE]
    assert GONE not in {
        result["pmid"] for result in get("/search.json?record=research").json()["results"]
    }
