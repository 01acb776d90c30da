"""All registered trials, their papers and their reviews."""

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.library import store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import (
    Article,
    Correction,
    DataBank,
    PubDate,
    PublicationType,
    Reference,
    Text,
)
from harvester.site.overlap import covered_area, read_overlap, write_overlap
from harvester.site.registered import (
    STATES,
    TrialsAddress,
    read_trials,
    write_trials,
)
from tests.library.articles import NOW, article, stored
from tests.site import stacks
from tests.site.conftest import Get, getter, serve
from tests.site.test_pages import Inspector, words

FIRST = 91_000_701
HOSTILE = '<script>alert(1)</script>"'
REPORTED, WAITING, YOUNG, NAMED, TAKEN_BACK, LATE = (f"NCT9000070{n}" for n in range(1, 7))


def paper(
    n: int,
    design: str,
    year: int,
    *numbers: str,
    bank: str = "ClinicalTrials.gov",
    cites: tuple[int, ...] = (),
    types: tuple[str, ...] = ("Journal Article",),
) -> tuple[Article, str]:
    record = article(
        FIRST + n,
        title=Text(plain=f"Paper {n} {HOSTILE}"),
        published=PubDate(iso=str(year), printed=str(year)),
        publication_types=tuple(PublicationType(name=name) for name in types),
        data_banks=tuple(DataBank(name=bank, accession=number) for number in numbers),
        references=tuple(Reference(pmid=FIRST + cited) for cited in cites),
        corrections=(Correction(kind="RetractionIn", source="J Samples. 2025"),)
        if "Retracted Publication" in types
        else (),
    )
    return record, design


PAPERS = (
    paper(0, "protocol", 2019, REPORTED),
    paper(1, "rct", 2021, REPORTED),
    paper(2, "comment", 2021, REPORTED),
    paper(3, "protocol", 2021, WAITING),
    paper(4, "narrative_review", 2022, WAITING),
    paper(5, "protocol", 2026, YOUNG),
    paper(6, "narrative_review", 2020, NAMED),
    paper(7, "rct", 2018, TAKEN_BACK, types=("Journal Article", "Retracted Publication")),
    paper(8, "protocol", 2025, LATE),
    paper(9, "rct", 2020, "ISRCTN90000709", bank="ISRCTN"),
    paper(10, "systematic_review", 2022, "CRD42090000000", bank="PROSPERO", cites=(1, 7, 9, 3)),
    paper(11, "meta_analysis", 2023, cites=(1, 9, 9, 900)),
    paper(12, "systematic_review", 2024, cites=(1,)),
    paper(13, "systematic_review", 2024),
    *(paper(20 + n, "rct", 2010, f"NCT9000080{n}") for n in range(20)),
)


@pytest.fixture(scope="module")
def get(tmp_path_factory: pytest.TempPathFactory) -> Get:
    path = tmp_path_factory.mktemp("registered") / "literature.db"
    make_library(path)
    return getter(serve(path))


def make_library(path: Path) -> None:
    stacks.make_library(path, findings=False)
    connection = open_library(path).conn
    with transaction(connection):
        run_id = stacks._run(connection)
        store.store(connection, [stored(record) for record, _ in PAPERS], run_id=run_id, now=NOW)
        for record, design in PAPERS:
            found = [("design", design), ("relevance", "core"), ("population", "human")]
            connection.execute(
                "UPDATE articles SET design = ? WHERE pmid = ?", (design, record.pmid)
            )
            connection.executemany(
                "INSERT INTO findings (pmid, position, facet, value, rule, source) "
                "VALUES (?, ?, ?, ?, 'test/1', 'title')",
                [(record.pmid, n, *pair) for n, pair in enumerate(found, 90)],
            )
    connection.close()


def says(get: Get, address: str) -> dict[str, str]:
    """The trials of a page, each with what is said of its results."""
    found = re.findall(
        r"<h3><a href=\"/trial/[^\"]*\">([^<]*)</a></h3>\s*<p class=\"meta\">.*?<b>([^<]*)</b>",
        get(address).text,
    )
    return dict(found)


def test_all_papers_of_a_trial_stand_together(get: Get) -> None:
    page = get("/trials?from=2019&to=2019").text
    assert says(get, "/trials?from=2019&to=2019") == {REPORTED: "1 results paper here."}
    (trial,) = re.findall(r'<ol class="trial-list".*</ol>', page, re.DOTALL)
    assert re.findall(r'href="/article/([0-9]+)"', trial) == [str(FIRST + n) for n in range(3)]
    assert "3 articles, 2019 to 2021" in words(trial)


def test_a_protocol_without_results_has_an_age(get: Get) -> None:
    assert list(says(get, "/trials?results=protocol").items()) == [
        (WAITING, "Protocol of 2021, no results paper in this library after 5 years."),
        (LATE, "Protocol of 2025, no results paper in this library after 1 year."),
        (YOUNG, "Protocol of 2026, no results paper in this library yet."),
    ]


def test_what_is_no_results_paper(get: Get) -> None:
    without = says(get, "/trials?results=without")
    assert without[NAMED] == "No results paper in this library."
    assert without[TAKEN_BACK] == "The only results paper here is retracted."
    assert REPORTED not in without
    page = get("/trials?results=without").text
    assert 'data-status="retracted"' in page


