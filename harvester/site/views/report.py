"""The page from which a wrong finding is reported."""

import re
import sqlite3
from typing import Any

from datasette.utils.asgi import Request, Response

from harvester.site.answers import Site
from harvester.site.report import load_report

__all__ = ["report"]

_PMID = re.compile("[0-9]{1,9}")


async def report(site: Site, request: Request) -> Response:
    given = request.args.get("pmid") or ""
    pmid = int(given) if _PMID.fullmatch(given) else None
    facet, value = request.args.get("facet") or "", request.args.get("value") or ""
    root = site.root(request)

    def load(connection: sqlite3.Connection) -> dict[str, Any]:
        return {
            "report": load_report(connection, pmid, facet, value, root=root, config=site.config)
        }

    return await site.page(request, "report.html", load)
