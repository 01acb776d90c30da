"""A page of results: what was found, in order, with the counts of every facet."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import and_
from typing import Any

from markupsafe import Markup

from harvester.site.brief import Brief, brief
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.facets import FACETS, Facet
from harvester.site.languages import language_name
from harvester.site.matching import Found
from harvester.site.record import BRIEF_COLUMNS, Row, rows
from harvester.site.snippets import Marked, beginning_of, marked_title, read_marked
from harvester.site.urls import Search

__all__ = [
    "PAGE_SIZE",
    "Counted",
    "Result",
    "Tally",
    "Value",
    "count",
    "page_of",
    "read_results",
    "tally",
]

PAGE_SIZE = 20
YEAR = "year"
_VALUES_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value of a facet: `label` is how it is said, `share` its part of the largest count."""

    value: str
    label: str
    count: int
    chosen: bool
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A facet with its values, chosen ones first, then by count; `more` are not among them."""

    facet: Facet
    values: tuple[Value, ...]
    more: int

    @property
    def chosen(self) -> int:
        return sum(value.chosen for value in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a search finds, and its counts; `years` as if no years were chosen.

    `others` are the articles found when nothing of one facet is chosen, for each with a choice.
    """

    articles: Articles
    others: Mapping[str, Articles]
    total: int
    retracted: int
    facets: tuple[Counted, ...]
    years: Mapping[int, int]

    def alternatives(self, facet: str) -> Articles:
        """The articles among which the values of the facet are counted."""
        return self.others.get(facet, self.articles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An article of the list. `notes` are what must be said of it, `why` where the words are."""

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
    snippet: Markup | None
    tags: tuple[tuple[str, str, str], ...]
    why: tuple[tuple[str, str], ...]


def tally(catalogue: Catalogue, found: Found, search: Search) -> Tally:
    """Count everything.

    Values of one facet are alternatives (OR), facets narrow each other (AND), and the counts of a
    facet are taken as if nothing of itself were chosen.
    """
    filters = {
        name: catalogue.having(name, search.values(name))
        for name in dict.fromkeys(name for name, _ in search.chosen)
    }
    if search.first is not None or search.last is not None:
        filters[YEAR] = catalogue.between(search.first, search.last)

    def filtered(but: str | None = None) -> Articles:
        kept = (held for name, held in filters.items() if name != but)
        return reduce(and_, kept, found.articles)

    articles = filtered()
    others = {name: filtered(but=name) for name in filters}
    counted = (
        count(catalogue, facet, others.get(name, articles), search)
        for name, facet in FACETS.items()
    )
    return Tally(
        articles=articles,
        others=others,
        total=articles.bit_count(),
        retracted=(articles & catalogue.having("status", ["retracted"])).bit_count(),
        facets=tuple(facet for facet in counted if facet.values),
        years=catalogue.count_years(others.get(YEAR, articles)),
    )


def count(
    catalogue: Catalogue,
    facet: Facet,
    articles: Articles,
    search: Search,
    *,
    shown: int | None = _VALUES_SHOWN,
) -> Counted:
    """The values of a facet among the articles; chosen ones stay even if none has them."""
    counts = catalogue.counts(facet.name, articles)
    chosen = search.values(facet.name)
    for value in chosen:
        counts.setdefault(value, 0)
    labels = catalogue.labels[facet.name]
    wanted = len(counts) if shown is None else max(shown, len(chosen))
    candidates = counts if len(counts) <= wanted else _largest(counts, wanted, chosen)
    order = sorted(candidates, key=lambda value: (value not in chosen, -counts[value], value))
    kept = order[:wanted]
    largest = max(counts.values(), default=0) or 1
    return Counted(
        facet=facet,
        values=tuple(
            Value(
                value=value,
                label=labels.get(value) or facet.say(value),
                count=counts[value],
                chosen=value in chosen,
                share=-(-100 * counts[value] // largest),
            )
            for value in kept
        ),
        more=len(counts) - len(kept),
    )


def _largest(counts: Mapping[str, int], most: int, chosen: Sequence[str]) -> list[str]:
    """The values that can be among the `most` first: sorting thousands takes longer."""
    floor = sorted(counts.values(), reverse=True)[most - 1]
    return [value for value, number in counts.items() if number >= floor or value in chosen]


def page_of(catalogue: Catalogue, found: Found, tallied: Tally, search: Search) -> list[int]:
    """PMIDs of the page, in order."""
    start = (search.page - 1) * PAGE_SIZE
    if search.order == "relevance":
        ordered = found.by_relevance(catalogue, tallied.articles)
    elif search.order == "newest":
        ordered = catalogue.newest(tallied.articles)
    else:
        # The list of all from the other end: skip what the last pages hold.
        newest = list(catalogue.newest(tallied.articles))
        ordered = iter(reversed(newest))
    return list(islice(ordered, start, start + PAGE_SIZE))


_COLUMNS = (
    f"{BRIEF_COLUMNS}, a.journal, a.sample_size, a.volume, a.issue, a.pages, a.pmcid, "
    "a.has_abstract, substr(a.abstract, 1, 400) AS opening"
)
# Findings shown as links below a result, in this order.
_TAGS = ("drug", "route", "condition", "population", "comparator")


def read_results(
    connection: sqlite3.Connection, pmids: Sequence[int], marks: str | None
) -> tuple[Result, ...]:
    """The results of a page, with the words found marked."""
    if not pmids:
        return ()
    numbers = ", ".join(map(str, pmids))
    by_pmid = {
        row["pmid"]: row
        for row in rows(
            connection,
            f"SELECT {_COLUMNS} FROM articles a WHERE a.pmid IN ({numbers})",  # noqa: S608
        )
    }
    found = read_marked(connection, pmids, marks) if marks else {}
    tags = _tags(connection, numbers)
    return tuple(
        _result(by_pmid[pmid], found.get(pmid), tags.get(pmid, ()))
        for pmid in pmids
        if pmid in by_pmid
    )


def _tags(
    connection: sqlite3.Connection, numbers: str
) -> dict[int, tuple[tuple[str, str, str], ...]]:
    """Facet, value and label of the findings to show, by PMID."""
    found: dict[int, dict[tuple[str, str], None]] = {}
    names = ", ".join(f"'{name}'" for name in _TAGS)
    sql = (
        f"SELECT pmid, facet, value FROM findings WHERE pmid IN ({numbers}) "  # noqa: S608
        f"AND facet IN ({names}) ORDER BY pmid, position"
    )
    for pmid, facet, value in map(tuple, connection.execute(sql)):
        found.setdefault(pmid, {})[facet, value] = None
    return {
        pmid: tuple(
            (facet, value, FACETS[facet].say(value))
            for facet, value in sorted(pairs, key=lambda pair: _TAGS.index(pair[0]))
        )
        for pmid, pairs in found.items()
    }


def _result(row: Row, marked: Marked | None, tags: tuple[tuple[str, str, str], ...]) -> Result:
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
        snippet=(marked.snippet if marked else None) or beginning_of(row["opening"]),
        tags=tags,
        why=marked.why if marked else (),
    )


def _imprint(row: Mapping[str, Any]) -> str:
    issue = f"({row['issue']})" if row["issue"] else ""
    return ": ".join(filter(None, (f"{row['volume'] or ''}{issue}", row["pages"])))
