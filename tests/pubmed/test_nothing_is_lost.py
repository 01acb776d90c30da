"""Whatever a record says, the Article says too: no text and no attribute is dropped.

This knows nothing of the meaning of elements, so it holds for those that we have never seen.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from harvester.pubmed.parse import read_record
from harvester.pubmed.records import Article, PubDate
from harvester.pubmed.split import split_stream

INLINE = {"i", "b", "u", "sub", "sup"}
# Values that are numbers or truth values in the Article, or parts of what it holds as one.
PARTS_OF_DATES = {"Year", "Month", "Day", "Hour", "Minute"}
TRUTH = {"ValidYN", "MajorTopicYN", "CompleteYN", "EqualContrib"}
# Which list belongs to which author is told by position; a default is as good as its absence.
IMPLIED = {"ID", "Investigators", "book"}
IMPLIED_VALUES = {("Version", "1"), ("IdType", "pubmed"), ("Source", "ORCID")} | {
    ("Type", "authors"),  # of a book: their roles
    ("Type", "editors"),
}
# Somebody cut authors out of this record, and put three dots for them.
DOTS = 32025781


def strings(value: Any) -> Iterator[str]:
    """Everything that the record says, as text."""
    if isinstance(value, PubDate):
        yield from (value.printed, *value.printed.split())  # the season is a part of it
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from strings(part)
    elif value is not None:
        yield str(value)


def told(root: Element) -> Iterator[str]:
    """Every text and attribute of the record; texts with markup as a whole."""
    for element in root.iter():
        if element.tag in INLINE or element.tag.startswith("{") or element.tag in PARTS_OF_DATES:
            continue
        inline = any(child.tag in INLINE or child.tag.startswith("{") for child in element)
        text = "".join(element.itertext()) if inline else element.text or ""
        if text.strip():
            yield text
        for name, value in element.items() if "".join(element.itertext()).strip() else ():
            implied = (name, value) in IMPLIED_VALUES or name in TRUTH | IMPLIED
            if value.strip() and not implied:
                yield value


def lost(data: bytes, article: Article) -> set[str]:
    held = {"".join(text.split()) for text in strings(article)}
    held |= {re.sub("^(article|manuscript)-", "", text) for text in held}  # DateType, PubStatus
    held |= {text.replace("-", "") for text in held}  # ORCID without hyphens
    sections = {"".join((r.section or "").split()) for r in article.references}
    return {
        squeezed
        for text in told(ElementTree.fromstring(data))  # noqa: S314
        if (squeezed := "".join(text.split())) not in held
        and squeezed.removeprefix("https://orcid.org/").removeprefix("http://orcid.org/").strip("/")
        not in held
        and squeezed.lstrip("0") not in held  # PMIDs
        and not any(squeezed in section for section in sections)  # titles of nested lists
        and not (article.pmid == DOTS and squeezed == "...")
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bulk-1970s.xml.gz", "bulk-mixed.xml.gz", "bulk-modern.xml.gz"])
def test_nothing_is_lost(name: str, shared_data: Path) -> None:
    with (shared_data / "pubmed" / name).open("rb") as stream:
        for piece in split_stream(stream):
            if piece.kind != "delete":
                article, _ = read_record(piece.data)
                assert lost(piece.data, article) == set(), article.pmid


def test_nothing_is_lost_of_odd_records(shared_data: Path) -> None:
    with (shared_data / "pubmed/oddities.xml").open("rb") as stream:
        for piece in split_stream(stream):
            if piece.kind != "delete":
                article, _ = read_record(piece.data)
                assert lost(piece.data, article) == set(), article.pmid
