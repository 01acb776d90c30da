"""A fixed set of articles as a list: with filters, years, order and pages, as a search has them."""

import sqlite3
from dataclasses import dataclass, replace

from markupsafe import Markup

from harvester.site.cache import Cache
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.charts import Href, Series, year_histogram, year_table
from harvester.site.links import Link
from harvester.site.matching import Found
from harvester.site.results import Result, read_results
from harvester.site.search_page import (
    PAGE_SIZE,
    FacetView,
    PageLink,
    chips,
    facet_view,
    page_of,
    pager,
    pages_of,
    retracted_note,
    sorts,
)
from harvester.site.selection import listed_exports
from harvester.site.tally import Tally, in_order, tally
from harvester.site.unknown import Slip, slips
from harvester.site.urls import Search, pairs, read, write

__all__ = ["Listing", "load_listing", "read_address"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`held` articles are in the set, `total` of them pass the filters in force.

    A set that fits on one page has no `facets`.
    """

    search: Search
    held: int
    total: int
    span: str
    retracted_note: str
    retracted: str
    pages: int
    first: int
    last: int
    slips: tuple[Slip, ...]
    chips: tuple[Link, ...]
    clear: str
    hidden: tuple[tuple[str, str], ...]
    facets: tuple[FacetView, ...]
    chart: Markup
    table: Markup
    sorts: tuple[tuple[Link, bool], ...]
    exports: tuple[Link, ...]
    pager: tuple[PageLink, ...]
    results: tuple[Result, ...]
    last_page: str
    whole: bool


def read_address(query_string: str, path: str) -> Search:
    """What is asked of the list whose page has this path: filters, order, page; no words."""
    asked = replace(read(query_string), q="", path=path)
    return replace(asked, sort=None) if asked.sort == "relevance" else asked


def load_listing(
    connection: sqlite3.Connection,
    cache: Cache,
    articles: Articles,
    search: Search,
    *,
    same: Search | None,
    href: Href,
) -> Listing:
    """The part of them that is asked for; `href(first, last)` is the same in these years.

    `same` is the search by which they can be exported, where it finds just these.
    """
    catalogue = cache.held
    found = Found(articles=articles)
    counted = tally(catalogue, found, search)
    pmids = page_of(in_order(catalogue, found, counted, search), search.page)
    pages = pages_of(counted.total)
    held = articles.bit_count()
    return Listing(
        search=search,
        held=held,
        total=counted.total,
        span=_span(catalogue, articles),
        retracted_note=retracted_note(counted),
        retracted=write(search.without("status").toggled("status", "retracted")),
        pages=pages,
        first=(search.page - 1) * PAGE_SIZE + 1,
        last=(search.page - 1) * PAGE_SIZE + len(pmids),
        slips=slips(connection, catalogue, search),
        chips=tuple(chips(search, catalogue)),
        clear=write(search.words_only()),
        hidden=tuple(pair for pair in pairs(search.at(1)) if pair[0] not in ("from", "to")),
        facets=_facets(counted, search) if held > PAGE_SIZE else (),
        chart=year_histogram(counted.years, href=href, chosen=(search.first, search.last))
        if len(counted.years) > 1
        else Markup(""),
        table=year_table([Series(kind="", label="Articles", counts=counted.years)], href=href),
        sorts=tuple(sorts(search)) if counted.total > 1 else (),
        pager=tuple(pager(search, pages)),
        results=read_results(connection, pmids, None, catalogue.cited),
        exports=listed_exports(connection, cache, _within(same, search), counted.articles)
        if same
        else (),
        last_page=write(search.at(max(pages, 1))),
        whole=not (search.filtered or search.sort or search.page > 1),
    )


def _within(same: Search, search: Search) -> Search:
    """The search with the filters and the order that are asked for."""
    for facet, value in search.chosen:
        if (facet, value) not in same.chosen:
            same = same.toggled(facet, value)
    same = replace(same, first=search.first, last=search.last, ranges=search.ranges)
    return same.sorted_by(search.order)


def _facets(counted: Tally, search: Search) -> tuple[FacetView, ...]:
    """Those that part the articles: not the journal of a journal's."""
    return tuple(
        facet_view(facet, search)
        for facet in counted.facets
        if facet.chosen or len(facet.values) > 1 or facet.values[0].count < counted.total
    )


def _span(catalogue: Catalogue, articles: Articles) -> str:
    """The years of the articles: `2015`, or `1999 to 2026`."""
    years = catalogue.count_years(articles)
    if not years:
        return ""
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first} to {last}"
