"""JSON Lines: one document an article, for search engines and programs.

The names are those of `/article/<pmid>.json`, and so are the values.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from harvester.exports.reference import pubmed_url, status
from harvester.library.holdings import Holding
from harvester.pubmed.records import AbstractSection, Article, Author, MeshHeading

__all__ = ["document", "write"]

# JSON may have these as they are, but some readers end a line at them.
_LINE_ENDS = {number: f"\\u{number:04x}" for number in (0x85, 0x2028, 0x2029)}


def write(records: Iterable[Holding]) -> Iterator[str]:
    """The file, a line at a time."""
    return map(_line, records)


def _line(holding: Holding) -> str:
    text = json.dumps(document(holding), ensure_ascii=False)
    return f"{text.translate(_LINE_ENDS)}\n"


def document(holding: Holding) -> dict[str, Any]:
    """The record as plain data; a list is empty rather than missing."""
    article = holding.article
    return {
        "pmid": article.pmid,
        "pubmed_url": pubmed_url(holding),
        "status": list(status(holding)),
        "retracted": holding.retracted,
        "kind": "book" if article.book else "article",
        "title": article.title.plain,
        "title_markup": article.title.markup,
        "vernacular_title": article.vernacular_title.plain if article.vernacular_title else None,
        "abstract_text": article.abstract_text,
        "abstract": [_section(s) for s in article.own_abstract],
        "authors": [_author(n, author) for n, author in enumerate(article.authors, 1)],
        "journal": _journal(article),
        "book": _book(article),
        "year": article.published.year if article.published else None,
        "published": article.published.iso if article.published else None,
        "published_printed": article.published.printed if article.published else None,
        "published_online": article.date("article-Electronic"),
        "volume": article.volume,
        "issue": article.issue,
        "pages": article.pages,
        "doi": article.doi,
        "pmcid": article.id("pmc"),
        "languages": list(article.languages),
        "publication_types": [{"name": t.name, "ui": t.ui} for t in article.publication_types],
        "mesh": [_mesh(heading) for heading in article.mesh],
        "substances": [
            {"name": s.name, "ui": s.ui, "registry_number": s.registry_number}
            for s in article.substances
        ],
        "keywords": [
            {
                "keyword": k.text.plain,
                "markup": k.text.markup,
                "major": k.major,
                "owner": k.owner,
            }
            for k in article.keywords
        ],
        "design": holding.design,
        "sample_size": holding.sample_size,
        "findings": [
            {
                "facet": f.facet,
                "value": f.value,
                "rule": f.rule,
                "source": f.source,
                "section": f.section,
                "quote": f.quote,
                "start": f.start,
                "detail": dict(f.detail),
            }
            for f in holding.findings
        ],
        "trials": [
            {"id": t.id, "registry": t.registry, "source": t.source} for t in holding.trials
        ],
        "grants": [
            {
                "grant_id": g.grant_id,
                "acronym": g.acronym,
                "agency": g.agency,
                "country": g.country,
            }
            for g in article.grants
        ],
        "conflict_of_interest": article.coi_statement.plain if article.coi_statement else None,
        "corrections": [
            {"kind": c.kind, "pmid": c.pmid, "source": c.source, "note": c.note}
            for c in article.corrections
        ],
        "linked_from": [
            {"kind": c.kind, "pmid": c.pmid, "note": c.note} for c in holding.linked_from
        ],
        "cites": [r.pmid for r in article.references if r.pmid],
        "ids": [
            {"kind": i.kind, "value": i.value, "source": i.source, "valid": i.valid}
            for i in article.ids
        ],
        "dates": [{"kind": d.kind, "date": d.iso, "time": d.time} for d in article.dates],
        "entered": article.date("entrez"),
        "revised": article.date("revised"),
        "topics": list(holding.topics),
        "withdrawn": holding.withdrawn,
        "invented": holding.invented,
    }


def _section(section: AbstractSection) -> dict[str, Any]:
    return {
        "label": section.label,
        "category": section.category,
        "text": section.text.plain,
        "markup": section.text.markup,
    }


def _author(position: int, author: Author) -> dict[str, Any]:
    return {
        "position": position,
        "name": author.name,
        "last_name": author.last_name,
        "fore_name": author.fore_name,
        "initials": author.initials,
        "suffix": author.suffix,
        "orcid": author.orcid,
        "role": author.role,
        "collective": author.collective is not None,
        "affiliations": [text.plain for text in author.affiliations],
        "valid": author.valid,
    }


def _journal(article: Article) -> dict[str, Any] | None:
    journal = article.journal
    if journal is None:
        return None
    return {
        "title": journal.title,
        "abbreviation": journal.abbreviation,
        "medline_ta": journal.medline_ta,
        "nlm_id": journal.nlm_id,
        "issn": journal.issn,
        "issn_linking": journal.issn_linking,
    }


def _book(article: Article) -> dict[str, Any] | None:
    book = article.book
    if book is None:
        return None
    return {
        "title": book.title.plain,
        "bookshelf_id": book.bookshelf_id,
        "publisher": book.publisher,
        "publisher_location": book.publisher_location,
        "edition": book.edition,
        "isbns": list(book.isbns),
    }


def _mesh(heading: MeshHeading) -> dict[str, Any]:
    return {
        "name": heading.name,
        "ui": heading.ui,
        "kind": heading.kind,
        "type": heading.type,
        "major": heading.major,
        "descriptor_major": heading.descriptor_major,
        "qualifiers": [{"name": q.name, "ui": q.ui, "major": q.major} for q in heading.qualifiers],
    }
