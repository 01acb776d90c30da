"""PubMed files and efetch answers, cut into one piece of bytes for each record.

The elements are found by their tags, without an XML parser: a malformed record never disturbs its
neighbours, a file of any size needs no more memory than its largest record, and no parser ever
sees a DTD (no entities, nothing fetched, a DTD of next year is no matter). PubMed's records hold
no comments and no CDATA sections; a record's tag written inside one would be taken for a tag.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from harvester.errors import EutilsError, ParseError, ServiceDown, TruncatedReply
from harvester.pubmed.streams import read_chunks, to_utf8

__all__ = ["Piece", "deleted_pmids", "split_chunks", "split_reply", "split_stream"]

Kind = Literal["article", "book", "delete"]

_KINDS: dict[bytes, Kind] = {
    b"PubmedArticle": "article",
    b"PubmedBookArticle": "book",
    b"DeleteCitation": "delete",
}
_SETS = (b"PubmedArticleSet", b"PubmedBookArticleSet")

# Records have at most some 2 MB (thousands of authors and references).
_LARGEST_RECORD = 20_000_000
# What is kept of a larger one, so that it can be named.
_BEGINNING = 65_536

# No tag name that matters is longer; so much is kept when a chunk ends in the middle of one.
_LONGEST_TAG = 64

_TAG = re.compile(rb"</?([A-Za-z_][\w.:-]*)(?=[\s/>])")
_RECORD_TAG = re.compile(
    rb"</?(?:PubmedArticle|PubmedBookArticle|DeleteCitation|PubmedArticleSet|PubmedBookArticleSet)"
    rb"(?=[\s/>])"
)
# Its brackets may hold quoted texts and comments with brackets. No way back is kept (`*+`), so that
# one without an end takes no longer than another.
_DOCTYPE = re.compile(
    rb"""<!DOCTYPE(?:[^\[>"']|"[^"]*"|'[^']*'
        |\[(?:[^\]"'<]|"[^"]*"|'[^']*'|<!--.*?-->|<(?!!--))*+\])*+>""",
    re.DOTALL | re.VERBOSE,
)
_ERROR = re.compile(rb"<(ERROR|error)(?:\s[^>]*)?>\s*([^<]{0,500})")
_PMID = re.compile(rb"<PMID(?:\s[^>]*)?>\s*(\d{1,9})\s*</PMID\s*>")


@dataclass(frozen=True, slots=True)
class Piece:
    """One record as it came, in UTF-8: a whole element, unless the file itself is damaged."""

    kind: Kind
    data: bytes


def split_stream(stream: BinaryIO) -> Iterator[Piece]:
    """Yield each record of an XML or gzip file (baseline, update file or efetch answer)."""
    return split_chunks(read_chunks(stream))


def split_chunks(chunks: Iterator[bytes]) -> Iterator[Piece]:
    """Yield each record of a file that comes in chunks.

    A record without an end, or larger than any record of PubMed, comes as a piece that cannot be
    parsed. What is wrong with the file itself is said when all that could be read was yielded:
    TruncatedReply when it ends early, ParseError when it holds anything else than records.
    """
    scanner = _Scanner(to_utf8(chunks))
    yield from scanner.pieces()
    if scanner.cut or scanner.open_sets:
        raise TruncatedReply("The file ends before its last record is complete.")
    if scanner.stray is not None:
        raise ParseError(f"The file holds something else than PubMed records: {scanner.stray}")
    if not scanner.known:
        raise ParseError("The file is empty.")


def split_reply(body: bytes) -> list[Piece]:
    """The records of an efetch answer, none for an empty set.

    Raises TruncatedReply when the end is missing, EutilsError with PubMed's own words for an
    ERROR, ServiceDown for anything else than a PubmedArticleSet (HTML, JSON, another root).
    """
    scanner = _Scanner(to_utf8(iter((body,))))
    try:
        pieces = list(scanner.pieces())
    except ParseError as error:
        raise ServiceDown(f"PubMed's answer cannot be read: {error}") from error
    if scanner.error is not None:
        raise EutilsError(f"PubMed answered with an error: {scanner.error}")
    if scanner.cut or scanner.open_sets or not (scanner.known or scanner.stray):
        raise TruncatedReply("PubMed's answer ended before it was complete.")
    if scanner.stray is not None or not scanner.sets:
        said = scanner.stray or "records without a set"
        raise ServiceDown(f"PubMed answered with something else than a set of records: {said}")
    return pieces


def deleted_pmids(data: bytes) -> tuple[int, ...]:
    """The PMIDs of a DeleteCitation block: records that PubMed has withdrawn."""
    return tuple(int(found) for found in _PMID.findall(data))


class _Scanner:
    """Tells records from what stands between them, over chunks of UTF-8."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.known = False  # anything of PubMed's was seen
        self.sets = 0  # sets that were opened
        self.open_sets = 0
        self.cut = False  # the end came inside a tag or a record
        self.stray: str | None = None  # the first thing between records that has no place there
        self.error: str | None = None  # what an ERROR element between records says
        self._chunks = chunks
        self._buffer = b""
        self._at = 0

    def pieces(self) -> Iterator[Piece]:
        while self._to_tag():
            tag = _TAG.match(self._buffer, self._at)
            name = tag[1] if tag else b""
            closing = self._buffer.startswith(b"</", self._at)
            if name in _KINDS and not closing:
                self.known = True
                if (piece := self._record(name)) is not None:
                    yield piece
            elif name in _SETS:
                self._set_tag(closing)
            else:
                self._between()

    def _more(self) -> bool:
        """Get another chunk, letting go of what was passed."""
        chunk = next(self._chunks, b"")
        if chunk:
            self._buffer = self._buffer[self._at :] + chunk
            self._at = 0
        return bool(chunk)

    def _to_tag(self) -> bool:
        """Go to the next `<`, with the whole name of its tag in the buffer; False at the end."""
        while True:
            start = self._buffer.find(b"<", self._at)
            between = self._buffer[self._at : start if start >= 0 else len(self._buffer)]
            if not between.isspace() and between:
                self._say_stray(between)
            self._at += len(between)
            if 0 <= start <= len(self._buffer) - _LONGEST_TAG:
                return True
            if not self._more():
                self.cut |= start >= 0 and b">" not in self._buffer[start:]
                return start >= 0 and not self.cut

    def _past(self, end: bytes) -> None:
        """Go behind the next `end`."""
        while (found := self._buffer.find(end, self._at)) < 0:
            self._at = max(self._at, len(self._buffer) - len(end) + 1)
            if not self._more():
                self._at = len(self._buffer)
                self.cut = True
                return
        self._at = found + len(end)

    def _set_tag(self, closing: bool) -> None:
        self.known = True
        self._past(b">")
        if not closing:
            self.sets += 1
            self.open_sets += not self._buffer.endswith(b"/>", 0, self._at)
        elif self.open_sets:
            self.open_sets -= 1
        else:
            self._say_stray(b"the end of a set that was never begun")

    def _between(self) -> None:
        """Pass a declaration, a comment or a DTD; anything else has no place between records."""
        if self._buffer.startswith(b"<?", self._at):
            self._past(b"?>")
        elif self._buffer.startswith(b"<!--", self._at):
            self._past(b"-->")
        elif self._buffer.startswith(b"<!DOCTYPE", self._at):
            self._dtd()
        else:
            if (error := _ERROR.match(self._buffer, self._at)) and self.error is None:
                self.error = html.unescape(_words(error[2]))
            self._say_stray(self._buffer[self._at : self._at + 80])
            self._at += 1

    def _dtd(self) -> None:
        while (found := _DOCTYPE.match(self._buffer, self._at)) is None:
            if len(self._buffer) - self._at > _BEGINNING:
                self._say_stray(self._buffer[self._at : self._at + 80])
                record = _RECORD_TAG.search(self._buffer, self._at)
                self._at = record.start() if record else len(self._buffer)
                return
            if not self._more():
                self.cut = True
                self._at = len(self._buffer)
                return
        self._at = found.end()

    def _say_stray(self, data: bytes) -> None:
        if self.stray is None:
            self.stray = _words(data[:80])

    def _record(self, name: bytes) -> Piece | None:
        """The record that begins here, or None when the end of everything comes first."""
        kind = _KINDS[name]
        too_large = b""
        searched = self._at + 1
        while (end := self._record_end(name, searched)) < 0:
            tail = max(self._at + 1, len(self._buffer) - _LONGEST_TAG)
            if not too_large and tail - self._at > _LARGEST_RECORD:
                too_large = self._buffer[self._at : self._at + _BEGINNING]
            if too_large:
                self._at = tail - 1
            searched = tail - self._at
            if not self._more():
                self.cut = True
                self._at = len(self._buffer)
                return Piece(kind, too_large) if too_large else None
        data = too_large or self._buffer[self._at : end]
        self._at = end
        if self._closes(name):
            self._past(b">")
            data += b"" if too_large else b"</" + name + b">"
        return Piece(kind, data)

    def _record_end(self, name: bytes, searched: int) -> int:
        """Where the record's end tag is, or the next record or the end of the set; -1: not here."""
        end = self._buffer.find(b"</" + name + b">", searched)
        if end >= 0 and all(self._buffer.find(b"<" + n, searched, end) < 0 for n in _KINDS):
            return end
        tag = _RECORD_TAG.search(self._buffer, searched)
        return tag.start() if tag else -1

    def _closes(self, name: bytes) -> bool:
        tag = _TAG.match(self._buffer, self._at)
        return tag is not None and tag[0] == b"</" + name


def _words(data: bytes) -> str:
    return " ".join(data.decode("utf-8", "replace").split())
