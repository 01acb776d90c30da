"""The words that were searched for, marked in the text of an article.

FTS5 writes control characters around them, which no text of a record keeps: everything is escaped
first and only then are they replaced by `<mark>`.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from harvester.library.schema import FTS_COLUMNS, FTS_TABLE
from harvester.site.markup import clean, inline

__all__ = ["Marked", "marked", "marked_title", "read_marked"]

_OPEN, _CLOSE = "\x02", "\x03"
_WORDS_OF_A_SNIPPET = 40
_CHARACTERS_OF_A_BEGINNING = 280
# FTS5 compares every match with every other: an abstract of megabytes would take half a minute.
_LONGEST_SEARCHED = 50_000
_MOST_WORDS = 6
_PIECE = re.compile("\x02([^\x02\x03]*)\x03")
_HTML = re.compile("(<[^>]*>)|(&[^;]*;|.)", re.DOTALL)

_COLUMN_NAMES = {
    "title": "title",
    "abstract": "abstract",
    "authors": "authors",
    "mesh": "MeSH",
    "keywords": "keywords",
    "substances": "substances",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """`title` is plain text with marks; `why` says of each word how often it stands where."""

    title: str
    snippet: Markup | None
    why: tuple[tuple[str, str], ...]


def read_marked(
    connection: sqlite3.Connection, pmids: Iterable[int], match: str
) -> dict[int, Marked]:
    """The marked texts of those of the articles that the FTS5 expression finds."""
    highlights = ", ".join(
        f"highlight({FTS_TABLE}, {place}, char(2), char(3))" for place in range(len(FTS_COLUMNS))
    )
    abstract = FTS_COLUMNS.index("abstract")
    # A star is worked out anew for each article that is looked up by number; then it is better to
    # walk through everything that matches.
    pmid = "+rowid" if "*" in match else "rowid"
    snippet = f"snippet({FTS_TABLE}, {abstract}, char(2), char(3), '…', {_WORDS_OF_A_SNIPPET})"
    sql = (
        f"SELECT rowid, iif(length(abstract) < {_LONGEST_SEARCHED}, {snippet}, NULL), "  # noqa: S608
        f"{highlights} FROM {FTS_TABLE} "
        f"WHERE {FTS_TABLE} MATCH ? AND {pmid} IN (SELECT value FROM json_each(?))"
    )
    return {
        row[0]: Marked(
            title=row[2] or "",
            snippet=marked(row[1]) if row[1] else None,
            why=_why(dict(zip(FTS_COLUMNS, row[2:], strict=True))),
        )
        for row in map(tuple, connection.execute(sql, (match, json.dumps(list(pmids)))))
    }


def beginning_of(abstract: str | None) -> Markup | None:
    """The first words of an abstract, where no word is searched for."""
    if not abstract:
        return None
    text = " ".join(clean(abstract).split())
    if len(text) <= _CHARACTERS_OF_A_BEGINNING:
        return escape(text)
    return escape(text[:_CHARACTERS_OF_A_BEGINNING].rsplit(" ", 1)[0] + " …")


def marked(text: str) -> Markup:
    """Text with FTS5's marks as HTML."""
    pieces = _PIECE.split(" ".join(text.split()))
    return Markup("").join(
        Markup("<mark>{}</mark>").format(clean(piece)) if place % 2 else escape(clean(piece))
        for place, piece in enumerate(pieces)
    )


def marked_title(text: str, markup: str | None) -> Markup:
    """A title with FTS5's marks and, from `markup`, PubMed's inline elements."""
    if markup is None or _OPEN not in text:
        return marked(text) if _OPEN in text else inline(text, markup)
    inside = []
    for place, piece in enumerate(_PIECE.split(text)):
        inside += [place % 2 == 1] * len(clean(piece))
    html = str(inline(clean(text), markup))
    tokens = _HTML.findall(html)
    if sum(1 for tag, _ in tokens if not tag) != len(inside):
        return inline(clean(text), markup)  # the two differ in more than tags
    return _interwoven(tokens, inside)


def _interwoven(tokens: list[tuple[str, str]], inside: list[bool]) -> Markup:
    """Put marks into HTML; one that would cross a tag is closed before it and opened after."""
    parts: list[str] = []
    marks = iter(inside)
    open_ = False
    for tag, character in tokens:
        wanted = False if tag else next(marks)
        if wanted != open_:
            parts.append("<mark>" if wanted else "</mark>")
            open_ = wanted
        parts.append(tag or character)
    return Markup("".join(parts) + "</mark>" * open_)  # noqa: S704 (from `inline`, marks of ours)


def _why(texts: dict[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Each word found, as it stands there, with how often it is in which part of the record."""
    places: dict[str, dict[str, int]] = {}
    for column, text in texts.items():
        found = Counter(clean(word).lower() for word in _PIECE.findall(text or ""))
        for word, count in found.items():
            places.setdefault(word, {})[_COLUMN_NAMES[column]] = count
    return tuple(
        (word, ", ".join(f"{column} {count} ×" for column, count in counts.items()))
        for word, counts in list(places.items())[:_MOST_WORDS]
    )
