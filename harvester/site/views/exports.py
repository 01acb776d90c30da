"""Articles as files for other programs: the whole result of a search, or one article."""

import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from harvester.exports.formats import Format, by_suffix
from harvester.exports.parquet import MISSING
from harvester.library.holdings import read_holdings
from harvester.site.answers import NoRecord, Site
from harvester.site.catalogue import read_stamp
from harvester.site.selection import file_stem, select
from harvester.site.streams import Stream
from harvester.site.urls import read

__all__ = ["article_as_file", "search_as_file"]


async def search_as_file(site: Site, request: Request) -> Any:
    form = _format(request)
    if not form.available:
        return Response.text(f"{MISSING}\n", status=404, headers={"cache-control": "no-store"})
    asked = read(request.query_string)

    def load(connection: sqlite3.Connection) -> tuple[str, list[int]]:
        return file_stem(connection, asked), select(connection, site.cache, asked)

    headers, loaded = await site.load(request, load, site.catalogue_stamp)
    if loaded is None:
        return Response("", status=304, headers=headers)
    stem, pmids = loaded
    headers |= _saved_as(f"{stem}.{form.suffix}")
    if request.method == "HEAD":
        return Response("", headers=headers, content_type=form.media_type)
    return Stream(
        database=site.database, form=form, pmids=pmids, headers=headers, receive=request.receive
    )


async def article_as_file(site: Site, request: Request) -> Response:
    form, pmid = _format(request), int(request.url_vars["pmid"])

    def load(connection: sqlite3.Connection) -> str:
        found = list(read_holdings(connection, [pmid]))
        if not found:
            raise NoRecord(pmid)
        return "".join(map(str, form.write(found)))

    headers, loaded = await site.load(request, load, read_stamp)
    if loaded is None:
        return Response("", status=304, headers=headers)
    headers |= _saved_as(f"pmid{pmid}.{form.suffix}")
    return Response(loaded, headers=headers, content_type=form.media_type)


def _format(request: Request) -> Format:
    form = by_suffix(request.url_vars["suffix"])
    if form is None:
        raise NotFound("There is no such format")
    return form


def _saved_as(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}
