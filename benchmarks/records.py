"""Files of PubMed records to measure on, of any number."""

import gzip
import re
from collections.abc import Iterator, Mapping
from itertools import count, islice
from pathlib import Path

from benchmarks.libraries import INVENTED, REAL
from harvester.pubmed.parse import pmid_of
from harvester.pubmed.split import split_stream

__all__ = ["ABOUT", "file_of"]

REAL_HERE = REAL.exists()
ABOUT = (
    "real PubMed records of 2021 (`bulk-modern.xml.gz`), beyond 13,921 copies with numbers of "
    "their own"
    if REAL_HERE
    else "**invented records, as the real ones are not here**, and copies with numbers of their own"
)
# Biopython needs a DTD, of those that it brings with it.
_HEAD = (
    b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE PubmedArticleSet SYSTEM '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
# Above all of PubMed's own numbers, and nine digits for many millions of copies.
_FIRST_COPY = 100_000_000
_NUMBER = re.compile(rb"(<PMID[^>]*>)(\d+)(</PMID>)")


def file_of(folder: Path, records: int) -> Path:
    """A gzip file of so many records, kept for next time."""
    path = folder / f"{'pubmed' if REAL_HERE else 'invented'}-{records}.xml.gz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        with gzip.open(half, "wb", 3) as file:
            file.write(_HEAD)
            for record in islice(_records(), records):
                file.write(record + b"\n")
            file.write(b"</PubmedArticleSet>\n")
        half.rename(path)
    return path


def _records() -> Iterator[bytes]:
    places = {pmid: place for place, data in enumerate(_originals()) if (pmid := pmid_of(data))}
    yield from _originals()
    for first in count(_FIRST_COPY, max(places.values()) + 1):
        for data in _originals():
            yield _numbered(data, places, first)


def _originals() -> Iterator[bytes]:
    with (REAL if REAL_HERE else INVENTED).open("rb") as file:
        for piece in split_stream(file):
            if piece.kind == "article":
                yield piece.data


def _numbered(data: bytes, places: Mapping[int, int], first: int) -> bytes:
    """A copy, in which records of the file have numbers from `first` on, and others their own."""

    def number(found: re.Match[bytes]) -> bytes:
        place = places.get(int(found[2]))
        return found[0] if place is None else b"%b%d%b" % (found[1], first + place, found[3])

    return _NUMBER.sub(number, data)
