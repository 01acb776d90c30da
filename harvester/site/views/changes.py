"""What changed, by day."""

import sqlite3
from typing import Any

from datasette.utils.asgi import Request, Response

from harvester.site.answers import Site
from harvester.site.changes_address import read
from harvester.site.changes_page import load_changes

__all__ = ["changes"]


async def changes(site: Site, request: Request) -> Response:
    asked = read(request.query_string)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        return {"page": load_changes(connection, site.cache, asked, data=site.data)}

    return await site.page(request, "changes.html", load)
