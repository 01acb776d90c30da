"""What a search finds, counted: the total, every facet, every year."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from harvester.site.catalogue import Articles, Catalogue
from harvester.site.facets import FACETS, Facet
from harvester.site.matching import Found
from harvester.site.urls import Search

__all__ = ["Counted", "Tally", "Value", "count", "in_order", "tally"]

YEAR = "year"
_VALUES_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value of a facet: `label` is how it is said, `share` its part of the largest count."""

    value: str
    label: str
    count: int
    chosen: bool
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A facet with its values, chosen ones first, then by count; `more` are not among them."""

    facet: Facet
    values: tuple[Value, ...]
    more: int

    @property
    def chosen(self) -> int:
        return sum(value.chosen for value in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a search finds, and its counts; `years` as if no years were chosen.

    `others` are the articles found when nothing of one facet is chosen, for each with a choice.
    """

    articles: Articles
    others: Mapping[str, Articles]
    total: int
    retracted: int
    facets: tuple[Counted, ...]
    years: Mapping[int, int]

    def alternatives(self, facet: str) -> Articles:
        """The articles among which the values of the facet are counted."""
        return self.others.get(facet, self.articles)


def tally(catalogue: Catalogue, found: Found, search: Search) -> Tally:
    """Count everything.

    Values of one facet are alternatives (OR), facets narrow each other (AND), and the counts of a
    facet are taken as if nothing of itself were chosen.
    """
    filters = {
        name: catalogue.having(name, search.values(name))
        for name in dict.fromkeys(name for name, _ in search.chosen)
    }
    if search.first is not None or search.last is not None:
        filters[YEAR] = catalogue.between(search.first, search.last)
    for name, low, high in search.ranges:
        filters[f"{name} range"] = catalogue.within(name, low, high)

    def filtered(but: str | None = None) -> Articles:
        kept = (held for name, held in filters.items() if name != but)
        return reduce(and_, kept, found.articles)

    articles = filtered()
    others = {name: filtered(but=name) for name in filters}
    counted = (
        count(catalogue, facet, others.get(name, articles), search)
        for name, facet in FACETS.items()
    )
    return Tally(
        articles=articles,
        others=others,
        total=articles.bit_count(),
        retracted=(articles & catalogue.having("status", ["retracted"])).bit_count(),
        facets=tuple(facet for facet in counted if facet.values),
        years=catalogue.count_years(others.get(YEAR, articles)),
    )


def count(
    catalogue: Catalogue,
    facet: Facet,
    articles: Articles,
    search: Search,
    *,
    shown: int | None = _VALUES_SHOWN,
) -> Counted:
    """The values of a facet among the articles; chosen ones stay even if none has them."""
    counts = catalogue.counts(facet.name, articles)
    chosen = search.values(facet.name)
    for value in chosen:
        counts.setdefault(value, 0)
    labels = catalogue.labels[facet.name]
    wanted = len(counts) if shown is None else max(shown, len(chosen))
    candidates = counts if len(counts) <= wanted else _largest(counts, wanted, chosen)
    order = sorted(candidates, key=lambda value: (value not in chosen, -counts[value], value))
    kept = order[:wanted]
    largest = max(counts.values(), default=0) or 1
    return Counted(
        facet=facet,
        values=tuple(
            Value(
                value=value,
                label=labels.get(value) or facet.say(value),
                count=counts[value],
                chosen=value in chosen,
                share=-(-100 * counts[value] // largest),
            )
            for value in kept
        ),
        more=len(counts) - len(kept),
    )


def _largest(counts: Mapping[str, int], most: int, chosen: Sequence[str]) -> list[str]:
    """The values that can be among the `most` first: sorting thousands takes longer."""
    floor = sorted(counts.values(), reverse=True)[most - 1]
    return [value for value, number in counts.items() if number >= floor or value in chosen]


def in_order(catalogue: Catalogue, found: Found, tallied: Tally, search: Search) -> Iterator[int]:
    """PMIDs of all that the search finds, in the order that it asks for."""
    if search.order == "relevance":
        return found.by_relevance(catalogue, tallied.articles)
    if search.order == "cited":
        return catalogue.most_cited(tallied.articles)
    newest = catalogue.newest(tallied.articles)
    return newest if search.order == "newest" else reversed(list(newest))
