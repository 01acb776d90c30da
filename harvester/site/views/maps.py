"""The gap map."""

import sqlite3
from typing import Any

from datasette.utils.asgi import Request, Response

from harvester.site.answers import Site
from harvester.site.gap_map import AXES, load_map, read_map, write_map

__all__ = ["gap_map"]


async def gap_map(site: Site, request: Request) -> Response:
    asked = read_map(request.query_string)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        def make() -> Any:
            return load_map(connection, site.cache, asked)

        # Of the many spans of years none is kept: they would drive out what is asked for often.
        spanned = asked.first is not None or asked.last is not None
        made = make() if spanned else site.cache.kept(connection, write_map(asked), make)
        return {"map": made, "axes": AXES}

    return await site.page(request, "map.html", load, stamp=site.catalogue_stamp)
