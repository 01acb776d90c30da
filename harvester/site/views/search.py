"""The result page, its data, and all values of one facet."""

import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from harvester.site.answers import Site
from harvester.site.facets import FACETS
from harvester.site.search_json import search_json
from harvester.site.search_page import found_at_once, load_search, years_href
from harvester.site.terms import parse
from harvester.site.urls import read
from harvester.site.values_page import values_page

__all__ = ["search", "search_as_json", "values"]


async def search(site: Site, request: Request) -> Response:
    asked = read(request.query_string)

    def load(connection: sqlite3.Connection) -> dict[str, Any] | str:
        if named := found_at_once(connection, asked):
            return named
        href = years_href(asked, site.path)
        page = load_search(connection, site.cache, site.cache.held, asked, href=href)
        return {"page": page, "search_text": asked.q}

    return await site.page(request, "search.html", load, stamp=site.catalogue_stamp)


async def values(site: Site, request: Request) -> Response:
    facet = FACETS.get(request.url_vars["facet"])
    if facet is None:
        raise NotFound("There is no such filter")
    asked, find = read(request.query_string), (request.args.get("find") or "")[:200]

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        catalogue = site.cache.held
        _, tally = site.cache.search(connection, catalogue, parse(asked.q), asked)
        page = values_page(catalogue, tally, asked, facet, find)
        return {"page": page, "search_text": asked.q}

    return await site.page(request, "values.html", load, stamp=site.catalogue_stamp)


async def search_as_json(site: Site, request: Request) -> Response:
    asked = read(request.query_string)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        return search_json(connection, site.cache, site.cache.held, asked)

    return await site.json(request, load, stamp=site.catalogue_stamp)
