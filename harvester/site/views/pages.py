"""The home page and the about page."""

import asyncio
import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from harvester.release.manifest import Release, newest_release
from harvester.site.about import load_about
from harvester.site.answers import Site
from harvester.site.download import releases_folder
from harvester.site.home import load_home
from harvester.site.linked_data import MEDIA_TYPE, dataset_data
from harvester.site.microdata import microdata
from harvester.site.urls import Search, write

__all__ = ["about", "dataset", "home"]


async def home(site: Site, request: Request) -> Response:
    root, release = site.root(request), await _newest(site)

    def href(first: int, last: int) -> str:
        return site.path(write(Search(first=first, last=last)))

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        def make() -> Any:
            return load_home(connection, site.cache, href=href, data=site.data)

        linked = dataset_data(connection, site.cache.held, root, release)
        return {
            "home": site.cache.kept(connection, "home", make),
            "microdata": microdata(linked),
        }

    also = (release.version,) if release else ()
    return await site.page(request, "home.html", load, stamp=site.catalogue_stamp, also=also)


async def dataset(site: Site, request: Request) -> Response:
    """The library in the words of schema.org."""
    root, release = site.root(request), await _newest(site)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        data = dataset_data(connection, site.cache.held, root, release)
        if data is None:
            raise NotFound("There are no real records here")
        return data

    also = (release.version,) if release else ()
    return await site.json(
        request, load, stamp=site.catalogue_stamp, also=also, media_type=MEDIA_TYPE
    )


async def about(site: Site, request: Request) -> Response:
    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        return {"about": load_about(connection, site.cache.held)}

    return await site.page(request, "about.html", load, stamp=site.catalogue_stamp)


async def _newest(site: Site) -> Release | None:
    folder = releases_folder(site.config)
    return await asyncio.to_thread(newest_release, folder) if folder else None
