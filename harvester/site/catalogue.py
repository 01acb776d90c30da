"""The catalogue: which articles carry which value of which facet, kept in memory.

A set of articles is one integer, bit n standing for the article at place n (0 is the newest). So
AND, OR and NOT are `&`, `|` and `^`, and a count is `int.bit_count()`: a facet of thousands of
values is counted in a few milliseconds, whatever the search. It is read from the facets' tables
(docs/decisions names the figures) and read again when the library has changed.
"""

import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, compress

from harvester.site.facets import FACETS
from harvester.site.measures import MEASURES, Points, points_of
from harvester.site.stems import words

__all__ = [
    "NOTHING",
    "Articles",
    "Catalogue",
    "Stamp",
    "read_catalogue",
    "read_stamp",
    "run_is_open",
    "snapshot",
]

Articles = int
Stamp = tuple[str | int | None, ...]

# A value of fewer articles than this is kept as a list of places: shorter, and as fast to count.
_FEW = 64
# To look at every article takes a third of the time of looking at as many places one by one.
_SPARSE = 3
# As on an article's own page (`record`), where the citing articles are listed.
_CITED = (
    "SELECT cited, count(*) FROM (SELECT a.pmid AS cited, c.pmid FROM articles a "
    "JOIN citations c ON c.cited_pmid = a.pmid UNION SELECT a.pmid, c.pmid FROM articles a "
    "JOIN corrections c ON c.other_pmid = a.pmid AND c.kind = 'Cites') "
    "WHERE pmid <> cited GROUP BY cited"
)
_ONE = ord("1")
_ONES = bytes(byte == _ONE for byte in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """`pmids` by place, newest first; `values` are by facet and value, `years` by year.

    `common` are those kept as sets; the others are `rare` where few articles have any of them,
    else `rare_at` each place. `measures` are the numbers of articles, by measure. `journals` pairs
    each name and abbreviation, as words, with the value of the journal facet. `bare` are records
    without an abstract; `cited` says how many articles here cite a record, the most cited first.
    """

    stamp: Stamp
    pmids: "array[int]"
    places: Mapping[int, int]
    values: Mapping[str, Mapping[str, "Articles | array[int]"]]
    common: Mapping[str, Mapping[str, Articles]]
    rare: Mapping[str, Mapping[str, "array[int]"]]
    rare_at: Mapping[str, tuple[tuple[str, ...], ...]]
    labels: Mapping[str, Mapping[str, str]]
    years: Mapping[int, Articles]
    measures: Mapping[str, Points]
    journals: tuple[tuple[str, str], ...]
    bare: frozenset[int]
    cited: Mapping[int, int]

    @property
    def all(self) -> Articles:
        return (1 << len(self.pmids)) - 1

    def articles(self, pmids: Iterable[int]) -> Articles:
        """The set of these records; PMIDs that are not in the library are passed over."""
        places = self.places
        return _bits([places[pmid] for pmid in pmids if pmid in places], len(self.pmids))

    def having(self, facet: str, values: Iterable[str]) -> Articles:
        """Articles with any of the values."""
        known = self.values.get(facet, {})
        found = 0
        for value in values:
            held = known.get(value, 0)
            found |= held if isinstance(held, int) else _bits(held, len(self.pmids))
        return found

    def between(self, first: int | None, last: int | None) -> Articles:
        """Articles of the years from `first` to `last`."""
        found = 0
        for year, articles in self.years.items():
            if (first is None or year >= first) and (last is None or year <= last):
                found |= articles
        return found

    def within(self, measure: str, low: int | None, high: int | None) -> Articles:
        """Articles with a number of the measure in this range, as `Measure.keep` gives numbers."""
        points = self.measures.get(measure)
        return _bits(points.within(low, high), len(self.pmids)) if points else 0

    def published_in(self, name: str, *, prefix: bool = False) -> Articles:
        """Articles of journals whose name or abbreviation has these words together."""
        wanted = f" {name}" if prefix else f" {name} "
        return self.having("journal", {value for words, value in self.journals if wanted in words})

    def flags(self, articles: Articles) -> bytes:
        """One byte for each place, 1 for those of the set."""
        return _flags(articles, len(self.pmids))

    def counts(self, facet: str, articles: Articles) -> dict[str, int]:
        """How many of the articles have each value; values that none has are left out."""
        if not articles:
            return {}
        found = {
            value: count
            for value, held in self.common.get(facet, {}).items()
            if (count := (held & articles).bit_count())
        }
        flags = self.flags(articles)
        if rare_at := self.rare_at.get(facet):
            found |= Counter(chain.from_iterable(compress(rare_at, flags)))
        for value, places in self.rare.get(facet, {}).items():
            if count := sum(map(flags.__getitem__, places)):
                found[value] = count
        return found

    def count_years(self, articles: Articles) -> dict[int, int]:
        """Articles by year, oldest first; years without any are left out."""
        counted = ((year, (held & articles).bit_count()) for year, held in self.years.items())
        return {year: count for year, count in counted if count}

    def newest(self, articles: Articles) -> Iterator[int]:
        """PMIDs of the set, newest first."""
        return compress(self.pmids, self.flags(articles))

    def most_cited(self, articles: Articles) -> Iterator[int]:
        """PMIDs of the set, those first that most articles here cite, then the newest."""
        flags, places = self.flags(articles), self.places
        yield from (pmid for pmid in self.cited if flags[places[pmid]])
        yield from self.newest(articles & ~self.articles(self.cited))


NOTHING = Catalogue(
    stamp=(),
    pmids=array("q"),
    places={},
    values={},
    common={},
    rare={},
    rare_at={},
    labels={},
    years={},
    measures={},
    journals=(),
    bare=frozenset(),
    cited={},
)


def _bits(places: Iterable[int], size: int) -> Articles:
    found = bytearray(b"0") * (size + 1)
    for place in places:
        found[place] = _ONE
    return int(found[::-1], 2)


# Facets are counted one after the other, mostly among the same articles.
@lru_cache(maxsize=4)
def _flags(articles: Articles, size: int) -> bytes:
    return bin(articles)[:1:-1].ljust(size, "0").encode().translate(_ONES)


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything read inside is of one moment, also while a harvest writes."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def read_stamp(connection: sqlite3.Connection) -> Stamp:
    """What changes whenever a run, or a batch of one, has changed the library."""
    row = connection.execute(
        "SELECT r.id, r.started, r.finished, (SELECT max(id) FROM changes), "
        "(SELECT value FROM settings WHERE name = 'kind') "
        "FROM (SELECT max(id) AS last FROM runs) LEFT JOIN runs r ON r.id = last"
    ).fetchone()
    return tuple(row)


def run_is_open(stamp: Stamp) -> bool:
    """Whether the last run had not ended at that moment."""
    return stamp[0] is not None and stamp[2] is None


def read_catalogue(connection: sqlite3.Connection) -> Catalogue:
    """Read it all from the library; some 3 s for 100,000 articles."""
    with snapshot(connection):
        stamp = read_stamp(connection)
        cursor = connection.cursor()
        cursor.row_factory = None  # plain tuples: there are millions
        rows = cursor.execute(
            "SELECT pmid, year, has_abstract FROM articles ORDER BY published DESC, pmid DESC"
        ).fetchall()
        pmids = array("q", (row[0] for row in rows))
        places = {pmid: place for place, pmid in enumerate(pmids)}
        years: dict[int, list[int]] = {}
        for place, (_, year, _) in enumerate(rows):
            if year is not None:
                years.setdefault(year, []).append(place)
        values: dict[str, dict[str, Articles | array[int]]] = {}
        common = {}
        rare = {}
        rare_at = {}
        labels = {}
        for name, facet in FACETS.items():
            held = _held(cursor.execute(facet.sql), places)
            few = {value: found for value, found in held.items() if len(found) < _FEW}
            common[name] = {v: _bits(f, len(pmids)) for v, f in held.items() if v not in few}
            values[name] = {v: common[name].get(v) or array("L", f) for v, f in held.items()}
            if sum(map(len, few.values())) * _SPARSE < len(pmids):
                rare[name] = {value: array("L", found) for value, found in few.items()}
            else:
                rare_at[name] = _by_place(few, len(pmids))
            named = dict(cursor.execute(facet.labels)) if facet.labels else {}
            labels[name] = {value: named.get(value) or facet.say(value) for value in values[name]}
        measures = {
            name: points_of(measure, cursor.execute(measure.sql), places)
            for name, measure in MEASURES.items()
        }
        journals = cursor.execute(
            "SELECT DISTINCT a.journal, j.abbreviation, j.medline_ta FROM articles a "
            "LEFT JOIN journals j ON j.nlm_id = a.journal_id WHERE a.journal IS NOT NULL"
        ).fetchall()
        cited = dict(cursor.execute(_CITED))
    return Catalogue(
        stamp=stamp,
        pmids=pmids,
        places=places,
        values=values,
        common=common,
        rare=rare,
        rare_at=rare_at,
        labels=labels,
        years={year: _bits(years[year], len(pmids)) for year in sorted(years)},
        measures=measures,
        journals=_journal_names(journals),
        bare=frozenset(pmid for pmid, _, has_abstract in rows if not has_abstract),
        cited={pmid: cited[pmid] for pmid in sorted(cited, key=lambda p: (-cited[p], places[p]))},
    )


def _held(
    rows: Iterable[tuple[str | None, int]], places: Mapping[int, int]
) -> dict[str, list[int]]:
    """For each value the places of its articles, each once and in order."""
    held: defaultdict[str, list[int]] = defaultdict(list)
    place_of = places.get
    for value, pmid in rows:
        place = place_of(pmid)
        if value is not None and place is not None:
            held[value].append(place)
    return {value: sorted(set(found)) for value, found in held.items()}


def _by_place(held: Mapping[str, list[int]], size: int) -> tuple[tuple[str, ...], ...]:
    """The values of the article at each place."""
    found: list[tuple[str, ...]] = [()] * size
    alone = {value: (value,) for value in held}
    for value, places in held.items():
        for place in places:
            found[place] = (*found[place], value) if found[place] else alone[value]
    return tuple(found)


def _journal_names(rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    pairs = [(name, row[0]) for row in rows for name in dict.fromkeys(row) if name]
    spelled = words(name for name, _ in pairs)
    return tuple((f" {' '.join(w)} ", value) for w, (_, value) in zip(spelled, pairs, strict=True))
