"""The home page and the about page."""

import sqlite3
from typing import Any

from datasette.utils.asgi import Request, Response

from harvester.site.about import load_about
from harvester.site.answers import Site
from harvester.site.home import load_home
from harvester.site.urls import Search, write

__all__ = ["about", "home"]


async def home(site: Site, request: Request) -> Response:
    def href(first: int, last: int) -> str:
        return site.path(write(Search(first=first, last=last)))

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        def make() -> Any:
            return load_home(connection, site.cache, href=href, data=site.data)

        return {"home": site.cache.kept(connection, "home", make)}

    return await site.page(request, "home.html", load, stamp=site.catalogue_stamp)


async def about(site: Site, request: Request) -> Response:
    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        return {"about": load_about(connection, site.cache.held)}

    return await site.page(request, "about.html", load, stamp=site.catalogue_stamp)
