"""The parts of a record, read back from their tables as they were parsed (see `rows`)."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from harvester.evidence.findings import Finding
from harvester.pubmed.records import (
    AbstractSection,
    ArticleId,
    Author,
    Book,
    BookSection,
    Correction,
    DataBank,
    Grant,
    HistoryDate,
    Investigator,
    Keyword,
    MeshHeading,
    OtherField,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
    Text,
)

__all__ = ["Trial", "one_text", "read_parts", "several"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A trial that the record names; `source` is databank or abstract."""

    id: str
    registry: str
    source: str


def read_parts(cursor: sqlite3.Cursor, pmids: str) -> Mapping[str, Mapping[int, tuple[Any, ...]]]:
    """For each kind of part, the parts of each record; `pmids` is a JSON list."""
    return {name: _read(cursor, part, pmids) for name, part in _PARTS.items()}


def _read(
    cursor: sqlite3.Cursor, part: tuple[str, Callable[..., Any]], pmids: str
) -> dict[int, tuple[Any, ...]]:
    sql, make = part
    rows = groupby(cursor.execute(sql, (pmids,)), key=itemgetter(0))
    return {pmid: tuple(make(*row[1:]) for row in group) for pmid, group in rows}


def _section(*row: str | None) -> AbstractSection:
    label, category, text, markup, kind, language, rights = row
    return AbstractSection(
        text=Text(plain=text or "", markup=markup),
        label=label,
        category=category,
        type=kind,
        language=language,
        copyright=rights,
    )


def _author(*row: Any) -> Author:
    name, collective, last, fore, initials, suffix, orcid, ids, affiliation, theirs, *rest = row
    role, valid, equal = rest
    return Author(
        last_name=last,
        fore_name=fore,
        initials=initials,
        suffix=suffix,
        collective=Text(plain=name) if collective else None,
        orcid=orcid,
        identifiers=_pairs(ids),
        affiliations=_lines(affiliation),
        affiliation_identifiers=_pairs(theirs),
        role=role,
        valid=bool(valid),
        equal_contribution=bool(equal),
    )


def _investigator(*row: Any) -> Investigator:
    last, fore, initials, suffix, orcid, affiliation, group, valid = row
    return Investigator(
        last_name=last,
        fore_name=fore,
        initials=initials,
        suffix=suffix,
        orcid=orcid,
        affiliations=_lines(affiliation),
        group=group,
        valid=bool(valid),
    )


def _mesh(*row: Any) -> MeshHeading:
    name, ui, major, descriptor_major, kind, type_, qualifiers, uis = row
    starred = several(qualifiers)
    of_mesh = uis.split("; ") if uis else [""] * len(starred)
    return MeshHeading(
        name=name,
        ui=ui,
        major=bool(major),
        descriptor_major=bool(descriptor_major),
        kind=kind,
        type=type_,
        qualifiers=tuple(
            Qualifier(name=q.removesuffix("*"), ui=ui or None, major=q.endswith("*"))
            for q, ui in zip(starred, of_mesh, strict=False)
        ),
    )


def _reference(pmid: int | None, citation: str | None, ids: str | None, section: str | None) -> Any:
    return Reference(citation=one_text(citation), pmid=pmid, ids=_pairs(ids), section=section)


def _finding(*row: Any) -> Finding:
    facet, value, rule, source, section, quote, start, detail = row
    return Finding(
        facet=facet,
        value=value,
        rule=rule,
        source=source,
        section=section,
        quote=quote or "",
        start=start,
        detail=json.loads(detail) if detail else {},
    )


def _book(*row: Any) -> Book:
    title, shelf, part, publisher, place, published, beginning, ending, contribution, *rest = row
    edition, volume, volume_title, collection, isbns, medium, reports, labels, sections = rest
    return Book(
        title=Text(plain=title),
        bookshelf_id=shelf,
        part=part,
        publisher=publisher,
        publisher_location=place,
        published=_date(published),
        beginning=_date(beginning),
        ending=_date(ending),
        contribution=_date(contribution),
        edition=edition,
        volume=volume,
        volume_title=one_text(volume_title),
        collection_title=one_text(collection),
        isbns=several(isbns),
        medium=medium,
        report_numbers=several(reports),
        location_labels=_pairs(labels),
        sections=tuple(
            BookSection(
                title=Text(plain=section["title"]),
                label=section["label"],
                level=section["level"],
                part=section["part"],
                anchor=section["anchor"],
            )
            for section in json.loads(sections or "[]")
        ),
    )


def one_text(plain: str | None) -> Text | None:
    return Text(plain=plain) if plain is not None else None


def _date(text: str | None) -> PubDate | None:
    iso = text if text and text[:4].isdecimal() else None
    return PubDate(iso=iso, printed=text) if text else None


def several(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("; ")) if text else ()


