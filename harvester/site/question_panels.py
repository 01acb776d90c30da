"""A part of an evidence page: one search, counted by design and year, and what to begin with.

Every number is that of a search, which the page links to; comments, notices, retracted articles and
those that PubMed has no more are not among them.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from markupsafe import Markup

from harvester.evidence.design_groups import SYNTHESES, TRIALS, DesignGroup, group_of
from harvester.evidence.labels import value_label
from harvester.evidence.questions import Panel
from harvester.site.brief import Brief, brief
from harvester.site.cache import Cache
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.charts import Period
from harvester.site.designs import Strip, design_strips, design_table, parted
from harvester.site.facets import FACETS
from harvester.site.links import Link
from harvester.site.measures import MEASURES
from harvester.site.ranges import said as said_range
from harvester.site.record import BRIEF_COLUMNS, Row, rows
from harvester.site.selection import export_links
from harvester.site.sentences import Said, said
from harvester.site.urls import Search, write

__all__ = ["Card", "Listed", "PanelView", "Path", "cards", "load_panel", "rule_of"]

Path = Callable[[str], str]

_LARGEST = 3
_ARTICLES = (
    f"SELECT {BRIEF_COLUMNS}, a.sample_size FROM articles a "  # noqa: S608
    "WHERE a.pmid IN (SELECT value FROM json_each(:pmids))"
)
_LARGE = (
    "SELECT pmid FROM articles WHERE pmid IN (SELECT value FROM json_each(:pmids)) "
    "AND sample_size IS NOT NULL ORDER BY sample_size DESC, pmid DESC LIMIT :most"
)
_NO_DIFFERENCE = ("outcome", ("no_difference",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An article of a list; `said` are its own sentences on what the list is about."""

    brief: Brief
    sample_size: int | None
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Some articles of a kind, and the search for all of them, where there is one."""

    cards: tuple[Card, ...]
    link: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelView:
    """What one search of the question finds; `rule` pairs each facet with its values in words."""

    anchor: str
    title: str
    about: str
    count: int
    retracted: Listed | None
    gone: Link | None
    link: Link
    json: str
    exports: tuple[Link, ...]
    rule: tuple[tuple[str, str], ...]
    strips: tuple[Strip, ...]
    table: Markup
    reviews: Listed
    trials: Listed
    largest: tuple[Card, ...]
    null: Listed
    review_count: int
    trial_count: int
    largest_size: int | None
    newest_review: int | None


def rule_of(panel: Panel) -> Search:
    """The search of a panel."""
    search = Search(q=panel.q)
    for facet, value in panel.chosen:
        if facet not in FACETS:
            raise ValueError(f"no facet {facet}")
        search = search.toggled(facet, value)
    for measure, least in panel.least:
        search = search.between(measure, MEASURES[measure].read(least), None)
    return search


def load_panel(
    connection: sqlite3.Connection,
    cache: Cache,
    panel: Panel,
    *,
    anchor: str,
    shown: int,
    path: Path,
) -> PanelView:
    """The part with this search; lists have `shown` articles; `path` is as a browser sees it."""
    catalogue, search = cache.held, rule_of(panel)
    articles = cache.articles(connection, search)
    groups = parted(catalogue, articles)

    def where(group: DesignGroup, period: Period | None) -> str | None:
        return _where(search, group, period)

    def whole(group: DesignGroup, period: Period | None) -> str | None:
        found = where(group, period)
        return path(found) if found else None

    reviews = catalogue.having("design", SYNTHESES) & articles
    trials = catalogue.having("design", TRIALS) & articles
    null = catalogue.having(*_NO_DIFFERENCE) & articles
    largest = _largest(connection, catalogue, trials)
    newest = _newest(connection, catalogue, reviews, shown)
    count = articles.bit_count()
    return PanelView(
        anchor=anchor,
        title=panel.title,
        about=panel.about,
        count=count,
        retracted=_retracted(connection, cache, search),
        gone=_gone(connection, cache, search),
        link=Link(label=_all_of(count, "article", "articles"), href=write(search)),
        json=write(search, "/search.json"),
        exports=export_links(search),
        rule=tuple(_rule(catalogue, search)),
        strips=design_strips(catalogue, groups, where),
        table=design_table(catalogue, groups, whole),
        reviews=Listed(
            cards=newest,
            link=_every(
                search, ("design", SYNTHESES), reviews, "systematic review", "systematic reviews"
            ),
        ),
        trials=Listed(
            cards=_newest(connection, catalogue, trials, shown),
            link=_every(
                search, ("design", TRIALS), trials, "randomised trial", "randomised trials"
            ),
        ),
        largest=largest,
        null=Listed(
            cards=_newest(connection, catalogue, null, shown, about=("outcome", "no_difference")),
            link=_every(search, _NO_DIFFERENCE, null, "such article", "such articles"),
        ),
        review_count=reviews.bit_count(),
        trial_count=trials.bit_count(),
        largest_size=largest[0].sample_size if largest else None,
        newest_review=newest[0].brief.year if newest else None,
    )


def _only(search: Search, facet: str, values: Iterable[str]) -> Search | None:
    """The search with just these values of the facet, of those that it allows.

    None when it allows others only: values of one facet are alternatives, so no search finds
    articles that have two of them.
    """
    allowed = search.values(facet)
    wanted = [value for value in values if not allowed or value in allowed]
    narrowed = search.without(facet)
    for value in wanted:
        narrowed = narrowed.toggled(facet, value)
    return narrowed if wanted else None


def _where(search: Search, group: DesignGroup, period: Period | None) -> str | None:
    found = _only(search, "design", group.designs)
    if found is None:
        return None
    return write(found.years(period.first, period.last) if period else found)


def _every(
    search: Search, part: tuple[str, Sequence[str]], articles: Articles, one: str, many: str
) -> Link | None:
    """All articles of the part, the newest first; None when there are none."""
    found = _only(search, *part)
    if not articles or found is None:
        return None
    label = _all_of(articles.bit_count(), one, many)
    return Link(label=label, href=write(found.sorted_by("newest")))


def _all_of(count: int, one: str, many: str) -> str:
    return f"All {count:,} {many}" if count > 1 else f"{count} {one}"


def _rule(catalogue: Catalogue, search: Search) -> Iterable[tuple[str, str]]:
    """Each facet of the search with its values in words; then the words asked for."""
    for facet in dict.fromkeys(name for name, _ in search.chosen):
        labels = catalogue.labels.get(facet, {})
        values = [labels.get(v) or FACETS[facet].say(v) for v in search.values(facet)]
        yield FACETS[facet].label, " or ".join(values)
    for name, low, high in search.ranges:
        yield MEASURES[name].label, said_range(name, low, high)
    if search.q:
        yield "Words", search.q


def _retracted(connection: sqlite3.Connection, cache: Cache, search: Search) -> Listed | None:
    """What the same search finds among retracted articles."""
    asked = search.without("record").toggled("record", "retracted")
    articles = cache.articles(connection, asked)
    if not articles:
        return None
    count = articles.bit_count()
    words = "article is" if count == 1 else "articles are"
    return Listed(
        cards=_newest(connection, cache.held, articles, count),
        link=Link(
            label=f"{count:,} retracted {words} not counted",
            href=write(asked),
        ),
    )


def _gone(connection: sqlite3.Connection, cache: Cache, search: Search) -> Link | None:
    """What the same search finds among the articles that PubMed has no more."""
    asked = search.without("record").toggled("record", "withdrawn")
    count = cache.articles(connection, asked).bit_count()
    if not count:
        return None
    words, verb = ("article that is", "is") if count == 1 else ("articles that are", "are")
    label = f"{count:,} {words} no longer in PubMed {verb} not counted"
    return Link(label=label, href=write(asked))


def _newest(
    connection: sqlite3.Connection,
    catalogue: Catalogue,
    articles: Articles,
    most: int,
    *,
    about: tuple[str, str] | None = None,
) -> tuple[Card, ...]:
    pmids = list(islice(catalogue.newest(articles), most))
    return cards(connection, pmids, said(connection, pmids, [about]) if about else {})


def _largest(
    connection: sqlite3.Connection, catalogue: Catalogue, articles: Articles
) -> tuple[Card, ...]:
    listed = json.dumps(list(catalogue.newest(articles)))
    found = rows(connection, _LARGE, pmids=listed, most=_LARGEST)
    return cards(connection, [row["pmid"] for row in found], {})


def cards(
    connection: sqlite3.Connection, pmids: Sequence[int], sentences: Mapping[int, tuple[Said, ...]]
) -> tuple[Card, ...]:
    """These articles, in this order; `sentences` are shown with them."""
    found = {row["pmid"]: row for row in rows(connection, _ARTICLES, pmids=json.dumps(pmids))}
    return tuple(
        Card(
            brief=_with_design(found[pmid]),
            sample_size=found[pmid]["sample_size"],
            said=sentences.get(pmid, ()),
        )
        for pmid in pmids
        if pmid in found
    )


def _with_design(row: Row) -> Brief:
    """With the design that the page counts by; NLM's type comes later, and may differ."""
    design = row["design"]
    if not design:
        return replace(brief(row), kind="other", label=None)
    return replace(brief(row), kind=group_of(design).kind, label=value_label("design", design))
