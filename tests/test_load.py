"""Files through the pipeline: XML and MEDLINE, whole and damaged, old and new."""

import gzip
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from harvester.derive import derive
from harvester.errors import LibraryError, ParseError, SettingsError
from harvester.library.check import check
from harvester.library.database import connect
from harvester.load import load
from harvester.pubmed.parse import read_record
from harvester.reports import Report
from harvester.topics import load_topics
from tests.eutils_server import Corpus

TOPICS = load_topics()
CLOCK = datetime(2026, 11, 2, 3, tzinfo=UTC)
HEAD = b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet SYSTEM "pubmed_270101.dtd">\n'


def records(count: int = 3, *, kind: str = "trial", day: date = date(2026, 1, 5)) -> list[bytes]:
    corpus = Corpus(today=day)
    corpus.add_many(count, kind=kind)
    return [record.xml for record in corpus]


def as_set(*parts: bytes) -> bytes:
    return HEAD + b"<PubmedArticleSet>" + b"\n".join(parts) + b"</PubmedArticleSet>"


def run(path: Path, *files: Path, keep_all: bool = False, topic: str | None = None) -> Report:
    topics = list(TOPICS) if topic is None else [TOPICS.topic(topic)]
    return load(
        path,
        files,
        [(item, TOPICS.parsed(item)) for item in topics],
        label=topic or "all",
        keep_all=keep_all,
        clock=lambda: CLOCK,
    )


def rows(path: Path, sql: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, values).fetchall()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "literature.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.xml"


def test_records_are_marked_with_the_topics_they_match(path: Path, file: Path) -> None:
    file.write_bytes(as_set(*records()))
    report = run(path, file)
    assert (report.status, report.counts.added, report.counts.held) == ("new", 3, 3)
    assert rows(path, "SELECT topic, count(*) FROM article_topics GROUP BY topic") == [
        ("ketamine-depression", 3),
        ("ketamine-safety", 3),
        ("ketamine-trd", 3),
        ("trd", 3),
    ]
    assert run(path, file).status == "unchanged"


def test_other_records_are_kept_only_on_request(path: Path, file: Path) -> None:
    file.write_bytes(as_set(*records(kind="other")))
    assert run(path, file).counts.added == 0
    assert run(path, file, keep_all=True).counts.added == 3
    assert rows(path, "SELECT count(*) FROM article_topics") == [(0,)]


def test_one_topic(path: Path, file: Path) -> None:
    file.write_bytes(as_set(*records(kind="mouse")))
    assert run(path, file, topic="ketamine-trd").counts.added == 0
    report = run(path, file, topic="ketamine-depression")
    assert (report.topic, report.counts.added, report.topics) == ("ketamine-depression", 3, None)


def test_gzip_whatever_the_name(path: Path, file: Path) -> None:
    file.write_bytes(gzip.compress(as_set(*records())))
    assert run(path, file).counts.added == 3


def test_a_broken_record_is_kept_aside(path: Path, file: Path) -> None:
    first, second, third = records()
    file.write_bytes(as_set(first, second.replace(b"</ArticleTitle>", b""), third))
    report = run(path, file)
    assert (report.status, report.counts.added, report.counts.problems) == ("partial", 2, 1)
    assert [problem.raw for problem in report.problems] == [None]  # the library keeps it
    ((pmid, raw, solved),) = rows(path, "SELECT pmid, raw, solved_run FROM problems")
    assert (pmid, solved) == (70_000_001, None)
    assert raw.startswith(b"<PubmedArticle>")
    file.write_bytes(as_set(second))
    assert run(path, file).status == "new"
    assert rows(path, "SELECT solved_run FROM problems") == [(2,)]


def test_a_file_cut_short_keeps_what_was_whole(path: Path, file: Path) -> None:
    whole = as_set(*records())
    file.write_bytes(whole[: whole.rindex(b"<PubmedArticle>") + 300])
    report = run(path, file)
    assert (report.status, report.counts.added) == ("partial", 2)
    file.write_bytes(gzip.compress(whole)[:-40])
    assert run(path, file).status == "partial"


