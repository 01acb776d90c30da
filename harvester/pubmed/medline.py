"""Records in the MEDLINE format (.nbib, "PubMed" or "MEDLINE" text), made into Articles.

Bio.Medline reads the fields, once broken lines are joined. It groups them by tag, so what hangs
on the order of the lines (whose affiliation, whose ORCID, who gave a keyword) is read from the
lines themselves. The format has less than the XML: no markup, no sections of the abstract, no
references, no identifiers of MeSH headings.
Source: https://pubmed.ncbi.nlm.nih.gov/help/#pubmed-format.
"""

import codecs
import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import BinaryIO

from Bio import Medline

from harvester.errors import ParseError
from harvester.pubmed.draft import Draft
from harvester.pubmed.elements import collapse
from harvester.pubmed.medline_fields import read_fields, read_groups
from harvester.pubmed.medline_people import read_people
from harvester.pubmed.records import Article
from harvester.pubmed.streams import read_chunks

__all__ = ["read_medline", "split_medline"]

_LINE = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)")
_TAGGED = re.compile(rb"[A-Z][A-Z0-9][A-Z0-9 ]{2}-")
_INDENT = b"      "
_PMID = re.compile(rb"^PMID- *0*([1-9][0-9]{0,8})\s*$", re.MULTILINE)
_LARGEST_RECORD = 20_000_000


def split_medline(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of each record of a plain or gzip file, from its PMID on.

    Raises at the end ParseError, when lines belonged to no record, and TruncatedReply where a
    gzip file breaks off.
    """
    record: list[bytes] = []
    size = 0
    inside = False  # a blank line ends a record, unless a tag other than PMID follows it
    stray: bytes | None = None
    for line in _lines(read_chunks(stream)):
        begins = line.startswith(b"PMID-")
        if begins and record:
            yield b"".join(record)
        if not line.strip(b"\r\n"):
            inside = False
        elif begins:
            inside = True
            record = [line]
            size = len(line)
        elif record and (_TAGGED.match(line) or (inside and line.startswith(_INDENT))):
            inside = True
            record.append(line)
            size += len(line)
        elif stray is None and line.strip():
            stray = line
        if size > _LARGEST_RECORD:
            raise ParseError("A record is far larger than any of PubMed's.")
    if record:
        yield b"".join(record)
    if stray is not None:
        text = collapse(stray[:80].decode("utf-8", "replace"))
        raise ParseError(f"The file holds something else than MEDLINE records: {text}")


def read_medline(data: bytes) -> tuple[Article, str]:
    """The article of one record, and a hash of its fields that the breaks of lines do not change.

    Raises ParseError, with the PMID when it is known.
    """
    try:
        lines = _unfold(data.decode("utf-8"))
        draft = Draft()
        joined = [f"{tag:<4}- {value}\n" for tag, value in lines]
        read_fields(draft, Medline.read(joined))  # type: ignore[no-untyped-call]
        read_people(draft, lines)
        read_groups(draft, lines)
        whole = "\0".join(f"{tag}\0{value}" for tag, value in lines)
        return draft.article(), blake2b(whole.encode(), digest_size=16).hexdigest()
    except UnicodeDecodeError as error:
        raise ParseError("The record is not in UTF-8.", pmid=_pmid_of(data)) from error
    except ParseError as error:
        raise ParseError(str(error), pmid=_pmid_of(data)) from error


def _pmid_of(data: bytes) -> int | None:
    found = _PMID.search(data)
    return int(found[1]) if found else None


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The lines, each with its end."""
    rest = b""
    first = True
    for chunk in chunks:
        *lines, rest = (rest + chunk).splitlines(keepends=True)
        for line in lines:
            yield line.removeprefix(codecs.BOM_UTF8) if first else line
            first = False
        if len(rest) > _LARGEST_RECORD:
            raise ParseError("A line is far larger than any of PubMed's.")
    yield rest.removeprefix(codecs.BOM_UTF8) if first else rest


def _unfold(text: str) -> list[tuple[str, str]]:
    """Tag and value of each field, lines that were broken joined by one blank."""
    fields: list[tuple[str, list[str]]] = []
    for line in re.split(r"\r?\n", text):
        if found := _LINE.match(line):
            fields.append((found[1], [found[2]]))
        elif fields:
            fields[-1][1].append(line)
        elif line.strip():
            raise ParseError("The record does not begin with a tag.")
    if not fields:
        raise ParseError("The record is empty.")
    return [(tag, collapse(" ".join(lines))) for tag, lines in fields]
