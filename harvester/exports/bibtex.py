"""BibTeX, in UTF-8 (bibtexparser lays out the entries; escaping and enclosing are ours)."""

import re
from collections.abc import Iterable, Iterator

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

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
    title,
)
from harvester.library.holdings import Holding
from harvester.pubmed.records import Author

__all__ = ["record", "write"]

_TYPES = {"article": "article", "preprint": "misc", "book": "book", "chapter": "incollection"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Braces by name: BibTeX counts escaped ones too, and one alone would swallow what follows. All in
# one pass, as the names have braces themselves.
_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "&%$#_"},
    }
)
# In what is no text (DOI, address) nothing is escaped, so what would end it early is left encoded.
_ENCODED = str.maketrans({"\\": "%5C", "{": "%7B", "}": "%7D"})
_NOT_A_NAME = re.compile(r",|\band\b", re.IGNORECASE)


def write(records: Iterable[Holding]) -> Iterator[str]:
    """The file, an entry at a time."""
    return map(record, records)


def record(holding: Holding) -> str:
    """One entry, `pmid<number>`, with an empty line after it."""
    fields = [Field(name, value) for name, value in _fields(holding) if value not in ("", "{}")]
    entry = Entry(_TYPES[kind_of(holding)], f"pmid{holding.article.pmid}", fields)
    # Nothing between the values and the file: bibtexparser's own escaping loses letters and names.
    text = write_string(Library([entry]), unparse_stack=[])
    return f"{text.rstrip()}\n\n"


def _fields(holding: Holding) -> Iterator[tuple[str, str]]:
    article = holding.article
    date = date_of(holding)
    first, last = page_range(article.pages)
    journal, abbreviation = journal_of(holding)
    kind = kind_of(holding)
    book = article.book
    yield "author", _names(people(holding))
    yield "editor", _names(people(holding, "editor"))
    yield "title", _text(title(holding))
    yield ("booktitle" if kind == "chapter" else "journal"), _text(journal)
    yield "shortjournal", _text(abbreviation)
    yield "year", f"{{{date.year}}}" if date else ""
    yield "month", _MONTHS[date.month - 1] if date and date.month else ""
    yield "volume", _text(article.volume)
    yield "number", _text(article.issue)
    yield "pages", _text(f"{first}--{last}" if last else first)
    if book:
        yield "publisher", _text(book.publisher)
        yield "address", _text(book.publisher_location)
        yield "edition", _text(book.edition)
        yield "isbn", _text(", ".join(book.isbns))
    elif article.journal:
        yield "issn", _text(article.journal.issn)
    yield "doi", _raw(doi_of(holding))
    yield "url", _raw(pubmed_url(holding))
    yield "pmid", f"{{{article.pmid}}}"
    yield "pmcid", _raw(pmcid_of(holding))
    yield "language", _text(", ".join(article.languages))
    yield "note", _text(" ".join(map(_sentence, notes(holding))))
    # A comma would end a keyword.
    yield "keywords", _text(", ".join(word.replace(",", ";") for word in keywords(holding)))
    yield "abstract", _text(article.abstract_text)


def _text(text: str | None) -> str:
    return f"{{{line(text).translate(_ESCAPED)}}}"


def _raw(text: str) -> str:
    return f"{{{text.translate(_ENCODED)}}}"


def _names(authors: Iterable[Author]) -> str:
    return f"{{{' and '.join(map(_name, authors))}}}"


def _name(author: Author) -> str:
    """`Family, Suffix, Given`; braces keep a group's name, and odd parts, in one piece."""
    if author.collective is not None:
        return _text(author.collective.plain)
    if not line(author.fore_name or author.initials):
        return _text(author.name)  # of several words the first would become the given name
    family, suffix, given = map(
        _part, (author.last_name, author.suffix, author.fore_name or author.initials)
    )
    return ", ".join(part for part in (family, suffix, given) if part)


def _part(text: str | None) -> str:
    plain = line(text)
    escaped = plain.translate(_ESCAPED)
    return _text(plain) if escaped != plain or _NOT_A_NAME.search(plain) else plain


def _sentence(text: str) -> str:
    return text if text.endswith((".", ")")) else f"{text}."
