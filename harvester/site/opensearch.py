"""`/opensearch.xml`: how browsers and programs search the library (OpenSearch 1.1)."""

from markupsafe import escape

from harvester.exports import atom

__all__ = ["MEDIA_TYPE", "description"]

MEDIA_TYPE = "application/opensearchdescription+xml"

_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
# A name may have 16 characters, a long one 48.
_NAME, _LONG_NAME = "Living Library", "The Living Library: ketamine and depression"
_ABOUT = "The research on ketamine and treatment-resistant depression, from PubMed."
# What each answers with, and its address: the page first, which browsers take.
_ADDRESSES = (
    ("text/html", "results", "/search?q={searchTerms}"),
    (atom.MEDIA_TYPE, "results", "/search.atom?q={searchTerms}"),
    (MEDIA_TYPE, "self", "/opensearch.xml"),
)


def description(root: str) -> str:
    """The description; `root` is the site's whole address, without a slash at its end."""
    addresses = (
        f'<Url type="{kind}" rel="{rel}" template="{escape(root + path)}"/>'
        for kind, rel, path in _ADDRESSES
    )
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<OpenSearchDescription xmlns="{_NAMESPACE}">',
        f"<ShortName>{_NAME}</ShortName>",
        f"<LongName>{_LONG_NAME}</LongName>",
        f"<Description>{_ABOUT}</Description>",
        *addresses,
        '<Query role="example" searchTerms="esketamine maintenance"/>',
        "<Language>en</Language>",
        "<InputEncoding>UTF-8</InputEncoding>",
        "<OutputEncoding>UTF-8</OutputEncoding>",
        "</OpenSearchDescription>",
        "",
    )
    return "\n".join(lines)