def test_reviews_are_registered_too_and_no_trials(get: Get) -> None:
    for address in ("/trials", "/trials?page=2", "/trials?registry=PROSPERO"):
        assert "CRD42090000000" not in get(address).text


def test_every_number_is_the_number_of_trials_behind_it(get: Get) -> None:
    for page in ("/trials", "/trials?from=2019", "/trials?registry=ISRCTN&results=with"):
        shown = re.findall(
            r'<a href="(/trials[^"]*)" rel="nofollow"[^>]*>[^<]*<span class="count">([0-9,]+)<',
            get(page).text,
        )
        assert len(shown) == 1 + len(STATES)
        for href, count in shown:
            heading = re.search(r'<h2 id="results"[^>]*>([0-9,]+) trial', get(unescape(href)).text)
            assert heading
            assert heading[1] == count
    options = re.findall(r'<option value="([^"]+)"[^>]*>[^<(]*\(([0-9,]+)\)', get("/trials").text)
    assert len(options) >= 2
    for registry, count in options:
        page = get(f"/trials?registry={registry}").text
        assert f'tabindex="-1">{count} trial' in page


def test_pages_hold_every_trial_once(get: Get) -> None:
    first, second = says(get, "/trials"), says(get, "/trials?page=2")
    assert len(first) == 20
    assert not first.keys() & second.keys()
    assert f"of {len(first) + len(second)}" in words(get("/trials?page=2").text)
    assert "There is no page 99" in words(get("/trials?page=99").text)


@given(
    st.text(max_size=30),
    st.sampled_from([*STATES, "", "nonsense"]),
    st.none() | st.integers(0, 9999),
    st.integers(1, 1000),
)
def test_what_is_written_is_read(registry: str, results: str, first: int | None, page: int) -> None:
    address = read_trials(
        write_trials(
            TrialsAddress(registry=registry, results=results, first=first, page=page)
        ).partition("?")[2]
    )
    assert read_trials(write_trials(address).partition("?")[2]) == address


@given(st.text())
def test_any_query_string_is_an_address(text: str) -> None:
    for query in (text, f"registry={text}&page={text}", "&".join(["from=1"] * 3000)):
        read_trials(query)
        search, whole = read_overlap(query)
        assert read_overlap(write_overlap(search, whole).partition("?")[2]) == (search, whole)


@pytest.mark.parametrize(
    "path",
    [
        "/trials?registry=%00&results=%ff&from=99999&page=0",
        "/trials?registry[]=1",
        "/trials/reviews?condition=%00&from=x&page=99999999999",
        "/trials/reviews?condition=nonsense",
        "/trials/reviews?page=7&all=1",
    ],
)
def test_odd_addresses_are_answered(get: Get, path: str) -> None:
    assert get(path).status_code == 200


@pytest.mark.parametrize("path", ["/trials", "/trials/reviews", "/trials?results=protocol"])
def test_hostile_records_are_only_text(get: Get, path: str) -> None:
    inspector = Inspector()
    inspector.feed(get(path).text)
    assert inspector.found == []


def test_reviews_and_the_trials_that_they_cite(get: Get) -> None:
    page = get("/trials/reviews").text
    said = words(page)
    assert "3 systematic reviews of this library cite 3 of its randomised trials, 6 times" in said
    # N = 6, r = 3, c = 3: (6 - 3) / (9 - 3)
    assert "corrected covered area of 50.0 %" in said
    assert "overlap is very high" in said
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">.*?</tr>", page, re.DOTALL)
    crossed = {
        int(re.search(r"/article/([0-9]+)", row)[1]) - FIRST: [  # type: ignore[index]
            cell == "cited" for cell in re.findall(r'"hidden-text">((?:not )?cited)<', row)
        ]
        for row in rows
    }
    assert crossed == {1: [True, True, True], 9: [True, True, False], 7: [True, False, False]}
    assert "Retracted" in words(rows[-1])
    base = re.search(r'<a href="(/search[^"]*)" rel="nofollow">([0-9]+) articles</a>', page)
    assert base
    answer = get(unescape(base[1]).replace("/search", "/search.json"))
    assert answer.json()["total"] == int(base[2]) == 4


def test_reviews_can_be_narrowed(get: Get) -> None:
    said = words(get("/trials/reviews?from=2023&to=2023").text)
    assert "1 systematic review of this library cites 2 of its randomised trials" in said
    assert "corrected covered area" not in said.split("From the reference lists")[0]
    empty = words(get("/trials/reviews?condition=ptsd").text)
    assert "No systematic review of this selection" in empty


@pytest.mark.parametrize(
    ("citations", "trials", "reviews", "area"),
    [(6, 3, 3, 0.5), (10, 10, 4, 0.0), (40, 10, 4, 1.0), (5, 5, 1, None), (0, 0, 0, None)],
)
def test_the_covered_area(citations: int, trials: int, reviews: int, area: float | None) -> None:
    assert covered_area(citations, trials, reviews) == area


def test_search_engines_get_the_pages_and_not_the_maze(get: Get) -> None:
    noindex = '<meta name="robots" content="noindex">'
    for path in ("/trials", "/trials/reviews"):
        assert noindex not in get(path).text
        assert noindex in get(f"{path}?from=2001").text
        assert f"<loc>http://localhost{path}</loc>" in get("/sitemap.xml").text
        assert f"Disallow: {path}?\n" in get("/robots.txt").text
        tag = get(path).headers["etag"]
        assert get(path, headers={"if-none-match": tag}).status_code == 304
