"""The methods page: what is asked, what came, what differs, and which landmarks are found."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from harvester import __version__
from harvester.library.membership import topic_members
from harvester.library.runs import last_good_of_all, run_rows
from harvester.library.search_log import (
    duplicate_dois,
    held_in_all,
    logged_searches,
    strategy_changes,
)
from harvester.prisma import prisma_s
from harvester.recall import recall
from harvester.site.accuracy import Accuracy, load_accuracy
from harvester.site.catalogue import Catalogue
from harvester.site.currency import Currency, load_currency
from harvester.site.dates import moment
from harvester.site.frame import is_sample
from harvester.site.links import Link
from harvester.site.markup import clean
from harvester.site.reconciliation import Reconciliation, load_reconciliation, run_link
from harvester.site.record import Row
from harvester.site.strategy import Strategy, known_topics, load_strategy, record_link
from harvester.topics import Topics

__all__ = ["MethodsView", "load_appendix", "load_methods"]

_RUNS = 10
_OUTCOMES = {
    "new": "Done, with news",
    "unchanged": "Done, nothing new",
    "partial": "Done, not all of it",
    "failed": "Failed",
    "running": "Running",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run of the ledger; `counts` are new, revised, gone (from searches or PubMed), problems."""

    link: Link
    when: str
    what: str
    status: str
    outcome: str
    error: str | None
    counts: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A landmark publication that should be found and is not."""

    link: Link
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRecall:
    """How many of the landmark publications that a search must find it does find."""

    title: str
    found: int
    expected: int
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """`held` of `expected` landmark publications are in the library, whatever found them.

    `recalls` is empty for a library that was not harvested from PubMed itself: files, or a service
    that stands in for it, cannot be held to them.
    """

    expected: int
    held: int
    absent: tuple[Link, ...]
    recalls: tuple[TopicRecall, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsView:
    """Everything of the page; `appendix` says whether there is a search appendix to download."""

    sample: bool
    articles: int
    loaded: str | None
    reconciliation: Reconciliation
    strategy: Strategy
    runs: tuple[RunRow, ...]
    runs_count: int
    failed_count: int
    all_runs: Link
    landmarks: Landmarks | None
    currency: Currency | None
    accuracy: Accuracy
    appendix: bool
    version: str
    database_build: str | None
    database_updated: str | None
    source: str | None


def load_methods(connection: sqlite3.Connection, catalogue: Catalogue, *, data: str) -> MethodsView:
    """Read the page; `data` is the path of the tables' own pages."""
    known = known_topics()
    sample = is_sample(connection)
    strategy = load_strategy(connection, catalogue, known)
    runs = run_rows(connection, limit=_RUNS)
    count, failed, loaded = connection.execute(
        "SELECT count(*), coalesce(sum(status = 'failed'), 0), "
        "max(CASE WHEN command = 'load' THEN finished END) FROM runs"
    ).fetchone()
    newest = max(strategy.last.values(), key=lambda row: row["run_id"], default=None)
    good = last_good_of_all(connection)
    return MethodsView(
        sample=sample,
        articles=len(catalogue.pmids),
        loaded=moment(loaded) if loaded else None,
        reconciliation=load_reconciliation(
            connection, catalogue, strategy.searches, strategy.last, data=data
        ),
        strategy=strategy,
        runs=tuple(_run(row, data) for row in runs),
        runs_count=count,
        failed_count=failed,
        all_runs=Link(label=f"All {count:,} runs", href=f"{data}/runs?_sort_desc=id"),
        landmarks=None if sample else _landmarks(connection, catalogue, strategy, known),
        currency=None if sample else load_currency(connection),
        accuracy=load_accuracy(),
        appendix=good is not None and not sample,
        version=__version__,
        database_build=_said(newest, "database_build"),
        database_updated=_said(newest, "database_updated"),
        source=_host(newest["source"]) if newest else None,
    )


