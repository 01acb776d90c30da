"""Which address leads to which view: the site's contract (docs/decisions/0001-architecture.md)."""

from collections.abc import Awaitable, Callable
from typing import Any

from datasette.utils.asgi import Request

from harvester.site.answers import Site
from harvester.site.views import (
    article,
    changes,
    download,
    evidence,
    exports,
    feeds,
    machines,
    maps,
    methods,
    numbers,
    pages,
    places,
    report,
    search,
    trials,
)

__all__ = ["ROUTES", "View"]

# An answer is a Response, or what can be sent like one.
View = Callable[[Site, Request], Awaitable[Any]]

_ARTICLE = r"/article/(?P<pmid>[0-9]{1,9})"
# A text as one part of a path (links.segment), and with a facet all values of it.
_KEY = r"(?P<key>[^/]+)"
_VALUES = r"(?:/(?P<facet>[a-z_]+))?"
_PLACE = _KEY + _VALUES
_FEED = r"(?P<form>\.atom|\.feed\.json)"

# Regular expressions of paths, matched from their beginning.
ROUTES: tuple[tuple[str, View], ...] = (
    (r"/$", pages.home),
    (r"/search$", search.search),
    (r"/search\.json$", search.search_as_json),
    (rf"/search{_FEED}$", feeds.search),
    (r"/search\.(?P<suffix>ris|nbib|bib|csl\.json|csv|jsonl|parquet)$", exports.search_as_file),
    (r"/search/(?P<facet>[a-z_]+)$", search.values),
    (rf"{_ARTICLE}$", article.article),
    (rf"{_ARTICLE}\.json$", article.article_as_json),
    (rf"{_ARTICLE}\.jsonld$", article.article_as_linked_data),
    (rf"{_ARTICLE}\.(?P<suffix>ris|nbib|bib|csl\.json)$", exports.article_as_file),
    (rf"{_ARTICLE}\.(?P<form>xml|txt)$", article.article_as_received),
    (rf"/author/{_PLACE}$", places.author),
    (rf"/journal/{_PLACE}$", places.journal),
    (rf"/mesh/{_PLACE}$", places.heading),
    (rf"/mesh/{_KEY}/main-point{_VALUES}$", places.main_point),
    (rf"/substance/{_PLACE}$", places.substance),
    (rf"/trial/{_KEY}$", places.trial),
    (r"/evidence$", evidence.evidence),
    (r"/evidence/(?P<id>[Ee][0-9]{1,3})$", evidence.question),
    (rf"/evidence/(?P<id>e[0-9]{{1,3}}){_FEED}$", feeds.question),
    (r"/map$", maps.gap_map),
    (r"/numbers$", numbers.numbers),
    (r"/trials$", trials.trials),
    (r"/trials/reviews$", trials.reviews),
    (r"/changes$", changes.changes),
    (rf"/changes{_FEED}$", feeds.changes),
    (r"/about$", pages.about),
    (r"/download$", download.download),
    (r"/download/latest/(?P<name>[\w.-]+)$", download.newest),
    (r"/download/(?P<version>[0-9.-]+)/(?P<name>[\w.-]+)$", download.file),
    (r"/methods$", methods.methods),
    (r"/methods/accuracy$", methods.accuracy),
    (r"/methods/prisma-s\.md$", methods.appendix),
    (r"/report$", report.report),
    (r"/dataset\.jsonld$", pages.dataset),
    (r"/health\.json$", machines.health),
    (r"/openapi\.json$", machines.openapi),
    (r"/opensearch\.xml$", machines.opensearch),
    (r"/robots\.txt$", machines.robots),
    (r"/sitemap(?:-(?P<part>[1-9][0-9]{0,3}))?\.xml$", machines.sitemap),
    (r"/static/(?P<version>[0-9a-f]+)/(?P<name>[\w.-]+)$", machines.asset),
)
