"""Records as the library holds them: PubMed's part as it was parsed, and what the library adds."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from harvester.evidence.findings import Finding, people
from harvester.evidence.wording import name_of, standing_of
from harvester.library.notices import RETRACTING
from harvester.library.parts import Trial, one_text, read_parts, several
from harvester.pubmed.records import Article, Correction, Journal, PubDate, Text

__all__ = ["Holding", "by_year", "read_holdings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A record with its findings.

    `linked_from` are links that other records here make to this one (`pmid` is theirs). `topics`
    are the searches that find it now. Of the built-in sample, `invented` is true.
    """

    article: Article
    findings: tuple[Finding, ...] = ()
    trials: tuple[Trial, ...] = ()
    linked_from: tuple[Correction, ...] = ()
    topics: tuple[str, ...] = ()
    withdrawn: str | None = None
    invented: bool = False

    @property
    def retracted(self) -> bool:
        """True also when a notice here says so before PubMed has marked the record itself."""
        return self.article.retracted or any(c.kind in RETRACTING for c in self.linked_from)

    def said(self, facet: str) -> tuple[str, ...]:
        """What is found of the facet, in words; what is reported as absent is named so."""
        found = (
            (name_of(f.facet, f.value, f.detail), standing_of(f.detail))
            for f in self.findings
            if f.facet == facet
        )
        words = (f"{name} ({standing})" if standing else name for name, standing in found)
        return tuple(dict.fromkeys(words))

    @property
    def design(self) -> str | None:
        """The study design, by rule."""
        return next((f.value for f in self.findings if f.facet == "design"), None)

    @property
    def sample_size(self) -> int | None:
        """The number of participants, by rule, where it is sure."""
        return people(self.findings)


_BATCH = 200  # records with all their rows: a few megabytes

# Columns with the names of what they are in a record.
_SAME = (
    *("version", "volume", "issue", "cited_medium", "pages", "status", "owner"),
    *("indexing_method", "publication_model", "publication_status"),
)
_ARTICLES = (
    f"SELECT a.pmid, {', '.join(f'a.{name}' for name in _SAME)}, title, title_markup, "  # noqa: S608
    "vernacular_title, kind, journal, journal_abbreviation, journal_id, issn, country, published, "
    "published_printed, coi_statement, citation_subsets, authors_complete, grants_complete, "
    "withdrawn, medline_ta, issn_linking FROM articles a "
    "LEFT JOIN (SELECT nlm_id, medline_ta, issn_linking FROM journals) ON nlm_id = journal_id "
    "WHERE a.pmid IN (SELECT value FROM json_each(?))"
)
_INVENTED = "SELECT count(*) FROM settings WHERE name = 'kind' AND value = 'sample'"


def read_holdings(connection: sqlite3.Connection, pmids: Iterable[int]) -> Iterator[Holding]:
    """The records, in the order asked for; those that the library does not hold are passed over.

    They are read in batches, so that memory stays the same however many there are.
    """
    cursor = connection.cursor()
    cursor.row_factory = None
    (invented,) = cursor.execute(_INVENTED).fetchone()
    rest = iter(pmids)
    while batch := tuple(islice(rest, _BATCH)):
        asked = json.dumps(batch)
        with _of_one_moment(connection):
            rows = cursor.execute(_ARTICLES, (asked,))
            names = [column[0] for column in rows.description]
            found = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
            parts = read_parts(cursor, asked)
        for pmid in batch:
            if pmid in found:
                of = {name: by_pmid.get(pmid, ()) for name, by_pmid in parts.items()}
                yield _holding(found[pmid], of, invented=bool(invented))


def by_year(connection: sqlite3.Connection, pmids: Iterable[int]) -> list[int]:
    """The records in the order of year and PMID, those without a year first."""
    asked = json.dumps(list(pmids))
    rows = connection.execute(
        "SELECT pmid FROM articles WHERE pmid IN (SELECT value FROM json_each(?)) "
        "ORDER BY year, pmid",
        (asked,),
    )
    return [row[0] for row in rows]


@contextmanager
def _of_one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """A record is never read half before, half after a harvest has written it."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


# Parts that the library adds.
_OURS = ("findings", "trials", "linked_from", "topics")


def _holding(row: Mapping[str, Any], of: dict[str, Any], *, invented: bool) -> Holding:
    ours = {name: of.pop(name) for name in _OURS}
    book = of.pop("book")
    published, printed = row["published"], row["published_printed"]
    article = Article(
        pmid=row["pmid"],
        title=Text(plain=row["title"], markup=row["title_markup"]),
        vernacular_title=one_text(row["vernacular_title"]),
        journal=_journal(row) if row["journal"] and row["kind"] == "article" else None,
        book=book[0] if book else None,
        published=PubDate(iso=published, printed=printed or published) if printed else None,
        coi_statement=one_text(row["coi_statement"]),
        citation_subsets=several(row["citation_subsets"]),
        authors_complete=bool(row["authors_complete"]),
        grants_complete=bool(row["grants_complete"]),
        **{name: row[name] for name in _SAME},
        **of,
    )
    return Holding(article=article, withdrawn=row["withdrawn"], invented=invented, **ours)


def _journal(row: Mapping[str, Any]) -> Journal:
    return Journal(
        title=row["journal"],
        abbreviation=row["journal_abbreviation"],
        medline_ta=row["medline_ta"],
        nlm_id=row["journal_id"],
        issn=row["issn"],
        issn_linking=row["issn_linking"],
        country=row["country"],
    )
