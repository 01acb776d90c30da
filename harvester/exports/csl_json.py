"""CSL-JSON, what citation processors read (citation style language data schema 1.0.2)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from harvester.exports.reference import (
    date_of,
    doi_of,
    journal_of,
    keywords,
    kind_of,
    line,
    notes,
    page_range,
    people,
    pmcid_of,
    pubmed_url,
    status,
    title,
)
from harvester.exports.table import found
from harvester.library.holdings import Holding
from harvester.pubmed.records import Author

__all__ = ["item", "write"]

_TYPES = {
    "article": "article-journal",
    "preprint": "article",
    "book": "book",
    "chapter": "chapter",
}


def write(records: Iterable[Holding]) -> Iterator[str]:
    """One JSON list, an item at a time."""
    before = "[\n"
    for holding in records:
        yield before + json.dumps(item(holding), ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def item(holding: Holding) -> dict[str, Any]:
    """The record as an item; what CSL has no name for is in `custom`."""
    article = holding.article
    date = date_of(holding)
    first, last = page_range(article.pages)
    journal, abbreviation = journal_of(holding)
    book = article.book
    parts = {
        "id": f"pmid{article.pmid}",
        "type": _TYPES[kind_of(holding)],
        "title": title(holding),
        "original-title": line(article.vernacular_title.plain if article.vernacular_title else ""),
        "author": [_name(author) for author in people(holding)],
        "editor": [_name(editor) for editor in people(holding, "editor")],
        "container-title": journal,
        "container-title-short": abbreviation,
        "issued": {"date-parts": [[n for n in (date.year, date.month, date.day) if n]]}
        if date
        else None,
        "volume": line(article.volume),
        "issue": line(article.issue),
        "page": f"{first}-{last}" if last else first,
        "publisher": line(book.publisher) if book else "",
        "publisher-place": line(book.publisher_location) if book else "",
        "edition": line(book.edition) if book else "",
        "ISBN": " ".join(map(line, book.isbns)) if book else "",
        "ISSN": line(article.journal.issn) if article.journal else "",
        "DOI": doi_of(holding),
        "PMID": str(article.pmid),
        "PMCID": pmcid_of(holding),
        "URL": pubmed_url(holding),
        "source": "PubMed",
        "status": ", ".join(status(holding)),
        "note": "\n".join(notes(holding)),
        "keyword": "; ".join(keywords(holding)),
        "abstract": line(article.abstract_text),
        "custom": {"retracted": holding.retracted, **found(holding)},
    }
    return {name: value for name, value in parts.items() if value}


def _name(author: Author) -> dict[str, str]:
    if author.collective is not None or not line(author.last_name):
        return {"literal": line(author.name)}
    parts = {
        "family": line(author.last_name),
        "given": line(author.fore_name or author.initials),
        "suffix": line(author.suffix),
    }
    return {name: value for name, value in parts.items() if value}
