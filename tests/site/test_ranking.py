"""Best match: what the words stand in counts, and a record of few words is not the best for it."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harvester.library import runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import AbstractSection, Article, Keyword, MeshHeading, Text
from harvester.site.catalogue import read_catalogue
from harvester.site.matching import find
from harvester.site.search import WEIGHTS
from harvester.site.terms import parse
from tests.library.articles import NOW, article, stored

FILLER = " ".join(
    ["People were asked about their mood, their sleep and their hopes before and after a month."]
    * 3
)
TITLE, HEADING, KEYWORD, ABSTRACT, STUB, ARTICLE, NOTICE = range(92_000_001, 92_000_008)


def record(pmid: int, title: str, abstract: str | None = FILLER, **parts: Any) -> Article:
    sections = (AbstractSection(text=Text(plain=abstract)),) if abstract else ()
    bare = {"mesh": (), "keywords": (), "substances": ()} | parts
    return article(pmid, title=Text(plain=title), abstract=sections, **bare)


RECORDS = (
    record(ABSTRACT, "A study of some people", f"The habenula was seen. {FILLER}"),
    record(TITLE, "The habenula of some people"),
    record(HEADING, "A study of some people", mesh=(MeshHeading(name="Habenula"),)),
    record(KEYWORD, "A study of some people", keywords=(Keyword(text=Text(plain="habenula")),)),
    record(STUB, "Cystitis", None),
    record(
        ARTICLE,
        "Cystitis in people who use it every day",
        f"Cystitis was seen in many, and cystitis lasted. {FILLER}",
        mesh=(MeshHeading(name="Cystitis"),),
    ),
    record(NOTICE, "Reply: what became of them", None),
    *(record(92_000_100 + n, "A study of some people") for n in range(20)),
)


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("ranking") / "literature.db"
    connection = open_library(path).conn
    with transaction(connection):
        store.claim(connection, "real", path)
        now = datetime(2026, 11, 1, 3, tzinfo=UTC)
        run_id = runs.start(
            connection, command="load", topic="all", now=now, version="0", source="test"
        )
        store.store(connection, [stored(a) for a in RECORDS], run_id=run_id, now=NOW)
    yield connection
    connection.close()


def order(connection: sqlite3.Connection, q: str) -> list[int]:
    catalogue = read_catalogue(connection)
    hits = find(connection, catalogue, parse(q), rank=True)
    return list(hits.by_relevance(catalogue, hits.articles))


def test_title_before_headings_and_keywords_before_abstract(ranked: sqlite3.Connection) -> None:
    found = order(ranked, "habenula")
    assert found[0] == TITLE
    assert set(found[1:3]) == {HEADING, KEYWORD}
    assert found[3:] == [ABSTRACT]
    assert WEIGHTS["title"] > WEIGHTS["mesh"] == WEIGHTS["keywords"] > WEIGHTS["abstract"]


def test_a_title_alone_is_not_before_an_article_about_it(ranked: sqlite3.Connection) -> None:
    assert order(ranked, "cystitis") == [ARTICLE, STUB]


def test_a_short_record_is_found_by_its_own_title(ranked: sqlite3.Connection) -> None:
    assert order(ranked, "reply OR became")[0] == NOTICE
