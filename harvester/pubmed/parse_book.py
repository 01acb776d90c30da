"""Records of NCBI Bookshelf (PubmedBookArticle): a chapter, or a whole book.

A record with an ArticleTitle is a part of the book, and its own authors come first; the authors
of the book around it have the role `book author`, its editors `editor`.
"""

from dataclasses import replace
from xml.etree.ElementTree import Element

from harvester.pubmed.draft import Draft
from harvester.pubmed.elements import Reader, keep, leaf, read_children, text_of
from harvester.pubmed.parts import (
    read_abstract,
    read_grants,
    read_ids,
    read_keywords,
    read_language,
    read_pages,
    read_pmid,
    read_pub_date,
    read_publication_type,
    read_references,
    read_revised,
    read_vernacular_title,
)
from harvester.pubmed.people import read_authors, read_investigators
from harvester.pubmed.records import BookSection

__all__ = ["read_book_document"]


def read_book_document(draft: Draft, element: Element, _path: str) -> None:
    """BookDocument. `published` is when the part was contributed, or else the book's date."""
    read_children(draft, element, "BookDocument", _DOCUMENT)
    book = draft.book
    draft.published = book.get("contribution") or book.get("published")
    if element.find("ArticleTitle") is None and "title" in book:
        draft.title = book["title"]
        draft.authors = [
            replace(author, role="author") if author.role == "book author" else author
            for author in draft.authors
        ]
    draft.authors.sort(key=lambda author: _ROLES.index(author.role))


def _title(draft: Draft, element: Element, _path: str) -> None:
    draft.title = text_of(element)
    draft.book["part"] = element.get("part")


def _authors(draft: Draft, element: Element, path: str) -> None:
    role = "editor" if element.get("Type") == "editors" else "author"
    read_authors(draft, element, path, role)


def _book_authors(draft: Draft, element: Element, path: str) -> None:
    role = "editor" if element.get("Type") == "editors" else "book author"
    read_authors(draft, element, path, role)


def _book(draft: Draft, element: Element, path: str) -> None:
    read_children(draft, element, f"{path}/Book", _BOOK)


def _book_title(draft: Draft, element: Element, _path: str) -> None:
    draft.book["title"] = text_of(element)
    draft.book["bookshelf_id"] = element.get("book")


def _publisher(draft: Draft, element: Element, path: str) -> None:
    for child in element:
        if child.tag == "PublisherName":
            draft.book["publisher"] = leaf(child)
        elif child.tag == "PublisherLocation":
            draft.book["publisher_location"] = leaf(child)
        else:
            keep(draft, f"{path}/Publisher", child)


def _sections(draft: Draft, element: Element, path: str, level: int = 1) -> None:
    """Sections, or a Section with those inside it."""
    path = f"{path}/{element.tag}"
    label: str | None = None
    for child in element:
        tag = child.tag
        if tag == "Section":
            below = level if element.tag == "Sections" else level + 1
            _sections(draft, child, path, below)
        elif tag == "LocationLabel":
            label = leaf(child)
        elif tag == "SectionTitle":
            section = BookSection(
                title=text_of(child),
                label=label,
                level=level,
                part=child.get("part"),
                anchor=child.get("sec"),
            )
            _add(draft, "sections", section)
        else:
            keep(draft, path, child)


def _location_label(draft: Draft, element: Element, _path: str) -> None:
    if label := leaf(element):
        _add(draft, "location_labels", (element.get("Type", ""), label))


def _book_location_id(draft: Draft, element: Element, _path: str) -> None:
    """An identifier of the whole book, which must not pass for the part's own."""
    draft.add_other("Book/ELocationID", leaf(element), element.items())


def _items(draft: Draft, element: Element, path: str) -> None:
    for child in element:
        if child.tag == "Item":
            draft.add_other("Item", leaf(child), element.items())
        else:
            keep(draft, f"{path}/ItemList", child)


def _add(draft: Draft, name: str, value: object) -> None:
    draft.book[name] = (*draft.book.get(name, ()), value)


def _text(name: str) -> Reader:
    """A reader that puts an element's text into that field of the book."""

    def read(draft: Draft, element: Element, _path: str) -> None:
        draft.book[name] = leaf(element)

    return read


def _marked_text(name: str) -> Reader:
    def read(draft: Draft, element: Element, _path: str) -> None:
        draft.book[name] = text_of(element)

    return read


def _texts(name: str) -> Reader:
    def read(draft: Draft, element: Element, _path: str) -> None:
        if value := leaf(element):
            _add(draft, name, value)

    return read


def _date(name: str) -> Reader:
    def read(draft: Draft, element: Element, path: str) -> None:
        draft.book[name] = read_pub_date(draft, element, path)

    return read


_ROLES = ("author", "book author", "editor")
_BOOK: dict[str, Reader] = {
    "AuthorList": _book_authors,
    "BeginningDate": _date("beginning"),
    "BookTitle": _book_title,
    "CollectionTitle": _marked_text("collection_title"),
    "ELocationID": _book_location_id,
    "Edition": _text("edition"),
    "EndingDate": _date("ending"),
    "InvestigatorList": read_investigators,
    "Isbn": _texts("isbns"),
    "Medium": _text("medium"),
    "PubDate": _date("published"),
    "Publisher": _publisher,
    "ReportNumber": _texts("report_numbers"),
    "Volume": _text("volume"),
    "VolumeTitle": _marked_text("volume_title"),
}
_DOCUMENT: dict[str, Reader] = {
    "Abstract": read_abstract,
    "ArticleIdList": read_ids,
    "ArticleTitle": _title,
    "AuthorList": _authors,
    "Book": _book,
    "ContributionDate": _date("contribution"),
    "DateRevised": read_revised,
    "GrantList": read_grants,
    "InvestigatorList": read_investigators,
    "ItemList": _items,
    "KeywordList": read_keywords,
    "Language": read_language,
    "LocationLabel": _location_label,
    "PMID": read_pmid,
    "Pagination": read_pages,
    "PublicationType": read_publication_type,
    "ReferenceList": read_references,
    "Sections": _sections,
    "VernacularTitle": read_vernacular_title,
}
