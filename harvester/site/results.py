"""The articles of a page of results, each with the words that were found in it."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from harvester.site.brief import Brief, brief
from harvester.site.facets import ABSENT, FACETS
from harvester.site.findings import SOURCES, is_absent, name_of, standing_of
from harvester.site.languages import language_name
from harvester.site.links import Link
from harvester.site.notices import standings
from harvester.site.record import BRIEF_COLUMNS, Row, rows
from harvester.site.snippets import Marked, beginning_of, marked_title, read_marked
from harvester.site.urls import Search, write

__all__ = ["Result", "read_results"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An article of the list.

    `size` says how many people and what is counted (`basis`), `found` has the findings' values by
    facet. `imprint` is volume, issue and pages; `cited` says how many articles here cite it;
    `standings` are all states of `notices.Standing`; `why` pairs what was asked for with where it
    is.
    """

    brief: Brief
    standings: tuple[str, ...]
    title: Markup
    types: tuple[str, ...]
    journal: str | None
    design: str | None
    sample_size: int | None
    basis: str | None
    size: str | None
    found: Mapping[str, tuple[str, ...]]
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
# Findings shown as links below a result, in this order, and how many of each: a line of them.
_TAGS = {"drug": 2, "route": 2, "condition": 2, "population": 1, "comparator": 1}
# That people took part goes without saying; what an abstract compares with nothing, too.
_UNSAID = {
    *(("population", v) for v in ("human", "adults", "adolescents", "children", "older_adults")),
    ("comparator", "none"),
}
# Beside treatment-resistant depression, these say less of the same.
_SAID_CLOSER = {"mdd", "depression"}
# Comparators whose names say already that they are compared.
_COMPARED = {"control_group", "head_to_head", "dose_comparison", "placebo_pretreatment"}
_FINDINGS = (
    "SELECT pmid, facet, value, rule, source, section, quote, detail FROM findings "
    "WHERE pmid IN (SELECT value FROM json_each(:pmids)) ORDER BY pmid, position"
)
_TOPICS = (
    "SELECT l.pmid, t.title FROM article_topics l JOIN topics t ON t.name = l.topic "
    "WHERE l.left_run IS NULL AND l.pmid IN (SELECT value FROM json_each(:pmids)) "
    "ORDER BY l.pmid, t.name"
)


def read_results(
    connection: sqlite3.Connection,
    pmids: Sequence[int],
    marks: str | None,
    cited: Mapping[int, int],
    chosen: Sequence[tuple[str, str]] = (),
) -> tuple[Result, ...]:
    """The results of a page, with the words found marked.

    `cited` is as in the catalogue; `chosen` are the facets and values that the articles have.
    """
    if not pmids:
        return ()
    listed = json.dumps(list(pmids))
    by_pmid = {row["pmid"]: row for row in rows(connection, _ARTICLES, pmids=listed)}
    found = read_marked(connection, pmids, marks) if marks else {}
    findings = _by_pmid(rows(connection, _FINDINGS, pmids=listed))
    topics = _by_pmid(rows(connection, _TOPICS, pmids=listed)) if marks or chosen else {}
    return tuple(
        _result(
            by_pmid[pmid],
            found.get(pmid),
            findings=findings.get(pmid, ()),
            reasons=_reasons(findings.get(pmid, ()), topics.get(pmid, ()), chosen),
            cited=cited.get(pmid, 0),
        )
        for pmid in pmids
        if pmid in by_pmid
    )


def _by_pmid(found: Iterable[Row]) -> dict[int, list[Row]]:
    by_pmid: dict[int, list[Row]] = {}
    for row in found:
        by_pmid.setdefault(row["pmid"], []).append(row)
    return by_pmid


def _tags(findings: Iterable[Row]) -> tuple[Link, ...]:
    """The findings to show, each a link to all articles with it."""
    found = _values(findings)
    return tuple(
        _tag(facet, value)
        for facet, most in _TAGS.items()
        for value in _telling(facet, found.get(facet, ()))[:most]
    )


def _telling(facet: str, values: Sequence[str]) -> list[str]:
    """The values that say something to somebody who looks through a list."""
    told = _SAID_CLOSER if facet == "condition" and "trd" in values else set()
    return [value for value in values if value not in told and (facet, value) not in _UNSAID]


@lru_cache(maxsize=1_024)  # each of a few values stands on many pages
def _tag(facet: str, value: str) -> Link:
    label = FACETS[facet].say(value)
    if facet == "comparator" and value not in _COMPARED:
        label = f"vs {label[:1].lower()}{label[1:]}"
    return Link(label=label, href=write(Search().toggled(facet, value)))


def _values(findings: Iterable[Row]) -> Mapping[str, tuple[str, ...]]:
    """The values found, by facet."""
    found: dict[str, dict[str, None]] = {}
    for finding in findings:
        found.setdefault(finding["facet"], {})[finding["value"]] = None
    return {facet: tuple(values) for facet, values in found.items()}


def _reasons(
    findings: Iterable[Row], topics: Sequence[Row], chosen: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """For each chosen value the words that the finding rests on; then the searches of PubMed."""
    first: dict[tuple[str, str], Row] = {}
    for finding in findings:
        first.setdefault((finding["facet"], finding["value"]), finding)
        if finding["facet"] == "safety" and is_absent(finding):
            first.setdefault((ABSENT, finding["value"]), finding)
    reasons = [
        (FACETS[facet].say(value), _grounds(first[facet, value]))
        for facet, value in chosen
        if (facet, value) in first
    ]
    if topics:
        reasons.append(("Saved searches", ", ".join(topic["title"] for topic in topics)))
    return tuple(reasons)


def _grounds(finding: Row) -> str:
    """The words that a finding rests on; an effect that did not occur must not read as one."""
    place = finding["section"] or SOURCES.get(finding["source"], finding["source"])
    said = f"“{finding['quote']}” in {place}" if finding["quote"] else f"from {place}"
    standing = standing_of(finding)
    return f"{said}{f'; {standing}' if standing else ''}; rule {finding['rule']}"


def _result(
    row: Row,
    marked: Marked | None,
    *,
    findings: Sequence[Row],
    reasons: tuple[tuple[str, str], ...],
    cited: int,
) -> Result:
    item = brief(row)
    size = next((f for f in findings if f["facet"] == "sample_size"), None)
    title = item.title
    if marked and row["title"]:
        title = marked_title(marked.title, row["title_markup"])
    return Result(
        brief=item,
        standings=tuple(standing.state for standing in standings(row)),
        title=title,
        types=tuple(filter(None, (row["types"] or "").split("\n"))),
        journal=row["journal"],
        design=row["design"],
        sample_size=row["sample_size"],
        basis=size["value"] if size and row["sample_size"] else None,
        size=name_of(size) if size else None,
        found=_values(findings),
        imprint=_imprint(row),
        free=bool(row["pmcid"]),
        language=None if row["language"] in (None, "eng") else language_name(row["language"]),
        has_abstract=bool(row["has_abstract"]),
        cited=cited,
        snippet=(marked.snippet if marked else None) or beginning_of(row["opening"]),
        tags=_tags(findings),
        why=(*(marked.why if marked else ()), *reasons),
    )


def _imprint(row: Mapping[str, Any]) -> str:
    issue = f"({row['issue']})" if row["issue"] else ""
    return ": ".join(filter(None, (f"{row['volume'] or ''}{issue}", row["pages"])))
