"""All values of one facet for a search, with a box that finds one by its words."""

from dataclasses import dataclass

from harvester.site.catalogue import Catalogue
from harvester.site.facets import Facet
from harvester.site.search_page import Choice, choices
from harvester.site.tally import Tally, count
from harvester.site.urls import Search, pairs, write

__all__ = ["ValuesPage", "values_page"]

_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesPage:
    """`found` values have the letters `find`; when there are too many, only the first are here."""

    facet: Facet
    search: Search
    find: str
    found: int
    choices: tuple[Choice, ...]
    back: str
    hidden: tuple[tuple[str, str], ...]


def values_page(
    catalogue: Catalogue, tally: Tally, search: Search, facet: Facet, find: str
) -> ValuesPage:
    """The values of the facet among what the search finds without this facet's own filter."""
    counted = count(catalogue, facet, tally.alternatives(facet.name), search, shown=None)
    wanted = find.casefold().split()
    kept = [
        choice
        for choice in choices(counted, search)
        if choice.chosen or all(word in choice.label.casefold() for word in wanted)
    ]
    return ValuesPage(
        facet=facet,
        search=search,
        find=find,
        found=len(kept),
        choices=tuple(kept[:_MOST]),
        back=write(search),
        hidden=tuple(pairs(search.at(1))),
    )
