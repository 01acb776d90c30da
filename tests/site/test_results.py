"""Counts and pages of results, against counting by hand."""

import sqlite3
from collections import Counter
from contextlib import closing
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.site.cache import Cache
from harvester.site.catalogue import Catalogue, read_catalogue
from harvester.site.facets import FACETS
from harvester.site.matching import find
from harvester.site.results import read_results
from harvester.site.search_page import PAGE_SIZE, page_of
from harvester.site.tally import Tally, in_order, tally
from harvester.site.terms import parse
from harvester.site.urls import Search
from tests.library.articles import NOW
from tests.site import stacks
from tests.site.conftest import getter, serve
from tests.site.stacks import FIRST, NO_ABSTRACT, RETRACTED, Expected


def tallied(connection: sqlite3.Connection, catalogue: Catalogue, search: Search) -> Tally:
    return tally(catalogue, find(connection, catalogue, parse(search.q), rank=False), search)


def counts(tallied: Tally, facet: str) -> dict[str, int]:
    return {
        value.value: value.count
        for counted in tallied.facets
        if counted.facet.name == facet
        for value in counted.values
    }


OF_A_RECORD = {
    "journal": lambda known: [known.journal],
    "language": lambda known: known.languages,
    "type": lambda known: known.types,
    "mesh": lambda known: known.mesh,
    "access": lambda known: ["free" if known.free else "subscription"],
    "drug": lambda known: known.drugs,
}


def having(known: Expected, facet: str, values: tuple[str, ...]) -> bool:
    return not values or bool(set(values) & set(OF_A_RECORD[facet](known)))


def test_every_facet_counts_what_the_records_say(
    connection: sqlite3.Connection, catalogue: Catalogue
) -> None:
    found = tallied(connection, catalogue, Search())
    assert found.total == stacks.COUNT
    for facet, of in OF_A_RECORD.items():
        by_hand = Counter(value for known in stacks.expected() for value in set(of(known)))
        assert counts(found, facet) == by_hand
    assert counts(found, "topic") == {"trd": 40}
    assert counts(found, "status") == {"retracted": 1}
    assert found.retracted == 1
    assert found.years == Counter(known.year for known in stacks.expected() if known.year)


choices = st.lists(
    st.sampled_from(
        [
            *(("language", value) for value in ("eng", "fre", "ger")),
            *(("mesh", value) for value in stacks.HEADINGS),
            *(("type", value) for value in ("Review", "Randomized Controlled Trial", "nonsense")),
            ("journal", "The Sample Lancet"),
            ("access", "free"),
            *(("drug", value) for value in stacks.DRUGS),
        ]
    ),
    max_size=6,
    unique=True,
)


@given(choices, st.none() | st.integers(1999, 2026), st.none() | st.integers(1999, 2026))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_or_inside_a_facet_and_across_alternatives_as_they_were(
    connection: sqlite3.Connection,
    catalogue: Catalogue,
    chosen: list[tuple[str, str]],
    first: int | None,
    last: int | None,
) -> None:
    search = Search(first=first, last=last)
    for facet, value in chosen:
        search = search.toggled(facet, value)

    def kept(known: Expected, but: str = "") -> bool:
        in_time = but == "year" or (
            (first is None or (known.year is not None and known.year >= first))
            and (last is None or (known.year is not None and known.year <= last))
        )
        return in_time and all(
            facet == but or having(known, facet, search.values(facet)) for facet in OF_A_RECORD
        )

    found = tallied(connection, catalogue, search)
    records = stacks.expected()
    assert set(catalogue.newest(found.articles)) == {k.pmid for k in records if kept(k)}
    for facet, of in OF_A_RECORD.items():
        by_hand = Counter(v for k in records if kept(k, but=facet) for v in set(of(k)))
        shown = {value: n for value, n in counts(found, facet).items() if n}
        assert shown == by_hand
    assert found.years == Counter(k.year for k in records if k.year and kept(k, but="year"))


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "cited"])
@pytest.mark.parametrize("q", ["", "depression", "psychosis -mood", "journal:lancet"])
def test_pages_add_up_to_the_total_without_duplicates(
    connection: sqlite3.Connection, catalogue: Catalogue, sort: str, q: str
) -> None:
    search = Search(q=q, sort=sort)
    found = find(connection, catalogue, parse(q), rank=sort == "relevance")
    counted = tally(catalogue, found, search)
    pages = [page_of(in_order(catalogue, found, counted, search), page) for page in range(1, 6)]
    assert all(len(page) <= PAGE_SIZE for page in pages)
    together = [pmid for page in pages for pmid in page]
    assert len(together) == len(set(together)) == counted.total
    if sort in ("newest", "oldest"):
        newest = list(catalogue.newest(counted.articles))
        assert together == (newest if sort == "newest" else newest[::-1])


