"""Atom 1.0 (RFC 4287): a feed as data in, the bytes of the document out."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from harvester.exports.characters import clean

__all__ = ["MEDIA_TYPE", "Entry", "Feed", "tag", "write"]

MEDIA_TYPE = "application/atom+xml"

_NAMESPACE = "http://www.w3.org/2005/Atom"
# Who makes the tags (RFC 4151). Not the host: the library keeps its ids when it moves, and two
# hosts of the same library tell a reader the same. The name is reserved, so it is nobody else's.
_AUTHORITY = "ketamine-library.invalid,2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`href` is a whole address, `updated` a time of RFC 3339; texts are plain.

    `categories` are pairs of term and label.
    """

    id: str
    title: str
    updated: str
    href: str
    summary: str
    categories: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """`self_href` is the feed's own address, `href` the page it belongs to.

    `updated` is the time of the newest entry, or of the last look when there is none.
    """

    id: str
    title: str
    subtitle: str
    updated: str
    author: str
    self_href: str
    href: str
    entries: tuple[Entry, ...] = ()


def tag(specific: str) -> str:
    """The id of something of the library (RFC 4151), the same wherever it is served from."""
    return f"tag:{_AUTHORITY}:{specific}"


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
        _text(element, "updated", entry.updated)
        _element(element, "link", rel="alternate", type="text/html", href=entry.href)
        for term, label in entry.categories:
            _element(element, "category", term=term, label=label)
        _text(element, "summary", entry.summary)
        yield element


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = " ".join(clean(text).split())


def _element(parent: ET.Element, name: str, **attributes: str) -> None:
    ET.SubElement(parent, name, {key: clean(value) for key, value in attributes.items()})
