"""PubMed's query language, checked on records that are written here."""

import csv
import gzip
import json
import re
import time
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harvester.errors import SettingsError
from harvester.pubmed.query import parse_query
from harvester.pubmed.query_match import Indexed, Near, fold
from harvester.pubmed.query_tags import is_known
from harvester.pubmed.records import (
    AbstractSection,
    Article,
    ArticleId,
    Author,
    Book,
    HistoryDate,
    Journal,
    Keyword,
    MeshHeading,
    PubDate,
    PublicationType,
    Qualifier,
    Substance,
    Text,
)
from harvester.topics import load_topics


def heading(
    name: str, *qualifiers: str, major: bool = False, kind: str = "descriptor"
) -> MeshHeading:
    """A heading; a qualifier with a star in front of it is a major one."""
    parts = tuple(Qualifier(name=q.lstrip("*"), major=q.startswith("*")) for q in qualifiers)
    starred = major or any(part.major for part in parts)
    return MeshHeading(
        name=name, major=starred, descriptor_major=major, kind=kind, qualifiers=parts
    )


RECORD = Article(
    pmid=90000001,
    title=Text(plain="(R,S)-Ketamine for Treatment-Resistant major depression: a naïve pilot"),
    abstract=(
        AbstractSection(label="METHODS", text=Text(plain="Patients had refractory illness.")),
        AbstractSection(label="RESULTS", text=Text(plain="Mood disorders improved; 10² cells.")),
        AbstractSection(text=Text(plain="Antidepresivo rápido."), type="Publisher", language="spa"),
    ),
    authors=(
        Author(last_name="Example", fore_name="Ada B", initials="AB", suffix="Jr"),
        Author(collective=Text(plain="Example Study Group")),
    ),
    journal=Journal(title="Journal of Examples", medline_ta="J Ex", issn="1234-5678"),
    published=PubDate(iso="2024", printed="2024"),
    dates=(
        HistoryDate(kind="entrez", iso="2025-03-10"),
        HistoryDate(kind="pubmed", iso="2024-01-02"),
        HistoryDate(kind="completed", iso="2025-12-31"),
        HistoryDate(kind="revised", iso="2026-02-03"),
        HistoryDate(kind="article-Electronic", iso="2024-05-06"),
    ),
    languages=("eng", "spa"),
    publication_types=(PublicationType(name="Randomized Controlled Trial"),),
    mesh=(
        heading("Ketamine", "*therapeutic use", "adverse effects"),
        heading("Depressive Disorder, Major", major=True),
        heading("Humans"),
        heading("Some Protocol", kind="supplementary"),
    ),
    substances=(Substance(name="Esketamine"), Substance(name="Ketamine")),
    keywords=(Keyword(text=Text(plain="suicide prevention")), Keyword(text=Text(plain="care"))),
    ids=(ArticleId(kind="doi", value="10.1000/example"),),
    status="MEDLINE",
)
NARROWER = {"Depressive Disorder": ["Depressive Disorder, Major"]}


def matches(term: str, article: Article = RECORD) -> bool:
    return parse_query(term, NARROWER).matches(article)


@pytest.mark.parametrize(
    "term",
    [
        "ketamine[tiab]",
        "ketamin*[tiab]",
        "KETAMINE[Title/Abstract]",
        '"treatment resistant"[ti]',
        '"treatment-resistant"[tiab]',
        "treatment resistant[tiab]",  # words before one tag are one phrase
        '"mood disorder*"[tiab]',
        "naive[ti]",
        "naïve[ti]",
        "rapido[ab]",  # another abstract
        "care[tiab]",  # an author's keyword
        "methods[ab]",
        '"resistant depression"[tiab:~3]',
        '"depression resistant"[ti:~1]',
        '"suicide prevention"[ot]',
        '"Ketamine"[mh]',
        '"Ketamine"[majr]',
        '"ketamine/adverse effects"[mh]',
        '"Ketamine/therapeutic use"[majr]',
        '"Depressive Disorder"[mh]',
        '"Depressive Disorder, Major"[mh:noexp]',
        "ketam*[mh]",
        '"Esketamine"[nm]',
        '"Some Protocol"[nm]',
        "randomized controlled trial[pt]",
        "english[la]",
        "spa[la]",
        "example ab[au]",
        '"Example AB"[au]',
        "example a[au]",
        "example[au]",
        '"Example Study Group"[au]',
        "example ada b[fau]",
        '"J Ex"[ta]',
        "1234-5678[ta]",
        "90000001[uid]",
        "1,90000001[pmid]",
        "90000001",
        "10.1000/example",
        "90000000:90000002[UID]",
        "2024[dp]",
        '"2024/05/06"[dp]',
        '"2025/03/10"[crdt]',
        '"2025/03/01"[crdt] : "3000"[crdt]',
        "2024/01:2024/01[edat]",
        '("2026/01/01"[lr] : "3000"[lr])',
        "2024/01/01:2024/12/31[Date - Publication]",
        "medline[sb]",
        "all[sb]",
        "hasabstract",
        "ketamine AND humans[filter]",
        "ketamine depression",
        "ketamine OR nothing[tiab]",
        "humans[filter] NOT nothing[tiab]",
        " ".join(["(ketamine)"] * 150),
        '"illness results"[ab]',  # on from one section into the next
        "2025[dcom]",
        "ketamine NOT nothing[tiab]",
        "nothing[tiab] OR ketamine[tiab] AND humans[mh]",
    ],
)
def test_it_finds(term: str) -> None:
    assert matches(term)


