"""Feeds: of a search, of changes, of an evidence question, as Atom and as JSON Feed."""

import sqlite3

from datasette.utils.asgi import NotFound, Request, Response

from harvester.evidence.questions import load_questions
from harvester.exports import atom, json_feed
from harvester.exports.feed import Feed
from harvester.site.answers import Read, Site
from harvester.site.articles_feed import load_question_feed, load_search_feed
from harvester.site.catalogue import Stamp, read_stamp
from harvester.site.changes_address import read as read_changes
from harvester.site.changes_feed import load_changes_feed
from harvester.site.follow import ATOM, JSON
from harvester.site.urls import read as read_search

__all__ = ["changes", "question", "search"]

_WRITERS = {ATOM: (atom.write, atom.MEDIA_TYPE), JSON: (json_feed.write, json_feed.MEDIA_TYPE)}


async def search(site: Site, request: Request) -> Response:
    asked, root, form = read_search(request.query_string), site.root(request), _form(request)

    def load(connection: sqlite3.Connection) -> Feed:
        return load_search_feed(connection, site.cache, asked, root=root, form=form)

    return await _answer(site, request, load, site.catalogue_stamp)


async def changes(site: Site, request: Request) -> Response:
    asked, root, form = read_changes(request.query_string), site.root(request), _form(request)

    def load(connection: sqlite3.Connection) -> Feed:
        return load_changes_feed(connection, site.cache, asked, root=root, form=form)

    return await _answer(site, request, load, read_stamp)


async def question(site: Site, request: Request) -> Response:
    root, form = site.root(request), _form(request)
    found = load_questions().get(request.url_vars["id"])
    if found is None:
        raise NotFound("There is no such question")

    def load(connection: sqlite3.Connection) -> Feed:
        return load_question_feed(connection, site.cache, found, root=root, form=form)

    return await _answer(site, request, load, site.catalogue_stamp)


def _form(request: Request) -> str:
    return str(request.url_vars["form"])


async def _answer(site: Site, request: Request, load: Read[Feed], stamp: Read[Stamp]) -> Response:
    headers, feed = await site.load(request, load, stamp)
    if feed is None:
        return Response("", status=304, headers=headers)
    write, media_type = _WRITERS[_form(request)]
    return Response(write(feed), headers=headers, content_type=f"{media_type}; charset=utf-8")
