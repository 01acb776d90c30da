"""What crawlers are told: which pages there are, and which are a maze."""

import sqlite3
from collections.abc import Iterable

from markupsafe import escape

from harvester.evidence.questions import load_questions
from harvester.site.links import article_path, question_path, trial_path

__all__ = ["PLACES_MAZE", "robots", "sitemap", "sitemap_part"]

_MOST = 40_000  # articles in one file; sitemaps.org allows 50,000 addresses
_MOST_TRIALS = 9_000
_PAGES = (
    *("/", "/search", "/evidence", "/map", "/numbers", "/trials", "/trials/reviews"),
    *("/changes", "/methods", "/methods/accuracy", "/about", "/download"),
)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

# Of authors nothing: a printed name may stand for several people, and there are many. Of journals,
# headings and substances what a link leads to, but not their filters.
PLACES_MAZE = (
    "/author/",
    *(f"/{place}/*{end}" for place in ("journal", "mesh", "substance") for end in ("?", "/")),
)


def robots(closed: tuple[str, ...], root: str) -> str:
    """robots.txt: everything is open but the `closed` paths; `root` is the site's address."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return "\n".join([*lines, "", f"Sitemap: {root}/sitemap.xml", ""])


def sitemap(connection: sqlite3.Connection, root: str, *, most: int = _MOST) -> str:
    """All pages and articles; of a library too large for one file, the list of its parts."""
    (count,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    parts = -(-count // most)
    if parts <= 1:
        return _document(
            "urlset", [*_pages(connection, root), *_articles(connection, root, 1, most)]
        )
    files = (f"<sitemap><loc>{_address(root, n)}</loc></sitemap>" for n in range(1, parts + 1))
    return _document("sitemapindex", files)


def sitemap_part(
    connection: sqlite3.Connection, root: str, part: int, *, most: int = _MOST
) -> str | None:
    """Part `part`, from 1, of a large library, or None beyond its end; pages are in the first."""
    pages = _pages(connection, root) if part == 1 else []
    articles = _articles(connection, root, part, most)
    return _document("urlset", [*pages, *articles]) if articles else None


def _address(root: str, part: int) -> str:
    return str(escape(f"{root}/sitemap-{part}.xml"))


def _pages(connection: sqlite3.Connection, root: str) -> list[str]:
    """Pages of our own, and of trials: what is nowhere else together."""
    numbers = connection.execute(
        "SELECT DISTINCT trial_id FROM article_trials ORDER BY trial_id LIMIT ?", (_MOST_TRIALS,)
    )
    questions = (question_path(identifier) for identifier in load_questions())
    paths = (*_PAGES, *questions, *(trial_path(number) for (number,) in map(tuple, numbers)))
    return [f"<url><loc>{escape(root + path)}</loc></url>" for path in paths]


def _articles(connection: sqlite3.Connection, root: str, part: int, most: int) -> list[str]:
    """In the order of PMIDs, so that new ones only lengthen the last part."""
    rows = connection.execute(
        "SELECT pmid, substr(last_changed, 1, 10) FROM articles ORDER BY pmid LIMIT ? OFFSET ?",
        (most, (part - 1) * most),
    )
    return [
        f"<url><loc>{escape(root + article_path(pmid))}</loc>"
        f"<lastmod>{escape(changed)}</lastmod></url>"
        for pmid, changed in map(tuple, rows)
    ]


def _document(name: str, places: Iterable[str]) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{name} xmlns="{_NAMESPACE}">']
    return "\n".join([*lines, *places, f"</{name}>", ""])
