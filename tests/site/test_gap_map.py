"""The gap map: every cell is a search that finds as many, and no address is wrong."""

import re
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.library import membership
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.site.gap_map import AXES, MAPS, MapAddress, read_map, write_map
from tests.library.articles import NOW
from tests.site import evidence_stacks, stacks
from tests.site.conftest import Get, getter, serve
from tests.site.promises import promises
from tests.site.test_pages import Inspector, words
from tests.site.test_promises import json_of

PAGES = (
    "/map",
    "/map?retracted=1",
    "/map?all=1&from=2003&to=2019",
    "/map?rows=outcome&columns=condition",
    "/map?rows=mechanism&columns=population",
    "/map?rows=population&columns=route&retracted=1",
    "/map?rows=drug&columns=scale&to=2010",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("map") / "literature.db"
    evidence_stacks.make_library(path)
    return path


@pytest.fixture(scope="module")
def get(library: Path) -> Get:
    return getter(serve(library))


@pytest.mark.parametrize("page", PAGES)
def test_every_number_is_the_number_of_articles_behind_it(get: Get, page: str) -> None:
    kept = dict.fromkeys(promises(get(page).text))
    assert len(kept) > 8
    for promise in kept:
        assert get(json_of(promise.href)).json()["total"] == promise.count, promise


@pytest.mark.parametrize("page", PAGES)
def test_randomised_trials_are_counted_too(get: Get, page: str) -> None:
    cells = re.findall(
        r'<a href="([^"]*)" rel="nofollow" aria-label="[^"]*: [0-9]+ articles?, (no|[0-9]+) RCT',
        get(page).text,
    )
    assert cells
    for href, said in cells:
        trials = get(json_of(unescape(href)) + "&design=rct").json()["total"]
        assert trials == (0 if said == "no" else int(said))


def test_a_gap_is_said_in_words_and_has_no_article(get: Get) -> None:
    page = get("/map?from=2003&to=2005").text
    rows = re.findall(r'<tr role="row"><th role="rowheader".*?</tr>', page, re.DOTALL)
    heads = re.findall(r'<th role="columnheader".*?</th>', page, re.DOTALL)
    gaps = 0
    for row in rows:
        cells = re.findall(r'<td role="cell">.*?</td>', row, re.DOTALL)
        assert len(cells) == len(heads) - 1
        for cell, head in zip(cells, heads[1:], strict=True):
            if "empty" in cell:
                gaps += 1
                assert re.search(r"<b>0</b> ?<small>gap</small>", cell)
                row_href, column_href = (
                    unescape(re.search(r'href="([^"]*)"', text)[1])  # type: ignore[index]
                    for text in (row, head)
                )
                both = f"{json_of(row_href)}&{column_href.partition('?')[2]}"
                assert get(both).json()["total"] == 0
    assert gaps
    assert re.search(rf"{gaps} combinations? ha(s|ve) none", words(page))


def test_the_base_is_stated_and_retracted_articles_can_be_counted(get: Get) -> None:
    page = words(get("/map").text)
    assert "research on ketamine and its relatives for depression" in page
    assert "not how well a treatment works" in page
    base = get("/search.json?relevance=core&relevance=related&population=human&record=research")
    assert f"Counted are {base.json()['total']} articles" in page
    assert "in people, animals and cells" in words(get(PAGES[4]).text)


def test_what_pubmed_has_no_more_is_not_counted(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    path.write_bytes(library.read_bytes())
    before = getter(serve(path))
    base = "/search.json?relevance=core&relevance=related&population=human&record=research"
    found = before(base).json()
    gone = found["results"][0]["pmid"]
    with closing(open_library(path).conn) as connection, transaction(connection):
        membership.mark_withdrawn(connection, [gone], run_id=1, now=NOW)
        connection.execute("UPDATE runs SET finished = '2026-11-24T00:00:00Z'")
    after = getter(serve(path))
    assert after(base).json()["total"] == found["total"] - 1
    for page in ("/map", "/map?retracted=1", "/numbers"):
        assert "1 article no longer in PubMed is not counted" in words(after(page).text)


def test_what_nobody_wrote_about_is_named(get: Get) -> None:
    page = words(get("/map").text)
    assert "Outcomes and harms: none of these articles is on" in page
    assert "Respiratory" in page or "Breathing" in page


def test_a_hostile_value_is_only_text(get: Get) -> None:
    page = get("/map?all=1").text
    inspector = Inspector()
    inspector.feed(page)
    assert inspector.found == []
    assert evidence_stacks.HOSTILE in unescape(page)


def test_an_empty_library_has_an_empty_map(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path, findings=False)
    answer = getter(serve(path))("/map")
    assert answer.status_code == 200
    assert "No article of this library is on any of these." in words(answer.text)


def test_a_reader_who_has_the_page_is_not_sent_it_again(get: Get) -> None:
    tag = get("/map").headers["etag"]
    assert get("/map", headers={"if-none-match": tag}).status_code == 304
    assert get("/map?all=1").headers["etag"] != tag


def test_the_usual_map_is_for_search_engines_and_the_maze_is_not(get: Get) -> None:
    noindex = '<meta name="robots" content="noindex">'
    assert noindex not in get("/map").text
    assert noindex in get("/map?from=2001").text
    assert "Disallow: /map?\n" in get("/robots.txt").text
    assert "<loc>http://localhost/map</loc>" in get("/sitemap.xml").text


years = st.none() | st.integers(0, 9999)


@given(
    st.sampled_from([*AXES, "nonsense", "%00"]),
    st.sampled_from([*AXES, ""]),
    years,
    years,
    st.sampled_from(["0", "1", "yes"]),
)
def test_what_is_written_is_read(
    rows: str, columns: str, first: int | None, last: int | None, flag: str
) -> None:
    query = f"rows={rows}&columns={columns}&from={first}&to={last}&retracted={flag}&all={flag}"
    address = read_map(query)
    assert address.rows != address.columns
    assert {address.rows, address.columns} <= AXES.keys()
    assert read_map(write_map(address).partition("?")[2]) == address


@given(st.text())
def test_any_query_string_is_a_map(text: str) -> None:
    for query in (text, f"rows={text}", "&".join(["rows=drug"] * 3000) + text):
        assert isinstance(read_map(query), MapAddress)


@pytest.mark.parametrize(("rows", "columns", "label"), MAPS)
def test_the_maps_offered_are_maps(get: Get, rows: str, columns: str, label: str) -> None:
    page = get(write_map(MapAddress(rows=rows, columns=columns))).text
    assert f'aria-current="true">{label}</a>' in page


@pytest.mark.parametrize(
    "query", ["?rows=condition&columns=condition", "?from=99999&to=-1", "?%ff=%00", "?rows[]=1"]
)
def test_odd_addresses_are_answered(get: Get, query: str) -> None:
    assert get(f"/map{query}").status_code == 200
