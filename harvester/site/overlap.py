"""Which systematic reviews here cite which randomised trials, and how far they overlap.

PubMed's reference lists say what a review cites, not what it included: the page says so. The figure
is the corrected covered area of Pieper and others (J Clin Epidemiol 2014;67:368-75, PMID 24581293):
(N - r) / (r c - r), where N counts every citation, r the trials and c the reviews.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.site.brief import Brief, brief
from harvester.site.cache import Cache
from harvester.site.facets import FACETS
from harvester.site.links import Link
from harvester.site.record import BRIEF_COLUMNS, rows
from harvester.site.urls import Search, read, write

__all__ = ["CHOICES", "Overlap", "covered_area", "load_overlap", "read_overlap", "write_overlap"]

PATH = "/trials/reviews"
REVIEWS_SHOWN = 10
TRIALS_SHOWN = 40
CHOICES = ("condition", "drug", "comparator")  # what the reviews can be narrowed to
_NEAR = (("relevance", "core"), ("relevance", "related"))
_REVIEWS = (("design", "systematic_review"), ("design", "meta_analysis"))
_TRIALS = (("design", "rct"), ("population", "human"))
_CITED = (
    "SELECT DISTINCT pmid, cited FROM (SELECT c.pmid, c.cited_pmid AS cited FROM citations c "
    "WHERE c.pmid IN (SELECT value FROM json_each(:reviews)) UNION ALL "
    "SELECT c.pmid, c.other_pmid FROM corrections c WHERE c.kind = 'Cites' "
    "AND c.pmid IN (SELECT value FROM json_each(:reviews))) WHERE pmid <> cited"
)
_BRIEF = (
    f"SELECT {BRIEF_COLUMNS} FROM articles a "  # noqa: S608 (our columns)
    "WHERE a.pmid IN (SELECT value FROM json_each(:pmids))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CitingReview:
    """`trials` is how many randomised trials of the library it cites."""

    number: int
    brief: Brief
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedTrial:
    """`cited` says for each review shown whether it cites the trial; `reviews` counts all."""

    brief: Brief
    reviews: int
    cited: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A facet that narrows the reviews, with its values: value, label, whether it is chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """`reviews` of `all_reviews` that cite a trial are shown, and `trials` of `their_trials`.

    `area` is the corrected covered area of all of them in percent, None where there is none.
    """

    search: Search
    base: Link
    counted: int
    all_reviews: int
    all_trials: int
    citations: int
    area: str | None
    degree: str
    choices: tuple[Choice, ...]
    reviews: tuple[CitingReview, ...]
    trials: tuple[CitedTrial, ...]
    their_trials: int
    whole: bool
    everything: str
    before: str | None
    after: str | None
    first: int
    last: int


def read_overlap(query_string: str) -> tuple[Search, bool]:
    """The reviews that are asked for, and whether all of their trials are."""
    asked = read(query_string)
    kept = tuple(pair for pair in asked.chosen if pair[0] in CHOICES)
    search = Search(chosen=kept, first=asked.first, last=asked.last, page=asked.page, path=PATH)
    return search, "all=1" in query_string[:2_000].split("&")


def write_overlap(search: Search, whole: bool = False) -> str:
    address = write(search, PATH)
    if not whole:
        return address
    return f"{address}{'&' if '?' in address else '?'}all=1"


def covered_area(citations: int, trials: int, reviews: int) -> float | None:
    """The corrected covered area, 0 to 1; None for fewer than two reviews."""
    if trials < 1 or reviews < 2:
        return None
    return (citations - trials) / (trials * reviews - trials)


def load_overlap(
    connection: sqlite3.Connection, cache: Cache, search: Search, whole: bool
) -> Overlap:
    """The page for the search, from the sets of the catalogue and the reference lists."""
    catalogue = cache.held
    base = replace(search, path="/search", page=1)
    for facet, value in (*_NEAR, *_REVIEWS):
        base = base.toggled(facet, value)
    reviews = cache.articles(connection, base)
    trials = cache.articles(connection, _chosen((*_NEAR, *_TRIALS)))
    known = set(catalogue.newest(trials & ~reviews))
    cited: dict[int, set[int]] = {}
    asked = json.dumps(list(catalogue.newest(reviews)))
    for row in rows(connection, _CITED, reviews=asked):
        if row["cited"] in known:
            cited.setdefault(row["pmid"], set()).add(row["cited"])
    order = sorted(cited, key=lambda pmid: (-len(cited[pmid]), pmid))
    times = Counter(trial for pmids in cited.values() for trial in pmids)
    start = (search.page - 1) * REVIEWS_SHOWN
    shown = order[start : start + REVIEWS_SHOWN]
    theirs = sorted(
        {trial for pmid in shown for trial in cited[pmid]}, key=lambda t: (-times[t], -t)
    )
    listed = theirs if whole else theirs[:TRIALS_SHOWN]
    found = _briefs(connection, [*shown, *listed])
    area = covered_area(times.total(), len(times), len(order))
    return Overlap(
        search=search,
        base=Link(label="", href=write(base)),
        counted=reviews.bit_count(),
        all_reviews=len(order),
        all_trials=len(times),
        citations=times.total(),
        area=None if area is None else f"{100 * area:.1f}",
        degree=_degree(area),
        choices=tuple(_choice(cache, name, search) for name in CHOICES),
        reviews=tuple(
            CitingReview(number=n, brief=found[pmid], trials=len(cited[pmid]))
            for n, pmid in enumerate(shown, start + 1)
        ),
        trials=tuple(
            CitedTrial(
                brief=found[trial],
                reviews=times[trial],
                cited=tuple(trial in cited[pmid] for pmid in shown),
            )
            for trial in listed
        ),
        their_trials=len(theirs),
        whole=whole,
        everything=write_overlap(search, whole=True),
        before=write_overlap(search.at(search.page - 1)) if search.page > 1 else None,
        after=write_overlap(search.at(search.page + 1))
        if start + REVIEWS_SHOWN < len(order)
        else None,
        first=start + 1,
        last=start + len(shown),
    )


def _chosen(pairs: Sequence[tuple[str, str]]) -> Search:
    search = Search()
    for facet, value in pairs:
        search = search.toggled(facet, value)
    return search


def _degree(area: float | None) -> str:
    """In the words of the source: slight to 5 %, moderate to 10, high to 15, then very high."""
    if area is None:
        return ""
    percent = round(100 * area, 1)
    words = ((5, "slight"), (10, "moderate"), (15, "high"))
    return next((word for most, word in words if percent <= most), "very high")


def _choice(cache: Cache, name: str, search: Search) -> Choice:
    labels = cache.held.labels.get(name, {})
    chosen = search.values(name)
    values = dict.fromkeys((*labels, *chosen))
    options = ((v, labels.get(v) or FACETS[name].say(v), v in chosen) for v in values)
    return Choice(
        name=name,
        label=FACETS[name].label,
        options=tuple(sorted(options, key=lambda option: option[1].casefold())),
    )


def _briefs(connection: sqlite3.Connection, pmids: Sequence[int]) -> Mapping[int, Brief]:
    found = rows(connection, _BRIEF, pmids=json.dumps(list(pmids)))
    return {row["pmid"]: brief(row) for row in found}
