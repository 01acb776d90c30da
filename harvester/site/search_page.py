"""The search page: a page of results with everything around it, for the template and as JSON."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlencode

from markupsafe import Markup

from harvester.site.cache import Cache
from harvester.site.catalogue import Catalogue
from harvester.site.charts import Href, Series, year_histogram, year_table
from harvester.site.facets import FACETS
from harvester.site.follow import Follow, follow_search
from harvester.site.links import Link, article_path, pubmed_url
from harvester.site.matching import Found, look_up
from harvester.site.ranges import RangeView, range_chips, range_views
from harvester.site.results import Result, read_results
from harvester.site.search import identifier
from harvester.site.selection import export_links
from harvester.site.signpost import question_about
from harvester.site.suggestions import Suggestion, misspelled, suggestions
from harvester.site.synonyms import Synonyms, expand
from harvester.site.tally import Counted, Tally, in_order
from harvester.site.terms import Query, leaves, parse, spelled
from harvester.site.unknown import Slip, slips
from harvester.site.urls import SORTS, Search, pairs, toggling, write, years_of

__all__ = [
    "PAGE_SIZE",
    "Choice",
    "FacetView",
    "PageLink",
    "SearchPage",
    "chips",
    "choices",
    "facet_view",
    "found_at_once",
    "load_search",
    "page_of",
    "pager",
    "pages_of",
    "retracted_note",
    "sorts",
    "years_href",
]

PAGE_SIZE = 20
_SORT_NAMES = {
    "relevance": "Best match",
    "newest": "Newest",
    "oldest": "Oldest",
    "cited": "Most cited here",
}
_PAGES_AROUND = 2
_SUICIDE = ("suicid", "selfharm", "overdos")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value of a facet as a link that chooses it, or that takes it back."""

    label: str
    href: str
    count: int
    chosen: bool
    share: int

    @property
    def number(self) -> str:
        """The count as it is read."""
        return f"{self.count:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetView:
    """`values` is how many there are; `more` leads to all of them, when not all are here."""

    name: str
    label: str
    open: bool
    chosen: int
    values: int
    choices: tuple[Choice, ...]
    more: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """A link with the number of articles behind it."""

    href: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A page of the list; `href` is None for the gap between page numbers."""

    label: str
    href: str | None = None
    current: bool = False
    rel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Everything that the template shows, in the order of the page.

    `unranged` are the parameters beside `ranges`. `synonyms` were also searched for; `exact` leads
    to the articles with the very words, and `wider` back from there. `misspelled` pairs a word that
    nobody wrote with one like it. `slips` are chosen values that their facets do not have.
    `evidence` is the question that the words are about, if one is.
    `unfiltered` articles have the words, where the filters keep all of them back.
    """

    search: Search
    query: Query
    total: int
    retracted_note: str
    retracted: str
    pages: int
    first: int
    last: int
    read_as: str
    synonyms: tuple[Synonyms, ...]
    exact: Counting | None
    wider: Link | None
    missing: Link | None
    crisis: bool
    slips: tuple[Slip, ...]
    chips: tuple[Link, ...]
    clear: str
    years_open: bool
    hidden: tuple[tuple[str, str], ...]
    ranges: tuple[RangeView, ...]
    unranged: tuple[tuple[str, str], ...]
    facets: tuple[FacetView, ...]
    chart: Markup
    table: Markup
    sorts: tuple[tuple[Link, bool], ...]
    pager: tuple[PageLink, ...]
    results: tuple[Result, ...]
    suggestions: tuple[Suggestion, ...]
    looked_for: tuple[str, ...]
    misspelled: tuple[tuple[str, str], ...]
    unfiltered: int
    evidence: Link | None
    at_pubmed: str
    json: str
    follow: Follow
    exports: tuple[Link, ...]
    last_page: str
    index: bool


def found_at_once(connection: sqlite3.Connection, search: Search) -> str | None:
    """The address of the one article that is named, when an identifier is all that was typed."""
    if search.filtered or search.page > 1 or not (named := identifier(search.q)):
        return None
    pmids = look_up(connection, *named)
    return article_path(pmids[0]) if len(pmids) == 1 else None


