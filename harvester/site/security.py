"""What the site keeps closed, and the headers that every answer carries."""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping

from harvester.library.schema import FTS_TABLE, TABLES
from harvester.site.catalogue import Stamp

__all__ = [
    "ALLOW_SQL",
    "FRESH",
    "METHODS",
    "closed_page",
    "closed_table",
    "etag",
    "host_is_one",
    "is_data",
    "is_text",
    "path_is_one",
    "permitted",
    "secured",
    "sql_allowed",
    "unchanged",
]

# Set to 1 by `harvester serve --allow-sql`. Anything else, and plain Datasette: SQL is closed.
ALLOW_SQL = "HARVESTER_ALLOW_SQL"

# A browser asks each time whether the page is still the same, which costs next to nothing; a shared
# cache before the server may keep it for five minutes.
FRESH = "public, max-age=0, s-maxage=300, must-revalidate"

_ELSEWHERE_THAN_STOCK = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_STRICT = f"default-src 'none'; style-src 'self'; img-src 'self'; {_ELSEWHERE_THAN_STOCK}"
# Datasette's own pages have scripts and styles in the page. Nothing from elsewhere even there.
_STOCK = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data:; connect-src 'self'; {_ELSEWHERE_THAN_STOCK}"
)
_ALWAYS = {
    "x-content-type-options": "nosniff",
    # What people search for here is nobody else's business.
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

# Nothing can be written here.
METHODS = ("GET", "HEAD", "OPTIONS")

# Programs of other sites may read data, ask whether it is still the same, and follow its pages.
_CROSS_ORIGIN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Link",
}
_PREFLIGHT = {
    "access-control-allow-methods": ", ".join(METHODS),
    "access-control-allow-headers": "If-None-Match",
    "access-control-max-age": "86400",
}
_DATA = re.compile(r"\.(?:atom|bib|blob|cff|csv|db|json|jsonl|jsonld|md|nbib|parquet|ris|txt|xml)$")
_DATA_TYPES = ("application/json", "application/feed+json", "text/csv", "application/atom+xml")

_HOST = re.compile(r"(?:[\w.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)

_INTERNAL = ("/-/", "/:memory:", "/_memory", "/_internal")
_STOCK_FILES = "/-/static/"
_VERSIONS = "/-/versions.json"


def sql_allowed(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the operator lets visitors run SQL of their own."""
    return environ.get(ALLOW_SQL) == "1"


def closed_table(table: str) -> bool:
    """Whether the table's pages are closed: raw bytes, settings, the inside of the text index.

    SQLite does not tell capitals from small letters in names, so neither do we.
    """
    name = table.lower()
    internal = name in TABLES and TABLES[name].internal
    return internal or name.startswith((FTS_TABLE, "sqlite_", "_sqlite"))


def closed_page(path: str) -> bool:
    """Whether it is one of Datasette's internal pages, which answer as if they were not there."""
    open_ = path.startswith(_STOCK_FILES) or path == _VERSIONS
    return path.startswith(_INTERNAL) and not open_


def is_data(path: str, content_type: str = "") -> bool:
    """Whether it is public data for programs, of whatever site, and no page."""
    return bool(_DATA.search(path)) or content_type.startswith(_DATA_TYPES)


def host_is_one(host: str) -> bool:
    """Whether the Host header names a host: addresses on our pages are made with it."""
    return not host or bool(_HOST.fullmatch(host))


def path_is_one(path: str) -> bool:
    """Whether a browser could ask for it. It reads a backslash as a slash, and `//` as a host."""
    return path.isascii() and "\\" not in path


def is_text(value: bytes) -> bool:
    """Whether the header can be read as UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def permitted(path: str) -> dict[str, str]:
    """The answer to OPTIONS: what may be done here, and what scripts of other sites may do."""
    return {"allow": ", ".join(METHODS), **(_PREFLIGHT if is_data(path) else {})}


Headers = list[tuple[bytes, bytes]]


def secured(
    headers: Iterable[tuple[bytes, bytes]], *, path: str, stock: bool, empty: bool = False
) -> Headers:
    """The headers with ours in place of others of the same name; `stock` pages are Datasette's.

    An answer that is `empty` has no type: a cache would give it to the page that it holds.
    """
    ours = dict(_ALWAYS)
    kept = [(name.lower(), value) for name, value in headers]
    content_type = dict(kept).get(b"content-type", b"").decode("latin-1")
    # A view of ours may ask for more than the usual; a stock page has nothing to say about it.
    if stock or b"content-security-policy" not in dict(kept):
        ours["content-security-policy"] = _STOCK if stock else _STRICT
    if is_data(path, content_type):
        ours |= _CROSS_ORIGIN
        # The page is what should be found, not its data.
        ours["x-robots-tag"] = "noindex"
    else:
        kept = [(name, value) for name, value in kept if not name.startswith(b"access-control-")]
    if empty:
        kept = [(name, value) for name, value in kept if name != b"content-type"]
    encoded = {name.encode(): value.encode() for name, value in ours.items()}
    return [*((name, value) for name, value in kept if name not in encoded), *encoded.items()]


def etag(stamp: Stamp, version: str, url: str) -> str:
    """The same for the same page of the same library made by the same program."""
    text = "\n".join(map(str, (*stamp, version, url)))
    return f'W/"{hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]}"'


def unchanged(tag: str, if_none_match: str | None) -> bool:
    """Whether the reader has that page already (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    known = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
