"""Feeds as pages offer them: what can be followed, and at which addresses."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from harvester.site.changes_address import Asked
from harvester.site.changes_address import write as write_changes
from harvester.site.links import question_path
from harvester.site.urls import Search
from harvester.site.urls import write as write_search

__all__ = [
    "ATOM",
    "FORMS",
    "JSON",
    "Follow",
    "follow_changes",
    "follow_question",
    "follow_search",
    "follow_warnings",
]

# What a page's path ends with as a feed.
FORMS = ATOM, JSON = ".atom", ".feed.json"
# The changes that people who rely on an article must know.
_WARNINGS = Asked(kinds=("retracted", "withdrawn", "corrected"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """The same feed in both forms; `title` says what it is of."""

    title: str
    atom: str
    json: str


def follow_search(search: Search, filters: Iterable[str] = (), title: str = "") -> Follow:
    """What a search finds, as it comes in: neither the order nor the page is a part of that.

    Without a `title` its words and `filters` say what is followed.
    """
    says = ", ".join(filter(None, (search.q, *filters)))
    title = title or (f"New articles: {says}" if says else "New articles")
    asked = replace(search, sort=None, page=1, path="/search")
    atom, json = (write_search(asked, asked.path + form) for form in (ATOM, JSON))
    return Follow(title=title, atom=atom, json=json)


def follow_changes(asked: Asked, title: str) -> Follow:
    """These changes, as they are seen."""
    atom, json = (write_changes(asked.at(1), f"/changes{form}") for form in (ATOM, JSON))
    return Follow(title=title, atom=atom, json=json)


def follow_warnings() -> Follow:
    """What was retracted, called in doubt, corrected or taken out of PubMed."""
    return follow_changes(_WARNINGS, "Retractions, concerns and corrections")


def follow_question(identifier: str, title: str) -> Follow:
    """The articles that an evidence page counts, as they come in."""
    path = question_path(identifier)
    return Follow(title=title, atom=path + ATOM, json=path + JSON)