def _lines(text: str | None) -> tuple[Text, ...]:
    return tuple(Text(plain=line) for line in text.split("\n")) if text else ()


def _pairs(text: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in json.loads(text)) if text else ()


def _of(columns: str, tables: str, position: str = "position") -> str:
    """The rows of some records, PMID first, in the order of each record."""
    return (
        f"SELECT l.pmid, {columns} FROM {tables} "  # noqa: S608 (our own words)
        f"WHERE l.pmid IN (SELECT value FROM json_each(?)) ORDER BY l.pmid, l.{position}"
    )


# For each part of a record its rows, and what one of them makes.
_PARTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "abstract": (
        _of("label, category, text, markup, type, language, copyright", "abstract_sections l"),
        _section,
    ),
    "authors": (
        _of(
            "n.name, n.collective, last_name, fore_name, initials, suffix, orcid, identifiers, "
            "affiliation, affiliation_identifiers, role, valid, equal_contribution",
            "article_authors l JOIN authors n ON n.id = l.author_id",
        ),
        _author,
    ),
    "investigators": (
        _of(
            "last_name, fore_name, initials, suffix, orcid, affiliation, list_id, valid",
            "investigators l",
        ),
        _investigator,
    ),
    "mesh": (
        _of(
            "t.name, t.ui, major, descriptor_major, t.kind, t.type, qualifiers, qualifier_uis",
            "article_mesh l JOIN mesh_terms t ON t.id = l.mesh_id",
        ),
        _mesh,
    ),
    "substances": (
        _of(
            "s.name, s.ui, s.registry_number",
            "article_substances l JOIN substances s ON s.id = l.substance_id",
        ),
        lambda name, ui, number: Substance(name=name, ui=ui, registry_number=number),
    ),
    "keywords": (
        _of(
            "k.keyword, markup, major, owner",
            "article_keywords l JOIN keywords k ON k.id = l.keyword_id",
        ),
        lambda plain, markup, major, owner: Keyword(
            text=Text(plain=plain, markup=markup), major=bool(major), owner=owner
        ),
    ),
    "publication_types": (
        _of(
            "t.name, t.ui",
            "article_publication_types l JOIN publication_types t ON t.id = l.publication_type_id",
        ),
        lambda name, ui: PublicationType(name=name, ui=ui),
    ),
    "languages": (_of("language", "article_languages l"), str),
    "grants": (
        _of("grant_id, acronym, agency, country", "grants l"),
        lambda grant_id, acronym, agency, country: Grant(
            grant_id=grant_id, acronym=acronym, agency=agency, country=country
        ),
    ),
    "data_banks": (
        _of("name, accession", "data_banks l"),
        lambda name, accession: DataBank(name=name, accession=accession),
    ),
    "corrections": (
        _of("kind, other_pmid, source, note", "corrections l"),
        lambda kind, pmid, source, note: Correction(kind=kind, pmid=pmid, source=source, note=note),
    ),
    "references": (_of("cited_pmid, citation, ids, section", "citations l"), _reference),
    "ids": (
        _of("kind, value, source, valid", "article_ids l"),
        lambda kind, value, source, valid: ArticleId(
            kind=kind, value=value, source=source, valid=bool(valid)
        ),
    ),
    "dates": (
        _of("kind, date, time", "article_dates l"),
        lambda kind, iso, time: HistoryDate(kind=kind, iso=iso, time=time),
    ),
    "other": (
        _of("name, value, attributes", "article_fields l"),
        lambda name, value, attributes: OtherField(
            name=name, value=value, attributes=_pairs(attributes)
        ),
    ),
    "book": (
        _of(
            "title, bookshelf_id, part, publisher, publisher_location, published, beginning, "
            "ending, contribution, edition, volume, volume_title, collection_title, isbns, medium, "
            "report_numbers, location_labels, sections",
            "books l",
            "pmid",
        ),
        _book,
    ),
    "findings": (
        _of("facet, value, rule, source, section, quote, start, detail", "findings l"),
        _finding,
    ),
    "trials": (
        _of(
            "trial_id, t.registry, source",
            "article_trials l JOIN trials t ON t.id = l.trial_id",
            "trial_id",
        ),
        lambda number, registry, source: Trial(id=number, registry=registry, source=source),
    ),
    "topics": (
        _of("topic", "(SELECT * FROM article_topics WHERE left_run IS NULL) l", "topic"),
        str,
    ),
    # `pmid` is here the record that has the link.
    "linked_from": (
        "SELECT other_pmid, kind, pmid, note FROM corrections "
        "WHERE other_pmid IN (SELECT value FROM json_each(?)) AND kind <> 'Cites' "
        "ORDER BY other_pmid, pmid, position",
        lambda kind, pmid, note: Correction(kind=kind, pmid=pmid, note=note),
    ),
}
