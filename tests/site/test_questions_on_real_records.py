"""The evidence rules on PubMed's own records: what must appear does, and nothing that must not.

The records of ../shared are whole PubMed XML, and titles with abstracts that others took from
PubMed. The latter are loaded as MEDLINE records with nothing else: no headings, no publication
types, as the newest records come.
"""

import csv
import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.evidence.questions import Question, load_questions
from harvester.load import load
from harvester.site.cache import Cache
from harvester.site.catalogue import Articles
from harvester.site.question_panels import rule_of
from harvester.topics import load_topics
from tests.conftest import NO_SHARED, SHARED

DATA = SHARED / "data"
XML = ("ketamine.xml.gz", "depression.xml.gz", "oddities.xml")
LARGE = ("bulk-1970s.xml.gz", "bulk-mixed.xml.gz", "bulk-modern.xml.gz")
QUESTIONS = tuple(load_questions().values())
# Of the 64 records that the questions name; the others are not among the records of ../shared.
HELD = 37

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=NO_SHARED),
]


def partial_records() -> Iterator[tuple[int, str, str, str]]:
    """PMID, year, title and abstract of records that are there without their XML."""
    with gzip.open(DATA / "pubmed/psychedelic-ketamine-abstracts.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            yield int(row["pmid"]), row["year"], row["title"], row["abstract"]
    lines = (DATA / "psynamic/labelled.jsonl").read_text("utf-8").splitlines()
    labelled = {str(record["id"]): record for record in map(json.loads, lines)}
    for record in json.loads((DATA / "gold.json").read_text("utf-8"))["records"]:
        title = record["title"]
        known = labelled.get(str(record["psynamic_id"]))
        if text := record.get("abstract_text"):
            yield int(record["pmid"]), str(record["year"]), title, text.removeprefix(title)
        elif known:
            yield int(record["pmid"]), str(record["year"]), known["title"], known["abstract"]


def as_medline() -> str:
    records = {pmid: (year, title, text) for pmid, year, title, text in partial_records()}
    return "\n".join(
        f"PMID- {pmid}\nDP  - {year}\nTI  - {_line(title)}\nAB  - {_line(text)}\nLA  - eng\n"
        for pmid, (year, title, text) in records.items()
    )


def _line(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    folder: Path = tmp_path_factory.mktemp("real")
    medline = folder / "partial.txt"
    medline.write_text(as_medline(), "utf-8")
    path = folder / "literature.db"
    topics = load_topics()
    load(
        path,
        [medline, *(DATA / "pubmed" / name for name in (*XML, *LARGE))],
        [(topic, topics.parsed(topic)) for topic in topics],
        label="all",
        keep_all=True,
        clock=lambda: datetime(2026, 11, 25, tzinfo=UTC),
    )
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


@pytest.fixture(scope="module")
def cache(connection: sqlite3.Connection) -> Cache:
    cache = Cache()
    cache.catalogue(connection)
    return cache


def found(cache: Cache, connection: sqlite3.Connection, question: Question) -> list[Articles]:
    return [cache.articles(connection, rule_of(panel)) for panel in question.panels]


def test_the_records_are_there(cache: Cache) -> None:
    named = {pmid for question in QUESTIONS for pmid in question.must_appear}
    assert len(named) == 64
    assert len(named & cache.held.places.keys()) == HELD


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_what_must_appear_does(
    question: Question, cache: Cache, connection: sqlite3.Connection
) -> None:
    held = cache.held.articles(question.must_appear)
    for articles in found(cache, connection, question):
        held &= ~articles
    assert list(cache.held.newest(held)) == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_nothing_appears_that_must_not(
    question: Question, cache: Cache, connection: sqlite3.Connection
) -> None:
    catalogue = cache.held
    animals = catalogue.having("population", ["animal"])
    people = catalogue.having("population", ["human"])
    comments = catalogue.having("design", ["comment"])
    retracted = catalogue.having("status", ["retracted"])
    notices = catalogue.having("type", ["Retraction of Publication", "Published Erratum"])
    preclinical = catalogue.having("design", ["preclinical_in_vivo", "in_vitro"])
    for panel, articles in zip(question.panels, found(cache, connection, question), strict=True):
        assert not articles & (comments | retracted | notices)
        if [value for name, value in panel.chosen if name == "population"] == ["human"]:
            assert not articles & animals & ~people
            assert list(catalogue.newest(articles & preclinical)) == []
