"""The bytes of a file, whether it is packed with gzip or not, and in which encoding it may be."""

import codecs
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from harvester.errors import ParseError, TruncatedReply

__all__ = ["read_chunks", "to_utf8"]

_CHUNK = 262_144
_ENCODING = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.:-]*)["']""")
_ENOUGH_FOR_ENCODING = 256
_UTF16 = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_ENCODINGS = ("cp1252", "iso8859-1", "iso8859-15")


def read_chunks(stream: BinaryIO, size: int = _CHUNK) -> Iterator[bytes]:
    """The bytes of a plain or gzip file; raises TruncatedReply where a gzip file breaks off."""
    plain = io.BufferedReader(stream)  # type: ignore[type-var]
    try:
        packed = plain.peek(2)[:2] == b"\x1f\x8b"
        source = gzip.GzipFile(fileobj=plain) if packed else plain
        while chunk := source.read1(size):
            yield chunk
    except EOFError as error:
        raise TruncatedReply("The gzip file ends before it is complete.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ParseError(f"The gzip file is damaged ({error}).") from error
    finally:
        plain.detach()


def to_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same text in UTF-8; raises ParseError for an encoding that no PubMed file has."""
    head = b""
    while len(head) < _ENOUGH_FOR_ENCODING and (chunk := next(chunks, b"")):
        head += chunk
    encoding = _encoding(head)
    chunks = itertools.chain((head.removeprefix(codecs.BOM_UTF8),), chunks)
    if encoding is None:
        yield from chunks
        return
    try:
        for text in codecs.iterdecode(chunks, encoding):
            yield text.encode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(f"The file is not in {encoding}, as it says.") from error


def _encoding(head: bytes) -> str | None:
    """The encoding to read the file in, or None for UTF-8."""
    for mark, encoding in _UTF16:
        if head.startswith(mark):
            return encoding
    declared = _ENCODING.match(head.removeprefix(codecs.BOM_UTF8))
    if declared is None:
        return None
    name = declared[1].decode("ascii").lower()
    if name.startswith(("utf-8", "utf8", "utf-16", "utf16", "us-ascii")):
        return None  # the declaration itself was read as UTF-8, so it is no UTF-16
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = name
    if encoding not in _ENCODINGS:
        raise ParseError(f"The file is in {name}, which no file of PubMed is in.")
    return encoding
