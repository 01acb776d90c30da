"""What came, and what became of records, since a day: the ledger for people who read no ledger."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harvester.library.notices import ABOUT, RETRACTING, noticed, notices_about
from harvester.library.runs import last_good_of_all, last_good_run

__all__ = ["News", "NewsItem", "read_news"]

# Kinds of change that people who rely on an article must know.
_WARNINGS = ("retracted", "withdrawn", "corrected")
_ARTICLES = (
    "SELECT a.pmid, a.title, a.vernacular_title, a.authors, a.year, a.published, a.design, "  # noqa: S608 (our kinds)
    "coalesce(a.journal_abbreviation, a.journal) AS source, a.concern, a.corrected, a.withdrawn, "
    f"a.retraction_notice, a.has_abstract, a.retracted OR {noticed(RETRACTING)} "
    "AS retracted, (SELECT group_concat(t.name, char(10)) FROM article_publication_types p "
    "JOIN publication_types t ON t.id = p.publication_type_id WHERE p.pmid = a.pmid) AS types "
    "FROM articles a WHERE a.pmid IN (SELECT value FROM json_each(:pmids))"
)
_FINDINGS = (
    "SELECT pmid, facet, value, quote, detail FROM findings "
    "WHERE facet IN ('design', 'sample_size', 'relevance') "
    "AND pmid IN (SELECT value FROM json_each(:pmids)) ORDER BY pmid, position"
)
# The run that made the library whole for the first time: until then all of it was new.
_FILLED = (
    "SELECT coalesce((SELECT min(id) FROM runs WHERE command = 'harvest' AND complete = 1), "
    "(SELECT min(run_id) FROM changes WHERE kind = 'added'))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem:
    """A record with what happened to it (kinds of change), oldest first.

    `notices` pair the link to a notice with its PMID; `findings` are rows of design, sample
    size and relevance.
    """

    pmid: int
    kinds: tuple[str, ...]
    article: Mapping[str, Any] | None
    notices: tuple[tuple[str, int], ...] = ()
    findings: tuple[Mapping[str, Any], ...] = ()

    @property
    def new(self) -> bool:
        return "added" in self.kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """`items` came, or must be known; `others` counts the records that only changed, by kind.

    `filled` are records of the time when the library was filled, which are not among the items.
    `runs` are the harvests and loads since that asked for all searches, or for the topic, oldest
    first; `last` is when the last such harvest that missed nothing ended.
    """

    since: str
    items: tuple[NewsItem, ...]
    others: Mapping[str, int]
    filled: int
    runs: tuple[Mapping[str, Any], ...]
    last: str | None
    sample: bool


def read_news(connection: sqlite3.Connection, *, since: str, topic: str | None = None) -> News:
    """What runs since that day (UTC, ISO) saw, of the records of a topic if one is named."""
    (filled,) = connection.execute(_FILLED).fetchone()
    kinds, of_fill = _changes(connection, since, topic, filled)
    listed = {p for p, found in kinds.items() if {"added", *_WARNINGS} & set(found)}
    notices = notices_about(connection, listed)
    # A notice that is new may be the only word of what became of the article that it is about.
    told = set(_told_of(connection, listed, topic)) - listed
    notices |= notices_about(connection, told)
    listed |= told
    articles = {row["pmid"]: row for row in _rows(connection, _ARTICLES, listed)}
    findings: dict[int, list[Mapping[str, Any]]] = {}
    for row in _rows(connection, _FINDINGS, listed):
        findings.setdefault(row["pmid"], []).append(row)
    others: dict[str, int] = {}
    for pmid, found in kinds.items():
        for kind in dict.fromkeys(found) if pmid not in listed else ():
            others[kind] = others.get(kind, 0) + 1
    good = last_good_run(connection, topic) if topic else last_good_of_all(connection)
    kind = connection.execute("SELECT value FROM settings WHERE name = 'kind'").fetchone()
    return News(
        since=since,
        items=tuple(
            NewsItem(
                pmid=pmid,
                kinds=tuple(dict.fromkeys(kinds.get(pmid, ()))),
                article=articles.get(pmid),
                notices=notices.get(pmid, ()),
                findings=tuple(findings.get(pmid, ())),
            )
            for pmid in sorted(listed)
        ),
        others=others,
        filled=of_fill,
        runs=_runs(connection, since, topic),
        last=good["finished"] if good else None,
        sample=bool(kind and kind[0] == "sample"),
    )


def _changes(
    connection: sqlite3.Connection, since: str, topic: str | None, filled: int | None
) -> tuple[dict[int, list[str]], int]:
    """By PMID the kinds of change since, without those of the filling; and how many those are."""
    where, values = "r.started >= :since", {"since": since, "topic": topic}
    if topic:
        where += (
            " AND (c.topic IS NULL OR c.topic = :topic)"
            " AND c.pmid IN (SELECT pmid FROM article_topics WHERE topic = :topic)"
        )
    kinds: dict[int, list[str]] = {}
    of_fill = 0
    for pmid, kind, run in connection.execute(
        "SELECT c.pmid, c.kind, c.run_id FROM changes c "  # noqa: S608 (constants)
        f"JOIN runs r ON r.id = c.run_id WHERE {where} ORDER BY c.id",
        values,
    ):
        if kind == "added" and filled is not None and run <= filled:
            of_fill += 1
        else:
            kinds.setdefault(pmid, []).append(kind)
    return kinds, of_fill


def _told_of(
    connection: sqlite3.Connection, pmids: Iterable[int], topic: str | None
) -> Iterable[int]:
    """Records held here (of the topic) that one of these is a notice about."""
    kinds = json.dumps(list(ABOUT))
    rows = connection.execute(
        "SELECT DISTINCT c.other_pmid FROM corrections c JOIN articles a ON a.pmid = c.other_pmid "
        "WHERE c.pmid IN (SELECT value FROM json_each(:pmids)) "
        "AND c.kind IN (SELECT value FROM json_each(:kinds)) AND (:topic IS NULL OR "
        "c.other_pmid IN (SELECT pmid FROM article_topics WHERE topic = :topic))",
        {"pmids": json.dumps(sorted(pmids)), "kinds": kinds, "topic": topic},
    )
    return [pmid for (pmid,) in rows]


def _runs(
    connection: sqlite3.Connection, since: str, topic: str | None
) -> tuple[Mapping[str, Any], ...]:
    cursor = connection.execute(
        "SELECT id, command, status, started, finished, complete FROM runs "
        "WHERE started >= ? AND command IN ('harvest', 'load') AND topic IN ('all', ?) "
        "ORDER BY started, id",
        (since, topic),
    )
    return tuple(_dicts(cursor))


def _rows(
    connection: sqlite3.Connection, sql: str, pmids: Iterable[int]
) -> Iterable[Mapping[str, Any]]:
    return _dicts(connection.execute(sql, {"pmids": json.dumps(sorted(pmids))}))


def _dicts(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
