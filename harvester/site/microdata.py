"""What JSON-LD says, as microdata inside a page (HTML, chapter 5): no script is needed for it.

Search engines read descriptions from the page alone; they take microdata as they take JSON-LD.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from harvester.site.markup import clean

__all__ = ["microdata"]

_SCHEMA = "https://schema.org/"
# What holds an address of ours; any other text may be a record's, and look like one.
_ADDRESSES = {"contentUrl", "inDefinedTermSet", "license", "sameAs", "url"}


def microdata(data: Mapping[str, Any] | None) -> Markup:
    """The same as elements that nobody sees; nothing without data."""
    # Written as plain text: `Markup.format` takes ten times as long as an f-string.
    return Markup("" if data is None else f"<div hidden{_item(data)}")  # noqa: S704 (escaped below)


def _item(data: Mapping[str, Any]) -> str:
    """The rest of the element's tag, its properties, and its end."""
    named = f' itemid="{escape(data["@id"])}"' if "@id" in data else ""
    start = f' itemscope itemtype="{escape(_SCHEMA + data["@type"])}"{named}>'
    properties = (
        _property(escape(name), value)
        for name, values in data.items()
        if not name.startswith("@")
        for value in (values if isinstance(values, list) else [values])
    )
    return f"{start}{''.join(properties)}</div>"


def _property(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f'<div itemprop="{name}"{_item(value)}'
    text = escape(clean(str(value).lower() if isinstance(value, bool) else str(value)))
    if name in _ADDRESSES:
        return f'<link itemprop="{name}" href="{text}">'
    return f'<meta itemprop="{name}" content="{text}">'
