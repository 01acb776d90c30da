"""The address of a result page is its whole state: read from a query string, written as one."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl, quote_plus

from harvester.site.facets import FACETS
from harvester.site.measures import MEASURES

__all__ = ["SORTS", "Range", "Search", "pairs", "read", "toggling", "write", "years_of"]

# A measure, and its least and greatest number as the catalogue keeps them.
Range = tuple[str, int | None, int | None]

SORTS = ("relevance", "newest", "oldest", "cited")

_MOST_CHARACTERS = 2_000  # of a search; the rest is not read
_MOST_CHOSEN = 50
_MOST_PARAMETERS = 200
_LONGEST_VALUE = 500
_LAST_PAGE = 100_000
_PLACES = {name: place for place, name in enumerate(FACETS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for and how it is shown.

    `chosen` are pairs of facet and value in the order of `FACETS`, `ranges` are of `MEASURES`, in
    their order; `sort` is None where nothing
    was said: by relevance when there are words, otherwise newest first. `path` is the page that
    shows it: the search, or the page of an author, a journal or a heading, within its articles.
    `exact` words are searched for as they are, without their synonyms.
    """

    q: str = ""
    exact: bool = False
    chosen: tuple[tuple[str, str], ...] = ()
    first: int | None = None
    last: int | None = None
    ranges: tuple[Range, ...] = ()
    sort: str | None = None
    page: int = 1
    path: str = "/search"

    @property
    def order(self) -> str:
        return self.sort or ("relevance" if self.q else "newest")

    @property
    def filtered(self) -> bool:
        years = self.first is not None or self.last is not None
        return years or bool(self.chosen or self.ranges)

    def values(self, facet: str) -> tuple[str, ...]:
        """The values chosen of one facet."""
        return tuple(value for name, value in self.chosen if name == facet)

    def toggled(self, facet: str, value: str) -> "Search":
        """With the value chosen, or no longer when it is."""
        pair = (facet, value)
        if pair in self.chosen:
            return replace(self, chosen=tuple(p for p in self.chosen if p != pair), page=1)
        return replace(self, chosen=_ordered((*self.chosen, pair)), page=1)

    def without(self, facet: str) -> "Search":
        """With nothing chosen of the facet."""
        return replace(self, chosen=tuple(p for p in self.chosen if p[0] != facet), page=1)

    def years(self, first: int | None, last: int | None) -> "Search":
        return replace(self, first=first, last=last, page=1)

    def between(self, measure: str, low: int | None, high: int | None) -> "Search":
        """With the numbers of a measure in this range only; without any when neither is given."""
        ends = {name: self.range_of(name) for name in MEASURES} | {measure: (low, high)}
        ranges = ((name, *pair) for name, pair in ends.items() if pair != (None, None))
        return replace(self, ranges=tuple(ranges), page=1)

    def range_of(self, measure: str) -> tuple[int | None, int | None]:
        ends = {name: (low, high) for name, low, high in self.ranges}
        return ends.get(measure, (None, None))

    def at(self, page: int) -> "Search":
        return replace(self, page=page)

    def sorted_by(self, sort: str) -> "Search":
        """In that order, from the first page; the order that is usual needs no word."""
        usual = replace(self, sort=None).order
        return replace(self, sort=None if sort == usual else sort, page=1)

    def words_only(self) -> "Search":
        """With every filter taken away."""
        return Search(q=self.q, exact=self.exact, sort=self.sort, path=self.path)

    def bare(self) -> "Search":
        """With the words alone, in their usual order."""
        return Search(q=self.q, exact=self.exact)

    def with_synonyms(self, wanted: bool) -> "Search":
        """With other names of what is asked for, or for the exact words only."""
        return replace(self, exact=not wanted, page=1)

    def reworded(self, q: str) -> "Search":
        return replace(self, q=q, page=1)


def write(search: Search, path: str | None = None) -> str:
    """The address of the page, or of another page for the same."""
    return _address(path or search.path, *map(_written, pairs(search)))


