"""The searches that made this library: as they were sent, and as the topic file explains them.

What was sent stands in the library's ledger. The topic file adds blocks, rationale and sources, but
only where it still says what was sent: it may have been edited since, or belong to another library.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from markupsafe import Markup

from harvester.errors import SettingsError
from harvester.library.search_log import strategy_changes
from harvester.site.catalogue import Catalogue
from harvester.site.dates import moment
from harvester.site.links import Link, article_path, pubmed_url, search_path
from harvester.site.markup import clean
from harvester.site.record import Row, rows
from harvester.topics import BUILT_IN, Topic, Topics, load_topics

__all__ = [
    "TOPICS",
    "Asked",
    "BlockView",
    "SearchView",
    "Source",
    "Strategy",
    "known_topics",
    "load_strategy",
    "record_link",
]

TOPICS = "HARVESTER_TOPICS"  # as for the command line: another file than the built-in one
_LISTED = 50  # PMIDs that a changed search gained or lost

_LAST = (
    "SELECT t.*, r.started, r.finished, r.status, r.complete, r.source, r.topic AS label, r.error, "
    "r.reported AS reported_in_all, r.held AS held_in_all, r.database_build, r.database_updated, "
    "r.version FROM run_topics t JOIN runs r ON r.id = t.run_id "
    "WHERE t.topic = :topic AND r.command = 'harvest' AND t.translation IS NOT NULL "
    "ORDER BY t.run_id DESC LIMIT 1"
)
_SENT = (
    "SELECT min(r.started) AS first, count(*) AS times FROM run_topics t "
    "JOIN runs r ON r.id = t.run_id WHERE t.topic = :topic AND t.term = :term "
    "AND r.command = 'harvest' AND t.translation IS NOT NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockView:
    """Terms of one idea, one on a line."""

    name: str
    term: str
    rationale: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A published strategy that a search was checked against, and what was seen."""

    text: str
    checked: str
    link: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How PubMed took the search when it was last asked."""

    when: str
    run_id: int
    since: str
    times: int
    translation: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView:
    """One search; `query` joins the names of blocks, where the topic file has them.

    `asked` is None while PubMed was never asked, as in a library that was loaded from files.
    """

    name: str
    title: str
    rationale: Markup
    term: str
    query: str | None
    found: Link
    try_it: Link
    asked: Asked | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A search that was sent in other words from some run on."""

    title: str
    when: str
    former: str
    counts: tuple[int, int]
    gained: tuple[Link, ...]
    lost: tuple[Link, ...]
    gained_count: int
    lost_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """`last` holds for each search the row of its last asking, `explained` those of the file.

    `built_in` says that all of them are those that come with the program.
    """

    searches: tuple[SearchView, ...]
    blocks: tuple[BlockView, ...]
    changes: tuple[Changed, ...]
    last: dict[str, Row]
    explained: tuple[Topic, ...]
    built_in: bool


def known_topics() -> Topics | None:
    """The topic file, as far as it can be read."""
    return _read(os.environ.get(TOPICS, "").strip())


@cache
def _read(path: str) -> Topics | None:
    try:
        return load_topics(Path(path) if path else None)
    except SettingsError:
        return None


def load_strategy(
    connection: sqlite3.Connection, catalogue: Catalogue, known: Topics | None
) -> Strategy:
    """What was searched for, from the ledger, explained by `known` where that says the same."""
    of_file = {topic.name: topic for topic in known or ()}
    searches, last, explained = [], {}, []
    stored = rows(connection, "SELECT name, title, term, rationale FROM topics ORDER BY rowid")
    for row in stored:
        name = row["name"]
        asked = next(iter(rows(connection, _LAST, topic=name)), None)
        term = asked["term"] if asked else row["term"]
        topic = of_file.get(name)
        if topic and topic.term == term:
            explained.append(topic)
        else:
            topic = None
        if asked:
            last[name] = asked
        searches.append(_search(connection, catalogue, row, term, asked, topic))
    titles = {row["name"]: clean(row["title"]) for row in stored}
    return Strategy(
        searches=tuple(searches),
        blocks=_blocks(known, explained),
        changes=tuple(_changes(connection, catalogue, titles)),
        last=last,
        explained=tuple(explained),
        built_in=bool(known and known.path == BUILT_IN and 0 < len(explained) == len(stored)),
    )


def _search(
    connection: sqlite3.Connection,
    catalogue: Catalogue,
    row: Row,
    term: str,
    asked: Row | None,
    topic: Topic | None,
) -> SearchView:
    count = catalogue.having("topic", (row["name"],)).bit_count()
    return SearchView(
        name=row["name"],
        title=clean(row["title"]),
        rationale=_with_code(row["rationale"] or ""),
        term=clean(term),
        query=topic.query if topic else None,
        found=Link(
            label=f"{count:,} {'article' if count == 1 else 'articles'}",
            href=search_path(topic=row["name"]),
        ),
        try_it=Link(
            label="Run it in PubMed",
            href="https://pubmed.ncbi.nlm.nih.gov/?" + urlencode({"term": term}),
            external=True,
        ),
        asked=_asked(connection, row["name"], asked) if asked else None,
        sources=tuple(_sources(catalogue, topic)) if topic else (),
    )


def _asked(connection: sqlite3.Connection, name: str, asked: Row) -> Asked:
    (sent,) = rows(connection, _SENT, topic=name, term=asked["term"])
    return Asked(
        when=moment(asked["started"]),
        run_id=asked["run_id"],
        since=moment(sent["first"]),
        times=sent["times"],
        translation=clean(asked["translation"]),
        warnings=tuple(clean(text) for text in json.loads(asked["warnings"] or "[]")),
    )


def _sources(catalogue: Catalogue, topic: Topic) -> Iterable[Source]:
    for citation in topic.citations:
        link = record_link(catalogue, citation.pmid) if citation.pmid else None
        yield Source(text=citation.text, checked=citation.checked, link=link)


def record_link(catalogue: Catalogue, pmid: int) -> Link:
    """The article here, or where the library does not hold it, in PubMed."""
    held = pmid in catalogue.places
    return Link(
        label=f"PMID {pmid}",
        href=article_path(pmid) if held else pubmed_url(pmid),
        external=not held,
    )


def _with_code(text: str) -> Markup:
    """A text of the topic file, where PubMed's words stand between backticks."""
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else piece
        for place, piece in enumerate(clean(text).split("`"))
    )


def _blocks(known: Topics | None, explained: Sequence[Topic]) -> tuple[BlockView, ...]:
    used = {word.strip("()") for topic in explained for word in topic.query.split()}
    return tuple(
        BlockView(
            name=block.name,
            term=block.term.replace(" OR ", "\n OR "),
            rationale=_with_code(block.rationale),
        )
        for block in (known.blocks if known else ())
        if block.name in used
    )


def _changes(
    connection: sqlite3.Connection, catalogue: Catalogue, titles: dict[str, str]
) -> Iterable[Changed]:
    for change in reversed(strategy_changes(connection)):
        yield Changed(
            title=titles.get(change.topic, change.topic),
            when=moment(change.started),
            former=clean(change.former_term),
            counts=(change.former_reported, change.reported),
            gained=tuple(record_link(catalogue, pmid) for pmid in change.gained[:_LISTED]),
            lost=tuple(record_link(catalogue, pmid) for pmid in change.lost[:_LISTED]),
            gained_count=len(change.gained),
            lost_count=len(change.lost),
        )
