"""PubMed's count of each search beside ours, and each record that differs, with the reason."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from harvester.library.membership import left_all
from harvester.library.runs import unsolved
from harvester.site.brief import title_of
from harvester.site.catalogue import Catalogue
from harvester.site.dates import long_date, moment
from harvester.site.links import Link, article_path
from harvester.site.markup import clean
from harvester.site.record import Row, rows
from harvester.site.strategy import SearchView, record_link

__all__ = ["Comparison", "Gone", "Open", "Reconciliation", "load_reconciliation"]

_LISTED = 50  # of each kind

_TITLE = "SELECT pmid, title, title_markup, vernacular_title, language, withdrawn FROM articles "
_LEFT_ON = (
    "SELECT max(r.started) AS at FROM article_topics l JOIN runs r ON r.id = l.left_run "
    "WHERE l.pmid = :pmid"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One search, or all together: what PubMed said and what was held after the same run."""

    title: str
    reported: int
    held: int
    complete: bool
    run: Link

    @property
    def differ(self) -> int:
        return abs(self.reported - self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Something that no run has settled yet; `record` is None when it is about a whole search.

    `held` says that the library has the record, in an earlier state.
    """

    record: Link | None
    about: str | None
    held: bool
    stage: str
    reason: str
    run: Link
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """An article that is shown here though PubMed's answer no longer has it."""

    link: Link
    title: Markup
    lang: str | None
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """`when` and `run` are of the last harvest that asked PubMed; both None where none did.

    Each list holds the first few of the things that the count beside it counts.
    """

    comparisons: tuple[Comparison, ...]
    when: str | None
    run: Link | None
    complete: bool
    open: tuple[Open, ...]
    open_count: int
    withdrawn: tuple[Gone, ...]
    withdrawn_count: int
    left: tuple[Gone, ...]
    left_count: int


def load_reconciliation(
    connection: sqlite3.Connection,
    catalogue: Catalogue,
    searches: Iterable[SearchView],
    last: Mapping[str, Row],
    *,
    data: str,
) -> Reconciliation:
    """Compare; `last` is for each search the row of the run that asked PubMed last."""
    titles = {search.name: search.title for search in searches}
    comparisons = [
        Comparison(
            title=titles[name],
            reported=row["reported"] or 0,
            held=row["held"] or 0,
            complete=bool(row["complete"]),
            run=run_link(row["run_id"], data),
        )
        for name, row in last.items()
    ]
    newest = max(last.values(), key=lambda row: row["run_id"], default=None)
    if newest and newest["label"] == "all" and len(last) > 1:
        comparisons.append(
            Comparison(
                title="All of them, each article once",
                reported=newest["reported_in_all"] or 0,
                held=newest["held_in_all"] or 0,
                complete=bool(newest["complete"]),
                run=run_link(newest["run_id"], data),
            )
        )
    problems = unsolved(connection)
    withdrawn = _withdrawn(connection)
    left = [pmid for pmid in left_all(connection) if pmid not in withdrawn]
    return Reconciliation(
        comparisons=tuple(comparisons),
        when=moment(newest["finished"] or newest["started"]) if newest else None,
        run=run_link(newest["run_id"], data) if newest else None,
        complete=all(comparison.complete for comparison in comparisons),
        open=tuple(_open(connection, catalogue, problems[-_LISTED:][::-1], titles, data)),
        open_count=len(problems),
        withdrawn=tuple(_gone(connection, list(withdrawn), withdrawn)),
        withdrawn_count=len(withdrawn),
        left=tuple(_gone(connection, left, {})),
        left_count=len(left),
    )


def run_link(run_id: int, data: str) -> Link:
    """The ledger's own page of a run."""
    return Link(label=f"run {run_id}", href=f"{data}/runs/{run_id}")


def _open(
    connection: sqlite3.Connection,
    catalogue: Catalogue,
    problems: Iterable[Row],
    titles: Mapping[str, str],
    data: str,
) -> Iterator[Open]:
    started = "SELECT started FROM runs WHERE id = ?"
    for row in problems:
        (when,) = connection.execute(started, (row["run_id"],)).fetchone() or ("",)
        pmid, topic = row["pmid"], row["topic"]
        about = "all searches" if topic == "all" else titles.get(topic, topic) if topic else None
        yield Open(
            record=record_link(catalogue, pmid) if pmid else None,
            about=clean(about) if about else None,
            held=pmid in catalogue.places,
            stage=clean(row["stage"]),
            reason=clean(row["reason"]),
            run=run_link(row["run_id"], data),
            when=long_date(when[:10]),
        )


def _withdrawn(connection: sqlite3.Connection) -> dict[int, str]:
    """When PubMed was first seen to know a record no more, the last first."""
    # From the ledger, which has an index for it; the articles say whether it is still so.
    found = rows(
        connection,
        "SELECT a.pmid, a.withdrawn FROM articles a WHERE a.withdrawn IS NOT NULL "
        "AND a.pmid IN (SELECT pmid FROM changes WHERE kind = 'withdrawn') "
        "ORDER BY a.withdrawn DESC, a.pmid DESC",
    )
    return {row["pmid"]: row["withdrawn"] for row in found}


def _gone(
    connection: sqlite3.Connection, pmids: Iterable[int], dates: Mapping[int, str]
) -> Iterator[Gone]:
    for pmid in islice(pmids, _LISTED):
        (article,) = rows(connection, f"{_TITLE}WHERE pmid = :pmid", pmid=pmid)
        at = dates.get(pmid) or rows(connection, _LEFT_ON, pmid=pmid)[0]["at"] or ""
        title, lang = title_of(article, article["language"])
        yield Gone(
            link=Link(label=f"PMID {pmid}", href=article_path(pmid)),
            title=title,
            lang=lang,
            when=long_date(at[:10]) if at else "",
        )
