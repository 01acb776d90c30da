"""All that a search finds, for a file: the PMIDs in the page's order, and the file's name."""

import re
import sqlite3
import unicodedata
from collections.abc import Iterator

from harvester.exports.formats import FORMATS, Format
from harvester.site.cache import Cache
from harvester.site.catalogue import Articles
from harvester.site.frame import is_sample
from harvester.site.links import Link, article_path
from harvester.site.tally import in_order
from harvester.site.terms import parse
from harvester.site.urls import Search, pairs, write

__all__ = ["article_links", "export_links", "file_stem", "listed_exports", "select"]

_LONGEST = 60  # characters of a file's name that tell the search


def select(connection: sqlite3.Connection, cache: Cache, search: Search) -> list[int]:
    """PMIDs of the whole result: those that the search page counts, in its order."""
    catalogue = cache.held
    found, tally = cache.search(connection, catalogue, parse(search.q), search)
    return list(in_order(catalogue, found, tally, search))


def file_stem(connection: sqlite3.Connection, search: Search) -> str:
    """A file's name without its end: the source, the search, and the day of the data."""
    told = [value for name, value in pairs(search.at(1)) if name not in ("sort", "exact")]
    source = "sample-data" if is_sample(connection) else "pubmed"
    day = connection.execute("SELECT substr(max(finished), 1, 10) FROM runs").fetchone()[0]
    return "_".join(filter(None, (source, _slug(" ".join(told)) or "all", day)))


def _slug(text: str) -> str:
    """Small letters, digits and hyphens: what every system takes in a name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST].strip("-")


def _offered() -> Iterator[Format]:
    return (form for form in FORMATS.values() if form.available)


def export_links(search: Search) -> tuple[Link, ...]:
    """The whole result in every format."""
    whole = search.at(1)
    return tuple(
        Link(label=form.label, href=write(whole, f"/search.{form.suffix}")) for form in _offered()
    )


def listed_exports(
    connection: sqlite3.Connection, cache: Cache, search: Search, articles: Articles
) -> tuple[Link, ...]:
    """What a page lists, in every format, if the search finds that and nothing else."""
    alike = articles and cache.articles(connection, search) == articles
    return export_links(search) if alike else ()


def article_links(pmid: int) -> tuple[Link, ...]:
    """One article in the formats of reference managers."""
    return tuple(
        Link(label=form.label, href=f"{article_path(pmid)}.{form.suffix}")
        for form in _offered()
        if form.single
    )
