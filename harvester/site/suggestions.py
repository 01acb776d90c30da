"""What would find something, when a search found nothing."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from harvester.library.vocabulary import stems_beginning
from harvester.site.cache import Cache
from harvester.site.facets import FACETS
from harvester.site.measures import MEASURES
from harvester.site.small_words import SMALL_WORDS
from harvester.site.spelling import closest
from harvester.site.stems import stems
from harvester.site.terms import Node, Or, Query, Term, changed, leaves, parse, spelled
from harvester.site.urls import Search, write

__all__ = ["Suggestion", "misspelled", "suggestions"]

_MOST = 6
_MOST_TERMS = 6
_PUNCTUATION = ".,;:!?…'’()"
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Another search with the number of articles that it finds; `q` is empty for all articles."""

    label: str
    q: str
    href: str
    count: int


def suggestions(
    connection: sqlite3.Connection,
    cache: Cache,
    query: Query,
    search: Search,
    meant: Mapping[str, str],
) -> tuple[Suggestion, ...]:
    """Searches like this one that find something, the most alike first.

    `meant` has for misspelled words what they may mean. When the time for the page is over there
    are those that were found until then, and nothing more can be read: ask for them last.
    """
    found: dict[str, Suggestion] = {}
    try:
        for suggestion in _found(connection, cache, query, search, meant):
            found.setdefault(suggestion.href, suggestion)
            if len(found) == _MOST:
                break
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
    return tuple(found.values())


def _found(
    connection: sqlite3.Connection,
    cache: Cache,
    query: Query,
    search: Search,
    meant: Mapping[str, str],
) -> Iterator[Suggestion]:
    """Other searches that find something, if need be without the filters."""
    ways = [[way] for way in _less_filtered(search)]
    for label, asked in _others(query, search, meant):
        bare = f"{label}, without the filters" if label else "Without the filters"
        ways.append([(label, asked), (bare, asked.bare())])
    for way in ways:
        for words, other in way:
            if count := cache.articles(connection, other).bit_count():
                yield Suggestion(label=words, q=other.q, href=write(other), count=count)
                break


def _less_filtered(search: Search) -> Iterator[tuple[str, Search]]:
    """The search without one of its filters, when there are several."""
    facets = tuple(dict.fromkeys(name for name, _ in search.chosen))
    years = search.first is not None or search.last is not None
    if len(facets) + years + len(search.ranges) < 2:
        return
    for name in facets:
        yield f"Without the filter {FACETS[name].label}", search.without(name)
    if years:
        yield "Without the years", search.years(None, None)
    for name, _, _ in search.ranges:
        yield f"Without {MEASURES[name].label}", search.between(name, None, None)


def _others(query: Query, search: Search, meant: Mapping[str, str]) -> Iterator[tuple[str, Search]]:
    """The search in other words, with what is different about it."""
    if search.exact:
        yield "By its other names too", search.with_synonyms(True)
    for label, q in _reworded(query, meant):
        yield label, search.reworded(q)


def _reworded(query: Query, meant: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    node = _respelled(query.node, meant)
    if node != query.node:
        yield "Spelled differently", spelled(node)
    yield "", query.text
    telling = _telling(node)
    if telling != node:
        yield "The telling words alone", spelled(telling)
        node = telling
    terms = leaves(node)[:_MOST_TERMS]
    for term in terms:
        if len(term.words) > 1 and term.field not in ("pmid", "doi", "journal"):
            field = f"{term.field}:" if term.field else ""
            apart = parse(" ".join(field + word for word in term.words)).node
            yield "The words of a phrase apart", spelled(changed(node, {term: apart}))
    if len(terms) > 1:
        typed = {right: wrong for wrong, right in meant.items()}
        for term in terms:
            wrong = " ".join(typed.get(word, word) for word in term.words)
            left_out = wrong if typed.keys() & set(term.words) else term.text
            yield f"Without “{left_out}”", spelled(changed(node, {term: None}))
        yield "Any of the words", spelled(Or(tuple(dict.fromkeys(terms))))


def _telling(node: Node | None) -> Node | None:
    """The query without small words, and without what a sentence has around the others.

    As it is when nothing else is asked for.
    """
    kept: dict[Term, Node | None] = {}
    for term in leaves(node):
        if _is_small(term):
            kept[term] = None
        elif not (term.quoted or term.prefix):
            kept[term] = replace(term, text=term.text.strip(_PUNCTUATION))
    return changed(node, kept) or node


def _is_small(term: Term) -> bool:
    return not (term.field or term.quoted or term.prefix) and SMALL_WORDS.issuperset(term.words)


def _respelled(node: Node | None, meant: Mapping[str, str]) -> Node | None:
    """The query with words that no article has put right, if they can be."""
    corrected: dict[Term, Node | None] = {}
    for term in _spellable(node):
        words = tuple(meant.get(word, word) for word in term.words)
        if words != term.words:
            corrected[term] = replace(term, words=words, text=" ".join(words))
    return changed(node, corrected) if corrected else node


def misspelled(
    connection: sqlite3.Connection, cache: Cache, node: Node | None
) -> tuple[tuple[str, str], ...]:
    """Words that no article has, each with the one of the library that is most like it.

    Of a long text the first few: each is compared with the whole vocabulary.
    """
    vocabulary = cache.vocabulary(connection)
    asked = dict.fromkeys(word for term in _spellable(node) for word in term.words)
    unknown = (word for word in asked if not _written(connection, word))
    tried = islice(unknown, _MOST_WORDS)
    return tuple((word, near) for word in tried if (near := closest(word, vocabulary)))


def _spellable(node: Node | None) -> list[Term]:
    terms = [term for term in leaves(node) if not _is_small(term)][:_MOST_TERMS]
    return [term for term in terms if term.field in (None, "title", "mesh") and not term.prefix]


def _written(connection: sqlite3.Connection, word: str) -> bool:
    """Whether some article has the word, in one of its forms."""
    (stem,) = stems([word])
    return stem in stems_beginning(connection, stem)
