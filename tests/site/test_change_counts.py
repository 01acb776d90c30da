"""What notices alone say is in the ledger's pages, and counting does not read the ledger again."""

import sqlite3
from contextlib import closing
from itertools import combinations
from pathlib import Path

import pytest

from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.library.wording import KINDS
from harvester.pubmed.records import Correction
from harvester.site.cache import Cache
from harvester.site.change_counts import count, told
from harvester.site.changes_address import Asked
from tests.library.articles import article
from tests.site import nights
from tests.site.conftest import Get, getter, serve
from tests.site.nights import FIRST, NEW_RETRACTED, night
from tests.site.test_changes_page import day, page, pmids

TAKEN_BACK, MENDED, PARTLY, SINCE_MARKED = FIRST + 30, FIRST + 31, FIRST + 32, FIRST + 60
NOTICE = FIRST + 700


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("told") / "literature.db"
    nights.make_library(path)
    connection = open_library(path).conn
    with transaction(connection):
        run = night(connection, 22, status="new")
        for n, (kind, pmid) in enumerate(
            (
                ("RetractionOf", TAKEN_BACK),
                ("ErratumFor", MENDED),
                ("RetractionOf", SINCE_MARKED),
                ("RetractionOf", NEW_RETRACTED),  # which PubMed had marked when it came
                ("RetractionOf", NOTICE + 90),  # not held
            )
        ):
            about = Correction(kind=kind, pmid=pmid)
            nights._add(connection, run, article(NOTICE + n, corrections=(about,)), "one")
        run = night(connection, 23, status="new")
        for kind, pmid, event in (
            ("PartialRetractionIn", PARTLY, "corrected"),
            ("RetractionIn", SINCE_MARKED, "retracted"),
        ):
            link = Correction(kind=kind, pmid=NOTICE + 2)
            record = article(pmid, corrections=(link,))
            nights._change(connection, run, record, ("revised", ("corrections",)), (event, ()))
    connection.close()
    return path


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


def test_a_retraction_that_only_a_notice_tells_is_listed(get: Get) -> None:
    html = page(get, "/changes?kind=retracted&from=2026-11-22&to=2026-11-22")
    assert pmids(html) == [SINCE_MARKED, TAKEN_BACK]
    assert "a notice says so" in html
    assert f"Retraction notice: PMID {NOTICE}" in html
    assert pmids(page(get, "/changes?kind=retracted&from=2026-11-23")) == [SINCE_MARKED]
    assert TAKEN_BACK in pmids(page(get, "/changes?kind=retracted&topic=two"))
    assert SINCE_MARKED not in pmids(page(get, "/changes?kind=retracted&topic=two"))


def test_on_its_day_it_stands_first(get: Get) -> None:
    assert pmids(day(get, "2026-11-22"))[:3] == [SINCE_MARKED, TAKEN_BACK, MENDED]


def test_the_feed_has_it_too(get: Get) -> None:
    feed = get("/changes.feed.json?kind=retracted&from=2026-11-22&to=2026-11-22").json()
    assert [item["url"].rpartition("/")[2] for item in feed["items"]] == [
        str(SINCE_MARKED),
        str(TAKEN_BACK),
    ]
    assert all(item["title"].startswith("Retracted: ") for item in feed["items"])


def test_a_partial_retraction_is_called_so(get: Get) -> None:
    html = page(get, "/changes?kind=corrected&from=2026-11-23&to=2026-11-23")
    assert pmids(html) == [PARTLY]
    assert f"Partly retracted by: PMID {NOTICE + 2}" in html


@pytest.mark.parametrize("topic", [None, "one", "two", "none"])
@pytest.mark.parametrize(("first", "last"), [(None, None), ("2026-11-06", "2026-11-22")])
def test_the_counts_are_those_of_the_changes(
    library: Path, topic: str | None, first: str | None, last: str | None
) -> None:
    with closing(sqlite3.connect(library)) as connection:
        connection.row_factory = sqlite3.Row
        cache = Cache()
        held = {tuple(row) for row in connection.execute("SELECT pmid, topic FROM article_topics")}
        days = dict(map(tuple, connection.execute("SELECT id, substr(started, 1, 10) FROM runs")))
        rows = connection.execute("SELECT run_id, pmid, kind, topic FROM changes")
        every = [*map(tuple, rows), *((*change, None) for change in told(connection, cache))]
        seen = [
            (run, pmid, kind)
            for run, pmid, kind, of in every
            if (first or "") <= days[run] <= (last or "9")
            and (topic is None or (of in (None, topic) and (pmid, topic) in held))
        ]
        for kinds in (*((kind,) for kind in KINDS), *combinations(KINDS, 2), ()):
            asked = Asked(kinds=kinds, topic=topic, first=first, last=last)
            counts = count(connection, cache, asked)
            chosen = {(run, pmid) for run, pmid, kind in seen if not kinds or kind in kinds}
            assert sum(counts.chosen.values()) == len(chosen)
            assert sum(counts.every.values()) == len({(run, pmid) for run, pmid, _ in seen})
            for kind in kinds:
                assert counts.kind(kind) == len({change for change in seen if change[2] == kind})


def test_the_ledger_is_counted_once_for_each_state_of_it(library: Path) -> None:
    asked: list[str] = []
    with closing(sqlite3.connect(library)) as connection:
        connection.row_factory = sqlite3.Row
        cache = Cache()
        connection.set_trace_callback(asked.append)
        for kinds in ((), ("added",), ("added", "revised")):
            count(connection, cache, Asked(kinds=kinds))
    assert sum("GROUP BY pmid, run_id" in sql for sql in asked) == 1
