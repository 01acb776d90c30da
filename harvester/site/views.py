"""From a request to an answer: what is read, which template shows it, how long it may be kept."""

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from datasette.database import Database
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import NotFound, Request, Response

from harvester import __version__
from harvester.library.status import read_status
from harvester.library.store import raw_record
from harvester.site.article import article_view
from harvester.site.article_json import article_json
from harvester.site.assets import assets, code_version
from harvester.site.cache import Cache
from harvester.site.catalogue import Stamp, read_stamp, snapshot
from harvester.site.facets import FACETS
from harvester.site.pages import Frame, load_about, load_frame, load_home
from harvester.site.record import Record, load_record
from harvester.site.search_json import search_json
from harvester.site.search_page import found_at_once, load_search, years_href
from harvester.site.security import FRESH, etag, unchanged
from harvester.site.sitemap import robots, sitemap
from harvester.site.terms import parse
from harvester.site.urls import Search, read, write
from harvester.site.values_page import values_page

if TYPE_CHECKING:  # Datasette loads its plugins before it is there itself
    from datasette.app import Datasette

__all__ = ["NoRecord", "Site"]

_LOG = logging.getLogger(__name__)
T = TypeVar("T")
Read = Callable[[sqlite3.Connection], T]

# Reading one page takes milliseconds; a search that takes this long is stopped.
_SLOWEST = 3_000  # ms
_YEAR_OF_SECONDS = 31_536_000


# The bytes of a record are shown as text, whatever is in them: no page of ours, no script.
_AS_TEXT = {"content-security-policy": "default-src 'none'; sandbox"}


