"""Reading a PubMed file: cut into parts, and each part read, which any process can do.

A part, the reader and what it gives can be pickled; nothing here knows the library.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from harvester.errors import ParseError, TruncatedReply
from harvester.evidence.overrides import Overrides
from harvester.intake import Incoming, make_ready, prepare
from harvester.library.runs import Problem
from harvester.pubmed.medline import split_medline
from harvester.pubmed.query import Query
from harvester.pubmed.query_match import Indexed
from harvester.pubmed.records import Article
from harvester.pubmed.split import split_stream

__all__ = ["MEDLINE_SUFFIXES", "Deletion", "Part", "Reader", "Reading", "parts"]

MEDLINE_SUFFIXES = (".nbib", ".txt", ".medline")
# So many records are half a megabyte; reading them takes a tenth of a second.
RECORDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A DeleteCitation block as it stands in the file."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Records as they stand in a file, in order, and how many of its bytes they end at.

    The last part of a file that breaks off ends with the problem that this is.
    """

    pieces: tuple[bytes | Deletion | Problem, ...]
    format: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a part holds, in order, without records that no topic finds; `records` with those."""

    found: tuple[Incoming | Deletion | Problem, ...]
    records: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads a part: parse, match the topics' words, derive, make rows.

    The corrections of findings go with it, so that it finds the same wherever it runs.
    """

    topics: tuple[tuple[str, Query], ...]
    keep_all: bool
    overrides: Overrides

    def __post_init__(self) -> None:
        make_ready()  # once, and shared by the copies of this process

    def __call__(self, part: Part) -> Reading:
        found = [
            prepare(piece, part.format, self._topics, self.overrides)
            if isinstance(piece, bytes)
            else piece
            for piece in part.pieces
        ]
        return Reading(
            found=tuple(one for one in found if one),
            records=sum(not isinstance(piece, Problem) for piece in part.pieces),
            position=part.position,
        )

    def _topics(self, article: Article) -> tuple[str, ...] | None:
        indexed = Indexed(article)
        topics = tuple(name for name, query in self.topics if query.matches(indexed))
        return topics if topics or self.keep_all else None


def parts(file: Path) -> Iterator[Part]:
    """The parts of a file, in order.

    What is whole in a file that breaks off is given, and the break as a problem. Raises ParseError
    when it is no PubMed file.
    """
    form = "medline" if file.name.removesuffix(".gz").endswith(MEDLINE_SUFFIXES) else "xml"
    pieces: list[bytes | Deletion | Problem] = []
    begun = False
    with file.open("rb") as stored:
        zipped = stored.read(2) == b"\x1f\x8b"
        stored.seek(0)
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=stored)) if zipped else stored
        try:
            for piece in _pieces(stream, form):
                begun = True
                pieces.append(piece)
                if len(pieces) == RECORDS:
                    yield Part(pieces=tuple(pieces), format=form, position=stored.tell())
                    pieces.clear()
        except (ParseError, TruncatedReply) as error:
            # What was whole is kept; the rest is named. Of a file that is none, nothing is.
            if isinstance(error, ParseError) and not begun:
                raise
            pieces.append(Problem(stage="parse", reason=f"{file.name}: {error}"))
        if pieces:
            yield Part(pieces=tuple(pieces), format=form, position=stored.tell())


def _pieces(stream: BinaryIO, form: str) -> Iterator[bytes | Deletion]:
    if form == "medline":
        yield from split_medline(stream)
        return
    for piece in split_stream(stream):
        yield Deletion(data=piece.data) if piece.kind == "delete" else piece.data
