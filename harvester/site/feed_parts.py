"""What every feed of the site has in common: whose it is, and an entry for a change."""

import sqlite3
from urllib.parse import quote

from harvester.exports.feed import Entry, tag
from harvester.library.wording import label
from harvester.site.change_view import change_view
from harvester.site.citation import says_retracted
from harvester.site.frame import is_sample
from harvester.site.ledger import Change
from harvester.site.links import article_path

__all__ = ["MOST", "NAME", "change_entry", "headed", "last_look", "sample_mark"]

MOST = 100  # entries of a feed
NAME = "The Living Library: ketamine and treatment-resistant depression"
_NEVER = "1970-01-01T00:00:00Z"  # of a library in which nothing has happened yet


def sample_mark(connection: sqlite3.Connection) -> str:
    """What stands before every title when the records are invented."""
    return "Sample data: " if is_sample(connection) else ""


def last_look(connection: sqlite3.Connection) -> str:
    """When the last run began: the time of a feed in which nothing is."""
    (started,) = connection.execute("SELECT max(started) FROM runs").fetchone()
    return started or _NEVER


def headed(label: str, title: str) -> str:
    """A title below a label; journals themselves put RETRACTED before the titles of theirs."""
    return title if label == "Retracted" and says_retracted(title) else f"{label}: {title}"


def change_entry(change: Change, at: str, root: str, mark: str) -> Entry:
    """What the run that began `at` that time saw of a record."""
    view = change_view(change)
    article = change.article
    title = str(article.title.striptags()) if article else f"PMID {change.pmid}"
    if article and article.status and article.status.label != view.label:
        title = headed(article.status.label, title)  # a list of entries shows titles alone
    return Entry(
        id=_id(change, at),
        title=mark + headed(view.label, title),
        updated=at,
        href=root + article_path(change.pmid) if article else view.elsewhere,
        elsewhere=view.elsewhere if article else None,
        summary=_summary(change),
        categories=tuple((event.kind, label(event.kind)) for event in change.events),
    )


def _id(change: Change, at: str) -> str:
    """The same when the library is built again from the same replies, or moves to another host."""
    gravest = change.events[0]
    # A record is new once; what else happens is told apart by the text that came, or by its time.
    which = "" if gravest.kind == "added" else gravest.new_hash or at
    return tag("/".join(filter(None, ("change", str(change.pmid), gravest.kind, quote(which)))))


def _summary(change: Change) -> str:
    view = change_view(change)
    says = [*view.says, *(f"{notice.label}." for notice in view.notices)]
    article = change.article
    if article:
        if article.status and article.status.label != view.label:
            says.insert(0, f"{article.status.label}.")
        names = ", ".join(article.authors[:3]) + (", et al" if len(article.authors) > 3 else "")
        year = str(article.year) if article.year else ""
        says += [
            f"{part.rstrip('.')}." for part in (names, article.source, year, article.label) if part
        ]
    return " ".join([*says, f"PMID {change.pmid}."])