@pytest.mark.parametrize(
    "term",
    [
        "ketamin[tiab]",
        "etamine[tiab]",
        "esketamine[tiab]",  # in the substances alone
        '"resistant depression"[tiab]',
        '"resistant depression"[tiab:~0]',
        '"depression patients"[tiab:~9]',  # not from the title into the abstract
        '"prevention care"[tiab]',  # not from one keyword into the next
        "improved[ti]",
        '"cells antidepresivo"[ab]',  # not from one abstract into another
        "tamine*[tiab]",
        '"Eske"[nm]',
        '"Depressive Disorder"[mh:noexp]',
        '"Major"[mh]',
        '"Humans"[majr]',
        '"Ketamine/adverse effects"[majr]',
        '"Some Protocol"[mh]',
        '"Ketamine hydrochloride"[nm]',
        "clinical trial[pt]",
        "ger[la]",
        '"Example A"[au]',  # quoted: no completion
        "exam[au]",
        '"Ex"[ta]',
        "90000002[uid]",
        "1:90000000[uid]",
        "2025[dp]",
        "2025/03/11:3000[crdt]",
        "2024/01/03:2025[edat]",
        '"2026/02/04"[mdat] : "3000"[mdat]',
        "pubmed books[sb]",
        "all[sb] NOT medline[sb]",
        "ketamine NOT humans[mh]",
        "ketamine[tiab] OR nothing[tiab] AND nothing[tiab]",  # left to right
        "ketamine nothing",
    ],
)
def test_it_does_not_find(term: str) -> None:
    assert not matches(term)


def test_a_name_is_the_whole_name() -> None:
    salt = Article(
        pmid=1, title=Text(plain=""), substances=(Substance(name="Ketamine hydrochloride"),)
    )
    assert not matches('"Ketamine"[nm]', salt)
    assert matches('"Ketamine*"[nm]', salt)


def test_a_book_is_found_by_its_collection_and_as_a_book() -> None:
    book = Article(
        pmid=1,
        title=Text(plain="A chapter"),
        book=Book(title=Text(plain="A book"), collection_title=Text(plain="Wide shelf")),
    )
    assert matches('"wide shelf"[ti] AND pubmed books[sb]', book)
    assert not matches("hasabstract", book)


def test_nothing_in_a_bare_record_breaks_a_query() -> None:
    bare = Article(pmid=1, title=Text(plain=""))
    fields = ["tiab", "ti", "ab", "ot", "tw", "all", "mh", "majr", "nm", "pt", "la", "au", "ta"]
    assert not any(matches(f"depression[{field}]", bare) for field in fields)
    dates = ["crdt", "edat", "lr", "mhda", "dcom", "dp"]
    assert not any(matches(f"1900:3000[{field}]", bare) for field in dates)


def test_what_no_record_can_answer_takes_no_part_and_is_named() -> None:
    query = parse_query("(ketamine[tiab] OR free full text[sb]) AND humans[Filter]")
    assert query.matches(RECORD)
    assert query.ignored == ("free full text[sb]", "humans[Filter]")
    assert not matches("humans[filter] NOT ketamine[tiab]")
    assert matches("ketamine[tiab] NOT humans[filter]")


