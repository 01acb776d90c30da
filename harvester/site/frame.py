"""What the frame of every page shows: whether this is the sample, and how fresh the library is."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from harvester.library.runs import last_good_of_all, last_good_run
from harvester.site.dates import moment
from harvester.site.strategy import known_topics

__all__ = ["Frame", "is_sample", "load_frame"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """For every page; `data` is the path of the pages of the tables."""

    sample: bool
    articles: int
    freshness: str
    data: str


def load_frame(connection: sqlite3.Connection, *, data: str = "/literature") -> Frame:
    """Cheap, as each page needs it; `data` is the path of the tables' own pages."""
    return Frame(
        sample=is_sample(connection),
        articles=_one(connection, "SELECT count(*) FROM articles") or 0,
        freshness=_freshness(connection),
        data=data,
    )


def is_sample(connection: sqlite3.Connection) -> bool:
    """Whether every record of the library is invented."""
    return bool(_one(connection, "SELECT value FROM settings WHERE name = 'kind'") == "sample")


def _freshness(connection: sqlite3.Connection) -> str:
    if is_sample(connection):
        return "These are invented sample records."
    good = last_good_of_all(connection)
    if good:
        when = moment(good["finished"])
        if good["reported"] == good["held"]:
            sentence = f"Complete to PubMed of {when}."
        else:
            sentence = (
                f"Compared with PubMed on {when}: PubMed counts {good['reported']:,}, "
                f"this library holds {good['held']:,}."
            )
        return sentence + _never_harvested(connection)
    loaded = _one(connection, "SELECT max(finished) FROM runs WHERE command = 'load'")
    if loaded:
        return f"Loaded from PubMed files on {moment(loaded)}; not yet compared with PubMed."
    return "Nothing has been harvested yet."


def _never_harvested(connection: sqlite3.Connection) -> str:
    """How many searches of the topic file PubMed was asked, where it was not all of them."""
    known = [topic.name for topic in known_topics() or ()]
    done = sum(last_good_run(connection, name) is not None for name in known)
    return f" {done} of {len(known)} searches only." if 0 < done < len(known) else ""


def _one(connection: sqlite3.Connection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None
