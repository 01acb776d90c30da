"""One record of PubMed's XML, made into an Article.

The piece of bytes comes from `split`, so that no DTD is ever near the parser. The standard
library's ElementTree is used: for records of this size it is faster than lxml, whose proxy
objects cost more than its parser saves.
"""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from harvester.errors import ParseError
from harvester.pubmed.draft import Draft
from harvester.pubmed.elements import Reader, content_hash, keep_attributes, read_children
from harvester.pubmed.parse_article import read_citation, read_pubmed_data
from harvester.pubmed.parse_book import read_book_document
from harvester.pubmed.records import Article

__all__ = ["pmid_of", "read_record"]

_BEGINNING = re.compile(rb"\s*<Pubmed(?:Book)?Article[\s/>]")
_PMID = re.compile(
    rb"<(?:MedlineCitation|BookDocument)(?:\s[^>]*)?>\s*<PMID(?:\s[^>]*)?>\s*(\d{1,9})\s*<"
)
# Line breaks before a tag that is no inline one (those begin with a small letter): without them
# the tree of an indented record is made, and hashed, in two thirds of the time.
_INDENTATION = re.compile(rb"\n[ \t\r\n]{0,100}(?=</?[A-Z])")
# Namespaces that a set may have declared for all of its records.
_WRAPPER = (
    b'<x xmlns:mml="http://www.w3.org/1998/Math/MathML"'
    b' xmlns:xlink="http://www.w3.org/1999/xlink"'
    b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">%b</x>'
)
_RECORDS: dict[str, dict[str, Reader]] = {
    "PubmedArticle": {"MedlineCitation": read_citation, "PubmedData": read_pubmed_data},
    "PubmedBookArticle": {"BookDocument": read_book_document, "PubmedBookData": read_pubmed_data},
}
# Attributes that have a field in the records; others are kept in `other`.
_ATTRIBUTES = frozenset(
    (
        *("Version", "Owner", "Status", "IndexingMethod", "PubModel", "IssnType", "CitedMedium"),
        *("EIdType", "ValidYN", "Label", "NlmCategory", "CompleteYN", "Type", "EqualContrib"),
        *("Source", "UI", "MajorTopicYN", "RefType", "DateType", "Language", "PubStatus"),
        *("IdType", "Investigators", "ID", "ListType", "Name", "book", "part", "sec"),
    )
)
# What odd XML may do to code that expects PubMed's.
_ODD = (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)


def read_record(data: bytes) -> tuple[Article, str]:
    """The article, or book, that a PubmedArticle or PubmedBookArticle element describes.

    Also a hash of the content: formatting and character references do not change it, any change
    of an element, attribute or text does. Raises ParseError, with the PMID when it is known.
    """
    try:
        root = _tree(data)
        draft = Draft()
        read_children(draft, root, root.tag, _RECORDS[root.tag])
        hashed, attributes = content_hash(root)
        if new := attributes - _ATTRIBUTES:
            keep_attributes(draft, "", root, new)
        return draft.article(), hashed
    except ParseError as error:
        raise ParseError(str(error), pmid=pmid_of(data)) from error
    except ElementTree.ParseError as error:
        reason = f"The record is not well-formed XML: {error}."
        raise ParseError(reason, pmid=pmid_of(data)) from error
    except _ODD as error:
        reason = f"The record cannot be read ({type(error).__name__}: {error})."
        raise ParseError(reason, pmid=pmid_of(data)) from error


def pmid_of(data: bytes) -> int | None:
    """The record's own PMID, by its place in the bytes: works on a broken record too."""
    found = _PMID.search(data)
    return int(found[1]) if found else None


def _tree(data: bytes) -> Element:
    if not _BEGINNING.match(data):
        raise ParseError("This is no PubmedArticle and no PubmedBookArticle.")
    if b"\n" in data:
        data = b"".join(_INDENTATION.split(data))
    try:
        return ElementTree.fromstring(data)  # noqa: S314 (a piece holds no DTD)
    except ElementTree.ParseError as error:
        if "unbound prefix" not in str(error):
            raise
    return ElementTree.fromstring(_WRAPPER % data)[0]  # noqa: S314