def test_citations_are_counted_once_and_here(catalogue: Catalogue) -> None:
    assert list(catalogue.cited.items()) == list(stacks.CITED.items())
    cited = list(catalogue.most_cited(catalogue.all))
    assert cited[:3] == list(stacks.CITED)
    assert cited[3:] == [pmid for pmid in catalogue.pmids if pmid not in stacks.CITED]
    some = catalogue.articles([FIRST + 30, FIRST, FIRST + 1])
    assert next(catalogue.most_cited(some)) == FIRST + 30


def test_newest_first_and_no_date_last(catalogue: Catalogue) -> None:
    dates = {
        known.pmid: f"{known.year}-{(known.pmid - FIRST) % 12 + 1:02d}" if known.year else ""
        for known in stacks.expected()
    }
    assert list(catalogue.pmids) == sorted(dates, key=lambda p: (dates[p], p), reverse=True)


def test_chosen_values_come_first_and_stay_when_nothing_has_them(
    connection: sqlite3.Connection, catalogue: Catalogue
) -> None:
    search = Search(q="dissociation").toggled("mesh", "Mice").toggled("mesh", "No such heading")
    (mesh,) = [c for c in tallied(connection, catalogue, search).facets if c.facet.name == "mesh"]
    assert [(v.value, v.count, v.chosen) for v in mesh.values[:2]] == [
        (value.value, value.count, True) for value in mesh.values[:2]
    ]
    assert {v.value for v in mesh.values if v.chosen} == {"Mice", "No such heading"}


def test_few_values_and_many_are_counted_alike(catalogue: Catalogue) -> None:
    for facet in FACETS:
        for values in combinations(catalogue.values[facet], 2):
            both = catalogue.having(facet, values)
            for value in values:
                one = catalogue.having(facet, [value])
                assert catalogue.counts(facet, both)[value] == one.bit_count()


def test_findings_appear_when_there_are_some(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path, findings=False)
    connection = sqlite3.connect(path)
    assert "drug" not in {
        c.facet.name for c in tallied(connection, read_catalogue(connection), Search()).facets
    }
    stacks.add_findings(connection, stacks.expected())
    connection.commit()
    found = tallied(connection, read_catalogue(connection), Search(q="depression"))
    assert set(counts(found, "drug")) == set(stacks.DRUGS)
    connection.close()


def test_what_a_result_shows(connection: sqlite3.Connection) -> None:
    marks = '"ketamine" OR "esketamine" OR "nobody"'
    pmids = [RETRACTED, NO_ABSTRACT, stacks.BRACKETS]
    taken_back, bare, brackets = read_results(connection, pmids, marks, {})
    assert taken_back.brief.status
    assert taken_back.brief.status.state == "retracted"
    assert taken_back.title == "A trial of <mark>ketamine</mark> that was taken back"
    assert taken_back.snippet == "<mark>Nobody</mark> should rely on it."
    assert ("ketamine", "title 1 ×") in [(w, p.split(",")[0]) for w, p in taken_back.why]
    assert not bare.has_abstract
    assert bare.snippet is None
    assert brackets.title == "[<mark>Esketamine</mark> and 5 &lt; 6 in depression]"
    assert [(t.label, t.href) for t in taken_back.tags] == [("Ketamine", "/search?drug=ketamine")]