def load_search(
    connection: sqlite3.Connection,
    cache: Cache,
    catalogue: Catalogue,
    search: Search,
    *,
    href: Href,
) -> SearchPage:
    """The page for the search; `href(first, last)` is the same search in these years."""
    query = parse(search.q)
    found, tally = cache.search(connection, catalogue, query, search)
    pmids = page_of(in_order(catalogue, found, tally, search), search.page)
    pages = pages_of(tally.total)
    unwritten = () if tally.total else misspelled(connection, cache, query.node)
    return SearchPage(
        search=search,
        query=query,
        total=tally.total,
        retracted_note=retracted_note(tally),
        retracted=write(search.without("status").toggled("status", "retracted")),
        pages=pages,
        first=(search.page - 1) * PAGE_SIZE + 1,
        last=(search.page - 1) * PAGE_SIZE + len(pmids),
        read_as=_read_as(query),
        synonyms=found.synonyms,
        exact=_exact(found, tally, search),
        wider=_wider(query, search),
        missing=_missing(search, tally),
        crisis=_about_suicide(query, found.synonyms),
        slips=slips(connection, catalogue, search),
        chips=tuple(chips(search, catalogue)),
        clear=write(search.words_only()),
        years_open=search.first is not None or search.last is not None,
        hidden=tuple(pair for pair in pairs(search.at(1)) if pair[0] not in ("from", "to", "page")),
        ranges=tuple(range_views(search, catalogue)),
        unranged=tuple(pairs(replace(search, ranges=(), page=1))),
        facets=tuple(facet_view(counted, search) for counted in tally.facets),
        chart=year_histogram(tally.years, href=href, chosen=(search.first, search.last)),
        table=year_table([Series(kind="", label="Articles", counts=tally.years)], href=href),
        sorts=tuple(sorts(search)),
        pager=tuple(pager(search, pages)),
        results=read_results(connection, pmids, found.marks, catalogue.cited, search.chosen),
        looked_for=tuple(
            dict.fromkeys(spelled(term).rstrip(",.;:!?") for term in leaves(query.node))
        ),
        misspelled=unwritten,
        evidence=question_about(query.node) if search.page == 1 else None,
        unfiltered=_unfiltered(connection, cache, search, tally),
        at_pubmed=_at_pubmed(query),
        json=write(search, "/search.json"),
        follow=follow_search(search, [chip.label for chip in chips(search, catalogue)]),
        exports=export_links(search),
        last_page=write(search.at(max(pages, 1))),
        index=not (search.filtered or search.sort or search.exact or search.page > 1),
        suggestions=(
            () if tally.total else suggestions(connection, cache, query, search, dict(unwritten))
        ),
    )


def retracted_note(tally: Tally) -> str:
    """How many of the articles are retracted, as a sentence."""
    if not tally.retracted:
        return ""
    if tally.total == 1:
        return "It is retracted."
    number = "All" if tally.retracted == tally.total else f"{tally.retracted:,}"
    return f"{number} of them {'is' if tally.retracted == 1 else 'are'} retracted."


def _exact(found: Found, tally: Tally, search: Search) -> Counting | None:
    """The way to articles with the very words; None when there are none."""
    count = (found.exact & tally.articles).bit_count()
    return Counting(href=write(search.with_synonyms(False)), count=count) if count else None


def _wider(query: Query, search: Search) -> Link | None:
    """The way back from the very words, when there are other names for them."""
    if not search.exact or not (synonyms := expand(query.node).synonyms):
        return None
    typed = ", ".join(synonym.typed for synonym in synonyms)
    return Link(label=f"other names of {typed}", href=write(search.with_synonyms(True)))


