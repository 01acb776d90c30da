"""One record: its page, its data, and the bytes as they were received."""

import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from harvester.library.store import raw_record
from harvester.site.answers import NoRecord, Site
from harvester.site.article import article_view
from harvester.site.article_json import article_json
from harvester.site.catalogue import read_stamp
from harvester.site.linked_data import MEDIA_TYPE, article_data
from harvester.site.microdata import microdata
from harvester.site.record import Record, load_record
from harvester.site.related import load_related

__all__ = ["article", "article_as_json", "article_as_linked_data", "article_as_received"]

# The bytes of a record are shown as text, whatever is in them: no page of ours, no script.
_AS_TEXT = {"content-security-policy": "default-src 'none'; sandbox"}


async def article(site: Site, request: Request) -> Response:
    pmid, root = int(request.url_vars["pmid"]), site.root(request)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        record = _record(connection, pmid)
        related = load_related(connection, pmid)
        every = bool(request.args.get("all"))
        view = article_view(record, related, data=site.data, every=every)
        linked = article_data(record, root, view.standings)
        return {"article": view, "microdata": microdata(linked)}

    return await site.page(request, "article.html", load)


async def article_as_json(site: Site, request: Request) -> Response:
    pmid = int(request.url_vars["pmid"])

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        return article_json(_record(connection, pmid), load_related(connection, pmid))

    return await site.json(request, load)


async def article_as_linked_data(site: Site, request: Request) -> Response:
    pmid, root = int(request.url_vars["pmid"]), site.root(request)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        record = _record(connection, pmid)
        return article_data(record, root, article_view(record, data=site.data).standings)

    return await site.json(request, load, media_type=MEDIA_TYPE)


async def article_as_received(site: Site, request: Request) -> Response:
    pmid = int(request.url_vars["pmid"])
    wanted = "xml" if request.url_vars["form"] == "xml" else "medline"

    def load(connection: sqlite3.Connection) -> tuple[str, bytes]:
        found = raw_record(connection, pmid)
        if found is None:
            _record(connection, pmid)
            raise NotFound("The record as received is left out of this copy")
        if found[0] != wanted:
            raise NotFound("The record was received in the other format")
        return found

    headers, loaded = await site.load(request, load, read_stamp)
    headers |= _AS_TEXT
    if loaded is None:
        return Response("", status=304, headers=headers)
    return Response(loaded[1], headers=headers, content_type="text/plain; charset=utf-8")


def _record(connection: sqlite3.Connection, pmid: int) -> Record:
    record = load_record(connection, pmid)
    if record is None:
        raise NoRecord(pmid)
    return record
