"""From a record to rows: pure, one function, in the column order of the schema.

A row that refers to a lookup table (`authors`, `mesh_terms`, ...) carries the lookup's natural
key in place of its number; `store` lets SQLite put the number in. The row of `articles` ends before
the columns that are ours (`content_hash` and what follows); `store` knows those.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harvester.evidence.findings import Finding, people
from harvester.pubmed.records import Article, MeshHeading, Text

__all__ = ["Rows", "article_rows"]

Row = tuple[Any, ...]

# Data banks that are trial registries, as NLM names them (DataBankName), with the registry's name.
# The others (GENBANK, PDB, GEO, figshare, ...) hold data, not trials.
REGISTRIES = {
    "ClinicalTrials.gov": "ClinicalTrials.gov",
    "ANZCTR": "ANZCTR",
    "ChiCTR": "ChiCTR",
    "CRiS": "CRIS, Korea",
    "CTRI": "CTRI, India",
    "DRKS": "DRKS, Germany",
    "EudraCT": "EudraCT",
    "EU CTIS": "EU Clinical Trials Information System",
    "IRCT": "IRCT, Iran",
    "ISRCTN": "ISRCTN",
    "JapicCTI": "JapicCTI, Japan",
    "JMACCT": "JMACCT, Japan",
    "JPRN": "JPRN, Japan",
    "jRCT": "jRCT, Japan",
    "LBCTR": "LBCTR, Lebanon",
    "NTR": "NTR, Netherlands",
    "PACTR": "PACTR, Africa",
    "ReBec": "ReBEC, Brazil",
    "REPEC": "REPEC, Peru",
    "RPCEC": "RPCEC, Cuba",
    "SLCTR": "SLCTR, Sri Lanka",
    "TCTR": "TCTR, Thailand",
    "UMIN-CTR": "UMIN-CTR, Japan",
    "UMIN CTR": "UMIN-CTR, Japan",
}


@dataclass(slots=True)
class Rows:
    """Rows by table, lookups apart so that they are written first."""

    lookups: dict[str, list[Row]] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def findings(self) -> Iterator[tuple[int, str, str]]:
        """PMID, facet and value of each finding."""
        return (
            (pmid, facet, value) for pmid, _, facet, value, *_ in self.tables.get("findings", ())
        )

    def extend(self, other: "Rows", ours: Row) -> None:
        """Add an article's rows; `ours` is the end of its row in `articles`."""
        for mine, theirs in ((self.lookups, other.lookups), (self.tables, other.tables)):
            for table, rows in theirs.items():
                more = [(*row, *ours) for row in rows] if table == "articles" else rows
                mine.setdefault(table, []).extend(more)


def article_rows(article: Article, findings: Sequence[Finding] = ()) -> Rows:
    """All rows of one article, with what the rules found in it."""
    pmid = article.pmid
    rows = Rows()
    journal = article.journal
    if journal and journal.nlm_id:
        rows.lookups["journals"] = [
            (
                journal.nlm_id,
                journal.title,
                journal.abbreviation,
                journal.medline_ta,
                journal.issn_linking,
                journal.country,
            )
        ]
    authors = article.authors
    rows.lookups["authors"] = [(a.name, int(a.collective is not None)) for a in authors if a.name]
    rows.lookups["mesh_terms"] = [(m.name, m.kind, m.ui, m.type) for m in article.mesh]
    rows.lookups["substances"] = [(s.name, s.ui, s.registry_number) for s in article.substances]
    rows.lookups["keywords"] = [(k.text.plain,) for k in article.keywords]
    rows.lookups["publication_types"] = [(t.name, t.ui) for t in article.publication_types]
    trials = _trials(article)
    named = {number: registry for number, registry in _named(findings) if number not in trials}
    rows.lookups["trials"] = [*trials.items(), *named.items()]

    tables = rows.tables
    tables["articles"] = [_article_row(article, findings)]
    tables["abstract_sections"] = [
        (pmid, n, s.label, s.category, s.text.plain, s.text.markup, s.type, s.language, s.copyright)
        for n, s in enumerate(article.abstract, 1)
    ]
    tables["article_authors"] = [
        (
            pmid,
            n,
            a.name,
            a.last_name,
            a.fore_name,
            a.initials,
            a.suffix,
            a.orcid,
            _json(a.identifiers),
            _lines(a.affiliations),
            _json(a.affiliation_identifiers),
            a.role,
            int(a.valid),
            int(a.equal_contribution),
        )
        for n, a in enumerate(authors, 1)
        if a.name
    ]
    tables["investigators"] = [
        (
            pmid,
            n,
            " ".join(part for part in (i.last_name, i.initials or i.fore_name, i.suffix) if part),
            i.last_name,
            i.fore_name,
            i.initials,
            i.suffix,
            i.orcid,
            _lines(i.affiliations),
            i.group,
            int(i.valid),
        )
        for n, i in enumerate(article.investigators, 1)
    ]
    tables["article_mesh"] = [
        (
            pmid,
            n,
            m.name,
            m.kind,
            int(m.major),
            int(m.descriptor_major),
            "; ".join(f"{q.name}*" if q.major else q.name for q in m.qualifiers) or None,
            "; ".join(q.ui or "" for q in m.qualifiers) or None,
        )
        for n, m in enumerate(article.mesh, 1)
    ]
    tables["article_substances"] = [(pmid, n, s.name) for n, s in enumerate(article.substances, 1)]
    tables["article_keywords"] = [
        (pmid, n, k.text.plain, k.text.markup, int(k.major), k.owner)
        for n, k in enumerate(article.keywords, 1)
    ]
    tables["article_publication_types"] = [
        (pmid, n, t.name) for n, t in enumerate(article.publication_types, 1)
    ]
    tables["article_languages"] = [
        (pmid, n, language) for n, language in enumerate(article.languages, 1)
    ]
    tables["grants"] = [
        (pmid, n, g.grant_id, g.acronym, g.agency, g.country)
        for n, g in enumerate(article.grants, 1)
    ]
    tables["data_banks"] = [
        (pmid, n, d.name, d.accession) for n, d in enumerate(article.data_banks, 1)
    ]
    tables["article_trials"] = [
        *((pmid, trial, "databank") for trial in trials),
        *((pmid, trial, "abstract") for trial in named),
    ]
    tables["findings"] = [
        (
            pmid,
            n,
            f.facet,
            f.value,
            f.rule,
            f.source,
            f.section,
            f.quote,
            f.start,
            json.dumps(dict(f.detail), ensure_ascii=False) if f.detail else None,
        )
        for n, f in enumerate(findings, 1)
    ]
    tables["corrections"] = [
        (pmid, n, c.kind, c.pmid, c.source, c.note) for n, c in enumerate(article.corrections, 1)
    ]
    tables["citations"] = [
        (pmid, n, r.pmid, r.citation.plain if r.citation else None, _json(r.ids), r.section)
        for n, r in enumerate(article.references, 1)
    ]
    tables["article_ids"] = [
        (pmid, n, i.kind, i.value, i.source, int(i.valid)) for n, i in enumerate(article.ids, 1)
    ]
    tables["article_dates"] = [
        (pmid, n, d.kind, d.iso, d.time) for n, d in enumerate(article.dates, 1)
    ]
    tables["article_fields"] = [
        (pmid, n, o.name, o.value, _json(o.attributes)) for n, o in enumerate(article.other, 1)
    ]
    if article.book:
        tables["books"] = [_book_row(article)]
    return Rows(lookups=_filled(rows.lookups), tables=_filled(tables))


