"""Which articles a query finds: FTS5 for the text, set algebra for everything around it."""

import sqlite3
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_, itemgetter, or_

from harvester.library.schema import FTS_TABLE
from harvester.library.vocabulary import stems_beginning
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.search import NO_ABSTRACT, bm25, expression, identifier, lookup, ranking
from harvester.site.stems import Ways, beginning, stems
from harvester.site.synonyms import Synonyms, expand
from harvester.site.terms import And, Node, Not, Or, Query, Term, changed, leaves

__all__ = ["Found", "find", "look_up"]

_MATCH = f"SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ?"  # noqa: S608
_SCORED = f"SELECT rowid, {bm25()} FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ?"  # noqa: S608

# Fewer than this are not worth a look into the index.
_FEW_WAYS = 8
# FTS5 compares each article with every way to spell a star. A search with more ways than this gets
# FTS5's own star, which finds more than was asked.
_MOST_WAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The articles found, and their PMIDs, best first, as far as there is anything to rank by.

    `marks` is the FTS5 expression whose words are marked in the text. Where `synonyms` were also
    searched for, `exact` are the articles that have the very words.
    """

    articles: Articles
    ranked: "array[int]" = field(default_factory=lambda: array("q"))
    marks: str | None = None
    exact: Articles = 0
    synonyms: tuple[Synonyms, ...] = ()

    def by_relevance(self, catalogue: Catalogue, articles: Articles) -> Iterator[int]:
        """PMIDs of `articles`, a part of those found: ranked ones first, then the newest."""
        flags, places = catalogue.flags(articles), catalogue.places
        yield from (pmid for pmid in self.ranked if flags[places[pmid]])
        yield from catalogue.newest(articles & ~catalogue.articles(self.ranked))


def find(
    connection: sqlite3.Connection,
    catalogue: Catalogue,
    query: Query,
    *,
    rank: bool,
    exact: bool = False,
) -> Found:
    """Find what is asked for, by its other names too unless it must be `exact`.

    An identifier alone finds its article. No query finds everything.
    """
    if query.node is None:
        return Found(articles=catalogue.all)
    named = identifier(query.text)
    if named and (pmids := look_up(connection, *named)):
        return Found(articles=catalogue.articles(pmids))
    node = _with_ways(connection, query.node)
    typed = _find(connection, catalogue, node, rank=rank)
    wider = expand(node)
    if exact or wider.node is None or not wider.synonyms:
        return typed
    found = _find(connection, catalogue, wider.node, rank=rank)
    # bm25 would take a rare name for a telling one: articles with the words as typed come first.
    first = set(typed.ranked)
    ranked = typed.ranked + array("q", (pmid for pmid in found.ranked if pmid not in first))
    return replace(found, ranked=ranked, exact=typed.articles, synonyms=wider.synonyms)


def _find(connection: sqlite3.Connection, catalogue: Catalogue, node: Node, *, rank: bool) -> Found:
    marks = ranking(node)
    ranked = array("q", _ranked(connection, catalogue, marks) if marks and rank else ())
    if ranked and marks == expression(node):
        articles = catalogue.articles(ranked)
    else:
        articles = _articles(connection, catalogue, node)
    return Found(articles=articles, ranked=ranked, marks=marks)


def _ranked(connection: sqlite3.Connection, catalogue: Catalogue, match: str) -> list[int]:
    """PMIDs of what the text index finds, best first, of equals the newest."""
    known, bare = catalogue.places, catalogue.bare
    cursor = connection.cursor()
    cursor.row_factory = None
    scored = [
        (pmid, score * NO_ABSTRACT if pmid in bare else score)
        for pmid, score in cursor.execute(_SCORED, (match,))
        if pmid in known  # a harvest may have added articles since the catalogue was read
    ]
    scored.sort(reverse=True)
    scored.sort(key=itemgetter(1))
    return [pmid for pmid, _ in scored]


def look_up(connection: sqlite3.Connection, kind: str, value: str) -> tuple[int, ...]:
    """PMIDs of the articles with this identifier."""
    wanted = lookup(kind, value)
    return tuple(_pmids(connection, wanted.sql, *wanted.values))


def _with_ways(connection: sqlite3.Connection, node: Node) -> Node:
    """The query with each star written as what the index has of it."""
    stars = {term for term in (*leaves(node), *leaves(node, negated=True)) if term.prefix}
    if not stars:
        return node
    ways = {term: _in_index(connection, term.words[-1]) for term in stars}
    if sum(map(len, ways.values())) > _MOST_WAYS:
        ways = {term: ((term.words[-1], True),) for term in stars}
    return changed(node, {term: replace(term, ways=ways[term]) for term in stars}) or node


def _in_index(connection: sqlite3.Connection, start: str) -> Ways:
    """How to ask for words that begin so, without what no stem of the index begins with."""
    ways = beginning(start)
    if len(ways) <= _FEW_WAYS:
        return ways
    terms = stems_beginning(connection, start)
    held = []
    for (word, longer), stem in zip(ways, stems(word for word, _ in ways), strict=True):
        if longer:
            found = any(term.startswith(word) for term in terms)
        else:  # a shorter stem is not among the terms; it is kept unseen
            found = stem in terms or not stem.startswith(start)
        if found:
            held.append((word, longer))
    return tuple(held) or ((start, True),)


def _articles(connection: sqlite3.Connection, catalogue: Catalogue, node: Node) -> Articles:
    if match := expression(node):
        return catalogue.articles(_pmids(connection, _MATCH, match))
    match node:
        case Term(field="journal"):
            return catalogue.published_in(" ".join(node.words), prefix=node.prefix)
        case Term():
            return catalogue.articles(look_up(connection, node.field or "", node.text))
        case Not(part):
            return catalogue.all & ~_articles(connection, catalogue, part)
        case Or(parts):
            return reduce(or_, (_articles(connection, catalogue, part) for part in parts))
        case And(parts):
            # What FTS5 can join it joins: it stops at the rarest word.
            text = tuple(part for part in parts if expression(part))
            rest = [part for part in parts if not expression(part)]
            together: list[Node] = [And(text)] if len(text) > 1 else list(text)
            return reduce(
                and_, (_articles(connection, catalogue, part) for part in [*together, *rest])
            )
    raise AssertionError(node)


def _pmids(connection: sqlite3.Connection, sql: str, *values: str | int) -> Iterator[int]:
    cursor = connection.cursor()
    cursor.row_factory = None
    return (row[0] for row in cursor.execute(sql, values))
