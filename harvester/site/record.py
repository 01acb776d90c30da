"""Everything that the library holds about one record, read in a few indexed queries."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harvester.library.notices import CORRECTING, DOUBTING, RETRACTING, noticed

__all__ = ["BRIEF_COLUMNS", "Record", "Row", "load_record", "rows"]

Row = Mapping[str, Any]

# What a short list shows of an article `a`; publication types one a line.
BRIEF_COLUMNS = (
    "a.pmid, a.title, a.title_markup, a.vernacular_title, a.language, a.authors, a.kind, a.year, "  # noqa: S608 (our kinds)
    "coalesce(a.journal_abbreviation, a.journal) AS source, "
    # A notice here counts before PubMed has marked the record itself.
    f"a.concern OR {noticed(DOUBTING)} AS concern, "
    f"a.corrected OR {noticed(CORRECTING)} AS corrected, "
    f"a.retracted OR {noticed(RETRACTING)} AS retracted, "
    "a.retraction_notice, a.withdrawn, a.design, a.published, a.published_online, "
    "(SELECT group_concat(t.name, char(10)) FROM article_publication_types p "
    "JOIN publication_types t ON t.id = p.publication_type_id WHERE p.pmid = a.pmid) AS types"
)

_ARTICLE = (
    "SELECT a.*, j.title AS journal_title, j.medline_ta, j.issn_linking, "
    "r.version AS program_version FROM articles a "
    "LEFT JOIN journals j ON j.nlm_id = a.journal_id LEFT JOIN runs r ON r.id = a.last_run "
    "WHERE a.pmid = :pmid"
)

_PARTS = {
    "sections": "SELECT * FROM abstract_sections WHERE pmid = :pmid ORDER BY position",
    "authors": "SELECT l.*, n.name, n.collective FROM article_authors l "
    "JOIN authors n ON n.id = l.author_id WHERE l.pmid = :pmid ORDER BY l.position",
    "investigators": "SELECT * FROM investigators WHERE pmid = :pmid ORDER BY position",
    "types": "SELECT t.name, t.ui FROM article_publication_types l "
    "JOIN publication_types t ON t.id = l.publication_type_id "
    "WHERE l.pmid = :pmid ORDER BY l.position",
    "languages": "SELECT language FROM article_languages WHERE pmid = :pmid ORDER BY position",
    "mesh": "SELECT l.*, t.name, t.ui, t.kind, t.type FROM article_mesh l "
    "JOIN mesh_terms t ON t.id = l.mesh_id WHERE l.pmid = :pmid ORDER BY l.position",
    "substances": "SELECT s.name, s.ui, s.registry_number FROM article_substances l "
    "JOIN substances s ON s.id = l.substance_id WHERE l.pmid = :pmid ORDER BY l.position",
    "keywords": "SELECT k.keyword, l.markup, l.major, l.owner FROM article_keywords l "
    "JOIN keywords k ON k.id = l.keyword_id WHERE l.pmid = :pmid ORDER BY l.position",
    "grants": "SELECT * FROM grants WHERE pmid = :pmid ORDER BY position",
    "trials": "SELECT t.id, t.registry, l.source FROM article_trials l "
    "JOIN trials t ON t.id = l.trial_id WHERE l.pmid = :pmid ORDER BY t.id",
    "trial_articles": f"SELECT l.trial_id, {BRIEF_COLUMNS} FROM article_trials l "  # noqa: S608
    "JOIN articles a ON a.pmid = l.pmid WHERE l.pmid <> :pmid AND l.trial_id IN "
    "(SELECT trial_id FROM article_trials WHERE pmid = :pmid) ORDER BY a.published, a.pmid",
    "data_banks": "SELECT name, accession FROM data_banks WHERE pmid = :pmid ORDER BY position",
    "corrections": "SELECT c.*, o.pmid IS NOT NULL AS in_library, o.title AS other_title, "
    "o.abstract AS other_abstract "
    "FROM corrections c LEFT JOIN articles o ON o.pmid = c.other_pmid "
    "WHERE c.pmid = :pmid ORDER BY c.position",
    # Links that other records make to this one, which PubMed may not yet have made from here.
    "linked_from": "SELECT c.pmid, c.kind, c.note, a.title AS other_title, "
    "a.abstract AS other_abstract, a.published, "
    "a.published_printed, coalesce(a.journal_abbreviation, a.journal) AS journal "
    "FROM corrections c JOIN articles a ON a.pmid = c.pmid "
    "WHERE c.other_pmid = :pmid AND c.kind <> 'Cites' ORDER BY c.pmid",
    "references": "SELECT c.*, o.pmid IS NOT NULL AS in_library, coalesce(o.retracted, 0) "
    "AS retracted FROM citations c LEFT JOIN articles o ON o.pmid = c.cited_pmid "
    "WHERE c.pmid = :pmid ORDER BY c.position",
    "cited_by": f"SELECT {BRIEF_COLUMNS} FROM articles a WHERE a.pmid IN ("  # noqa: S608
    "SELECT pmid FROM citations WHERE cited_pmid = :pmid UNION "
    "SELECT pmid FROM corrections WHERE other_pmid = :pmid AND kind = 'Cites') "
    "AND a.pmid <> :pmid "  # some lists of references name the article itself
    "ORDER BY a.published DESC, a.pmid DESC",
    "ids": "SELECT kind, value, source, valid FROM article_ids WHERE pmid = :pmid "
    "ORDER BY position",
    "dates": "SELECT kind, date, time FROM article_dates WHERE pmid = :pmid ORDER BY position",
    "fields": "SELECT name, value, attributes FROM article_fields WHERE pmid = :pmid "
    "ORDER BY position",
    "findings": "SELECT facet, value, rule, source, section, quote, start, detail FROM findings "
    "WHERE pmid = :pmid ORDER BY position",
    "topics": "SELECT l.topic AS name, t.title, l.first_run, l.left_run, r.started AS since, "
    "e.started AS until FROM article_topics l JOIN topics t ON t.name = l.topic "
    "LEFT JOIN runs r ON r.id = l.first_run LEFT JOIN runs e ON e.id = l.left_run "
    "WHERE l.pmid = :pmid ORDER BY l.topic",
    "history": "SELECT c.run_id, r.started AS at, r.command, c.kind, c.fields, c.topic, "
    "c.old_hash, c.new_hash FROM changes c JOIN runs r ON r.id = c.run_id "
    "WHERE c.pmid = :pmid ORDER BY c.run_id, c.id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Rows of the library's tables (see docs/schema.md), in the record's order."""

    article: Row
    book: Row | None
    raw: Row | None
    sections: tuple[Row, ...]
    authors: tuple[Row, ...]
    investigators: tuple[Row, ...]
    types: tuple[Row, ...]
    languages: tuple[Row, ...]
    mesh: tuple[Row, ...]
    substances: tuple[Row, ...]
    keywords: tuple[Row, ...]
    grants: tuple[Row, ...]
    trials: tuple[Row, ...]
    trial_articles: tuple[Row, ...]
    data_banks: tuple[Row, ...]
    corrections: tuple[Row, ...]
    linked_from: tuple[Row, ...]
    references: tuple[Row, ...]
    cited_by: tuple[Row, ...]
    ids: tuple[Row, ...]
    dates: tuple[Row, ...]
    fields: tuple[Row, ...]
    findings: tuple[Row, ...]
    topics: tuple[Row, ...]
    history: tuple[Row, ...]

    @property
    def pmid(self) -> int:
        return int(self.article["pmid"])


def load_record(connection: sqlite3.Connection, pmid: int) -> Record | None:
    """The record with that PMID, or None when the library does not hold it."""
    article = _one(connection, _ARTICLE, pmid)
    if article is None:
        return None
    book = "SELECT * FROM books WHERE pmid = :pmid"
    raw = "SELECT format, size FROM raw_records WHERE pmid = :pmid"
    parts = {name: rows(connection, sql, pmid=pmid) for name, sql in _PARTS.items()}
    return Record(
        article=article,
        book=_one(connection, book, pmid),
        raw=_one(connection, raw, pmid),
        **parts,
    )


def rows(connection: sqlite3.Connection, sql: str, **values: Any) -> tuple[Row, ...]:
    """The rows of a query, each by column name."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor)


def _one(connection: sqlite3.Connection, sql: str, pmid: int) -> Row | None:
    return next(iter(rows(connection, sql, pmid=pmid)), None)
