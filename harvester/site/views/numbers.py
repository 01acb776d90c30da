"""Doses, times, sizes and harms, counted."""

import sqlite3
from typing import Any

from datasette.utils.asgi import Request, Response

from harvester.site.answers import Site
from harvester.site.numbers import load_numbers

__all__ = ["numbers"]


async def numbers(site: Site, request: Request) -> Response:
    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        def make() -> Any:
            return load_numbers(connection, site.cache)

        return {"page": site.cache.kept(connection, "numbers", make)}

    return await site.page(request, "numbers.html", load, stamp=site.catalogue_stamp)
