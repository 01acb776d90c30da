"""JSON Feed 1.1 (jsonfeed.org): a feed as data in, the bytes of the document out."""

import json
from typing import Any

from harvester.exports.characters import clean
from harvester.exports.feed import Entry, Feed

__all__ = ["MEDIA_TYPE", "write"]

MEDIA_TYPE = "application/feed+json"

_VERSION = "https://jsonfeed.org/version/1.1"


def write(feed: Feed) -> bytes:
    """The document, UTF-8. All texts are plain: nothing in them is markup."""
    document = {
        "version": _VERSION,
        "title": _line(feed.title),
        "home_page_url": clean(feed.href),
        "feed_url": clean(feed.self_href),
        "description": _line(feed.subtitle),
        "authors": [{"name": _line(feed.author)}],
        "language": "en",
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {"id": _line(entry.id), "url": clean(entry.href)}
    if entry.elsewhere:
        item["external_url"] = clean(entry.elsewhere)
    return {
        **item,
        "title": _line(entry.title),
        "content_text": _line(entry.summary),
        "date_published": entry.published or entry.updated,
        "date_modified": entry.updated,
        "tags": [_line(label) for _, label in entry.categories],
    }


def _line(text: str) -> str:
    return " ".join(clean(text).split())