def pages_of(total: int) -> int:
    """How many pages that many results fill."""
    return -(-total // PAGE_SIZE)


def page_of(pmids: Iterator[int], page: int) -> list[int]:
    """Those of one page."""
    return list(islice(pmids, (page - 1) * PAGE_SIZE, page * PAGE_SIZE))


def _read_as(query: Query) -> str:
    """How the search was read, where that is not plain from what was typed."""
    plain = " ".join(query.text.split())
    read = spelled(query.node)
    return "" if read.replace(" AND ", " ").replace(" NOT ", " -") == plain else read


def _missing(search: Search, tally: Tally) -> Link | None:
    """A link to PubMed for a PMID that the library does not hold."""
    named = identifier(search.q)
    if named and named[0] == "pmid" and not tally.total:
        return Link(label=f"PMID {named[1]}", href=pubmed_url(int(named[1])), external=True)
    return None


def _unfiltered(connection: sqlite3.Connection, cache: Cache, search: Search, tally: Tally) -> int:
    if tally.total or not (search.q and search.filtered):
        return 0
    return cache.articles(connection, search.bare()).bit_count()


def _about_suicide(query: Query, synonyms: tuple[Synonyms, ...]) -> bool:
    words = "".join(word for term in leaves(query.node) for word in term.words)
    words += "".join(name for synonym in synonyms for name in synonym.also).lower()
    return any(start in words for start in _SUICIDE)


def chips(search: Search, catalogue: Catalogue) -> Iterator[Link]:
    """The filters in force, each a link that takes it away."""
    for name, value in search.chosen:
        facet = FACETS[name]
        label = catalogue.labels[name].get(value) or facet.say(value)
        yield Link(label=f"{facet.label}: {label}", href=write(search.toggled(name, value)))
    first, last = search.first, search.last
    if first is not None or last is not None:
        label = (
            f"Year {first}"
            if first == last
            else f"From {first}"
            if last is None
            else f"Up to {last}"
            if first is None
            else f"{first} to {last}"
        )
        yield Link(label=label, href=write(search.years(None, None)))
    yield from range_chips(search)


def facet_view(counted: Counted, search: Search) -> FacetView:
    """A facet with its first values."""
    facet = counted.facet
    more = None
    if counted.more:
        every = write(search, f"{search.path}/{facet.name}")
        more = Link(label=f"{counted.more:,} more", href=every)
    return FacetView(
        name=facet.name,
        label=facet.label,
        open=facet.open or counted.chosen > 0,
        chosen=counted.chosen,
        values=len(counted.values) + counted.more,
        choices=choices(counted, search),
        more=more,
    )


def choices(counted: Counted, search: Search) -> tuple[Choice, ...]:
    """The values of a facet as links."""
    href = toggling(search, counted.facet.name)
    return tuple(
        Choice(
            label=value.label,
            href=href(value.value),
            count=value.count,
            chosen=value.chosen,
            share=value.share,
        )
        for value in counted.values
    )


def sorts(search: Search) -> Iterator[tuple[Link, bool]]:
    """The orders there are, and whether it is the one shown."""
    for sort in SORTS:
        if sort != "relevance" or search.q:
            link = Link(label=_SORT_NAMES[sort], href=write(search.sorted_by(sort)))
            yield link, sort == search.order


def pager(search: Search, pages: int) -> Iterator[PageLink]:
    """Links to the pages of a list that has so many."""
    here = search.page
    if pages < 2 and here == 1:
        return
    if 1 < here <= pages + 1:
        yield PageLink(label="Previous", href=write(search.at(here - 1)), rel="prev")
    shown = {1, pages, *range(here - _PAGES_AROUND, here + _PAGES_AROUND + 1)}
    before = 0
    for page in sorted(page for page in shown if 1 <= page <= pages):
        if page > before + 1:
            yield PageLink(label="…")
        yield PageLink(label=f"{page:,}", href=write(search.at(page)), current=page == here)
        before = page
    if here < pages:
        yield PageLink(label="Next", href=write(search.at(here + 1)), rel="next")


def _at_pubmed(query: Query) -> str:
    return "https://pubmed.ncbi.nlm.nih.gov/?" + urlencode({"term": query.text})


def years_href(search: Search, path: Callable[[str], str]) -> Href:
    """The same search in other years."""
    address = years_of(search)
    return lambda first, last: path(address(first, last))