class NoRecord(NotFound):  # type: ignore[misc]  # Datasette has no types
    """The library does not hold the record; PubMed may."""

    def __init__(self, pmid: int) -> None:
        super().__init__(f"The library has no record with the PMID {pmid}.")
        self.pmid = pmid


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The library that a Datasette serves, and what is kept of it between requests."""

    datasette: "Datasette"
    database: Database
    cache: Cache = field(default_factory=Cache)

    # --- pages -----------------------------------------------------------------------------

    async def home(self, request: Request) -> Response:
        def href(first: int, last: int) -> str:
            return self.path(write(Search(first=first, last=last)))

        return await self._page(
            request,
            "home.html",
            lambda connection: {"home": load_home(connection, href=href, data=self.data)},
        )

    async def about(self, request: Request) -> Response:
        return await self._page(
            request, "about.html", lambda connection: {"about": load_about(connection)}
        )

    async def search(self, request: Request) -> Response:
        search = read(request.query_string)

        def load(connection: sqlite3.Connection) -> dict[str, Any] | str:
            if named := found_at_once(connection, search):
                return named
            href = years_href(search, self.path)
            page = load_search(connection, self.cache, self.cache.held, search, href=href)
            return {"page": page, "search_text": search.q}

        return await self._page(request, "search.html", load, stamp=self._catalogue_stamp)

    async def values(self, request: Request) -> Response:
        facet = FACETS.get(request.url_vars["facet"])
        if facet is None:
            raise NotFound("There is no such filter")
        search, find = read(request.query_string), (request.args.get("find") or "")[:200]

        def load(connection: sqlite3.Connection) -> dict[str, Any]:
            catalogue = self.cache.held
            _, tally = self.cache.search(connection, catalogue, parse(search.q), search)
            page = values_page(catalogue, tally, search, facet, find)
            return {"page": page, "search_text": search.q}

        return await self._page(request, "values.html", load, stamp=self._catalogue_stamp)

    async def article(self, request: Request) -> Response:
        pmid = int(request.url_vars["pmid"])

        def load(connection: sqlite3.Connection) -> dict[str, Any]:
            record = _record(connection, pmid)
            return {"article": article_view(record, data=self.data)}

        return await self._page(request, "article.html", load)

    # --- data ------------------------------------------------------------------------------

    async def search_as_json(self, request: Request) -> Response:
        search = read(request.query_string)

        def load(connection: sqlite3.Connection) -> dict[str, Any]:
            return search_json(connection, self.cache, self.cache.held, search)

        return await self._json(request, load, stamp=self._catalogue_stamp)

    async def article_as_json(self, request: Request) -> Response:
        pmid = int(request.url_vars["pmid"])
        return await self._json(request, lambda connection: article_json(_record(connection, pmid)))

    async def article_as_received(self, request: Request) -> Response:
        pmid = int(request.url_vars["pmid"])
        wanted = "xml" if request.url_vars["form"] == "xml" else "medline"

        def load(connection: sqlite3.Connection) -> tuple[str, bytes]:
            found = raw_record(connection, pmid)
            if found is None or found[0] != wanted:
                raise NoRecord(pmid)
            return found

        headers, loaded = await self._load(request, load, read_stamp)
        if loaded is None:
            return Response("", status=304, headers=headers)
        return Response(
            loaded[1], headers=headers | _AS_TEXT, content_type="text/plain; charset=utf-8"
        )

    async def health(self, request: Request) -> Response:
        """For monitors: 200 while the library can be read, else 503; its age is theirs to judge."""
        headers = {"cache-control": "no-store"}
        try:
            status = await self.database.execute_fn(
                lambda connection: read_status(connection, now=datetime.now(UTC))
            )
        except sqlite3.Error as error:
            _LOG.error("the library cannot be read: %s", error)
            return _as_json({"status": "unreadable", "version": __version__}, headers, status=503)
        return _as_json({"status": "ok", "version": __version__, **status.as_json()}, headers)

    async def robots(self, request: Request) -> Response:
        """Articles are for everyone; the maze of searches and the tables are not for crawlers.

        Nothing of the sample is: an invented trial must not turn up in a search engine.
        """
        frame = await self.frame(request)
        maze = ("/search?", "/search/", "/search.json", self.data)
        closed = tuple(map(self.path, ("/",) if frame.sample else maze))
        return Response.text(
            robots(closed, self._root(request)), headers={"cache-control": "max-age=3600"}
        )

    async def sitemap(self, request: Request) -> Response:
        root = self._root(request)
        headers, loaded = await self._load(
            request, lambda connection: sitemap(connection, root), read_stamp
        )
        if loaded is None:
            return Response("", status=304, headers=headers)
        return Response(loaded, headers=headers, content_type="application/xml; charset=utf-8")

    async def asset(self, request: Request) -> Response:
        """A file of the site; an older address still finds it, as a page in a cache may ask."""
        found = assets().get(request.url_vars["name"])
        if found is None:
            raise NotFound("There is no such file")
        current = found.path.endswith(f"/{request.url_vars['version']}/{request.url_vars['name']}")
        keep = f"public, max-age={_YEAR_OF_SECONDS}, immutable" if current else "max-age=60"
        return Response(
            found.content, headers={"cache-control": keep}, content_type=found.content_type
        )

    # --- what they have in common ------------------------------------------------------------

    @property
    def data(self) -> str:
        """The path of the stock pages of the library's tables."""
        return f"/{self.database.route}"

    def path(self, path: str) -> str:
        """The path as a browser sees it, below Datasette's `base_url`."""
        return str(self.datasette.urls.path(path))

    def _root(self, request: Request) -> str:
        """The site's whole address, without a slash at its end."""
        return str(self.datasette.absolute_url(request, self.path("/"))).rstrip("/")

    async def frame(self, request: Request) -> Frame:
        """What the frame of every page shows; read once a request."""
        if "harvester.frame" not in request.scope:
            request.scope["harvester.frame"] = await self.database.execute_fn(self._frame)
        frame: Frame = request.scope["harvester.frame"]
        return frame

    def _frame(self, connection: sqlite3.Connection) -> Frame:
        return load_frame(connection, data=self.data)

    def _catalogue_stamp(self, connection: sqlite3.Connection) -> Stamp:
        return self.cache.catalogue(connection).stamp

    async def _load(
        self, request: Request, load: Read[T], stamp: Read[Stamp]
    ) -> tuple[dict[str, str], T | None]:
        """Headers, and what was read of one moment; None when the reader has the page already."""

        def in_thread(connection: sqlite3.Connection) -> tuple[str, T | None]:
            tag = etag(stamp(connection), code_version(), request.full_path)
            if unchanged(tag, request.headers.get("if-none-match")):
                return tag, None
            with sqlite_timelimit(connection, _SLOWEST), snapshot(connection):
                return tag, load(connection)

        tag, loaded = await self.database.execute_fn(in_thread)
        return {"etag": tag, "cache-control": FRESH}, loaded

    async def _page(
        self,
        request: Request,
        template: str,
        load: Read[dict[str, Any] | str],
        *,
        stamp: Read[Stamp] = read_stamp,
    ) -> Response:
        """A page, or with an address instead of what it shows, the way there."""

        def with_frame(connection: sqlite3.Connection) -> dict[str, Any] | str:
            request.scope["harvester.frame"] = self._frame(connection)
            return load(connection)

        headers, loaded = await self._load(request, with_frame, stamp)
        if loaded is None:
            return Response("", status=304, headers=headers)
        if isinstance(loaded, str):
            return Response.redirect(self.path(loaded), headers=headers)
        canonical = self.datasette.absolute_url(request, request.path)
        body = await self.datasette.render_template(
            template, {"canonical": canonical, **loaded}, request=request
        )
        return Response.html(body, headers=headers)

    async def _json(
        self,
        request: Request,
        load: Read[Mapping[str, Any]],
        *,
        stamp: Read[Stamp] = read_stamp,
    ) -> Response:
        headers, loaded = await self._load(request, load, stamp)
        if loaded is None:
            return Response("", status=304, headers=headers)
        return _as_json(loaded, headers)


def _record(connection: sqlite3.Connection, pmid: int) -> Record:
    record = load_record(connection, pmid)
    if record is None:
        raise NoRecord(pmid)
    return record


def _as_json(data: Mapping[str, Any], headers: dict[str, str], *, status: int = 200) -> Response:
    body = json.dumps(data, ensure_ascii=False, default=str)
    return Response(
        body, status=status, headers=headers, content_type="application/json; charset=utf-8"
    )
