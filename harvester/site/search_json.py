"""`/search.json`: a page of results and all counts as data; the names are a contract."""

import sqlite3
from typing import Any

from harvester.site.cache import Cache
from harvester.site.catalogue import Catalogue
from harvester.site.links import article_path, pubmed_url
from harvester.site.results import Result, read_results
from harvester.site.search_page import page_of, pages_of
from harvester.site.tally import in_order
from harvester.site.terms import parse
from harvester.site.unknown import unknown_values
from harvester.site.urls import Search

__all__ = ["search_json"]


# Findings of a result, by the name of the list.
_FOUND = {
    "design_details": "design_flag",
    "drugs": "drug",
    "routes": "route",
    "conditions": "condition",
    "populations": "population",
    "comparators": "comparator",
    "relevance": "relevance",
}


def search_json(
    connection: sqlite3.Connection, cache: Cache, catalogue: Catalogue, search: Search
) -> dict[str, Any]:
    """The page that the search asks for; `snippet` is HTML, its only element is `mark`."""
    query = parse(search.q)
    found, tally = cache.search(connection, catalogue, query, search)
    pmids = page_of(in_order(catalogue, found, tally, search), search.page)
    results = read_results(connection, pmids, found.marks, catalogue.cited)
    unknown = [
        {"facet": slip.facet.name, "value": slip.value}
        for slip in unknown_values(connection, catalogue, search)
    ]
    return {
        "total": tally.total,
        "page": search.page,
        "pages": pages_of(tally.total),
        "expanded": [{"term": s.typed, "also": list(s.also)} for s in found.synonyms],
        "results": [_as_json(result) for result in results],
        "facets": {
            counted.facet.name: [
                {
                    "value": value.value,
                    "label": value.label,
                    "count": value.count,
                    "selected": value.chosen,
                }
                for value in counted.values
            ]
            for counted in tally.facets
        },
        "years": [{"year": year, "count": count} for year, count in tally.years.items()],
        **({"unknown": unknown} if unknown else {}),
    }


def _as_json(result: Result) -> dict[str, Any]:
    item = result.brief
    return {
        "pmid": item.pmid,
        "title": item.title.striptags(),
        "authors": list(item.authors),
        "journal": result.journal,
        "year": item.year,
        "design": result.design,
        "publication_types": list(result.types),
        "sample_size": result.sample_size,
        "sample_size_basis": result.basis,
        **{name: list(result.found.get(facet, ())) for name, facet in _FOUND.items()},
        "status": list(result.standings),
        "retracted": "retracted" in result.standings,
        "has_abstract": result.has_abstract,
        "free_full_text": result.free,
        "cited_by_here": result.cited,
        "snippet": None if result.snippet is None else str(result.snippet),
        "url": article_path(item.pmid),
        "pubmed_url": pubmed_url(item.pmid),
    }
