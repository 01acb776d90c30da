"""Atom 1.0 (RFC 4287): a feed as data in, the bytes of the document out."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from harvester.exports.characters import clean
from harvester.exports.feed import Entry, Feed

__all__ = ["MEDIA_TYPE", "write"]

MEDIA_TYPE = "application/atom+xml"

_NAMESPACE = "http://www.w3.org/2005/Atom"


def write(feed: Feed) -> bytes:
    """The document, UTF-8. Characters that XML forbids are left out of every text."""
    root = ET.Element("feed", {"xmlns": _NAMESPACE, "xml:lang": "en"})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", feed.updated)
    _text(ET.SubElement(root, "author"), "name", feed.author)
    _element(root, "link", rel="self", type=MEDIA_TYPE, href=feed.self_href)
    _element(root, "link", rel="alternate", type="text/html", href=feed.href)
    root.extend(_entries(feed.entries))
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entries(entries: tuple[Entry, ...]) -> Iterator[ET.Element]:
    for entry in entries:
        element = ET.Element("entry")
        _text(element, "id", entry.id)
        _text(element, "title", entry.title)
        if entry.published:
            _text(element, "published", entry.published)
        _text(element, "updated", entry.updated)
        _element(element, "link", rel="alternate", type="text/html", href=entry.href)
        if entry.elsewhere:
            _element(element, "link", rel="related", type="text/html", href=entry.elsewhere)
        for term, label in entry.categories:
            _element(element, "category", term=term, label=label)
        _text(element, "summary", entry.summary)
        yield element


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = " ".join(clean(text).split())


def _element(parent: ET.Element, name: str, **attributes: str) -> None:
    ET.SubElement(parent, name, {key: clean(value) for key, value in attributes.items()})