def test_a_file_with_notes_in_it_keeps_its_records(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "notes.nbib"
    file.write_text("PMID- 90000001\nTI  - Tea.\n\n# notes\n\nPMID- 90000002\nTI  - Pot.\n")
    report = run(path, file, keep_all=True)
    assert (report.status, report.counts.added, report.counts.problems) == ("partial", 2, 1)


def test_deleted_citations_are_marked(path: Path, file: Path) -> None:
    block = b'<DeleteCitation><PMID Version="1">70000001</PMID><PMID>5</PMID></DeleteCitation>'
    file.write_bytes(as_set(*records(), block))
    report = run(path, file)
    assert (report.counts.added, report.counts.withdrawn, report.counts.held) == (3, 1, 2)
    assert rows(path, "SELECT pmid FROM articles WHERE withdrawn IS NOT NULL") == [(70_000_001,)]


def test_what_goes_and_what_is_broken_counts_in_its_own_topics(path: Path, tmp_path: Path) -> None:
    """A record that no search finds is gone from none, and a broken one broken in none."""
    file, update = tmp_path / "first.xml", tmp_path / "update.xml"
    other = [record.replace(b"7000000", b"7100000") for record in records(2, kind="other")]
    file.write_bytes(as_set(*records(2), *other))
    run(path, file, keep_all=True)
    of = dict(rows(path, "SELECT topic, count(*) FROM article_topics GROUP BY topic"))
    gone = b"<DeleteCitation><PMID>71000001</PMID></DeleteCitation>"
    update.write_bytes(as_set(b"<PubmedArticle/>", gone))
    report = run(path, update, keep_all=True)
    assert (report.counts.withdrawn, report.counts.problems) == (1, 1)
    assert report.topics
    assert {topic.withdrawn + topic.problems for topic in report.topics.values()} == {0}

    update.write_bytes(as_set(b"<DeleteCitation><PMID>70000001</PMID></DeleteCitation>"))
    report = run(path, update, keep_all=True)
    assert report.topics
    gone_of = {name: topic.withdrawn for name, topic in report.topics.items() if topic.withdrawn}
    assert gone_of == dict.fromkeys(of, 1)
    new = {n for n, topic in report.as_json()["topics"].items() if topic["status"] == "new"}
    assert new == set(of)


def test_the_same_files_again_change_nothing(path: Path, file: Path) -> None:
    block = b"<DeleteCitation><PMID>70000001</PMID></DeleteCitation>"
    file.write_bytes(as_set(*records(), block))
    run(path, file)
    ledger = "SELECT pmid, kind FROM changes ORDER BY id"
    topics = "SELECT topic, pmid, left_run FROM article_topics ORDER BY 1, 2"
    before = rows(path, ledger), rows(path, topics)
    report = run(path, file)
    assert (report.status, report.counts.unchanged, report.counts.withdrawn) == ("unchanged", 3, 0)
    assert (rows(path, ledger), rows(path, topics)) == before


def test_an_older_file_changes_nothing(path: Path, file: Path) -> None:
    new = [r.replace(b"midazolam", b"saline") for r in records(day=date(2026, 5, 5))]
    file.write_bytes(as_set(*new))
    run(path, file)
    file.write_bytes(as_set(*records(day=date(2025, 5, 5))))
    assert run(path, file).status == "unchanged"
    assert rows(path, "SELECT count(*) FROM articles WHERE abstract LIKE '%saline%'") == [(3,)]


def test_of_two_versions_in_one_file_the_later_is_held(path: Path, file: Path) -> None:
    (old,) = records(1)
    new = old.replace(b"midazolam", b"saline").replace(b'Version="1"', b'Version="2"')
    file.write_bytes(as_set(old, new))
    report = run(path, file)
    assert (report.counts.added, report.counts.revised, report.counts.held) == (1, 1, 1)
    assert rows(path, "SELECT version, abstract LIKE '%saline%' FROM articles") == [(2, 1)]
    file.write_bytes(as_set(old))
    assert run(path, file).status == "unchanged"


def test_files_that_are_none(path: Path, file: Path) -> None:
    with pytest.raises(SettingsError, match=r"There is no file .*records\.xml"):
        run(path, file)
    file.write_text("not XML at all")
    with pytest.raises(ParseError):
        run(path, file)
    assert rows(path, "SELECT status, error <> '' FROM runs") == [("failed", 1)]


def test_an_entity_bomb_and_an_external_entity_are_harmless(path: Path, file: Path) -> None:
    bomb = b'<!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    bomb += b'<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    first, second, third = records()
    first = first.replace(b"midazolam", b"&b;&b;")
    second = second.replace(b"midazolam", b"&secret;")
    file.write_bytes(bomb + b"<PubmedArticleSet>" + first + second + third + b"</PubmedArticleSet>")
    report = run(path, file)
    assert (report.counts.added, report.counts.problems) == (1, 2)


def test_derive_makes_the_same_rows_again(path: Path, file: Path) -> None:
    file.write_bytes(as_set(*records(450)))
    run(path, file)
    tables = ("articles", "article_authors", "abstract_sections", "article_mesh", "changes")
    before = {table: rows(path, f"SELECT * FROM {table}") for table in tables}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE articles SET title = 'spoilt', year = 1 WHERE pmid % 2")
        connection.execute("DELETE FROM abstract_sections")
    report = derive(path, clock=lambda: CLOCK)
    assert (report.counts.held, report.counts.problems) == (450, 0)
    assert {table: rows(path, f"SELECT * FROM {table}") for table in tables} == before


def test_derive_says_what_changed_by_facet(path: Path, file: Path) -> None:
    file.write_bytes(as_set(*records(3)))
    run(path, file)
    held = rows(path, "SELECT facet, value FROM findings")
    assert held
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM findings WHERE value = 'ketamine'")
        connection.execute(
            "INSERT INTO findings (pmid, position, facet, value, rule, source) "
            "SELECT pmid, 99, 'drug', 'tea', 'drug.tea/0', 'title' FROM articles"
        )
    lost = sum(value == "ketamine" for _, value in held)
    report = derive(path, clock=lambda: CLOCK)
    assert f"drug: {lost} new, 3 gone" in report.notes
    assert rows(path, "SELECT facet, value FROM findings") == held
    assert derive(path, clock=lambda: CLOCK).notes == []


def test_a_rule_that_fails_costs_no_record(
    path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(article: object) -> tuple[()]:
        raise ZeroDivisionError("by the rules")

    file.write_bytes(as_set(*records(2)))
    with monkeypatch.context() as patched:
        patched.setattr("harvester.evidence.derivation.findings_of", fail)
        report = run(path, file)
    assert (report.counts.added, report.counts.problems) == (2, 2)
    assert "by the rules" in report.problems[0].reason
    assert rows(path, "SELECT count(*) FROM findings") == [(0,)]
    assert derive(path, clock=lambda: CLOCK).counts.problems == 0
    assert rows(path, "SELECT count(*) > 0 FROM findings") == [(1,)]


def test_derive_without_a_library(path: Path) -> None:
    with pytest.raises(LibraryError, match="There is no library"):
        derive(path)


def faults(path: Path) -> list[str]:
    with closing(connect(path)) as connection:
        return list(check(connection, lambda raw, form: read_record(raw)[1]))


def test_check_finds_nothing_in_a_whole_library(path: Path, file: Path) -> None:
    file.write_bytes(as_set(*records()))
    run(path, file)
    assert faults(path) == []


@pytest.mark.parametrize(
    ("damage", "sign"),
    [
        ("UPDATE articles SET content_hash = 'x' WHERE pmid = 70000001", "does not agree with its"),
        ("DELETE FROM raw_records WHERE pmid = 70000001", "has no raw record"),
        ("INSERT INTO authors (name) VALUES ('Nobody N')", "authors are used by no article"),
        ("INSERT INTO citations (pmid, position) VALUES (5, 1)", "citations belong to no article"),
        ("UPDATE articles SET last_changed = '2020' WHERE pmid = 70000001", "before it was first"),
        ("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')", "The text index"),
        ("UPDATE article_mesh SET mesh_id = 999", "refers to a missing row of mesh_terms"),
        ("ALTER TABLE article_ids DROP COLUMN source", "article_ids lacks its column source"),
        ("ALTER TABLE articles ADD COLUMN mine TEXT", "none of the library's: mine"),
        ("DROP TABLE keywords", "The table keywords is missing"),
        (
            "ALTER TABLE grants DROP COLUMN country; ALTER TABLE grants ADD COLUMN country INTEGER",
            "The column country of grants is INTEGER, not TEXT",
        ),
    ],
)
def test_check_finds_damage(path: Path, file: Path, damage: str, sign: str) -> None:
    file.write_bytes(as_set(*records()))
    run(path, file)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(damage)
    assert any(sign in fault for fault in faults(path)), faults(path)
