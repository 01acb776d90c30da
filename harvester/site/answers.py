"""From a request to an answer: read of one moment, shown, and kept for how long."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from datasette.database import Database
from datasette.utils import sqlite_timelimit, tilde_encode
from datasette.utils.asgi import NotFound, Request, Response

from harvester.site.cache import Cache
from harvester.site.catalogue import Stamp, read_stamp, snapshot
from harvester.site.frame import Frame, load_frame
from harvester.site.markup import clean
from harvester.site.security import FRESH, etag, unchanged
from harvester.site.version import version

if TYPE_CHECKING:  # Datasette loads its plugins before it is there itself
    from datasette.app import Datasette

__all__ = ["NoRecord", "Read", "Site", "as_json"]

T = TypeVar("T")
Read = Callable[[sqlite3.Connection], T]

# Reading one page takes milliseconds; a search that takes this long is stopped.
_SLOWEST = 3_000  # ms


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

    @property
    def data(self) -> str:
        """The path of the stock pages of the library's tables."""
        return f"/{tilde_encode(self.database.route)}"

    @property
    def config(self) -> Mapping[str, Any]:
        """What whoever runs this copy has set for it, under `plugins: harvester:` in metadata."""
        config = self.datasette.plugin_config("harvester")
        return config if isinstance(config, dict) else {}

    def path(self, path: str) -> str:
        """The path as a browser sees it, below Datasette's `base_url`."""
        return str(self.datasette.urls.path(path))

    def root(self, request: Request) -> str:
        """The site's whole address, without a slash at its end."""
        return str(self.datasette.absolute_url(request, self.path("/"))).rstrip("/")

    async def frame(self, request: Request) -> Frame:
        """What the frame of every page shows; read once a request."""
        if "harvester.frame" not in request.scope:
            request.scope["harvester.frame"] = await self.database.execute_fn(self._frame)
        frame: Frame = request.scope["harvester.frame"]
        return frame

    def _frame(self, connection: sqlite3.Connection) -> Frame:
        return self.cache.kept(connection, "frame", lambda: load_frame(connection, data=self.data))

    def catalogue_stamp(self, connection: sqlite3.Connection) -> Stamp:
        """The stamp for what is answered from the catalogue, which is brought up to date first."""
        return self.cache.catalogue(connection).stamp

    async def load(
        self, request: Request, load: Read[T], stamp: Read[Stamp], also: Stamp = ()
    ) -> tuple[dict[str, str], T | None]:
        """Headers, and what was read of one moment; None when the reader has the page already.

        The answer is another when the library is, or what it shows `also`.
        """

        made_by = version(self.datasette, self.config)

        def in_thread(connection: sqlite3.Connection) -> tuple[str, T | None]:
            while True:
                about = stamp(connection)
                with sqlite_timelimit(connection, _SLOWEST), snapshot(connection):
                    moment = (*about, *read_stamp(connection), *also)
                    tag = etag(moment, made_by, request.full_path)
                    if unchanged(tag, request.headers.get("if-none-match")):
                        return tag, None
                    loaded = load(connection)
                # Another thread may have read a new catalogue while this page was made from both.
                if stamp != self.catalogue_stamp or about == self.cache.held.stamp:
                    return tag, loaded

        tag, loaded = await self.database.execute_fn(in_thread)
        return {"etag": tag, "cache-control": FRESH}, loaded

    async def page(
        self,
        request: Request,
        template: str,
        load: Read[dict[str, Any] | str],
        *,
        stamp: Read[Stamp] = read_stamp,
        also: Stamp = (),
    ) -> Response:
        """A page, or with an address instead of what it shows, the way there."""

        def with_frame(connection: sqlite3.Connection) -> dict[str, Any] | str:
            request.scope["harvester.frame"] = self._frame(connection)
            return load(connection)

        headers, loaded = await self.load(request, with_frame, stamp, also)
        if loaded is None:
            return Response("", status=304, headers=headers)
        if isinstance(loaded, str):
            return Response.redirect(self.path(loaded), headers=headers)
        canonical = self.datasette.absolute_url(request, request.path)
        body = await self.datasette.render_template(
            template, {"canonical": canonical, **loaded}, request=request
        )
        # Whatever a template takes from a record as it is; 0.2 ms for a long page.
        return Response.html(clean(body), headers=headers)

    async def json(
        self,
        request: Request,
        load: Read[Mapping[str, Any]],
        *,
        stamp: Read[Stamp] = read_stamp,
        also: Stamp = (),
        media_type: str = "application/json",
    ) -> Response:
        """Data for programs."""
        headers, loaded = await self.load(request, load, stamp, also)
        if loaded is None:
            return Response("", status=304, headers=headers)
        return as_json(loaded, headers, media_type=media_type)


def as_json(
    data: Mapping[str, Any],
    headers: dict[str, str],
    *,
    status: int = 200,
    media_type: str = "application/json",
) -> Response:
    """Data as an answer."""
    body = json.dumps(data, ensure_ascii=False, default=str)
    return Response(
        body, status=status, headers=headers, content_type=f"{media_type}; charset=utf-8"
    )
