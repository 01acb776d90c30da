"""How many changes there are, by run and kind: read once for each state of the ledger.

Changes are counted by the set of kinds that a run saw of a record, from which the number of any
choice of kinds follows, however long the ledger is.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_

from harvester.library.notices import ABOUT, RETRACTING
from harvester.library.wording import KINDS
from harvester.site.cache import Cache
from harvester.site.changes_address import Asked

__all__ = ["Counts", "Told", "count", "told"]

# Run, PMID and kind of what a notice alone says of a record that was held before it.
Told = tuple[tuple[int, int, str], ...]
# By run, how many records had these kinds of change, as bits.
_Totals = Mapping[int, Mapping[int, int]]

_BITS = {kind: 1 << place for place, kind in enumerate(KINDS)}
_OTHER = 1 << len(KINDS)
# Of a topic: only what became of a search has one of its own (`topic`), so that the rest is read
# from an index alone.
_OF_TOPIC = (
    "(:topic IS NULL OR c.pmid IN (SELECT pmid FROM article_topics WHERE topic = :topic) "
    "AND (c.kind NOT IN ('left', 'returned') OR c.topic IS NULL OR c.topic = :topic))"
)
_BY_KIND = (
    "SELECT c.run_id, c.kind, count(*) FROM changes c "  # noqa: S608 (constants)
    f"WHERE c.kind {{}} IN ('left', 'returned') AND {_OF_TOPIC} GROUP BY c.run_id, c.kind"
)
# Records of which a run saw more than one thing are few.
_SEVERAL = (
    "SELECT c.run_id, c.pmid, c.kind FROM (SELECT pmid, run_id FROM changes "  # noqa: S608 (constants)
    "GROUP BY pmid, run_id HAVING count(*) > 1) s "
    f"JOIN changes c ON c.pmid = s.pmid AND c.run_id = s.run_id WHERE {_OF_TOPIC}"
)
_OWN = f"SELECT c.kind FROM changes c WHERE c.run_id = :run AND c.pmid = :pmid AND {_OF_TOPIC}"  # noqa: S608 (constants)
_IS_OF_TOPIC = (
    "SELECT :topic IS NULL OR :pmid IN (SELECT pmid FROM article_topics WHERE topic = :topic)"
)
_SAME = "SELECT 1 FROM changes e WHERE e.pmid = t.pmid AND e.kind = t.kind"
_ABOUT = ", ".join(f"'{kind}'" for kind in ABOUT)
_RETRACTING = ", ".join(f"'{kind}'" for kind in RETRACTING)
# Not where the record was marked when it came, or its own change says so already.
_TOLD = (
    "SELECT DISTINCT t.run_id, t.pmid, t.kind FROM (SELECT n.run_id, l.other_pmid AS pmid, "  # noqa: S608 (our kinds)
    f"CASE WHEN l.kind IN ({_RETRACTING}) THEN 'retracted' ELSE 'corrected' END AS kind "
    "FROM corrections l JOIN changes n ON n.pmid = l.pmid AND n.kind = 'added' "
    f"WHERE l.kind IN ({_ABOUT})) t JOIN articles a ON a.pmid = t.pmid "
    "WHERE EXISTS (SELECT 1 FROM changes e WHERE e.pmid = t.pmid AND e.kind = 'added' "
    f"AND e.run_id < t.run_id) AND NOT EXISTS ({_SAME} AND e.run_id <= t.run_id) "
    f"AND (EXISTS ({_SAME}) OR NOT CASE t.kind WHEN 'retracted' THEN a.retracted "
    "ELSE a.corrected OR a.concern END) ORDER BY t.run_id, t.pmid, t.kind"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many changes there are, by run: `of_kind` and `every` whatever kinds are asked for,
    `chosen` of those only."""

    of_kind: Mapping[int, Mapping[str, int]]
    every: Mapping[int, int]
    chosen: Mapping[int, int]

    def kind(self, kind: str, runs: Iterable[int] | None = None) -> int:
        """How many of that kind, in all or in these runs."""
        found = self.of_kind if runs is None else runs
        return sum(self.of_kind.get(run, {}).get(kind, 0) for run in found)


def told(connection: sqlite3.Connection, cache: Cache) -> Told:
    """What notices say of records that PubMed had not marked when they came."""
    return cache.at_moment(connection, "told", lambda: tuple(map(tuple, connection.execute(_TOLD))))


def count(connection: sqlite3.Connection, cache: Cache, asked: Asked) -> Counts:
    """Count the changes that are asked for."""
    totals: _Totals = {}
    if asked.topic is None or _is_topic(connection, asked.topic):
        totals = cache.at_moment(
            connection,
            f"changes of {asked.topic or ''}",
            lambda: _read(connection, told(connection, cache), asked.topic),
        )
    runs = [run for run in _runs(connection, asked) if run in totals]
    wanted = sum(_BITS[kind] for kind in asked.kinds) or -1
    of_kind = {
        run: {kind: n for kind, bit in _BITS.items() if (n := _having(totals[run], bit))}
        for run in runs
    }
    return Counts(
        of_kind=of_kind,
        every={run: sum(totals[run].values()) for run in runs},
        chosen={run: n for run in runs if (n := _having(totals[run], wanted))},
    )


def _having(totals: Mapping[int, int], bits: int) -> int:
    return sum(n for kinds, n in totals.items() if kinds & bits)


def _is_topic(connection: sqlite3.Connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM article_topics WHERE topic = ? LIMIT 1", (name,))
    return found.fetchone() is not None


def _runs(connection: sqlite3.Connection, asked: Asked) -> list[int]:
    found = connection.execute(
        "SELECT id FROM runs WHERE (:run IS NULL OR id = :run) "
        "AND substr(started, 1, 10) BETWEEN :first AND :last",
        {"run": asked.run, "first": asked.first or "", "last": asked.last or "9999-99-99"},
    )
    return [run for (run,) in found]


def _read(connection: sqlite3.Connection, told: Told, topic: str | None) -> _Totals:
    """Count each line of the ledger, then put together those of one record in one run."""
    found: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for which in ("NOT", ""):
        for run, kind, n in connection.execute(_BY_KIND.format(which), {"topic": topic}):
            found[run][_bit(kind)] += n
    together: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for run, pmid, kind in connection.execute(_SEVERAL, {"topic": topic}):
        together[run, pmid].append(_bit(kind))
    for (run, _), bits in together.items():
        found[run].subtract(bits)
        found[run][reduce(or_, bits)] += 1
    for (run, pmid), changes in groupby(told, key=itemgetter(0, 1)):
        asked = {"run": run, "pmid": pmid, "topic": topic}
        if connection.execute(_IS_OF_TOPIC, asked).fetchone()[0]:
            own = reduce(or_, (_bit(kind) for (kind,) in connection.execute(_OWN, asked)), 0)
            found[run][own] -= own > 0
            found[run][reduce(or_, (_bit(kind) for _, _, kind in changes), own)] += 1
    return found


def _bit(kind: str) -> int:
    return _BITS.get(kind, _OTHER)
