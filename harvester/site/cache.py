"""What the server keeps between requests: the catalogue, and what recent searches found."""

import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from harvester.site.catalogue import (
    NOTHING,
    Articles,
    Catalogue,
    read_catalogue,
    read_stamp,
    run_is_open,
)
from harvester.site.matching import Found, find
from harvester.site.spelling import Vocabulary, read_vocabulary
from harvester.site.tally import Tally, tally
from harvester.site.terms import Query, parse
from harvester.site.urls import Search

__all__ = ["Cache"]

_SEARCHES_KEPT = 64
_PAGES_KEPT = 32
_MOMENTS_KEPT = 16
# While a harvest writes, the catalogue may be this many times as old as it takes to read it, so
# that reading it never takes more than a tenth of the server's time. What a run brought is shown as
# soon as the run is done: pages say up to when the library is complete.
_PATIENCE = 10

T = TypeVar("T")


class Cache:
    """One for each library that is served; used by several threads.

    `held` is the catalogue as it was read last.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reading = threading.Lock()
        self.held: Catalogue = NOTHING
        self._until = 0.0
        self._found: _Recent[Found] = _Recent(_SEARCHES_KEPT)
        self._tallies: _Recent[Tally] = _Recent(_SEARCHES_KEPT)
        self._words: _Recent[Vocabulary] = _Recent(1)
        self._made: _Recent[Any] = _Recent(_PAGES_KEPT)
        self._of_moment: _Recent[Any] = _Recent(_MOMENTS_KEPT)

    def catalogue(self, connection: sqlite3.Connection) -> Catalogue:
        """The catalogue of the library as it is, or as it was a moment ago during a harvest."""
        held, stamp = self.held, read_stamp(connection)
        if held.stamp == stamp or (run_is_open(stamp) and self._clock() < self._until):
            return held
        if not self._reading.acquire(blocking=held is NOTHING):
            return held  # another thread is reading the new one
        try:
            if self.held is held:
                started = self._clock()
                self.held = read_catalogue(connection)
                now = self._clock()
                self._until = now + _PATIENCE * (now - started)
            return self.held
        finally:
            self._reading.release()

    def search(
        self, connection: sqlite3.Connection, catalogue: Catalogue, query: Query, search: Search
    ) -> tuple[Found, Tally]:
        """What the query finds and the counts; paging and sorting do not search again."""
        rank = search.order == "relevance"
        words = (catalogue.stamp, query.text, search.exact)
        found = self._found.get(
            (*words, rank),
            lambda: find(connection, catalogue, query, rank=rank, exact=search.exact),
        )
        counted = self._tallies.get(
            (*words, search.chosen, search.first, search.last, search.ranges),
            lambda: tally(catalogue, found, search),
        )
        return found, counted

    def articles(self, connection: sqlite3.Connection, search: Search) -> Articles:
        """The articles that the search page shows for it, without counting anything."""
        catalogue = self.held
        articles = catalogue.all
        if search.q:
            query = parse(search.q)
            found = self._found.get(
                (catalogue.stamp, query.text, search.exact, False),
                lambda: find(connection, catalogue, query, rank=False, exact=search.exact),
            )
            articles = found.articles
        for facet in dict.fromkeys(name for name, _ in search.chosen):
            articles &= catalogue.having(facet, search.values(facet))
        if search.first is not None or search.last is not None:
            articles &= catalogue.between(search.first, search.last)
        for name, low, high in search.ranges:
            articles &= catalogue.within(name, low, high)
        return articles

    def kept(self, connection: sqlite3.Connection, name: str, make: Callable[[], T]) -> T:
        """What is made once for each state of the library, by name."""
        stamp = self.held.stamp
        if stamp != read_stamp(connection):
            return make()  # of two moments: good for one answer during a harvest, not to be kept
        made: T = self._made.get((stamp, name), make)
        return made

    def at_moment(self, connection: sqlite3.Connection, name: str, make: Callable[[], T]) -> T:
        """What is made of the ledger once for each moment of it, whatever the catalogue is of."""
        made: T = self._of_moment.get((read_stamp(connection), name), make)
        return made

    def vocabulary(self, connection: sqlite3.Connection) -> Vocabulary:
        """The words of the library, for putting a misspelled one right."""
        return self._words.get(self.held.stamp, lambda: read_vocabulary(connection))


class _Recent(Generic[T]):
    """The last few things that were made, by what they were made from."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            # Another thread may have made it too, at another moment of a harvest: one is kept.
            made = self._kept.setdefault(key, made)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