def test_why_a_result_is_here(connection: sqlite3.Connection) -> None:
    chosen = (("drug", "ketamine"), ("drug", "esketamine"), ("mesh", "Mice"))
    (first, last) = read_results(connection, [FIRST + 2, FIRST + 58], '"report"', {}, chosen)
    assert first.why == (
        ("Ketamine", "from the title; rule test/1"),
        ("Saved searches", "Treatment-resistant depression"),
    )
    assert last.why == (("report", "title 1 ×"), ("Ketamine", "from the title; rule test/1"))
    (plain,) = read_results(connection, [FIRST + 2], None, {})
    assert plain.why == ()


def test_an_effect_that_did_not_occur_is_not_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    connection.execute(
        "INSERT INTO findings (pmid, position, facet, value, rule, source, section, quote, detail) "
        "VALUES (?, 90, 'safety', 'cystitis', 'urinary/1', 'abstract', 'RESULTS', "
        "'no case of cystitis', '{\"polarity\": \"absent\"}')",
        (FIRST,),
    )
    (result,) = read_results(connection, [FIRST], None, {}, (("safety", "cystitis"),))
    told = "“no case of cystitis” in RESULTS; reported as absent; rule urinary/1"
    assert result.why[0] == ("cystitis", told)
    connection.close()


def test_harms_reported_as_absent_are_counted_and_found_by_themselves(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "INSERT INTO findings (pmid, position, facet, value, rule, source, section, quote, "
            "detail) VALUES (?, 90, 'safety', 'urinary', 'urinary/1', 'abstract', 'RESULTS', "
            "'cystitis', json_object('polarity', ?))",
            [(FIRST, "absent"), (FIRST + 1, "present"), (FIRST + 2, "mixed")],
        )
        connection.commit()
    get = getter(serve(path))
    facets = get("/search.json").json()["facets"]
    told = {name: facets[name] for name in ("safety", "safety_absent")}
    assert [(v["value"], v["count"]) for v in told["safety"] if v["value"] == "urinary"] == [
        ("urinary", 3)
    ]
    assert [(v["value"], v["count"]) for v in told["safety_absent"]] == [("urinary", 1)]
    found = get("/search.json?safety_absent=urinary").json()
    assert [result["pmid"] for result in found["results"]] == [FIRST]
    page = get("/search?safety_absent=urinary").text
    assert "Safety topic reported as absent" in page
    assert "“cystitis” in RESULTS; reported as absent" in page
    assert 'href="/search?safety_absent=urinary"' in get(f"/article/{FIRST}").text
    assert 'href="/search?safety=urinary"' in get(f"/article/{FIRST + 2}").text


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def test_the_cache_follows_the_library(tmp_path: Path) -> None:
    path = tmp_path / "literature.db"
    stacks.make_library(path)
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    writer = sqlite3.connect(path)
    clock = Clock()
    cache = Cache(clock)
    before = cache.catalogue(reader)
    assert cache.catalogue(reader) is before
    writer.execute("UPDATE articles SET retracted = 1 WHERE pmid = ?", (FIRST,))
    writer.execute(
        "INSERT INTO changes (run_id, pmid, kind) SELECT max(id), ?, 'retracted' FROM runs",
        (FIRST,),
    )
    writer.execute("UPDATE runs SET finished = NULL")
    writer.commit()
    assert cache.catalogue(reader) is before, "not read at each batch of a run that goes on"
    clock.now += 60
    during = cache.catalogue(reader)
    assert during.stamp != before.stamp
    writer.execute("UPDATE runs SET finished = ?", (NOW,))
    writer.commit()
    after = cache.catalogue(reader)
    assert after.stamp != during.stamp, "shown as soon as the run is done"
    assert after.having("status", ["retracted"]).bit_count() == 2
    query, search = parse("depression"), Search(q="depression")
    first = cache.search(reader, after, query, search)
    again = cache.search(reader, after, query, search.at(2))
    assert again[1] is first[1]
    assert cache.search(reader, before, query, search)[1] is not first[1]
    reader.close()
    writer.close()
