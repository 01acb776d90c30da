"""The evidence questions: their list, and the page of each."""

import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from harvester.evidence.questions import load_questions
from harvester.site.answers import Site
from harvester.site.links import question_path
from harvester.site.questions import load_index, load_question

__all__ = ["evidence", "question"]


async def evidence(site: Site, request: Request) -> Response:
    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        def make() -> Any:
            return load_index(connection, site.cache)

        return {"index": site.cache.kept(connection, "evidence", make)}

    return await site.page(request, "evidence.html", load, stamp=site.catalogue_stamp)


async def question(site: Site, request: Request) -> Response:
    asked = request.url_vars["id"]
    found = load_questions().get(asked.lower())
    if found is None:
        raise NotFound("There is no such question")
    if asked != found.id:
        return Response.redirect(site.path(question_path(found.id)))

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        def make() -> Any:
            return load_question(connection, site.cache, found, path=site.path)

        return {"page": site.cache.kept(connection, question_path(found.id), make)}

    return await site.page(request, "question.html", load, stamp=site.catalogue_stamp)