def load_appendix(connection: sqlite3.Connection) -> str | None:
    """The search appendix of a review as Markdown; None before a harvest was complete."""
    names = [name for (name,) in connection.execute("SELECT name FROM topics ORDER BY rowid")]
    searches = logged_searches(connection, names)
    if not searches or is_sample(connection):
        return None
    sent = {search.topic: search.term for search in searches}
    known = [topic for topic in known_topics() or () if sent.get(topic.name) == topic.term]
    return prisma_s(
        searches,
        known,
        changes=strategy_changes(connection),
        held=held_in_all(connection, [search.topic for search in searches]),
        duplicate_dois=duplicate_dois(connection),
    )


def _run(row: Row, data: str) -> RunRow:
    status = str(row["status"])
    outcome = _OUTCOMES.get(status, status)
    if row["command"] == "harvest" and row["status"] == "partial" and row["complete"]:
        outcome = "Done, some records set aside"
    return RunRow(
        link=run_link(row["id"], data),
        when=moment(row["started"]),
        what=clean(row["command"] if row["topic"] == "all" else f"{row['command']} {row['topic']}"),
        status=status,
        outcome=outcome,
        error=clean(row["error"]) if row["error"] else None,
        counts=(row["added"], row["revised"], row["left"] + row["withdrawn"], row["problems"]),
    )


def _landmarks(
    connection: sqlite3.Connection, catalogue: Catalogue, strategy: Strategy, known: Topics | None
) -> Landmarks | None:
    """Only of searches that are still those of the topic file, whose landmarks these are."""
    names = {topic.name for topic in strategy.explained}
    groups = [group for group in known.landmarks if names & set(group.topics)] if known else []
    expected = sorted({pmid for group in groups for pmid in group.pmids})
    if not expected:
        return None
    members = {
        name: topic_members(connection, name)
        for name in names
        if _host(strategy.last.get(name, {}).get("source")) == "nih.gov"
    }
    titles = {search.name: search.title for search in strategy.searches}
    order = list(titles)
    results = sorted(recall(groups, members), key=lambda result: order.index(result.topic))
    return Landmarks(
        expected=len(expected),
        held=sum(pmid in catalogue.places for pmid in expected),
        absent=tuple(record_link(catalogue, p) for p in expected if p not in catalogue.places),
        recalls=tuple(
            TopicRecall(
                title=titles[result.topic],
                found=result.found,
                expected=result.expected,
                missing=tuple(_missing(connection, catalogue, result.topic, result.missing)),
            )
            for result in results
        ),
    )


def _missing(
    connection: sqlite3.Connection, catalogue: Catalogue, topic: str, pmids: Iterable[int]
) -> Iterator[Missing]:
    for pmid in pmids:
        problem = connection.execute(
            "SELECT reason FROM problems WHERE pmid = ? AND solved_run IS NULL ORDER BY id DESC",
            (pmid,),
        ).fetchone()
        left = connection.execute(
            "SELECT r.started FROM article_topics l JOIN runs r ON r.id = l.left_run "
            "WHERE l.pmid = ? AND l.topic = ?",
            (pmid, topic),
        ).fetchone()
        if left:
            reason = f"the search no longer found it on {moment(left[0])}"
        elif problem:
            reason = clean(problem[0])
        elif pmid in catalogue.places:
            reason = "in the library, but this search does not find it"
        else:
            reason = "PubMed did not list it when it was last asked"
        yield Missing(link=record_link(catalogue, pmid), reason=reason)


def _said(run: Row | None, column: str) -> str | None:
    """What PubMed said of itself in the run."""
    return clean(run[column]) if run and run[column] else None


def _host(source: str | None) -> str | None:
    """Whom a harvest asked: `nih.gov`, or the name of what stood in for it."""
    host = urlsplit(source or "").hostname
    return "nih.gov" if host and (host == "nih.gov" or host.endswith(".nih.gov")) else host
