"""What changed, by day, as a page and as a feed."""

import sqlite3
from typing import Any

from datasette.utils.asgi import Request, Response

from harvester.exports.atom import MEDIA_TYPE
from harvester.site.answers import Site
from harvester.site.catalogue import read_stamp
from harvester.site.changes_address import read
from harvester.site.changes_feed import load_feed
from harvester.site.changes_page import load_changes

__all__ = ["changes", "changes_as_feed"]


async def changes(site: Site, request: Request) -> Response:
    asked = read(request.query_string)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        return {"page": load_changes(connection, asked, data=site.data)}

    return await site.page(request, "changes.html", load)


async def changes_as_feed(site: Site, request: Request) -> Response:
    asked, root = read(request.query_string), site.root(request)
    headers, loaded = await site.load(
        request, lambda connection: load_feed(connection, asked, root=root), read_stamp
    )
    if loaded is None:
        return Response("", status=304, headers=headers)
    return Response(loaded, headers=headers, content_type=f"{MEDIA_TYPE}; charset=utf-8")
