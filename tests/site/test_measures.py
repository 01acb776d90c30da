"""Filters by a number: what they find, and what the page says of them."""

import json
import sqlite3
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.site.catalogue import read_catalogue
from harvester.site.measures import MEASURES, points_of
from tests.site import stacks
from tests.site.conftest import Get, getter, serve
from tests.site.test_pages import words

FIRST = stacks.FIRST
SIZES = {FIRST + 1: 12, FIRST + 2: 12, FIRST + 5: 73, FIRST + 7: 403, FIRST + 9: 2_000_000_000}
DOSES = (
    (FIRST + 1, {"min": 0.5, "max": 0.5, "unit": "mg/kg"}),
    (FIRST + 2, {"min": 0.1, "max": 1.0, "unit": "mg/kg"}),
    (FIRST + 3, {"min": 0.254, "unit": "mg/kg"}),
    (FIRST + 4, {"min": 84, "max": 84, "unit": "mg"}),
    (FIRST + 5, {"unit": "mg/kg"}),
    (FIRST + 6, {"min": 0.1, "max": 1.2, "unit": "mg/kg", "amounts": "0.1 0.2 0.5 1.2"}),
    (FIRST + 7, {"min": 0.5, "max": 0.5, "unit": "mg/kg", "drug": "psilocybin"}),
    (FIRST + 8, {"min": 0.7, "max": 0.7, "unit": "mg/kg", "drug": "esketamine"}),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("measures") / "literature.db"
    stacks.make_library(path)
    connection = open_library(path).conn
    with transaction(connection):
        add_numbers(connection)
    connection.close()
    return path


def add_numbers(connection: sqlite3.Connection) -> None:
    for pmid, size in SIZES.items():
        connection.execute("UPDATE articles SET sample_size = ? WHERE pmid = ?", (size, pmid))
    connection.executemany(
        "INSERT INTO findings (pmid, position, facet, value, rule, source, detail) "
        "VALUES (?, 90, 'dose', 'x', 'test/1', 'title', ?)",
        [(pmid, json.dumps(detail)) for pmid, detail in DOSES],
    )


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


def found(get: Get, query: str) -> set[int]:
    results = get(f"/search.json?{query}").json()["results"]
    return {result["pmid"] - FIRST for result in results}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("n_from=73", {5, 7, 9}),
        ("n_to=12", {1, 2}),
        ("n_from=12&n_to=73", {1, 2, 5}),
        ("n_from=13&n_to=72", set()),
        ("n_from=1", {1, 2, 5, 7, 9}),
        ("dose_from=0.5&dose_to=0.5", {1, 6}),
        ("dose_from=0.25&dose_to=0.25", {3}),
        ("dose_from=0.51", {2, 6, 8}),
        ("dose_from=0.1&dose_to=0.19", {2, 6}),
        ("dose_to=0.09", set()),
        ("dose_from=0", {1, 2, 3, 6, 8}),
        ("dose_from=0.5&n_from=1&q=report", set()),
        ("dose_from=0.5&n_from=1", {1, 2}),
        ("minutes_from=1", set()),
    ],
)
def test_a_range_finds(get: Get, query: str, expected: set[int]) -> None:
    assert found(get, query) == expected


def test_ranges_narrow_facets_and_each_other(get: Get) -> None:
    counted = get("/search.json?n_from=10&n_to=100").json()
    assert counted["total"] == sum(y["count"] for y in counted["years"]) == 3
    for value in counted["facets"]["language"]:
        narrowed = f"/search.json?n_from=10&n_to=100&language={value['value']}"
        assert get(narrowed).json()["total"] == value["count"]


def test_the_page_shows_its_ranges(get: Get) -> None:
    page = unescape(get("/search?dose_from=0.5&n_from=12&n_to=12&from=2001").text)
    assert 'name="dose_from" inputmode="decimal"' in page
    assert 'value="0.5"' in page
    assert "minutes_from" not in page  # the library has none
    for said in ("Participants: 12", "Ketamine dose: 0.5 mg/kg or more"):
        assert said in words(page)
    assert 'href="/search?from=2001&n_from=12&n_to=12" rel="nofollow"' in page
    (form,) = page.split("numbers-form")[1].split("</form>")[:1]
    assert '<input type="hidden" name="from" value="2001">' in form
    assert 'type="hidden" name="n_from"' not in form
    plain = get("/search").text
    assert plain.count("_from") == 2
    assert "n_from" not in get("/search?q=xyzzyx").text


def test_a_library_without_numbers_has_no_form(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path, findings=False)
    get = getter(serve(path))
    assert "numbers-form" not in get("/search").text
    assert get("/search?n_from=5").status_code == 200


@given(
    st.lists(st.tuples(st.integers(0, 9), st.floats(0.01, 5), st.floats(0.01, 5)), max_size=30),
    st.none() | st.integers(0, 300),
    st.none() | st.integers(0, 300),
)
def test_points_are_found_as_a_plain_search_finds_them(
    rows: list[tuple[int, float, float]], low: int | None, high: int | None
) -> None:
    measure = MEASURES["dose"]
    texts = [(pmid, f"{first:.4f} {second:.4f}") for pmid, first, second in rows]
    points = points_of(measure, texts, {n: n for n in range(8)})
    expected = {
        pmid
        for pmid, numbers in texts
        for number in map(measure.keep, numbers.split())
        if pmid < 8 and (low is None or number >= low) and (high is None or number <= high)
    }
    assert set(points.within(low, high)) == expected


def test_the_catalogue_keeps_them_by_article(library: Path) -> None:
    connection = sqlite3.connect(f"file:{library}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    catalogue = read_catalogue(connection)
    connection.close()
    assert catalogue.within("n", 12, 12) == catalogue.articles([FIRST + 1, FIRST + 2])
    assert catalogue.within("nonsense", 1, 2) == 0
