"""The pages of this part of the site as Datasette routes: `plugin` puts them at their paths."""

import logging
import sqlite3
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from datasette.views.base import DatasetteError

from harvester.library.store import raw_record
from harvester.site.article import load_article
from harvester.site.article_json import article_json
from harvester.site.links import Link, pubmed_url, search_path
from harvester.site.pages import Frame, load_about, load_frame, load_home
from harvester.site.record import load_record

__all__ = ["about", "article", "article_data", "article_original", "failure", "frame", "home"]

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

# The bytes of a record are shown as text, whatever is in them: no page of ours, no script.
_AS_TEXT = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
_LARGEST_PMID = 2**63 - 1


async def home(datasette: Datasette, request: Request) -> Response:
    """`/`"""
    data = data_path(datasette)

    def href(first: int, last: int) -> str:
        return str(datasette.urls.path(search_path(from_=first, to=last)))

    view = await read(datasette, lambda c: load_home(c, href=href, data=data))
    return await page(datasette, request, "home.html", home=view)


async def about(datasette: Datasette, request: Request) -> Response:
    """`/about`"""
    return await page(datasette, request, "about.html", about=await read(datasette, load_about))


async def article(datasette: Datasette, request: Request) -> Response:
    """`/article/<pmid>`"""
    pmid = _pmid(request)
    data = data_path(datasette)
    view = await read(datasette, lambda c: load_article(c, pmid, data=data))
    if view is None:
        return await _unknown(datasette, request, pmid)
    return await page(datasette, request, "article.html", article=view)


async def article_data(datasette: Datasette, request: Request) -> Response:
    """`/article/<pmid>.json`"""
    pmid = _pmid(request)
    record = await read(datasette, lambda c: load_record(c, pmid))
    if record is None:
        return _unknown_data(pmid)
    return Response.json(article_json(record))


async def article_original(datasette: Datasette, request: Request) -> Response:
    """`/article/<pmid>.xml` and `.txt`: the record as it was received, byte for byte."""
    pmid = _pmid(request)
    kept = await read(datasette, lambda c: raw_record(c, pmid))
    wanted = "xml" if request.url_vars["format"] == "xml" else "medline"
    if kept is None or kept[0] != wanted:
        return await _unknown(datasette, request, pmid)
    return Response(body=kept[1], headers=dict(_AS_TEXT), content_type="text/plain; charset=utf-8")


async def failure(datasette: Datasette, request: Request, error: Exception) -> Response:
    """Any error as a page with a way on, or as JSON; what is not ours to tell is only logged."""
    status = getattr(error, "status", 500)
    says = None
    if status >= 500:
        _LOG.error("%s failed", request.path, exc_info=error)
    elif isinstance(error, DatasetteError) and not error.message_is_html:
        says = str(error.message or "") or None
    if request.path.endswith(".json"):
        words = says or HTTPStatus(status).phrase
        return Response.json({"ok": False, "status": status, "error": words}, status=status)
    return await page(datasette, request, "error.html", status=status, says=says)


async def frame(datasette: Datasette) -> Frame:
    """What the frame of every page shows; for the hook that gives variables to templates."""
    data = data_path(datasette)
    return await read(datasette, lambda c: load_frame(c, data=data))


async def page(
    datasette: Datasette, request: Request, template: str, *, status: int = 200, **view: Any
) -> Response:
    """A page of ours, with its own address as the canonical one."""
    canonical = datasette.absolute_url(request, datasette.urls.path(request.path))
    body = await datasette.render_template(
        template, {"canonical": canonical, "status": status, **view}, request=request
    )
    return Response.html(body, status=status)


async def read(datasette: Datasette, load: Callable[[sqlite3.Connection], T]) -> T:
    """Run a reading function on the library, in one of Datasette's threads."""
    result: T = await datasette.get_database().execute_fn(load)
    return result


def data_path(datasette: Datasette) -> str:
    """The path of the pages of the library's tables."""
    return f"/{datasette.get_database().route}"


def _pmid(request: Request) -> int:
    return min(int(request.url_vars["pmid"]), _LARGEST_PMID)


async def _unknown(datasette: Datasette, request: Request, pmid: int) -> Response:
    return await page(
        datasette,
        request,
        "404.html",
        status=404,
        heading=f"The library has no record with the PMID {request.url_vars['pmid'][:20]}",
        says="It holds what our searches find in PubMed. PubMed itself may have this record.",
        elsewhere=Link(label="Look it up in PubMed", href=pubmed_url(pmid), external=True),
    )


def _unknown_data(pmid: int) -> Response:
    error = {"ok": False, "status": 404, "error": f"The library has no record {pmid}."}
    return Response.json({**error, "pubmed_url": pubmed_url(pmid)}, status=404)
