"""Related articles of a small library in which everything shared is known."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.library import runs, store
from harvester.library.database import transaction
from harvester.library.migrations import open_library
from harvester.pubmed.records import (
    Article,
    Correction,
    DataBank,
    Keyword,
    MeshHeading,
    PublicationType,
    Reference,
    Substance,
    Text,
)
from harvester.site.likeness import KINDS
from harvester.site.related import Related, load_related
from tests.library.articles import NOW, article, stored

HERE = 91_000_301
TRIAL, COMMENT, CITING, CITED, COUPLED, TOGETHER, MESH, KEYWORD, SUBSTANCE = range(
    HERE + 1, HERE + 10
)
NOTICE, ERRATUM, NEWER, RETRACTED, REVIEW, OTHER_REVIEW, COMMON = range(HERE + 20, HERE + 27)
ELSEWHERE = 91_000_498  # and the next; not held
FILLING = 60


def plain(pmid: int, **parts: object) -> Article:
    """A record that has nothing in common with any other but what is given."""
    none = ("mesh", "substances", "keywords", "data_banks", "corrections", "references")
    return article(pmid, **{**dict.fromkeys(none, ()), **parts})


def mesh(*names: str, major: bool = False) -> tuple[MeshHeading, ...]:
    return tuple(MeshHeading(name=name, major=major) for name in names)


def types(*names: str) -> tuple[PublicationType, ...]:
    return tuple(PublicationType(name=name) for name in names)


def cites(*pmids: int) -> tuple[Reference, ...]:
    return tuple(Reference(pmid=pmid) for pmid in pmids)


def linked(kind: str, pmid: int) -> tuple[Correction, ...]:
    return (Correction(kind=kind, pmid=pmid, source="J Samples. 2025"),)


def trial(number: str) -> tuple[DataBank, ...]:
    return (DataBank(name="ClinicalTrials.gov", accession=number),)


def keyword(text: str) -> tuple[Keyword, ...]:
    return (Keyword(text=Text(plain=text)),)


RECORDS = (
    plain(
        HERE,
        mesh=mesh("Humans", "Ketamine", "Nasal Sprays", "Remission Induction", major=True),
        substances=(Substance(name="Sample-12"),),
        keywords=keyword("Rapid Response"),
        data_banks=trial("NCT90000301"),
        references=cites(CITED, ELSEWHERE, ELSEWHERE + 1, HERE),
        corrections=(*linked("RetractionIn", NOTICE), *linked("ErratumIn", ERRATUM)),
    ),
    plain(TRIAL, data_banks=trial("NCT90000301")),
    plain(COMMENT, corrections=linked("CommentOn", HERE)),
    plain(CITING, references=cites(HERE)),
    plain(CITED),
    plain(COUPLED, references=cites(ELSEWHERE, ELSEWHERE + 1)),
    plain(TOGETHER),
    plain(REVIEW, references=cites(HERE, TOGETHER)),
    plain(OTHER_REVIEW, references=cites(HERE, TOGETHER)),
    plain(MESH, mesh=mesh("Humans", "Nasal Sprays", "Remission Induction")),
    plain(KEYWORD, keywords=keyword("rapid response")),
    plain(SUBSTANCE, substances=(Substance(name="Sample-12"),)),
    plain(
        RETRACTED,
        mesh=mesh("Nasal Sprays", major=True),
        publication_types=types("Retracted Publication"),
    ),
    plain(
        NOTICE,
        mesh=mesh("Nasal Sprays", "Remission Induction"),
        publication_types=types("Retraction of Publication"),
        corrections=linked("RetractionOf", HERE),
    ),
    plain(ERRATUM, mesh=mesh("Nasal Sprays"), publication_types=types("Published Erratum")),
    plain(NEWER, mesh=mesh("Nasal Sprays"), corrections=linked("UpdateOf", HERE)),
    plain(COMMON, mesh=mesh("Humans", "Ketamine")),
    *(plain(HERE + 100 + n, mesh=mesh("Humans", "Ketamine")) for n in range(FILLING)),
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("related") / "literature.db"
    library = open_library(path).conn
    with transaction(library):
        run_id = runs.start(
            library,
            command="load",
            topic="all",
            now=datetime(2026, 11, 1, tzinfo=UTC),
            version="0",
            source="loopback",
        )
        store.store(library, [stored(record) for record in RECORDS], run_id=run_id, now=NOW)
    library.close()
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def found(connection: sqlite3.Connection) -> dict[int, Related]:
    return {item.article.pmid: item for item in load_related(connection, HERE)}


@pytest.mark.parametrize(
    ("pmid", "says"),
    [
        (TRIAL, "same trial, NCT90000301"),
        (COMMENT, "comments on this article"),
        (CITING, "cites this article"),
        (CITED, "cited by this article"),
        (COUPLED, "both cite 2 papers"),
        (TOGETHER, "cited together by 2 articles here"),
        (MESH, "shares 2 MeSH headings: Remission Induction; Nasal Sprays"),
        (KEYWORD, "shares the keyword Rapid Response"),
        (SUBSTANCE, "shares the substance Sample-12"),
    ],
)
def test_each_reason_is_said(found: dict[int, Related], pmid: int, says: str) -> None:
    assert says in [because.says for because in found[pmid].reasons]


def test_the_nearest_come_first(connection: sqlite3.Connection) -> None:
    scores = [item.score for item in load_related(connection, HERE)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] >= 12


def test_notices_and_versions_are_listed_elsewhere(found: dict[int, Related]) -> None:
    assert not {NOTICE, ERRATUM, NEWER, HERE} & found.keys()


def test_what_everybody_has_relates_nobody(found: dict[int, Related]) -> None:
    assert COMMON not in found


def test_a_retracted_article_is_marked(found: dict[int, Related]) -> None:
    status = found[RETRACTED].article.status
    assert status
    assert status.state == "retracted"


def test_reasons_stand_in_the_order_of_their_kinds(found: dict[int, Related]) -> None:
    for item in found.values():
        places = [KINDS.index(because.kind) for because in item.reasons]
        assert places == sorted(places)