def toggling(search: Search, facet: str) -> Callable[[str], str]:
    """`write(search.toggled(facet, value))` of any value; what all share is written once."""
    if len(search.chosen) >= _MOST_CHOSEN:
        return lambda value: write(search.toggled(facet, value))
    here, chosen = _PLACES[facet], search.values(facet)
    before = (pair for pair in search.chosen if _PLACES[pair[0]] <= here)
    after = (pair for pair in search.chosen if _PLACES[pair[0]] > here)
    first, last = _ends(search)
    start = [*first, *map(_written, before)]
    end = [*map(_written, after), *last]

    def href(value: str) -> str:
        if value in chosen or not value:
            return write(search.toggled(facet, value))
        return _address(search.path, *start, _written((facet, value)), *end)

    return href


def years_of(search: Search) -> Callable[[int, int], str]:
    """`write(search.years(first, last))` of any years; what all share is written once."""
    open_ = search.years(None, None)
    start = [_written(pair) for pair in (*_words(open_), *open_.chosen)]
    end = [_written(pair) for pair in _after(open_)]
    return lambda first, last: _address(search.path, *start, f"from={first}", f"to={last}", *end)


@lru_cache(maxsize=16)
def _ends(search: Search) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters before and after the facets', written, for the first page."""
    return tuple(map(_written, _words(search))), tuple(map(_written, _after(search.at(1))))


def _address(path: str, *parts: str) -> str:
    return f"{path}?{'&'.join(parts)}" if parts else path


@lru_cache(maxsize=4_096)
def _written(pair: tuple[str, str]) -> str:
    return f"{pair[0]}={quote_plus(pair[1])}"


def pairs(search: Search) -> list[tuple[str, str]]:
    """The parameters, in their one order; what is as usual is left out."""
    return [*_words(search), *search.chosen, *_after(search)]


def _words(search: Search) -> list[tuple[str, str]]:
    """The parameters before the facets'."""
    exact = [("exact", "1")] if search.exact else []
    return [("q", search.q), *exact] if search.q else []


def _after(search: Search) -> list[tuple[str, str]]:
    """The parameters after the facets'."""
    found = [("from", _text(search.first)), ("to", _text(search.last))]
    for name, low, high in search.ranges:
        say = MEASURES[name].say
        found += [
            (f"{name}_from", "" if low is None else say(low)),
            (f"{name}_to", "" if high is None else say(high)),
        ]
    found += [
        ("sort", search.sort or ""),
        ("page", _text(search.page if search.page > 1 else None)),
    ]
    return [(name, value) for name, value in found if value]


def read(query_string: str) -> Search:
    """Read any query string; what is unknown, or makes no sense, is passed over."""
    try:
        given = parse_qsl(query_string, max_num_fields=_MOST_PARAMETERS)
    except ValueError:  # too many parameters
        given = parse_qsl("&".join(query_string.split("&")[:_MOST_PARAMETERS]))
    single = dict(reversed([(name, value.strip()) for name, value in given]))
    chosen = ((name, value[:_LONGEST_VALUE].strip()) for name, value in given if name in FACETS)
    first, last = _year(single.get("from")), _year(single.get("to"))
    if first is not None and last is not None and first > last:
        first, last = last, first
    sort = single.get("sort")
    q = single.get("q", "")[:_MOST_CHARACTERS].strip()
    search = Search(
        q=q,
        ranges=tuple(_ranges(single)),
        exact=bool(q) and single.get("exact") == "1",
        chosen=_ordered(chosen),
        first=first,
        last=last,
        page=max(1, min(_number(single.get("page")) or 1, _LAST_PAGE)),
    )
    return replace(search.sorted_by(sort), page=search.page) if sort in SORTS else search


def _ranges(given: Mapping[str, str]) -> Iterator[Range]:
    for name, measure in MEASURES.items():
        low, high = (measure.read(given.get(f"{name}_{end}")) for end in ("from", "to"))
        if low is not None and high is not None and low > high:
            low, high = high, low
        if low is not None or high is not None:
            yield name, low, high


def _ordered(chosen: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    kept = [pair for pair in dict.fromkeys(chosen) if pair[1]][:_MOST_CHOSEN]
    return tuple(sorted(kept, key=lambda pair: _PLACES[pair[0]]))


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else None


def _year(text: str | None) -> int | None:
    year = _number(text)
    return year if year is not None and year <= 9999 else None


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
