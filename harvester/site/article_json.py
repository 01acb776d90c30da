"""`/article/<pmid>.json`: everything the library holds of a record, under names that stay."""

import json
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from harvester.site.findings import detail_of, name_of
from harvester.site.links import article_path, pubmed_url, trial_url
from harvester.site.record import Record, Row
from harvester.site.related import Related

__all__ = ["article_json"]

_ARTICLE = (
    *("kind", "title", "title_markup", "vernacular_title", "year", "published"),
    *("published_printed", "published_online", "volume", "issue", "pages", "doi", "pmcid"),
    *("country", "cited_medium", "publication_model", "publication_status", "copyright"),
    *("version", "owner", "entered", "pubmed_date", "mesh_date", "completed", "revised"),
)
_AUTHOR = ("position", "name", "last_name", "fore_name", "initials", "suffix", "orcid", "role")
_BOOK = (
    *("title", "bookshelf_id", "publisher", "publisher_location", "published", "beginning"),
    *("ending", "contribution", "edition", "volume", "volume_title", "collection_title", "medium"),
)


def article_json(record: Record, related: Iterable[Related] = ()) -> dict[str, Any]:
    """The record as plain data; dates are ISO, times UTC, a list is empty rather than missing."""
    article = record.article
    own = [s for s in record.sections if s["type"] is None]
    return {
        "pmid": record.pmid,
        "url": article_path(record.pmid),
        "pubmed_url": pubmed_url(record.pmid),
        **_pick(article, _ARTICLE),
        "standing": {
            **{
                name: bool(article[name])
                for name in ("retracted", "concern", "corrected", "retraction_notice")
            },
            "withdrawn": article["withdrawn"],
        },
        "languages": [row["language"] for row in record.languages],
        "journal": _journal(article) if not record.book else None,
        "book": _book(record.book) if record.book else None,
        "abstract": [_section(s) for s in own],
        "other_abstracts": [
            {**_section(s), **_pick(s, ("type", "language", "copyright"))}
            for s in record.sections
            if s["type"] is not None
        ],
        "authors": [_author(a) for a in record.authors],
        "authors_complete": bool(article["authors_complete"]),
        "investigators": [
            {
                **_pick(i, (*_AUTHOR[:7], "list_id")),
                "affiliations": _lines(i["affiliation"]),
                "valid": bool(i["valid"]),
            }
            for i in record.investigators
        ],
        "publication_types": [dict(row) for row in record.types],
        "mesh": [_mesh(row) for row in record.mesh],
        "indexing_method": article["indexing_method"],
        "substances": [dict(row) for row in record.substances],
        "keywords": [{**row, "major": bool(row["major"])} for row in record.keywords],
        "trials": [{**row, "url": trial_url(row["id"], row["registry"])} for row in record.trials],
        "data_banks": [dict(row) for row in record.data_banks],
        "grants": _without(record.grants, "pmid", "position"),
        "grants_complete": bool(article["grants_complete"]),
        "conflict_of_interest": article["coi_statement"],
        "corrections": [_link(row) for row in record.corrections],
        "linked_from": [_pick(row, ("pmid", "kind", "note")) for row in record.linked_from],
        "references": [
            {
                **_pick(row, ("position", "citation", "section")),
                "pmid": row["cited_pmid"],
                "ids": _pairs(row["ids"], "kind"),
                "in_library": bool(row["in_library"]),
            }
            for row in record.references
        ],
        "cited_by": [row["pmid"] for row in record.cited_by],
        "related": [_related(item) for item in related],
        "findings": [_finding(row) for row in record.findings],
        "ids": [{**row, "valid": bool(row["valid"])} for row in record.ids],
        "dates": [dict(row) for row in record.dates],
        "fields": [
            {**row, "attributes": dict(json.loads(row["attributes"] or "[]"))}
            for row in record.fields
        ],
        "citation_subsets": _split(article["citation_subsets"]),
        "status": article["status"],
        "topics": [_pick(row, ("name", "title", "first_run", "left_run")) for row in record.topics],
        "history": [
            {
                **_pick(row, ("run_id", "at", "kind", "topic", "old_hash", "new_hash")),
                "fields": json.loads(row["fields"] or "[]"),
            }
            for row in record.history
        ],
        "provenance": {
            **_pick(article, ("source", "first_seen", "first_run", "last_changed", "last_run")),
            "content_hash": article["content_hash"],
            "original": _original(record.pmid, record.raw) if record.raw else None,
        },
    }


def _journal(article: Row) -> dict[str, Any] | None:
    if not article["journal"]:
        return None
    return {
        "title": article["journal"],
        "abbreviation": article["journal_abbreviation"],
        "medline_ta": article["medline_ta"],
        "nlm_id": article["journal_id"],
        "issn": article["issn"],
        "issn_linking": article["issn_linking"],
    }


def _book(book: Row) -> dict[str, Any]:
    return {
        **_pick(book, _BOOK),
        "isbns": _split(book["isbns"]),
        "report_numbers": _split(book["report_numbers"]),
        "location_labels": _pairs(book["location_labels"], "type"),
        "sections": json.loads(book["sections"] or "[]"),
    }


def _section(row: Row) -> dict[str, Any]:
    return _pick(row, ("label", "category", "text", "markup"))


def _author(row: Row) -> dict[str, Any]:
    return {
        **_pick(row, _AUTHOR),
        "collective": bool(row["collective"]),
        "affiliations": _lines(row["affiliation"]),
        "identifiers": _pairs(row["identifiers"], "source"),
        "affiliation_identifiers": _pairs(row["affiliation_identifiers"], "source"),
        "equal_contribution": bool(row["equal_contribution"]),
        "valid": bool(row["valid"]),
    }


def _mesh(row: Row) -> dict[str, Any]:
    names, uis = _split(row["qualifiers"]), _split(row["qualifier_uis"])
    return {
        **_pick(row, ("name", "ui", "kind", "type")),
        "major": bool(row["major"]),
        "descriptor_major": bool(row["descriptor_major"]),
        "qualifiers": [
            {"name": name.removesuffix("*"), "ui": ui or None, "major": name.endswith("*")}
            for name, ui in zip_longest(names, uis, fillvalue="")
        ],
    }


def _link(row: Row) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "pmid": row["other_pmid"],
        "source": row["source"],
        "note": row["note"],
        "in_library": bool(row["in_library"]),
    }


def _related(item: Related) -> dict[str, Any]:
    article = item.article
    return {
        "pmid": article.pmid,
        "title": article.title.striptags(),
        "year": article.year,
        "url": article.href,
        "retracted": bool(article.status and article.status.state == "retracted"),
        "score": item.score,
        "reasons": [
            {"kind": reason.kind, "text": reason.says, "values": list(reason.values)}
            for reason in item.reasons
        ],
    }


def _finding(row: Row) -> dict[str, Any]:
    found = _pick(row, ("facet", "value", "rule", "source", "section", "quote", "start"))
    return {**found, "label": name_of(row), "detail": dict(detail_of(row))}


def _original(pmid: int, raw: Row) -> dict[str, Any]:
    suffix = "xml" if raw["format"] == "xml" else "txt"
    return {"url": f"{article_path(pmid)}.{suffix}", "bytes": raw["size"]}


def _pick(row: Row, names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _without(rows: Iterable[Row], *names: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key not in names} for row in rows]


def _pairs(text: str | None, name: str) -> list[dict[str, str]]:
    return [{name: key, "value": value} for key, value in json.loads(text or "[]")]


def _lines(text: str | None) -> list[str]:
    return text.split("\n") if text else []


def _split(text: str | None) -> list[str]:
    return text.split("; ") if text else []
