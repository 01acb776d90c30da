"""The newest release of the library, and its files."""

import asyncio
import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from harvester.release.manifest import Release, find_releases
from harvester.site.answers import Site
from harvester.site.download import FileAnswer, offer, open_file, releases_folder
from harvester.site.frame import is_sample
from harvester.site.linked_data import dataset_data
from harvester.site.microdata import microdata
from harvester.site.security import FRESH

__all__ = ["download", "file", "newest"]


async def download(site: Site, request: Request) -> Response:
    """What the newest release holds, or how to make one."""
    releases, root = await _releases(site), site.root(request)
    versions = tuple(release.version for release in releases)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        described = dataset_data(connection, site.cache.held, root, next(iter(releases), None))
        return {
            "offer": None if is_sample(connection) else offer(releases),
            "microdata": microdata(described),
        }

    return await site.page(
        request, "download.html", load, stamp=site.catalogue_stamp, also=versions
    )


async def newest(site: Site, request: Request) -> Response:
    """The way to a file of the newest release, for programs that want always that."""
    releases = await _releases(site)
    if not releases:
        raise NotFound("There is no release")
    where = site.path(f"/download/{releases[0].version}/{request.url_vars['name']}")
    return Response.redirect(where, headers={"cache-control": FRESH})


async def file(site: Site, request: Request) -> FileAnswer:
    """A file of a release, whole or a range of it."""
    folder = releases_folder(site.config)
    version, name = request.url_vars["version"], request.url_vars["name"]
    found = await asyncio.to_thread(open_file, folder, version, name) if folder else None
    if found is None:
        raise NotFound("There is no such file")
    return found.to(request.method, request.headers)


async def _releases(site: Site) -> list[Release]:
    folder = releases_folder(site.config)
    return await asyncio.to_thread(find_releases, folder) if folder else []
