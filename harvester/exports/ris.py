"""RIS, the format that every reference manager and screening tool reads (by rispy).

Where tags differ between programs, what Zotero, EndNote and ASReview agree on is written: the
journal in T2 and J2, the PMID in AN with DB, notes in N1. docs/decisions/0020 has the table.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import rispy

from harvester.exports.reference import (
    Date,
    date_of,
    doi_of,
    journal_of,
    keywords,
    kind_of,
    line,
    notes,
    page_range,
    people,
    pubmed_url,
    title,
)
from harvester.library.holdings import Holding
from harvester.pubmed.records import Author

__all__ = ["record", "write"]

_TYPES = {"article": "JOUR", "preprint": "UNPB", "book": "BOOK", "chapter": "CHAP"}


class _Writer(rispy.RisWriter):  # type: ignore[misc]  # rispy has no types
    """Without the number that rispy writes above each record, which other readers stumble over."""

    def set_header(self, count: int) -> str:
        return ""


def write(records: Iterable[Holding]) -> Iterator[str]:
    """The file, a record at a time."""
    return map(record, records)


def record(holding: Holding) -> str:
    """One record, with an empty line after it."""
    # rispy writes None as a word, and takes a text where a list is wanted for a list of letters.
    fields = {name: value for name, value in _fields(holding).items() if value}
    return f"{rispy.dumps([fields], implementation=_Writer)}\n"


def _fields(holding: Holding) -> dict[str, Any]:
    """The record under rispy's names, in the order of the lines."""
    article = holding.article
    date = date_of(holding)
    first, last = page_range(article.pages)
    journal, abbreviation = journal_of(holding)
    book = article.book
    vernacular = article.vernacular_title
    return {
        "type_of_reference": _TYPES[kind_of(holding)],
        "title": title(holding),
        "translated_title": line(vernacular.plain) if vernacular else "",
        "authors": [_name(author) for author in people(holding)],
        "secondary_authors": [_name(editor) for editor in people(holding, "editor")],
        "secondary_title": journal,
        "alternate_title1": abbreviation,
        "year": str(date.year) if date else "",
        "date": _date(date),
        "volume": line(article.volume),
        "number": line(article.issue),
        "start_page": first,
        "end_page": last,
        "publisher": line(book.publisher) if book else "",
        "place_published": line(book.publisher_location) if book else "",
        "edition": line(book.edition) if book else "",
        "issn": line(book.isbns[0] if book.isbns else "")
        if book
        else line(article.journal.issn if article.journal else ""),
        "doi": doi_of(holding),
        "abstract": line(article.abstract_text),
        "keywords": list(keywords(holding)),
        "notes": list(notes(holding)),
        "language": line(", ".join(article.languages)),
        "accession_number": str(article.pmid),
        "name_of_database": "PubMed",
        "database_provider": "NLM",
        "urls": [pubmed_url(holding)],
    }


def _name(author: Author) -> str:
    """`Family, Given, Suffix`; in the name of a group a comma would make it a person."""
    if author.collective is not None:
        return line(author.collective.plain.replace(",", " - ")).strip("- ")
    parts = (author.last_name, author.fore_name or author.initials, author.suffix)
    return ", ".join(line(part).replace(",", "") for part in parts if line(part))


def _date(date: Date | None) -> str:
    """`2019/06/01/`, as much as is known of it."""
    if date is None:
        return ""
    month = f"{date.month:02}" if date.month else ""
    day = f"{date.day:02}" if date.day else ""
    return f"{date.year}/{month}/{day}/"
