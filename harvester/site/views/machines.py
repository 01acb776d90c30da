"""What machines ask for: monitors, crawlers, browsers that need the style sheet."""

import logging
import sqlite3
from datetime import UTC, datetime

from datasette.utils.asgi import NotFound, Request, Response

from harvester import __version__
from harvester.library.status import read_status
from harvester.site.answers import Site, as_json
from harvester.site.assets import assets
from harvester.site.catalogue import read_stamp
from harvester.site.follow import FORMS
from harvester.site.openapi import description
from harvester.site.opensearch import MEDIA_TYPE as OPENSEARCH
from harvester.site.opensearch import description as opensearch_text
from harvester.site.sitemap import PLACES_MAZE, sitemap_part
from harvester.site.sitemap import robots as robots_text
from harvester.site.sitemap import sitemap as sitemap_text

__all__ = ["asset", "health", "openapi", "opensearch", "robots", "sitemap"]

_LOG = logging.getLogger(__name__)
_YEAR_OF_SECONDS = 31_536_000


async def health(site: Site, request: Request) -> Response:
    """For monitors: 200 while the library can be read, else 503; its age is theirs to judge."""
    headers = {"cache-control": "no-store"}
    try:
        status = await site.database.execute_fn(
            lambda connection: read_status(connection, now=datetime.now(UTC))
        )
    except sqlite3.Error as error:
        _LOG.error("the library cannot be read: %s", error)
        return as_json({"status": "unreadable", "version": __version__}, headers, status=503)
    return as_json({"status": "ok", "version": __version__, **status.as_json()}, headers)


async def openapi(site: Site, request: Request) -> Response:
    """The public API, described for programs."""
    root = site.root(request)
    return await site.json(request, lambda _: description(version=__version__, root=root))


async def opensearch(site: Site, request: Request) -> Response:
    """What a browser needs to know to search the library from its address bar."""
    root = site.root(request)
    headers, text = await site.load(request, lambda _: opensearch_text(root), read_stamp)
    if text is None:
        return Response("", status=304, headers=headers)
    return Response(text, headers=headers, content_type=f"{OPENSEARCH}; charset=utf-8")


async def robots(site: Site, request: Request) -> Response:
    """Articles are for everyone; the maze of searches and the tables are not for crawlers.

    Nothing of the sample is: an invented trial must not turn up in a search engine.
    """
    frame = await site.frame(request)
    queries = ("/search?", "/article/*?", "/map?", "/trials?", "/trials/reviews?", "/changes?")
    data = ("/search.", *(f"/changes{form}?" for form in FORMS))
    maze = (*queries, "/search/", *data, "/report", *PLACES_MAZE, site.data)
    closed = tuple(map(site.path, ("/",) if frame.sample else maze))
    return Response.text(
        robots_text(closed, site.root(request)), headers={"cache-control": "max-age=3600"}
    )


async def sitemap(site: Site, request: Request) -> Response:
    """The whole sitemap, or the list of its parts; the parts have a number."""
    root, part = site.root(request), int(request.url_vars["part"] or 0)

    def load(connection: sqlite3.Connection) -> str:
        text = sitemap_part(connection, root, part) if part else sitemap_text(connection, root)
        if text is None:
            raise NotFound("There is no such part")
        return text

    headers, loaded = await site.load(request, load, read_stamp)
    if loaded is None:
        return Response("", status=304, headers=headers)
    return Response(loaded, headers=headers, content_type="application/xml; charset=utf-8")


async def asset(site: Site, request: Request) -> Response:
    """A file of the site; an older address still finds it, as a page in a cache may ask."""
    found = assets().get(request.url_vars["name"])
    if found is None:
        raise NotFound("There is no such file")
    current = found.path.endswith(f"/{request.url_vars['version']}/{request.url_vars['name']}")
    keep = f"public, max-age={_YEAR_OF_SECONDS}, immutable" if current else "max-age=60"
    return Response(found.content, headers={"cache-control": keep}, content_type=found.content_type)
