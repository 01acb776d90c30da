"""What is written, and that it can be read back."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.errors import LibraryError
from harvester.library import membership
from harvester.library import store as library
from harvester.library.changes import Change
from harvester.library.database import transaction
from harvester.library.schema import TABLES
from harvester.pubmed.records import Author, Keyword, Text
from tests.library.articles import NOW, article, stored


def write(connection: sqlite3.Connection, run_id: int, *records: library.Stored) -> None:
    with transaction(connection):
        library.store(connection, records, run_id=run_id, now=NOW)


def rows(connection: sqlite3.Connection, sql: str, *values: object) -> list[tuple]:
    return connection.execute(sql, values).fetchall()


def test_a_record_fills_the_tables(connection: sqlite3.Connection, run_id: int) -> None:
    write(connection, run_id, stored(article()))
    assert rows(
        connection, "SELECT title, journal, year, doi, retracted, has_abstract FROM articles"
    ) == [
        ("Ketamine in sample 90000001", "Journal of Samples", 2024, "10.5555/sample.90000001", 0, 1)
    ]
    assert rows(connection, "SELECT abstract, authors, mesh FROM articles") == [
        (
            "METHODS: People were asked.\nRESULTS: Mood rose.",
            "Quill AB Jr; Sample Study Group",
            "Ketamine/therapeutic use",
        )
    ]
    assert rows(
        connection,
        "SELECT name, position, collective FROM article_authors "
        "JOIN authors ON authors.id = author_id ORDER BY position",
    ) == [("Quill AB Jr", 1, 0), ("Sample Study Group", 2, 1)]
    assert rows(
        connection,
        "SELECT name, ui, article_mesh.major, qualifiers FROM article_mesh "
        "JOIN mesh_terms ON mesh_terms.id = mesh_id",
    ) == [("Ketamine", "D007649", 1, "therapeutic use*")]
    assert rows(connection, "SELECT id, registry FROM trials") == [
        ("NCT90000001", "ClinicalTrials.gov")
    ]
    assert rows(connection, "SELECT kind, other_pmid FROM corrections") == [
        ("CommentIn", 90_000_009)
    ]
    assert rows(connection, "SELECT cited_pmid, citation FROM citations") == [
        (90_000_002, "An older sample.")
    ]


def test_the_tables_are_as_the_schema_says(connection: sqlite3.Connection, run_id: int) -> None:

    for name, table in TABLES.items():
        columns = [row[1] for row in rows(connection, f"PRAGMA table_info({name})")]
        assert columns == list(table.columns), name


def test_the_text_index_follows(connection: sqlite3.Connection, run_id: int) -> None:
    find = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"
    write(connection, run_id, stored(article()))
    assert rows(connection, find, "moods") == [(90_000_001,)], "stemmed"
    assert rows(connection, find, "mesh : therapeutic") == [(90_000_001,)]
    changed = article(abstract=(), keywords=())
    write(connection, run_id, stored(changed, "h2", Change(kind="revised")))
    assert rows(connection, find, "mood") == []
    connection.execute(
        "INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)"
    )


def test_a_revision_replaces_all_rows_and_keeps_first_sight(
    connection: sqlite3.Connection, run_id: int
) -> None:
    write(connection, run_id, stored(article()))
    new = article(authors=(Author(last_name="Other", initials="O"),), keywords=())
    with transaction(connection):
        library.store(
            connection,
            [stored(new, "h2", Change(kind="revised"))],
            run_id=run_id,
            now="2026-12-01T03:00:00Z",
        )
    assert rows(connection, "SELECT first_seen, last_changed, content_hash FROM articles") == [
        (NOW, "2026-12-01T03:00:00Z", "h2")
    ]
    assert rows(connection, "SELECT count(*) FROM article_authors") == [(1,)]
    assert rows(connection, "SELECT count(*) FROM article_keywords") == [(0,)]
    assert rows(connection, "SELECT name FROM authors") == [("Other O",)]
    assert rows(connection, "SELECT count(*) FROM keywords") == [(0,)], "no article has it any more"


def test_raw_records_come_back(connection: sqlite3.Connection, run_id: int) -> None:
    raw = "<PubmedArticle>ä</PubmedArticle>".encode() * 50
    write(connection, run_id, stored(article(), raw=raw))
    assert library.raw_record(connection, 90_000_001) == ("xml", raw)
    assert library.raw_record(connection, 1) is None
    assert list(library.raw_records(connection)) == [(90_000_001, "xml", raw)]


def test_names_share_a_row_and_gain_what_they_lack(
    connection: sqlite3.Connection, run_id: int
) -> None:
    first = article()
    bare = replace(first, mesh=(replace(first.mesh[0], ui=None),))
    write(connection, run_id, stored(bare))
    assert rows(connection, "SELECT ui FROM mesh_terms") == [(None,)]
    write(connection, run_id, stored(replace(first, pmid=90_000_002)))
    assert rows(connection, "SELECT ui FROM mesh_terms") == [("D007649",)]
    assert rows(connection, "SELECT count(*) FROM authors") == [(2,)]


def test_topics_are_joined_left_and_joined_again(
    connection: sqlite3.Connection, run_id: int
) -> None:
    write(connection, run_id, stored(article()))
    membership.join_topic(connection, "trd", [90_000_001], run_id=run_id)
    before = connection.total_changes
    membership.join_topic(connection, "trd", [90_000_001], run_id=run_id)
    assert connection.total_changes == before, "nothing is written twice"
    assert membership.topic_members(connection, "trd") == (90_000_001,)
    membership.leave_topic(connection, "trd", [90_000_001], run_id=run_id)
    assert membership.topic_members(connection, "trd") == ()
    membership.join_topic(connection, "trd", [90_000_001], run_id=run_id)
    assert membership.topic_members(connection, "trd") == (90_000_001,)
    kinds = rows(connection, "SELECT kind, topic FROM changes ORDER BY id")
    assert kinds == [("added", None), ("left", "trd"), ("returned", "trd")]


def test_withdrawn_records_stay_with_their_text(
    connection: sqlite3.Connection, run_id: int
) -> None:
    write(connection, run_id, stored(article()))
    membership.join_topic(connection, "trd", [90_000_001], run_id=run_id)
    pmids = [90_000_001, 90_000_777]
    assert membership.mark_withdrawn(connection, pmids, run_id=run_id, now=NOW) == {90_000_001}
    assert membership.mark_withdrawn(connection, pmids, run_id=run_id, now=NOW) == set()
    assert rows(connection, "SELECT title, withdrawn FROM articles") == [
        ("Ketamine in sample 90000001", NOW)
    ]
    assert library.held_pmids(connection) == set()
    assert membership.topic_members(connection, "trd") == ()


def test_odd_texts_are_stored_as_they_are(connection: sqlite3.Connection, run_id: int) -> None:
    odd = 'Robert"); DROP TABLE articles;-- \u202e 𝒦 \x07'
    record = article(title=Text(plain=odd), keywords=(Keyword(text=Text(plain="it's")),))
    write(connection, run_id, stored(record))
    assert rows(connection, "SELECT title FROM articles") == [(odd,)]
    assert rows(connection, "SELECT keyword FROM keywords") == [("it's",)]


def test_a_failed_batch_leaves_nothing(connection: sqlite3.Connection, run_id: int) -> None:
    good, bad = stored(article()), stored(article(90_000_002, pages=2**70))
    with pytest.raises(OverflowError):
        write(connection, run_id, good, bad)
    assert rows(connection, "SELECT count(*) FROM articles") == [(0,)]
    assert rows(connection, "SELECT count(*) FROM authors") == [(0,)]


def test_sample_and_real_records_are_never_mixed(
    connection: sqlite3.Connection, path: Path
) -> None:
    library.claim(connection, "sample", path)
    library.claim(connection, "sample", path)
    with pytest.raises(LibraryError, match="holds the built-in sample"):
        library.claim(connection, "real", path)
