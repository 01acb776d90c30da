"""The Datasette plugin: the only module that knows Datasette's hooks.

A Datasette that serves a library gets our pages and our rules; any other is left as it is.
"""

# Datasette has no types:
# mypy: disable-error-code="untyped-decorator"

import logging
import re
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from datasette import hookimpl
from datasette.database import QueryInterrupted
from datasette.utils import tilde_decode
from datasette.utils.asgi import Base400, Request, Response
from datasette.views.base import DatasetteError
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from harvester.site.access_log import keep_private
from harvester.site.answers import NoRecord, Site
from harvester.site.assets import assets
from harvester.site.links import pubmed_url
from harvester.site.markup import clean
from harvester.site.refusals import reason
from harvester.site.routes import ROUTES, View
from harvester.site.security import (
    METHODS,
    closed_page,
    closed_table,
    host_is_one,
    is_text,
    path_is_one,
    permitted,
    secured,
    sql_allowed,
)
from harvester.site.views.download import file
from harvester.site.views.machines import asset

if TYPE_CHECKING:  # Datasette loads its plugins before it is there itself
    from datasette.app import Datasette

_LOG = logging.getLogger(__name__)
TEMPLATES = Path(__file__).parent / "templates"
_TABLES = frozenset({"articles", "articles_fts", "article_topics", "runs", "settings"})
_SITES: "WeakKeyDictionary[Datasette, Site | None]" = WeakKeyDictionary()


def site_of(datasette: "Datasette") -> Site | None:
    """The site of the first database that is a library, if one is."""
    if datasette not in _SITES:
        found = (db for db in datasette.databases.values() if db.path and _is_library(db.path))
        database = next(found, None)
        if database and any(_is_ours(f"/{database.route}{table}") for table in ("", "/articles")):
            database.route += "-tables"  # its own pages would be ours
        _SITES[datasette] = Site(datasette=datasette, database=database) if database else None
    return _SITES[datasette]


def _is_library(path: str) -> bool:
    try:
        uri = f"{Path(path).resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {name for (name,) in rows} >= _TABLES
    except sqlite3.Error:
        return False


@hookimpl
def register_routes(datasette: "Datasette") -> list[tuple[str, Callable[..., Any]]]:
    site = site_of(datasette)
    if site is None:
        return []

    return [(path, _answer(site, view)) for path, view in ROUTES]


def _answer(site: Site, view: View) -> Callable[..., Any]:
    async def answer(request: Request) -> Any:
        return await view(site, request)

    # Datasette asks caches to keep apart what visitors with cookies see, but for its own files.
    if view in (asset, file):
        answer._datasette_static = True  # type: ignore[attr-defined]
    return answer


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: "Datasette") -> None:
    """Python 3.12 lets Datasette find our templates by itself, 3.11 does not.

    Its own templates of tables are told which are closed.
    """
    site = site_of(datasette)
    if site and env.loader:
        env.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), env.loader])
        env.tests["closed_table"] = lambda table, database: (
            database == site.database.name and closed_table(table)
        )


@hookimpl
def extra_template_vars(datasette: "Datasette", request: Request | None) -> Any:
    site = site_of(datasette)
    if site is None or request is None:
        return {}

    async def found() -> dict[str, Any]:
        return {
            "site": await site.frame(request),
            "css_url": site.path(assets()["site.css"].path),
            "root": site.path("/").rstrip("/"),
        }

    return found


@hookimpl(trylast=True)  # the last word is ours
def permission_allowed(datasette: "Datasette", action: str, resource: Any) -> bool | None:
    site = site_of(datasette)
    if site is None:
        return None
    if action == "execute-sql":
        return sql_allowed()
    if action == "view-table" and resource:
        database, table = resource
        if database == site.database.name and closed_table(table):
            return False
    return None


@hookimpl
def forbidden(datasette: "Datasette", request: Request, message: str) -> Any:
    return _error(datasette, request, 403, None)


@hookimpl(wrapper=True)
def handle_exception(
    datasette: "Datasette", request: Request, exception: Exception
) -> Generator[None, list[Any], list[Any]]:
    """Our answer instead of Datasette's own.

    Datasette lets every plugin answer and takes the first, but its own would print what a visitor
    typed; and where `rich` is installed it prints all variables, and fails on a page not found.
    """
    answers = yield
    if site_of(datasette) is None:
        return answers
    others = (answer for answer in answers if answer.__module__ != _DATASETTES_OWN)
    return [_answer_to(datasette, request, exception), *others]


_DATASETTES_OWN = "datasette.handle_exception"


def _answer_to(datasette: "Datasette", request: Request, exception: Exception) -> Any:
    if isinstance(exception, NoRecord):
        return _error(datasette, request, 404, str(exception), pubmed=pubmed_url(exception.pmid))
    if isinstance(exception, DatasetteError):
        says = None if exception.message_is_html else exception.message
        # What a stock page cannot do for an address (sort by a column that is not there) is
        # no failure of the server, though Datasette says so.
        status = exception.status if exception.status < 500 else 400
        return _error(datasette, request, status, says)
    if isinstance(exception, QueryInterrupted | sqlite3.OperationalError):
        if _INTERRUPTED in str(exception):
            return _error(datasette, request, 400, _TOO_LONG)
        if any(reason in str(exception) for reason in _OF_THE_ADDRESS):
            return _error(datasette, request, 400, None)
    path = _path(request.scope, datasette.setting("base_url"))
    if isinstance(exception, _UNREADABLE) and _database_of(datasette, path):
        _LOG.warning("%s cannot be answered: %s", request.path, type(exception).__name__)
        return _error(datasette, request, 400, None)
    if isinstance(exception, Base400):
        says = reason(exception, most_rows=datasette.setting("max_returned_rows"))
        return _error(datasette, request, exception.status, says)
    _LOG.error("%s failed", request.path, exc_info=exception)
    return _error(datasette, request, 500, None)


