"""The articles of a page of results, each with the words that were found in it."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from harvester.site.brief import Brief, brief
from harvester.site.facets import FACETS
from harvester.site.languages import language_name
from harvester.site.links import Link
from harvester.site.record import BRIEF_COLUMNS, Row, rows
from harvester.site.snippets import Marked, beginning_of, marked_title, read_marked
from harvester.site.urls import Search, write

__all__ = ["Result", "read_results"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An article of the list.

    `imprint` is volume, issue and pages; `cited` says how many articles here cite it; `why` says
    where words are.
    """

    brief: Brief
    title: Markup
    types: tuple[str, ...]
    journal: str | None
    design: str | None
    sample_size: int | None
    imprint: str
    free: bool
    language: str | None
    has_abstract: bool
    cited: int
    snippet: Markup | None
    tags: tuple[Link, ...]
    why: tuple[tuple[str, str], ...]


_ARTICLES = (
    f"SELECT {BRIEF_COLUMNS}, a.journal, a.sample_size, a.volume, a.issue, a.pages, "  # noqa: S608
    "a.pmcid, a.has_abstract, substr(a.abstract, 1, 400) AS opening FROM articles a "
    "WHERE a.pmid IN (SELECT value FROM json_each(:pmids))"
)
# Findings shown as links below a result, in this order.
_TAGS = ("drug", "route", "condition", "population", "comparator")
_FINDINGS = (
    "SELECT pmid, facet, value FROM findings WHERE pmid IN (SELECT value FROM json_each(?)) "
    "ORDER BY pmid, position"
)


def read_results(
    connection: sqlite3.Connection,
    pmids: Sequence[int],
    marks: str | None,
    cited: Mapping[int, int],
) -> tuple[Result, ...]:
    """The results of a page, with the words found marked; `cited` as in the catalogue."""
    if not pmids:
        return ()
    by_pmid = {
        row["pmid"]: row for row in rows(connection, _ARTICLES, pmids=json.dumps(list(pmids)))
    }
    found = read_marked(connection, pmids, marks) if marks else {}
    tags = _tags(connection, pmids)
    return tuple(
        _result(by_pmid[pmid], found.get(pmid), tags.get(pmid, ()), cited.get(pmid, 0))
        for pmid in pmids
        if pmid in by_pmid
    )


def _tags(connection: sqlite3.Connection, pmids: Sequence[int]) -> dict[int, tuple[Link, ...]]:
    """By PMID the findings to show, each a link to all articles with it."""
    found: dict[int, dict[tuple[str, str], None]] = {}
    for pmid, facet, value in map(tuple, connection.execute(_FINDINGS, (json.dumps(list(pmids)),))):
        if facet in _TAGS:
            found.setdefault(pmid, {})[facet, value] = None
    return {
        pmid: tuple(
            Link(label=FACETS[facet].say(value), href=write(Search().toggled(facet, value)))
            for facet, value in sorted(pairs, key=lambda pair: _TAGS.index(pair[0]))
        )
        for pmid, pairs in found.items()
    }


def _result(row: Row, marked: Marked | None, tags: tuple[Link, ...], cited: int) -> Result:
    item = brief(row)
    title = item.title
    if marked and row["title"]:
        title = marked_title(marked.title, row["title_markup"])
    return Result(
        brief=item,
        title=title,
        types=tuple(filter(None, (row["types"] or "").split("\n"))),
        journal=row["journal"],
        design=row["design"],
        sample_size=row["sample_size"],
        imprint=_imprint(row),
        free=bool(row["pmcid"]),
        language=None if row["language"] in (None, "eng") else language_name(row["language"]),
        has_abstract=bool(row["has_abstract"]),
        cited=cited,
        snippet=(marked.snippet if marked else None) or beginning_of(row["opening"]),
        tags=tags,
        why=marked.why if marked else (),
    )


def _imprint(row: Mapping[str, Any]) -> str:
    issue = f"({row['issue']})" if row["issue"] else ""
    return ": ".join(filter(None, (f"{row['volume'] or ''}{issue}", row["pages"])))
