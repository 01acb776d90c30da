"""The newest changes as a feed."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from harvester.exports import atom
from harvester.library.wording import label
from harvester.site.change_view import change_view
from harvester.site.changes_address import FEED, Asked, write
from harvester.site.changes_page import feed_title
from harvester.site.frame import is_sample
from harvester.site.ledger import Change, Key, Run, count, pick, read_changes, read_runs
from harvester.site.links import article_path
from harvester.site.record import rows

__all__ = ["load_feed"]

_MOST = 100
_NAME = "The Living Library: ketamine and treatment-resistant depression"
_NEVER = "1970-01-01T00:00:00Z"  # of a library in which nothing has happened yet


def load_feed(connection: sqlite3.Connection, asked: Asked, *, root: str) -> bytes:
    """The feed of what is asked for; `root` is the site's whole address."""
    runs = {run.id: run for run in read_runs(connection)}
    changes = read_changes(connection, _newest(connection, asked, runs.values()))
    topics = {
        row["name"]: row["title"] for row in rows(connection, "SELECT name, title FROM topics")
    }
    sample = "Sample data: " if is_sample(connection) else ""
    feed = atom.Feed(
        id=atom.tag(write(asked.at(1)).removeprefix("/")),
        title=sample + feed_title(asked, topics),
        subtitle="Every record and number here is invented."
        if sample
        else "What each comparison with PubMed found: new, revised, retracted and gone records.",
        updated=_updated(changes, runs),
        author=_NAME,
        self_href=root + write(asked, FEED),
        href=root + write(asked.at(1)),
        entries=tuple(_entry(change, runs[change.run], root, sample) for change in changes),
    )
    return atom.write(feed)


def _newest(connection: sqlite3.Connection, asked: Asked, runs: Iterable[Run]) -> list[Key]:
    """The newest changes; of one run, what people must know first."""
    chosen = count(connection, asked).chosen
    found: list[Key] = []
    for run in runs:
        if chosen.get(run.id) and len(found) < _MOST:
            found += pick(connection, asked, [run.id], limit=_MOST - len(found))
    return found


def _updated(changes: Sequence[Change], runs: Mapping[int, Run]) -> str:
    """When the newest of them was seen; of an empty feed, when the last run began."""
    if changes:
        return max(runs[change.run].started for change in changes)
    return max((run.started for run in runs.values()), default=_NEVER)


def _entry(change: Change, run: Run, root: str, sample: str) -> atom.Entry:
    view = change_view(change)
    article = change.article
    title = str(article.title.striptags()) if article else f"PMID {change.pmid}"
    return atom.Entry(
        id=_id(change, run),
        title=f"{sample}{view.label}: {title}",
        updated=run.started,
        href=root + article_path(change.pmid) if article else view.elsewhere,
        summary=_summary(change),
        categories=tuple((event.kind, label(event.kind)) for event in change.events),
    )


def _id(change: Change, run: Run) -> str:
    """The same when the library is built again from the same replies, or moves to another host."""
    gravest = change.events[0]
    # A record is new once; what else happens is told apart by the text that came, or by its time.
    which = "" if gravest.kind == "added" else gravest.new_hash or run.started
    return atom.tag(
        "/".join(filter(None, ("change", str(change.pmid), gravest.kind, quote(which))))
    )


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
