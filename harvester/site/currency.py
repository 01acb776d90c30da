"""How soon a new record of PubMed is in the library, measured on the library itself."""

import sqlite3
from dataclasses import dataclass
from datetime import date
from math import ceil
from statistics import median

from harvester.site.dates import long_date

__all__ = ["Currency", "load_currency"]

_LAST = 1_000  # records, so that the number follows how it is kept now
_FEWEST = 10  # a median of fewer says nothing
SOON = 2  # days

# Added by a harvest after the first complete one, which added what had been in PubMed for long.
_ADDED = (
    "SELECT substr(r.started, 1, 10), substr(a.entered, 1, 10) FROM changes c "
    "JOIN runs r ON r.id = c.run_id JOIN articles a ON a.pmid = c.pmid "
    "WHERE c.kind = 'added' AND r.command = 'harvest' AND length(a.entered) >= 10 "
    "AND c.run_id > (SELECT min(id) FROM runs WHERE command = 'harvest' AND complete = 1) "
    "ORDER BY c.run_id DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """Days from PubMed's entry of a record to the harvest that brought it, over `records`."""

    records: int
    median: int
    soon: int
    soon_days: int
    since: str


def load_currency(connection: sqlite3.Connection) -> Currency | None:
    """Measure it over the last records that came; None while they are too few."""
    pairs = [
        (date.fromisoformat(came), date.fromisoformat(entered))
        for came, entered in map(tuple, connection.execute(_ADDED, (_LAST,)))
    ]
    if len(pairs) < _FEWEST:
        return None
    # A record can carry the date of the next day: no harvest is earlier than PubMed.
    days = [max(0, (came - entered).days) for came, entered in pairs]
    return Currency(
        records=len(days),
        median=ceil(median(days)),
        soon=sum(number <= SOON for number in days),
        soon_days=SOON,
        since=long_date(min(came for came, _ in pairs).isoformat()),
    )
