"""Authors, journals, headings, substances and trials, each with its articles."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from harvester.site.answers import Site
from harvester.site.authors import load_author
from harvester.site.catalogue import Catalogue
from harvester.site.facets import FACETS
from harvester.site.headings import MAIN_POINT, load_heading, load_substance
from harvester.site.journals import load_journal
from harvester.site.links import (
    author_path,
    journal_path,
    mesh_path,
    substance_path,
    trial_path,
    unsegment,
)
from harvester.site.listing import load_listing, read_address
from harvester.site.markup import clean
from harvester.site.matching import Found
from harvester.site.places import Place, Unknown
from harvester.site.search_page import years_href
from harvester.site.tally import tally
from harvester.site.trials import load_trial
from harvester.site.values_page import values_page

__all__ = ["author", "heading", "journal", "main_point", "substance", "trial"]

Load = Callable[[sqlite3.Connection, Catalogue], Place | str]


async def author(site: Site, request: Request) -> Response:
    key = _key(request)
    return await _place(site, request, author_path(key), partial(load_author, key=key))


async def journal(site: Site, request: Request) -> Response:
    key = _key(request)
    return await _place(site, request, journal_path(key), partial(load_journal, key=key))


async def heading(site: Site, request: Request) -> Response:
    key = _key(request)
    return await _place(site, request, mesh_path(key), partial(load_heading, key=key))


async def main_point(site: Site, request: Request) -> Response:
    """The heading only where it is a main point of the article."""
    key = _key(request)
    path = mesh_path(key) + MAIN_POINT
    return await _place(site, request, path, partial(load_heading, key=key, main=True))


async def substance(site: Site, request: Request) -> Response:
    key = _key(request)
    return await _place(site, request, substance_path(key), partial(load_substance, key=key))


async def trial(site: Site, request: Request) -> Response:
    key = _key(request)

    def load(connection: sqlite3.Connection) -> dict[str, Any] | str:
        found = load_trial(connection, site.cache, key)
        if isinstance(found, str):
            return found
        return _shown(site, request, trial_path(key), trial=found)

    return await _answer(site, request, "trial.html", load)


async def _place(site: Site, request: Request, path: str, load_place: Load) -> Response:
    """The page of a place, or with a facet in the address all its values there."""
    name = request.url_vars["facet"]
    facet = FACETS.get(name) if name else None
    if name and not facet:
        raise NotFound("There is no such filter")
    asked = read_address(request.query_string, path)
    find = (request.args.get("find") or "")[:200]

    def load(connection: sqlite3.Connection) -> dict[str, Any] | str:
        catalogue = site.cache.held
        place = load_place(connection, catalogue)
        if isinstance(place, str):
            return f"{place}/{name}" if name else place
        if facet:
            counted = tally(catalogue, Found(articles=place.articles), asked)
            page = values_page(catalogue, counted, asked, facet, find)
            return {"page": page, "place": place}
        href = years_href(asked, site.path)
        listed = load_listing(
            connection, site.cache, place.articles, asked, same=place.same, href=href
        )
        return _shown(site, request, path, place=place, page=listed)

    return await _answer(site, request, "values.html" if facet else "place.html", load)


async def _answer(
    site: Site, request: Request, template: str, load: Callable[..., dict[str, Any] | str]
) -> Response:
    """The page, or the page that says that nothing is here and helps to search for it."""
    try:
        return await site.page(request, template, load, stamp=site.catalogue_stamp)
    except Unknown as unknown:
        shown = {"status": 404, "title": unknown.title, "wanted": unknown.words}
        body = await site.datasette.render_template("error.html", shown, request=request)
        return Response.html(clean(body), status=404, headers={"cache-control": "no-store"})


def _shown(site: Site, request: Request, path: str, **shown: Any) -> dict[str, Any]:
    return {"canonical": site.datasette.absolute_url(request, site.path(path)), **shown}


def _key(request: Request) -> str:
    return unsegment(request.url_vars["key"])
