"""The feed against RFC 4287, read back by another parser."""

import re
from datetime import datetime
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.exports import atom
from harvester.exports.feed import Entry, Feed, tag

A = "{http://www.w3.org/2005/Atom}"
WHEN = "2026-11-21T03:14:07Z"


def entry(**parts: object) -> Entry:
    known: dict = {
        "id": tag("change/91000101/added"),
        "title": "New: 5 < 6 & more",
        "updated": WHEN,
        "href": "http://127.0.0.1/article/91000101",
        "summary": "First seen.",
        "categories": (("added", "New"),),
    }
    return Entry(**(known | parts))


def feed(*entries: Entry, **parts: object) -> Feed:
    known: dict = {
        "id": tag("changes"),
        "title": "Changes",
        "subtitle": "What changed.",
        "updated": WHEN,
        "author": "The Living Library",
        "self_href": "http://127.0.0.1/changes.atom?kind=added&topic=x",
        "href": "http://127.0.0.1/changes",
        "entries": entries,
    }
    return Feed(**(known | parts))


def assert_valid(document: bytes) -> ET.Element:
    """The rules of RFC 4287 that a document of this shape can break."""
    root = ET.fromstring(document)  # noqa: S314 (our own)
    assert root.tag == f"{A}feed"
    for element in (root, *root.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):  # 4.1.1 and 4.1.2: exactly one
            assert len(element.findall(A + name)) == 1
        assert re.fullmatch(r"[a-z]+:\S+", element.findtext(f"{A}id") or "")  # 4.2.6: an IRI
        moment = datetime.fromisoformat(element.findtext(f"{A}updated") or "")  # 3.3
        assert moment.tzinfo is not None
        links = element.findall(f"{A}link")
        assert all(re.match(r"https?://", link.get("href", "")) for link in links)
        kinds = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in links]
        assert len(kinds) == len(set(kinds))  # 4.1.1, alternates of the same type
        # 4.1.2: an entry without content has an alternate, and here a summary.
        assert any(rel == "alternate" for rel, _, _ in kinds)
    assert len(root.findall(f"{A}author")) == 1  # 4.1.1: unless every entry has one
    assert root.findtext(f"{A}author/{A}name")
    assert sum(link.get("rel") == "self" for link in root.findall(f"{A}link")) == 1
    for element in root.findall(f"{A}entry"):
        assert len(element.findall(f"{A}summary")) == 1
    pairs = [(e.findtext(f"{A}id"), e.findtext(f"{A}updated")) for e in root.findall(f"{A}entry")]
    assert len(pairs) == len(set(pairs))  # 4.1.1
    parsed = feedparser.parse(document)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return root


def test_another_parser_reads_it_back() -> None:
    document = atom.write(feed(entry()))
    assert_valid(document)
    parsed = feedparser.parse(document)
    assert parsed.feed.id == "tag:ketamine-library.invalid,2026:changes"
    assert parsed.feed.author == "The Living Library"
    assert [link.href for link in parsed.feed.links if link.rel == "self"] == [
        "http://127.0.0.1/changes.atom?kind=added&topic=x"
    ]
    (read,) = parsed.entries
    assert read.title_detail.type == "text/plain"
    assert read.link == "http://127.0.0.1/article/91000101"
    assert read.updated == WHEN
    assert [(t.term, t.label) for t in read.tags] == [("added", "New")]
    root = ET.fromstring(document)  # noqa: S314 (our own)
    assert root.findtext(f"{A}entry/{A}title") == "New: 5 < 6 & more"


def test_when_it_came_and_where_it_comes_from_are_told_apart() -> None:
    made = entry(published="2026-11-01T00:00:00Z", elsewhere="http://127.0.0.1/pubmed")
    document = atom.write(feed(made))
    assert_valid(document)
    (read,) = feedparser.parse(document).entries
    assert (read.published, read.updated) == ("2026-11-01T00:00:00Z", WHEN)
    assert [(link.rel, link.href) for link in read.links] == [
        ("alternate", "http://127.0.0.1/article/91000101"),
        ("related", "http://127.0.0.1/pubmed"),
    ]


def test_an_empty_feed_is_valid() -> None:
    assert_valid(atom.write(feed()))


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\x0bb", "a\x1bb", "a\x85b", "a\u202eb", "a\ud800b", "a\ufffeb", "a\ufeffb"]
)
def test_what_xml_forbids_or_turns_the_text_around_is_left_out(text: str) -> None:
    document = atom.write(feed(entry(title=text, summary=text, categories=((text, text),))))
    root = assert_valid(document)
    assert root.findtext(f"{A}entry/{A}title") == "ab"
    assert root.find(f"{A}entry/{A}category").get("label") == "ab"  # type: ignore[union-attr]


@given(st.text(st.characters(codec=None)), st.text())
def test_any_text_makes_a_document_that_can_be_read(title: str, summary: str) -> None:
    assert_valid(atom.write(feed(entry(title=title, summary=summary), title=title)))


def test_a_tag_is_one_of_rfc_4151() -> None:
    assert re.fullmatch(r"tag:[a-z.-]+,\d{4}:[\w/?=&.-]+", tag("changes?kind=retracted"))
