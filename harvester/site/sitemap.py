"""What crawlers are told: which pages there are, and which are a maze."""

import sqlite3

from markupsafe import escape

from harvester.site.links import article_path

__all__ = ["robots", "sitemap"]

_MOST = 49_000  # sitemaps.org allows 50,000 addresses in one file
_PAGES = ("/", "/search", "/changes", "/methods", "/about")


def robots(closed: tuple[str, ...], root: str) -> str:
    """robots.txt: everything is open but the `closed` paths; `root` is the site's address."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return "\n".join([*lines, "", f"Sitemap: {root}/sitemap.xml", ""])


def sitemap(connection: sqlite3.Connection, root: str) -> str:
    """All articles, the last changed first."""
    rows = connection.execute(
        "SELECT pmid, substr(last_changed, 1, 10) FROM articles "
        "ORDER BY last_changed DESC, pmid DESC LIMIT ?",
        (_MOST,),
    )
    pages = [f"<url><loc>{escape(root + path)}</loc></url>" for path in _PAGES]
    pages += (
        f"<url><loc>{escape(root + article_path(pmid))}</loc>"
        f"<lastmod>{escape(changed)}</lastmod></url>"
        for pmid, changed in map(tuple, rows)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "\n".join(pages)
        + "\n</urlset>\n"
    )