@pytest.mark.parametrize(
    ("term", "place", "reason"),
    [
        ("", None, "empty"),
        ("  ", None, "empty"),
        ("(ketamine[ti]", 1, "never closed"),
        ("ketamine[ti])", 13, "never opened"),
        ('ketamine[ti] OR "open', 17, "quotation mark is never closed"),
        ("ketamine[ti", 9, "tag never ends"),
        ("ketamine]", 9, "begins nowhere"),
        ("ketamine AND", 13, "missing here"),
        ("ketamine AND OR mice", 14, "missing before"),
        ("NOT mice", 1, "missing before"),
        ("()", 2, "missing here"),
        ("[tiab]", 1, "missing before"),
        ("ketamine and mice", 10, "write AND in capitals"),
        ("dose or response[tiab]", 6, "write OR in capitals"),
        ("ketamine[tiabb]", 9, "no field tag [tiabb]"),
        ("(ketamine OR mice)[tiab]", 19, "on a group"),
        ("ket*mine[tiab]", 1, "end of a word"),
        ("ket*[tiab]", 1, "4 letters"),
        ('"ketam* dose"[tiab:~2]', 14, "whole words"),
        ("ketamine dose[tiab:~2]", 14, "quotation marks"),
        ('"ketamine"[tiab:~2]', 11, "two or more"),
        ('"ketamine dose"[mh:~2]', 16, "[tiab:~N]"),
        ('"ketamine dose"[tiab:~x]', 16, "[tiab:~N]"),
        ("ketamine[tiab:noexp]", 9, "takes no :noexp"),
        ("ketamine[uid]", 1, "is a number"),
        ("1:x[uid]", 1, "is a number"),
        ("1:2", 3, "needs a field tag"),
        ("1:[uid]", 3, "no end"),
        ("2024:soon[crdt]", 1, "YYYY"),
        ('"2024"[crdt] : "2025"[lr]', 22, "same field tag"),
        ("a:b[tiab]", 4, "no ranges"),
        ("“ketamine”[tiab]", 1, "does not understand"),
        ("ketamin∗[tiab]", 8, "does not understand"),
        ("- [tiab]", 1, "no word here"),
        ('""[mh]', 1, "no heading here"),
        ('"-"[la]', 1, "no name here"),
        ("humans[filter]", 1, "can be checked"),
        ("(" * 200 + "x" + ")" * 200, 101, "too deep"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(
    term: str, place: int | None, reason: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        parse_query(term)
    message = str(raised.value)
    assert reason in message
    assert message.endswith(".")
    assert "\n" not in message
    if place is not None:
        assert f"at character {place}," in message


WORDS = ("alpha", "beta", "gamma", "delta")
HELD = st.sets(st.sampled_from(WORDS))


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> list[object]:
    """Operands and operators in turn; a list is a group."""
    operand = (
        st.sampled_from(WORDS) if depth == 0 else st.sampled_from(WORDS) | expressions(depth - 1)
    )
    parts: list[object] = [draw(operand)]
    for _ in range(draw(st.integers(0, 3))):
        parts += [draw(st.sampled_from(("AND", "OR", "NOT", ""))), draw(operand)]
    return parts


def written(parts: list[object]) -> str:
    texts = [
        f"({written(part)})"
        if isinstance(part, list)
        else part
        if part in ("AND", "OR", "NOT", "")
        else f"{part}[tiab]"
        for part in parts
    ]
    return " ".join(str(text) for text in texts)


def meant(parts: list[object], held: set[str]) -> bool:
    """PubMed's order: one operator after the other, from the left."""

    def value(part: object) -> bool:
        return meant(part, held) if isinstance(part, list) else part in held

    result = value(parts[0])
    for operator, operand in zip(parts[1::2], parts[2::2], strict=True):
        if operator == "OR":
            result = result or value(operand)
        else:
            result = result and (value(operand) != (operator == "NOT"))
    return result


@given(expressions(), HELD)
def test_operators_bind_from_left_to_right(parts: list[object], held: set[str]) -> None:
    article = Article(pmid=1, title=Text(plain=" ".join(sorted(held))))
    assert parse_query(written(parts)).matches(article) == meant(parts, held)


@given(
    st.lists(st.sampled_from("abcd"), max_size=9),
    st.lists(st.sampled_from("abc"), min_size=2, max_size=3),
    st.integers(0, 4),
)
@example(["a", "b"], ["a", "a"], 3)
def test_nearness_is_any_order_with_at_most_n_words_between(
    text: list[str], wanted: list[str], distance: int
) -> None:
    expected = any(
        [text[at] for at in places] == wanted
        and max(places) - min(places) + 1 - len(wanted) <= distance
        for places in permutations(range(len(text)), len(wanted))
    )
    article = Article(pmid=1, title=Text(plain=" ".join(text)))
    term = f'"{" ".join(wanted)}"[ti:~{distance}]'
    assert parse_query(term).matches(article) == expected


@given(st.text())
@example("İstanbul ß ﬁ ½ µ 5-HT₂A x_y")
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert not re.search(r"[\W_]", once.replace(" ", ""))
    assert "  " not in once


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_folded_as_any_other_text(text: str) -> None:
    assert f"{fold(text)} я".strip() == fold(f"{text} Я")


@given(st.text(alphabet='ab*()[]":~,-0123 ANDORT\ntiabcrdtuidmh/', max_size=40))
def test_any_text_is_a_query_or_a_clear_mistake(text: str) -> None:
    try:
        query = parse_query(text)
    except SettingsError as error:
        message = str(error)
    else:
        query.matches(RECORD)
        message = "."
    assert message.endswith(".")
    assert "\n" not in message


def test_an_indexed_article_serves_several_queries() -> None:
    indexed = Indexed(RECORD)
    assert parse_query("ketamine[tiab]").matches(indexed)
    assert not parse_query("propofol[tiab]").matches(indexed)


def test_three_words_near_each_other() -> None:
    node = Near("title", ("resistant", "major", "treatment"), 0)
    assert node.matches(Indexed(RECORD))


def test_pubmeds_own_fields_are_known(shared_data: Path) -> None:
    """By the names that einfo gives them and QueryTranslation uses."""
    listed = (shared_data / "eutils/einfo/pubmed_2025.xml").read_text()
    fields = re.findall(r"<FullName>(.*?)</FullName>", listed)
    assert [field for field in fields if not is_known(field)] == []


def texts(data: Path) -> dict[int, Article]:
    """Titles, abstracts and keywords of real records, by PMID."""
    csv.field_size_limit(10**8)
    found = {}
    with gzip.open(data / "pubmed/psychedelic-ketamine-abstracts.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            found[int(row["pmid"])] = (row["title"], row["abstract"], row["keywords"])
    labelled = {}
    for line in (data / "psynamic/labelled.jsonl").read_text().splitlines():
        row = json.loads(line)
        labelled[row["id"]] = (row["title"], row["abstract"], "")
    for row in json.loads((data / "gold.json").read_text())["records"]:
        if row.get("abstract_text"):
            found.setdefault(int(row["pmid"]), (row["title"], row["abstract_text"], ""))
        elif row["psynamic_id"] in labelled:
            found.setdefault(int(row["pmid"]), labelled[row["psynamic_id"]])
    by_title = {fold(title): (title, abstract, "") for title, abstract, _ in labelled.values()}
    with gzip.open(data / "pubmed/labels/bahji2021-search-screening.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if fold(row["title"]) in by_title:
                found.setdefault(int(row["pmid"]), by_title[fold(row["title"])])
    return {
        pmid: Article(
            pmid=pmid,
            title=Text(plain=title),
            abstract=(AbstractSection(text=Text(plain=abstract)),),
            keywords=tuple(Keyword(text=Text(plain=word)) for word in keywords.split(";")),
        )
        for pmid, (title, abstract, keywords) in found.items()
    }


def test_the_words_alone_find_every_landmark_whose_text_is_here(shared_data: Path) -> None:
    """The strategies' text words, without headings: recall on known publications is whole."""
    topics = load_topics()
    real = texts(shared_data)
    here = 0
    for group in topics.landmarks:
        present = [pmid for pmid in group.pmids if pmid in real]
        here += len(present)
        for name in group.topics:
            query = topics.parsed(topics.topic(name))
            assert [pmid for pmid in present if not query.matches(real[pmid])] == []
    assert here >= 45


def test_nearness_finds_what_the_exact_phrase_misses(shared_data: Path) -> None:
    topics = load_topics()
    drug = next(parse_query(block.term) for block in topics.blocks if block.name == "DRUG")
    trd = topics.parsed(topics.topic("trd"))
    exact = parse_query('"treatment resistant depression"[tiab]')
    ketamine = [article for article in texts(shared_data).values() if drug.matches(article)]
    near = sum(trd.matches(article) for article in ketamine)
    assert near > 1.1 * sum(exact.matches(article) for article in ketamine)


def test_four_topics_cost_little(shared_data: Path) -> None:
    """Well under a third of a millisecond an article; three times that beside other programs."""
    topics = load_topics()
    queries = [topics.parsed(topic) for topic in topics]
    articles = list(texts(shared_data).values())
    started = time.process_time()
    for article in articles:
        indexed = Indexed(article)
        for query in queries:
            query.matches(indexed)
    assert time.process_time() - started < len(articles) / 1_000
