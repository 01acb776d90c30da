"""What a query finds, against the text index and against the records themselves."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harvester.library import store
from harvester.library.migrations import open_library
from harvester.pubmed.records import DataBank
from harvester.site.catalogue import Catalogue
from harvester.site.matching import find, look_up
from harvester.site.search import WEIGHTS, expression, identifier, ranking
from harvester.site.terms import parse
from tests.library.articles import NOW, article, stored
from tests.site import stacks
from tests.site.stacks import BRACKETS, DISSOCIATION, FIRST


def found(connection: sqlite3.Connection, catalogue: Catalogue, q: str) -> set[int]:
    articles = find(connection, catalogue, parse(q), rank=False).articles
    return set(catalogue.newest(articles))


def every(**wanted: object) -> set[int]:
    """Records that were made with these."""
    return {
        known.pmid
        for known in stacks.expected()
        if all(getattr(known, name) == value for name, value in wanted.items())
    }


@pytest.mark.parametrize(
    ("q", "numbers"),
    [
        ("dissociation", {0}),
        ("dissociat*", {0}),
        ("DISSOCIATIVE", {0}),
        ("psychos*", {n for n in range(60) if n not in (0, 1, 2, 3)}),
        ("psychology", set()),
        ('"blood pressure"', {1}),
        ('"pressure blood"', set()),
        ("blood pressure remit*", {1}),
        ("blood -pressure", set()),
        ("blood OR dissociation", {0, 1}),
        ("(blood pressure) OR hypotens*", {0, 1}),
        ("title:dissociation", {0}),
        ("title:hypotension", set()),
        ("author:Muller", {n for n in range(60) if n % 5 == 0}),
        ("author:müll* -suicidality", {n for n in range(60) if n % 5 == 0 and n % 7}),
        ('author:"Quill B"', {1, 27, 53}),
        ("suicidality", {n for n in range(60) if n % 7 == 0}),
        ("pmid:91000005", {4}),
        ("pmid:91000005,91000006", {4, 5}),
        ("pmid:nonsense", set()),
        ("doi:10.5555/SAMPLE.91000003", {2}),
        ("doi:10.5555/SAMPLE.91000003 OR pmid:91000001", {0, 2}),
        ("91000005", {4}),
        ("NCT90000888", {5, 6}),
        ("nct90000777", {4}),
        ("NCT99999999", set()),
        ("PMC91000005", {4}),
        ("report 17", {17}),
        ("report -suicidality -17 -18", {n for n in range(3, 60) if n % 7 and n not in (17, 18)}),
        ("NOT (psychosis OR report)", {0, 1, 2}),
        ("-psychosis", {0, 1, 2, 3}),
        ("psychosis OR -report", {n for n in range(60) if n != 3}),
    ],
)
def test_what_is_found(
    connection: sqlite3.Connection, catalogue: Catalogue, q: str, numbers: set[int]
) -> None:
    assert {pmid - FIRST for pmid in found(connection, catalogue, q)} == numbers


@pytest.mark.parametrize(
    ("q", "journal"),
    [
        ("journal:lancet", "The Sample Lancet"),
        ('journal:"sample lancet"', "The Sample Lancet"),
        ("journal:echantill*", "Revue d'échantillons"),
        ("journal:Echant", "Revue d'échantillons"),
        ('journal:"J Samples"', "Journal of Samples"),
    ],
)
def test_a_journal_by_its_names(
    connection: sqlite3.Connection, catalogue: Catalogue, q: str, journal: str
) -> None:
    assert found(connection, catalogue, q) == every(journal=journal)


def test_a_heading(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    wanted = {known.pmid for known in stacks.expected() if "Urinary Bladder" in known.mesh}
    assert found(connection, catalogue, 'mesh:"urinary bladder"') == wanted
    assert found(connection, catalogue, "urinary[mesh]") == wanted
    assert found(connection, catalogue, "title:urinary") == set()


def test_titles_come_first(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    hits = find(connection, catalogue, parse("depression psychosis OR depression"), rank=True)
    ordered = list(hits.by_relevance(catalogue, hits.articles))
    assert set(ordered) == set(catalogue.newest(hits.articles))
    assert len(ordered) == len(set(ordered))
    assert WEIGHTS["title"] > WEIGHTS["mesh"] > WEIGHTS["abstract"]
    best = find(connection, catalogue, parse("dissociation OR psychosis"), rank=True)
    assert next(best.by_relevance(catalogue, best.articles)) == DISSOCIATION


def test_what_cannot_be_ranked_follows_newest_first(
    connection: sqlite3.Connection, catalogue: Catalogue
) -> None:
    hits = find(connection, catalogue, parse("dissociation OR journal:lancet"), rank=True)
    ordered = list(hits.by_relevance(catalogue, hits.articles))
    assert ordered[0] == DISSOCIATION
    rest = [pmid for pmid in catalogue.pmids if pmid in ordered and pmid != DISSOCIATION]
    assert ordered[1:] == rest


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("31109201", ("pmid", "31109201")),
        (" PMID: 31109201 ", ("pmid", "31109201")),
        ("https://pubmed.ncbi.nlm.nih.gov/31109201/", ("pmid", "31109201")),
        ("10.1176/appi.ajp.2019.19020172", ("doi", "10.1176/appi.ajp.2019.19020172")),
        ("https://doi.org/10.1000/x(1)", ("doi", "10.1000/x(1)")),
        ("doi: 10.1000/x.", ("doi", "10.1000/x")),
        ("PMC1234567", ("pmc", "PMC1234567")),
        ("nct01234567", ("trial", "nct01234567")),
        ("2011-000123-22", ("trial", "2011-000123-22")),
        ("pmid 1999", ("pmid", "1999")),
        ("1999", None),
        ("ketamine 31109201", None),
        ("", None),
    ],
)
def test_identifiers(typed: str, named: tuple[str, str] | None) -> None:
    assert identifier(typed) == named


@pytest.mark.parametrize(
    "number",
    ["ChiCTR2000031111", "ChiCTR-TRC-12002345", "jRCTs031190000", "NCT90000777", "ISRCTN90000777"],
)
@pytest.mark.parametrize("typed", [str, str.upper, str.lower])
def test_a_trial_is_found_in_whatever_case_its_number_is_written(
    number: str, typed: Callable[[str], str], tmp_path: Path
) -> None:
    record = article(90_000_001, data_banks=(DataBank(name="ChiCTR", accession=number),))
    with closing(open_library(tmp_path / "l.db").conn) as connection:
        store.store(connection, [stored(record)], run_id=stacks._run(connection), now=NOW)
        named = identifier(typed(number))
        assert named
        assert look_up(connection, *named) == (90_000_001,)


def test_a_year_is_no_pmid_and_an_unknown_number_is_a_word(
    connection: sqlite3.Connection, catalogue: Catalogue
) -> None:
    assert look_up(connection, "pmid", "2011") == ()
    assert found(connection, catalogue, "17") == {FIRST + 17}


def test_a_search_of_too_many_stars_is_still_a_search(
    connection: sqlite3.Connection, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = "psychos bas res dis des cas pos pres proces ass clas mas los tes".split()
    q = " OR ".join(f"{start}*" for start in starts)
    alone = set().union(*(found(connection, catalogue, f"{start}*") for start in starts))
    hits = find(connection, catalogue, parse(q), rank=True)
    assert set(catalogue.newest(hits.articles)) == alone
    monkeypatch.setattr("harvester.site.matching._MOST_WAYS", 5)
    simple = find(connection, catalogue, parse(q), rank=True)
    assert set(catalogue.newest(simple.articles)) >= alone
    assert simple.marks
    assert simple.marks.count("*") == len(starts)


def test_a_star_asks_only_for_what_the_index_has(
    connection: sqlite3.Connection, catalogue: Catalogue
) -> None:
    marks = find(connection, catalogue, parse("psychos*"), rank=True).marks
    assert marks == '("psychosi" * OR "psychos")'
    assert find(connection, catalogue, parse("thingless*"), rank=True).articles == 0


def test_fts5_joins_what_it_can() -> None:
    assert expression(parse("a -b").node) == '((("a")) NOT (("b")))'
    assert expression(parse("-a").node) is None
    assert expression(parse("a journal:x").node) is None
    assert ranking(parse("a journal:x -b").node) == '(("a"))'
    assert ranking(parse("journal:x").node) is None


queries = st.text(max_size=80) | st.lists(
    st.sampled_from(
        [
            *("ketamine", "depress*", '"blood pressure"', "OR", "AND", "NOT", "-", "(", ")", '"'),
            *("author:", "title:re*", "mesh:x", "journal:lan*", "pmid:1", "doi:x", "NEAR(a b)"),
            *("^a", "{a}:b", "a+b", "title : x", "\x00", "'", ";--", "%", "_", "*", "é", "𝛼"),
        ]
    ),
    max_size=14,
).map(" ".join)


@given(q=queries)
@example(q='"' * 99)
@example(q="a OR " * 60)
@example(q="(" * 200)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_an_error(connection: sqlite3.Connection, catalogue: Catalogue, q: str) -> None:
    hits = find(connection, catalogue, parse(q), rank=True)
    ordered = list(hits.by_relevance(catalogue, hits.articles))
    assert sorted(ordered) == sorted(catalogue.newest(hits.articles))
    assert hits.articles == find(connection, catalogue, parse(q), rank=False).articles


@given(
    a=st.sampled_from("psychosis report blood depress* -mood journal:lancet pmid:91000005".split()),
    b=st.sampled_from("ketamine mesh:mice suicid* title:trial -author:quill 17".split()),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_narrow_and_or_widens(
    connection: sqlite3.Connection, catalogue: Catalogue, a: str, b: str
) -> None:
    left, right = found(connection, catalogue, a), found(connection, catalogue, b)
    assert found(connection, catalogue, f"{a} {b}") == left & right
    assert found(connection, catalogue, f"{a} OR {b}") == left | right
    assert found(connection, catalogue, f"{a} NOT ({b})") == left - right
    assert BRACKETS in found(connection, catalogue, '"5 < 6"')
