"""The methods page, and the search appendix that goes into a review."""

import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from harvester.site.accuracy import load_accuracy
from harvester.site.answers import Site
from harvester.site.catalogue import read_stamp
from harvester.site.methods import load_appendix, load_methods

__all__ = ["accuracy", "appendix", "methods"]


async def methods(site: Site, request: Request) -> Response:
    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        def make() -> Any:
            return load_methods(connection, site.cache.held, data=site.data)

        return {"methods": site.cache.kept(connection, "methods", make)}

    return await site.page(request, "methods.html", load, stamp=site.catalogue_stamp)


async def accuracy(site: Site, request: Request) -> Response:
    """What was measured before this program was made; the same for every library."""
    return await site.page(
        request, "accuracy.html", lambda connection: {"accuracy": load_accuracy()}
    )


async def appendix(site: Site, request: Request) -> Response:
    """As a file to keep, by PRISMA-S."""
    headers, loaded = await site.load(request, _appendix, read_stamp)
    if loaded is None:
        return Response("", status=304, headers=headers)
    headers["content-disposition"] = 'attachment; filename="search-appendix.md"'
    return Response(loaded, headers=headers, content_type="text/markdown; charset=utf-8")


def _appendix(connection: sqlite3.Connection) -> str:
    text = load_appendix(connection)
    if text is None:
        raise NotFound("There is no search appendix before a harvest was complete.")
    return text
