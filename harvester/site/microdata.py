"""What JSON-LD says, as microdata inside a page (HTML, chapter 5): no script is needed for it.

Search engines read descriptions from the page alone; they take microdata as they take JSON-LD.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from harvester.site.markup import clean

__all__ = ["microdata"]

_SCHEMA = "https://schema.org/"
# What holds an address of ours; any other text may be a record's, and look like one.
_ADDRESSES = {"contentUrl", "inDefinedTermSet", "license", "sameAs", "url"}


def microdata(data: Mapping[str, Any] | None) -> Markup:
    """The same as elements that nobody sees; nothing without data."""
    return Markup("") if data is None else Markup("<div hidden{}").format(_item(data))


def _item(data: Mapping[str, Any]) -> Markup:
    """The rest of the element's tag, its properties, and its end."""
    named = Markup(' itemid="{}"').format(data["@id"]) if "@id" in data else ""
    start = Markup(' itemscope itemtype="{}"{}>').format(_SCHEMA + data["@type"], named)
    properties = (
        _property(name, value)
        for name, values in data.items()
        if not name.startswith("@")
        for value in (values if isinstance(values, list) else [values])
    )
    return start + Markup("").join(properties) + Markup("</div>")


def _property(name: str, value: Any) -> Markup:
    if isinstance(value, Mapping):
        return Markup('<div itemprop="{}"{}').format(name, _item(value))
    text = clean(str(value).lower() if isinstance(value, bool) else str(value))
    if name in _ADDRESSES:
        return Markup('<link itemprop="{}" href="{}">').format(name, text)
    return Markup('<meta itemprop="{}" content="{}">').format(name, text)
