"""Other names of what is asked for: what they find, and that they neither hide nor surprise."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import chain

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harvester.library.schema import FTS_TOKENIZER
from harvester.site.catalogue import Catalogue
from harvester.site.matching import find
from harvester.site.search import expression
from harvester.site.stems import stems, words
from harvester.site.synonyms import Synonyms, expand, load_groups
from harvester.site.terms import leaves, parse, spelled
from tests.site.stacks import BRACKETS, DISSOCIATION

GROUPS = load_groups()


def names(group: object) -> list[str]:
    """The names of a group as a person types them."""
    return [leaves(node)[0].text for node in group.names.values()]  # type: ignore[attr-defined]


TEXTS = [
    *dict.fromkeys(chain.from_iterable((*names(group), *group.asked) for group in GROUPS)),
    "(S)-ketamine",
    "S(+)-ketamine",
    "(R,S)-ketamine",
    "treatment-resistant major depressive disorder",
    "patients with therapy-resistant depression",
    "treatment-resistant bipolar depression",
    "resistant hypertension and depression",
    "DSM-IV",
    "major depression",
]


@pytest.fixture(scope="module")
def texts() -> Iterator[sqlite3.Connection]:
    """An index of short texts, one for each name and some that are alike."""
    memory = sqlite3.connect(":memory:")
    columns = "title, abstract, authors, mesh, keywords, substances"
    memory.execute(f"CREATE VIRTUAL TABLE t USING fts5 ({columns}, tokenize='{FTS_TOKENIZER}')")
    memory.executemany("INSERT INTO t (title) VALUES (?)", [(text,) for text in TEXTS])
    yield memory
    memory.close()


def found(texts: sqlite3.Connection, q: str) -> set[str]:
    node = expand(parse(q).node).node
    assert node
    return {
        title
        for (title,) in texts.execute("SELECT title FROM t WHERE t MATCH ?", (expression(node),))
    }


def also(q: str) -> dict[str, tuple[str, ...]]:
    return {synonym.typed: synonym.also for synonym in expand(parse(q).node).synonyms}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: next(iter(group.names)))
def test_each_name_finds_the_others(texts: sqlite3.Connection, group: object) -> None:
    for typed in (*names(group), *group.asked):  # type: ignore[attr-defined]
        assert found(texts, typed) >= {*names(group), typed}


@pytest.mark.parametrize(
    ("typed", "finds", "not_"),
    [
        ("esketamine", "(S)-ketamine", "(R,S)-ketamine"),
        ("esketamine", "S(+)-ketamine", "R-ketamine"),
        ("Spravato", "(S)-ketamine", "Ketalar"),
        ("ketamine", "CI-581", "esketamine"),
        ("TRD", "patients with therapy-resistant depression",
         "resistant hypertension and depression"),
        ("TRD", "treatment-resistant major depressive disorder",
         "treatment-resistant bipolar depression"),
        ("treatment-resistant depression", "refractory depression", "TRD"),
        ("treatment resistant depression", "refractory depression", "TRD"),
        ("suicidal ideation", "suicidal thoughts", "SI"),
        ("SI", "suicidal ideation", "IV"),
        ("intravenous", "intravenous", "DSM-IV"),
        ("i.v.", "intravenous", "IV"),
        ("MDD", "Depressive Disorder, Major", "major depression"),
        ("rTMS", "repetitive transcranial magnetic stimulation", "TMS"),
        ("hamilton rating scale for depression", "HDRS", "HAM-A"),
    ],
)  # fmt: skip
def test_the_same_and_no_more(texts: sqlite3.Connection, typed: str, finds: str, not_: str) -> None:
    assert finds in found(texts, typed)
    assert not_ not in found(texts, typed)


@pytest.mark.parametrize(
    "typed",
    [
        '"esketamine"',
        '"treatment-resistant depression"',
        "esketamin*",
        "-esketamine",
        "placebo -(TRD OR ECT)",
        'mesh:"Depressive Disorder, Treatment-Resistant"',
        "mesh:ketamine author:si",
        "esketamine[tiab] TRD[ti]",
        "depression",
        "resistant OR depression",
        "treatment title:resistant depression",
        "treatment -resistant depression",
    ],
)
def test_what_is_searched_for_as_it_is_typed(typed: str) -> None:
    expansion = expand(parse(typed).node)
    assert expansion.synonyms == ()
    assert spelled(expansion.node) == spelled(parse(typed).node)


def test_words_beside_each_other_can_be_one_name() -> None:
    assert list(also("relapse after electroconvulsive therapy")) == ["electroconvulsive therapy"]
    assert list(also("nmda receptor antagonist")) == ["nmda receptor"]
    assert list(also("RCTs of SSRIs in post-traumatic stress disorder OR x")) == ["RCTs", "SSRIs"]
    assert list(also("(esketamine relapse) OR HAM-D")) == ["esketamine", "HAM-D"]
    assert also("esketamine esketamine") == also("esketamine")


def test_a_field_holds_for_other_names_too() -> None:
    wide = expand(parse("title:Spravato").node).node
    assert {term.field for term in leaves(wide)} == {"title"}


def test_there_is_an_end() -> None:
    typed = "ECT MADRS BPRS YMRS CADSS QIDS EPDS SHAPS BDNF GABA mTOR NMDA".split()
    expansion = expand(parse(" ".join(typed)).node)
    assert [synonym.typed for synonym in expansion.synonyms] == typed[:10]
    assert {term.text for term in leaves(expansion.node)} >= set(typed)


def test_every_group_has_its_reason_and_its_own_names() -> None:
    counted = Counter(
        tuple(stems(word)) for group in GROUPS for word in words([*names(group), *group.asked])
    )
    assert [name for name, count in counted.items() if count > 1] == []
    for group in GROUPS:
        assert len(group.reason) > 8
        assert len(group.names) + len(group.asked) > 1


def test_what_is_said(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    hits = find(connection, catalogue, parse("Spravato"), rank=True)
    assert hits.synonyms == (
        Synonyms(
            typed="Spravato",
            also=("esketamine", "S-ketamine (not R,S-ketamine)", "JNJ-54135419"),
        ),
    )
    assert hits.exact == 0
    assert list(catalogue.newest(hits.articles)) == [BRACKETS]
    exact = find(connection, catalogue, parse("Spravato"), rank=True, exact=True)
    assert (exact.articles, exact.synonyms) == (0, ())


def test_the_words_as_typed_come_first(
    connection: sqlite3.Connection, catalogue: Catalogue
) -> None:
    hits = find(connection, catalogue, parse("TRD OR infusion"), rank=True)
    ordered = list(hits.by_relevance(catalogue, hits.articles))
    assert ordered[0] == DISSOCIATION
    assert len(ordered) == len(set(ordered)) == hits.articles.bit_count() > 10
    assert hits.exact.bit_count() == 1


queries = st.text(max_size=60) | st.lists(
    st.sampled_from(
        [
            *("TRD", "treatment", "resistant", "depression", "treatment-resistant", "esketamine"),
            *("ketamine", "(S)-ketamine", "Spravato", "psychosis", "report", "-psychosis", "IV"),
            *('"TRD"', "dissociat*", "OR", "AND", "NOT", "-", "(", ")", "-(", "title:", "mesh:"),
            *("author:quill", "journal:lancet", "major", "depressive", "disorder", "[tiab]"),
        ]
    ),
    max_size=12,
).map(" ".join)


@given(q=queries)
@example(q="TRD " * 40)
@example(q="NOT TRD OR -esketamine")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_article_with_the_words_themselves_is_lost(
    connection: sqlite3.Connection, catalogue: Catalogue, q: str
) -> None:
    exact = find(connection, catalogue, parse(q), rank=False, exact=True)
    wide = find(connection, catalogue, parse(q), rank=True)
    assert exact.articles & ~wide.articles == 0
    if wide.synonyms:
        assert wide.exact == exact.articles
    else:
        assert wide.articles == exact.articles
    ordered = list(wide.by_relevance(catalogue, wide.articles))
    assert sorted(ordered) == sorted(catalogue.newest(wide.articles))


@given(q=queries)
def test_the_wider_query_can_be_written_and_read(q: str) -> None:
    wide = expand(parse(q).node).node
    again = parse(spelled(wide)).node
    if not parse(spelled(wide)).cut:
        assert [term.words for term in leaves(again)] == [term.words for term in leaves(wide)]
