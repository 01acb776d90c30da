"""All registered trials, and which reviews cite which trials."""

import sqlite3
from typing import Any

from datasette.utils.asgi import Request, Response

from harvester.site.answers import Site
from harvester.site.follow import follow_search
from harvester.site.overlap import load_overlap, read_overlap
from harvester.site.registered import load_registered, read_trials, show_trials, year_of
from harvester.site.urls import Search

# Of trials alone there is no list by the time they came: a trial is known by its articles.
_FOLLOWS = (
    follow_search(Search(chosen=(("design", "rct"),)), title="New articles on randomised trials"),
)

__all__ = ["reviews", "trials"]


async def trials(site: Site, request: Request) -> Response:
    asked = read_trials(request.query_string)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        held = site.cache.kept(connection, "trials", lambda: load_registered(connection))
        now = year_of(site.cache.held.stamp)
        return {"page": show_trials(connection, held, asked, now), "follows": _FOLLOWS}

    return await site.page(request, "trials.html", load, stamp=site.catalogue_stamp)


async def reviews(site: Site, request: Request) -> Response:
    asked, whole = read_overlap(request.query_string)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        return {"overlap": load_overlap(connection, site.cache, asked, whole)}

    return await site.page(request, "reviews.html", load, stamp=site.catalogue_stamp)
