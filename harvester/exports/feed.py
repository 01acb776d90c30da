"""A feed as data, whatever form it is then written in (`atom`, `json_feed`)."""

from dataclasses import dataclass

__all__ = ["Entry", "Feed", "tag"]

# Who makes the tags (RFC 4151). Not the host: the library keeps its ids when it moves, and two
# hosts of the same library tell a reader the same. The name is reserved, so it is nobody else's.
_AUTHORITY = "ketamine-library.invalid,2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`href` is a whole address, `elsewhere` that of the same record at its source.

    Times are of RFC 3339: `published` when it came into the library, if that is another moment
    than `updated`. Texts are plain; `categories` are pairs of term and label.
    """

    id: str
    title: str
    updated: str
    href: str
    summary: str
    published: str | None = None
    elsewhere: str | None = None
    categories: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """`self_href` is the feed's own address, `href` the page it belongs to.

    `updated` is the time of the newest entry, or of the last look when there is none.
    """

    id: str
    title: str
    subtitle: str
    updated: str
    author: str
    self_href: str
    href: str
    entries: tuple[Entry, ...] = ()


def tag(specific: str) -> str:
    """The id of something of the library (RFC 4151), the same wherever it is served from."""
    return f"tag:{_AUTHORITY}:{specific}"