def _filled(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {table: values for table, values in rows.items() if values}


def _article_row(article: Article, findings: Sequence[Finding]) -> Row:
    journal, published = article.journal, article.published
    title = journal.title if journal else article.book.title.plain if article.book else None
    copyrights = [s.copyright for s in article.own_abstract if s.copyright]
    return (
        article.pmid,
        article.title.plain,
        article.title.markup,
        article.vernacular_title.plain if article.vernacular_title else None,
        article.abstract_text,
        _joined(a.name for a in article.authors),
        _joined(_heading(m) for m in article.mesh),
        _joined(k.text.plain for k in article.keywords),
        _joined(s.name for s in article.substances),
        title,
        journal.nlm_id if journal else None,
        journal.abbreviation or journal.medline_ta if journal else None,
        journal.issn if journal else None,
        article.volume,
        article.issue,
        article.pages,
        published.year if published else None,
        published.iso if published else None,
        published.printed if published else None,
        article.date("article-Electronic"),
        article.doi,
        article.id("pmc"),
        article.languages[0] if article.languages else None,
        journal.country if journal else None,
        "book" if article.book else "article",
        article.status,
        article.indexing_method,
        article.publication_model,
        article.publication_status,
        article.date("entrez"),
        article.date("pubmed"),
        article.date("medline"),
        article.date("completed"),
        article.date("revised"),
        int(article.retracted),
        int(article.concern),
        int(article.corrected),
        int(article.retraction_notice),
        int(article.abstract_text is not None),
        article.coi_statement.plain if article.coi_statement else None,
        copyrights[0] if copyrights else None,
        int(article.authors_complete),
        int(article.grants_complete),
        article.cited_medium,
        article.owner,
        _joined(article.citation_subsets),
        article.version,
        next((f.value for f in findings if f.facet == "design"), None),
        people(findings),
    )


def _book_row(article: Article) -> Row:
    book = article.book
    assert book is not None  # noqa: S101 (the caller asked)
    sections = [
        {
            "level": s.level,
            "label": s.label,
            "title": s.title.markup or s.title.plain,
            "part": s.part,
            "anchor": s.anchor,
        }
        for s in book.sections
    ]
    return (
        article.pmid,
        book.title.plain,
        book.bookshelf_id,
        book.publisher,
        book.publisher_location,
        *(d.iso or d.printed if d else None for d in (book.published, book.beginning)),
        *(d.iso or d.printed if d else None for d in (book.ending, book.contribution)),
        book.edition,
        book.volume,
        book.volume_title.plain if book.volume_title else None,
        book.collection_title.plain if book.collection_title else None,
        _joined(book.isbns),
        book.medium,
        _joined(book.report_numbers),
        book.part,
        _json(book.location_labels),
        json.dumps(sections, ensure_ascii=False) if sections else None,
    )


def _trials(article: Article) -> dict[str, str]:
    """Registration numbers from the data banks, with their registry."""
    trials: dict[str, str] = {}
    for bank in article.data_banks:
        registry = REGISTRIES.get(bank.name)
        if registry:
            trials.setdefault(re.sub(r"\s+", " ", bank.accession.strip()), registry)
    return trials


def _named(findings: Iterable[Finding]) -> Iterable[tuple[str, str]]:
    """Registration numbers that the text names, with their registry."""
    return ((f.value, str(f.detail["registry"])) for f in findings if f.facet == "registration")


def _heading(mesh: MeshHeading) -> str:
    return "/".join((mesh.name, *(q.name for q in mesh.qualifiers)))


def _joined(parts: Iterable[str]) -> str | None:
    return "; ".join(part for part in parts if part) or None


def _lines(texts: Iterable[Text]) -> str | None:
    return "\n".join(text.plain for text in texts) or None


def _json(pairs: tuple[tuple[str, str], ...]) -> str | None:
    return json.dumps(pairs, ensure_ascii=False) if pairs else None
