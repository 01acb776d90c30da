"""The newest changes as a feed."""

import sqlite3
from collections.abc import Iterable

from harvester.exports.feed import Feed, tag
from harvester.site.cache import Cache
from harvester.site.change_counts import Told, count, told
from harvester.site.changes_address import Asked, write
from harvester.site.changes_page import feed_title
from harvester.site.feed_parts import MOST, NAME, change_entry, last_look, sample_mark
from harvester.site.follow import ATOM
from harvester.site.ledger import Key, pick, read_changes, read_runs
from harvester.site.record import rows

__all__ = ["load_changes_feed"]


def load_changes_feed(
    connection: sqlite3.Connection,
    cache: Cache,
    asked: Asked,
    *,
    root: str,
    form: str = ATOM,
) -> Feed:
    """The feed of what is asked for; `root` is the site's whole address."""
    runs = {run.id: run for run in read_runs(connection)}
    said = told(connection, cache)
    chosen = count(connection, cache, asked).chosen
    newest = _newest(connection, asked, [run for run in runs if chosen.get(run)], said)
    changes = read_changes(connection, newest, said)
    topics = {
        row["name"]: row["title"] for row in rows(connection, "SELECT name, title FROM topics")
    }
    mark = sample_mark(connection)
    entries = tuple(change_entry(c, runs[c.run].started, root, mark) for c in changes)
    return Feed(
        id=tag(write(asked.at(1)).removeprefix("/")),
        title=mark + feed_title(asked, topics),
        subtitle="Every record and number here is invented."
        if mark
        else "What each comparison with PubMed found: new, revised, retracted and gone records.",
        updated=max((e.updated for e in entries), default=last_look(connection)),
        author=NAME,
        self_href=root + write(asked.at(1), f"/changes{form}"),
        href=root + write(asked.at(1)),
        entries=entries,
    )


def _newest(
    connection: sqlite3.Connection, asked: Asked, runs: Iterable[int], said: Told
) -> list[Key]:
    """The newest changes; of one run, what people must know first."""
    found: list[Key] = []
    for run in runs:
        if len(found) < MOST:
            found += pick(connection, asked, [run], told=said, limit=MOST - len(found))
    return found