def _error(
    datasette: "Datasette", request: Request, status: int, says: str | None, **more: str
) -> Any:
    """An error as a page of ours, or for programs as JSON; nothing of the inside is shown."""
    if site_of(datasette) is None:
        return None

    async def response() -> Response:
        if request.path.partition("?")[0].endswith(".json"):
            body = _error_json(status, says, **more)
            return Response.json(body, status=status, headers=_NOT_KEPT)
        page = await datasette.render_template(
            "error.html", {"status": status, "says": says, **more}, request=request
        )
        return Response.html(clean(page), status=status, headers=_NOT_KEPT)

    return response


def _error_json(status: int, says: str | None = None, **more: str) -> dict[str, Any]:
    return {"ok": False, "status": status, "error": says or _REASONS.get(status, "Error"), **more}


_NOT_KEPT = {"cache-control": "no-store"}


# What stock pages let pass when a parameter is not as they expect (`_through`, `_timelimit`).
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
_INTERRUPTED = "interrupted"
_TOO_LONG = "This takes too long. Longer words, or fewer with a star, are quicker."
# SQLite's words for what stock pages pass on to it from the address.
_OF_THE_ADDRESS = (
    "no such column",
    "fts5:",
    "syntax error",
    "unterminated string",
    "malformed MATCH",
)

_REASONS = {
    400: "This address cannot be read",
    403: "Closed to the public",
    404: "Not found",
    405: "This site can only be read",
    500: "Something went wrong here",
}


@hookimpl
def asgi_wrapper(datasette: "Datasette") -> Callable[[Any], Any]:
    """Close internal pages, and put our headers on every answer."""
    site = site_of(datasette)
    if site:
        keep_private()

    def wrap(app: Any) -> Any:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if site is None or scope["type"] != "http":
                await app(scope, receive, send)
                return
            scope = _tidied(scope)
            path = _path(scope, datasette.setting("base_url"))
            if closed_page(path):
                scope = {**scope, "path": "/closed/page", "raw_path": b"/closed/page"}
            served = _database_of(datasette, path)

            async def send_secured(message: Any) -> None:
                if message["type"] == "http.response.start":
                    headers = secured(
                        message.get("headers", []),
                        path=path,
                        stock=served is not None,
                        empty=message["status"] in (204, 304),
                    )
                    message = {**message, "headers": headers}
                await send(message)

            # Another database may have forms of its own.
            ours = served in (None, site.database)
            answer = _refused(scope, path) if ours else None
            if answer:
                await answer.asgi_send(send_secured)
            else:
                await app(scope, receive, send_secured)

        return guarded

    return wrap


_OURS = tuple(re.compile(path) for path, _ in ROUTES)


def _is_ours(path: str) -> bool:
    """Whether a page of ours has that address, whatever a database is called."""
    return any(ours.match(path) for ours in _OURS)


def _database_of(datasette: "Datasette", path: str) -> Any:
    """The database whose stock pages the path belongs to, or None for a page of ours."""
    if _is_ours(path):
        return None
    name = tilde_decode(path.split("/")[1].partition(".")[0])
    return next((db for db in datasette.databases.values() if db.route == name), None)


def _tidied(scope: Any) -> Any:
    """The request without what Datasette, or a browser after it, reads in a way of its own.

    A cookie that is no text, which another program of the same host may have set, fails there; the
    answer to slashes alone leads nowhere.
    """
    headers = [(n, v) for n, v in scope["headers"] if n != b"cookie" or is_text(v)]
    scope = {**scope, "headers": headers}
    if scope["path"].startswith("//"):
        raw = scope.get("raw_path") or scope["path"].encode()
        scope["path"] = re.sub("^/+", "/", scope["path"])
        scope["raw_path"] = re.sub(b"^/+", b"/", raw)
    return scope


def _refused(scope: Any, path: str) -> Response | None:
    """The answer to what is not a question for a page."""
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    one_host = len(hosts) <= 1 and all(map(host_is_one, hosts))
    if not one_host or not path_is_one(path) or not (scope.get("raw_path") or b"").isascii():
        status = 400
    elif scope["method"] == "OPTIONS":
        return Response("", status=204, headers=permitted(path))
    elif scope["method"] not in METHODS:
        status = 405
    else:
        return None
    headers = {**_NOT_KEPT, **(permitted(path) if status == 405 else {})}
    if path.endswith(".json"):
        return Response.json(_error_json(status), status=status, headers=headers)
    return Response.text(f"{_REASONS[status]}.\n", status=status, headers=headers)


def _path(scope: Any, base_url: str) -> str:
    """The path as Datasette routes it: undecoded, without `base_url`."""
    raw = scope.get("raw_path") or scope["path"].encode()
    path = str(raw.decode("latin-1")).partition("?")[0]
    if base_url != "/" and path.startswith(base_url):
        path = "/" + path[len(base_url) :]
    return re.sub("^/+", "/", path) if path.startswith("/") else f"/{path}"
