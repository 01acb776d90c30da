"""Numbers that abstracts give, counted and never pooled: doses, times, sizes, harms by design.

Every count is the number of articles that the search behind it finds. An article that names several
doses is in several bars.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.site.bubbles import Head, Key, Row, cell, head, legend
from harvester.site.cache import Cache
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.charts import year_periods
from harvester.site.facets import FACETS
from harvester.site.gap_map import BASE
from harvester.site.measures import MEASURES
from harvester.site.ranges import said
from harvester.site.urls import Search, write

__all__ = ["Bar", "Histogram", "NumbersPage", "load_numbers"]

Span = tuple[int | None, int | None]

# In hundredths of mg/kg. The doses that most trials give have a bar of their own.
_DOSES: tuple[Span, ...] = (
    *((None, 9), (10, 19), (20, 29), (30, 39), (40, 49), (50, 50)),
    *((51, 74), (75, 99), (100, 100), (101, 200), (201, None)),
)
_MINUTES: tuple[Span, ...] = (
    *((None, 5), (6, 19), (20, 39), (40, 40), (41, 59), (60, 60)),
    *((61, 119), (120, 1439), (1440, None)),
)
_SIZES: tuple[Span, ...] = ((1, 9), (10, 19), (20, 49), (50, 99), (100, 499), (500, None))
_PERIODS = 6
_TRIALS = (("design", "rct"), ("design", "open_label_trial"))
_RANDOMISED = ("rct",)
# Kinds of studies, each with its designs.
_DESIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Randomised trials", ("rct",)),
    ("Other trials", ("open_label_trial", "human_experimental")),
    (
        "Cohorts and surveys",
        ("cohort_prospective", "cohort_retrospective", "cross_sectional", "survey"),
    ),
    ("Registers and reports of side effects", ("pharmacovigilance", "registry_analysis")),
    ("Case reports", ("case_report", "case_series")),
    ("Systematic reviews", ("systematic_review", "meta_analysis")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`width` and `inner` are the parts of the longest bar, in percent: all, and RCTs."""

    label: str
    name: str
    count: int
    randomised: int
    href: str
    width: str
    inner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """`whole` leads to all articles that give such a number."""

    whole: Head
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Circles in a table."""

    columns: tuple[Head, ...]
    rows: tuple[Row, ...]
    legend: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersPage:
    """`base` leads to all articles that are counted, `trials` to those whose sizes are."""

    base: Head
    retracted: Head
    gone: Head
    doses: Histogram
    minutes: Histogram
    sizes: Grid
    trials: Head
    harms: Grid


def load_numbers(connection: sqlite3.Connection, cache: Cache) -> NumbersPage:
    """The page, from the catalogue that the cache holds."""
    catalogue = cache.held
    counted = cache.articles(connection, BASE)
    retracted = BASE.without("record").toggled("record", "retracted")
    gone = BASE.without("record").toggled("record", "withdrawn")
    trials = BASE.between("n", 1, None)
    for pair in _TRIALS:
        trials = trials.toggled(*pair)
    with_size = cache.articles(connection, trials)
    return NumbersPage(
        base=head("articles", counted, BASE),
        retracted=head("retracted", cache.articles(connection, retracted), retracted),
        gone=head("no longer in PubMed", cache.articles(connection, gone), gone),
        doses=_histogram(catalogue, counted, "dose", _DOSES),
        minutes=_histogram(catalogue, counted, "minutes", _MINUTES),
        sizes=_sizes(catalogue, with_size, trials),
        trials=head("trials", with_size, trials),
        harms=_harms(catalogue, counted),
    )


def _histogram(
    catalogue: Catalogue, counted: Articles, name: str, spans: Sequence[Span]
) -> Histogram:
    randomised = catalogue.having("design", _RANDOMISED)
    held = [catalogue.within(name, *span) & counted for span in spans]
    largest = max((articles.bit_count() for articles in held), default=0) or 1
    every = BASE.between(name, 0, None)
    return Histogram(
        whole=head(MEASURES[name].label, catalogue.within(name, 0, None) & counted, every),
        bars=tuple(
            _bar(
                said(name, *span),
                articles.bit_count(),
                (articles & randomised).bit_count(),
                BASE.between(name, *span),
                largest,
            )
            for span, articles in zip(spans, held, strict=True)
        ),
    )


def _bar(label: str, count: int, randomised: int, search: Search, largest: int) -> Bar:
    articles = f"{count:,} {'article' if count == 1 else 'articles'}"
    trials = f"{randomised:,} {'RCT' if randomised == 1 else 'RCTs'}" if randomised else "no RCT"
    return Bar(
        label=label[:1].upper() + label[1:],
        name=f"{label}: {articles}, {trials}",
        count=count,
        randomised=randomised,
        href=write(search),
        width=f"{100 * count / largest:.1f}",
        inner=f"{100 * randomised / largest:.1f}",
    )


def _sizes(catalogue: Catalogue, trials: Articles, search: Search) -> Grid:
    """Trials by period and by the number of people in them."""
    randomised = catalogue.having("design", _RANDOMISED)
    years = catalogue.count_years(trials)
    periods = year_periods(min(years), max(years), most=_PERIODS) if years else ()
    sizes = [(span, catalogue.within("n", *span) & trials) for span in _SIZES]
    times = [(period, catalogue.between(period.first, period.last) & trials) for period in periods]
    largest = max(((a & b).bit_count() for _, a in sizes for _, b in times), default=0)
    return Grid(
        columns=tuple(
            head(period.name, held, search.years(period.first, period.last))
            for period, held in times
        ),
        rows=tuple(
            Row(
                head=head(f"{said('n', *span)} people", held, search.between("n", *span)),
                cells=tuple(
                    cell(
                        row=f"{said('n', *span)} people",
                        column=period.name,
                        counts=(
                            (both := held & then).bit_count(),
                            (both & randomised).bit_count(),
                        ),
                        search=search.between("n", *span).years(period.first, period.last),
                        largest=largest,
                    )
                    for period, then in times
                ),
            )
            for span, held in sizes
        ),
        legend=tuple(legend(largest)),
    )


def _harms(catalogue: Catalogue, counted: Articles) -> Grid:
    """Safety topics by the kind of study that reports on them."""
    topics = [
        (value, held)
        for value in catalogue.values.get("safety", {})
        if (held := catalogue.having("safety", (value,)) & counted)
    ]
    topics.sort(key=lambda pair: (-pair[1].bit_count(), pair[0]))
    designs = [
        (label, values, catalogue.having("design", values) & counted) for label, values in _DESIGNS
    ]
    randomised = catalogue.having("design", _RANDOMISED)
    largest = max(((a & b).bit_count() for _, a in topics for _, _, b in designs), default=0)
    return Grid(
        columns=tuple(head(label, held, _of(BASE, values)) for label, values, held in designs),
        rows=tuple(
            Row(
                head=head(_topic(catalogue, value), held, BASE.toggled("safety", value)),
                cells=tuple(
                    cell(
                        row=_topic(catalogue, value),
                        column=label,
                        counts=(
                            (both := held & of_design).bit_count(),
                            (both & randomised).bit_count(),
                        ),
                        search=_of(BASE.toggled("safety", value), values),
                        largest=largest,
                    )
                    for label, values, of_design in designs
                ),
            )
            for value, held in topics
        ),
        legend=tuple(legend(largest)),
    )


def _of(search: Search, designs: Sequence[str]) -> Search:
    for design in designs:
        search = search.toggled("design", design)
    return search


def _topic(catalogue: Catalogue, value: str) -> str:
    return catalogue.labels.get("safety", {}).get(value) or FACETS["safety"].say(value)
