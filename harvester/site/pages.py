"""What the home page, the about page and the frame of every page show."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from harvester import __version__
from harvester.library.runs import last_good_run
from harvester.site.brief import Brief, brief
from harvester.site.charts import Href, Series, stacked_histogram, year_table
from harvester.site.dates import long_date, moment
from harvester.site.links import Link, search_path
from harvester.site.publication import REVIEW_TYPES, TRIAL_TYPES
from harvester.site.record import BRIEF_COLUMNS, rows

__all__ = [
    "AboutView",
    "Frame",
    "HomeView",
    "Selection",
    "Topic",
    "load_about",
    "load_frame",
    "load_home",
]

_SHOWN = 3  # of each kind
_NEWEST = "ORDER BY a.published DESC, a.pmid DESC LIMIT :limit"
_OF_TYPES = (
    "a.pmid IN (SELECT l.pmid FROM article_publication_types l "
    "JOIN publication_types t ON t.id = l.publication_type_id WHERE t.name IN ({}))"
)
_RCT = ("Randomized Controlled Trial",)
_SYNTHESES = ("Systematic Review", "Meta-Analysis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """For every page; `data` is the path of the pages of the tables."""

    sample: bool
    articles: int
    freshness: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One of the searches that the library is made of."""

    name: str
    title: str
    term: str
    rationale: str
    articles: int
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The newest articles of a kind; `link` leads to all of them and says how many there are."""

    articles: tuple[Brief, ...]
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """The last harvest that missed nothing: its day, PubMed's count and ours, what it brought."""

    when: str
    reported: int
    held: int
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """`articles` is 0 for an empty library; then nothing else is shown."""

    articles: int
    chart: Markup
    table: Markup
    legend: tuple[tuple[str, str], ...]
    news: News | None
    newest_heading: str
    newest: Selection
    trials: Selection
    reviews: Selection
    retracted: Selection
    topics: tuple[Topic, ...]
    starts: tuple[tuple[Link, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutView:
    articles: int
    retracted: int
    without_abstract: int
    first_year: int | None
    last_year: int | None
    freshness: str
    sample: bool
    version: str
    topics: tuple[Topic, ...]


def load_frame(connection: sqlite3.Connection, *, data: str = "/literature") -> Frame:
    """Cheap, as each page needs it; `data` is the path of the tables' own pages."""
    sample = _one(connection, "SELECT value FROM settings WHERE name = 'kind'") == "sample"
    return Frame(
        sample=sample,
        articles=_one(connection, "SELECT count(*) FROM articles") or 0,
        freshness=_freshness(connection, sample=sample),
        data=data,
    )


def load_home(connection: sqlite3.Connection, *, href: Href, data: str = "/literature") -> HomeView:
    """The home page; `href(first, last)` is the search for these years."""
    series = _series(connection)
    articles = _one(connection, "SELECT count(*) FROM articles") or 0
    heading, newest = _newest(connection)
    return HomeView(
        articles=articles,
        chart=stacked_histogram(series, href=href),
        table=year_table(series, href=href),
        legend=tuple((layer.kind, layer.label) for layer in series),
        news=_news(connection, data),
        newest_heading=heading,
        newest=newest,
        trials=_of_types(connection, _RCT, "randomised trial", "randomised trials"),
        reviews=_of_types(
            connection,
            _SYNTHESES,
            "systematic review or meta-analysis",
            "systematic reviews and meta-analyses",
        ),
        retracted=_retracted(connection),
        topics=_topics(connection),
        starts=_starts(connection, data),
    )


def load_about(connection: sqlite3.Connection) -> AboutView:
    """The about page."""
    totals = rows(
        connection,
        "SELECT count(*) AS articles, coalesce(sum(retracted), 0) AS retracted, "
        "coalesce(sum(1 - has_abstract), 0) AS without_abstract, "
        "min(year) AS first_year, max(year) AS last_year FROM articles",
    )[0]
    frame = load_frame(connection)
    return AboutView(
        **totals,
        freshness=frame.freshness,
        sample=frame.sample,
        version=__version__,
        topics=_topics(connection),
    )


def _freshness(connection: sqlite3.Connection, *, sample: bool) -> str:
    if sample:
        return "These are invented sample records."
    good = last_good_run(connection)
    if good:
        when = moment(good["finished"])
        if good["reported"] == good["held"]:
            return f"Complete to PubMed of {when}."
        return (
            f"Compared with PubMed on {when}: PubMed counts {good['reported']:,}, "
            f"this library holds {good['held']:,}."
        )
    loaded = _one(connection, "SELECT max(finished) FROM runs WHERE command = 'load'")
    if loaded:
        return f"Loaded from PubMed files on {moment(loaded)}; not yet compared with PubMed."
    return "Nothing has been harvested yet."


def _series(connection: sqlite3.Connection) -> tuple[Series, ...]:
    """Articles by year, each counted once: trials, reviews that are no trials, all others."""
    trial, review = _names(TRIAL_TYPES), _names(REVIEW_TYPES)
    trials = _years(connection, _OF_TYPES.format(trial))
    reviews = _years(connection, f"{_OF_TYPES.format(review)} AND NOT {_OF_TYPES.format(trial)}")
    every = _years(connection, "1")
    others = {y: n - trials.get(y, 0) - reviews.get(y, 0) for y, n in every.items()}
    return (
        Series(kind="review", label="Reviews", counts=reviews),
        Series(kind="trial", label="Clinical trials", counts=trials),
        Series(kind="other", label="All other", counts=others),
    )


def _years(connection: sqlite3.Connection, where: str) -> dict[int, int]:
    sql = (
        "SELECT a.year, count(*) AS articles FROM articles a "  # noqa: S608 (constants only)
        f"WHERE a.year IS NOT NULL AND {where} GROUP BY a.year"
    )
    return {row["year"]: row["articles"] for row in rows(connection, sql)}


def _news(connection: sqlite3.Connection, data: str) -> News | None:
    good = last_good_run(connection)
    if not good:
        return None
    run, base = good["id"], f"{data}/changes?run_id__exact="
    links = [
        Link(label=f"{count:,} {_were(count)} {word}", href=f"{base}{run}&kind__exact={kind}")
        for kind, word, count in (
            ("added", "new", good["added"]),
            ("revised", "revised", good["revised"]),
            ("left", "no longer found", good["left"]),
            ("withdrawn", "gone from PubMed", good["withdrawn"]),
        )
        if count
    ]
    return News(
        when=moment(good["finished"]),
        reported=good["reported"],
        held=good["held"],
        links=tuple(links),
    )


def _newest(connection: sqlite3.Connection) -> tuple[str, Selection]:
    """What the last harvest added, unless it was the first or added nothing."""
    total = _one(connection, "SELECT count(*) FROM articles") or 0
    good = last_good_run(connection)
    if good and 0 < good["added"] < total:
        articles = _select(connection, "a.first_run = :run", run=good["id"])
        if articles:
            heading = f"New on {long_date(good['finished'][:10])}"
            return heading, Selection(articles=articles, link=_all("article", "articles", total))
    return "Newest articles", Selection(
        articles=_select(connection, "1"), link=_all("article", "articles", total)
    )


def _of_types(
    connection: sqlite3.Connection, types: Sequence[str], one: str, many: str
) -> Selection:
    where = _OF_TYPES.format(_names(types))
    count = _one(connection, f"SELECT count(*) FROM articles a WHERE {where}")  # noqa: S608
    return Selection(
        articles=_select(connection, where),
        link=_all(one, many, count or 0, *(("type", name) for name in types)),
    )


def _retracted(connection: sqlite3.Connection) -> Selection:
    count = _one(connection, "SELECT count(*) FROM articles WHERE retracted = 1") or 0
    return Selection(
        articles=_select(connection, "a.retracted = 1"),
        link=_all("retracted article", "retracted articles", count, ("status", "retracted")),
    )


def _topics(connection: sqlite3.Connection) -> tuple[Topic, ...]:
    found = rows(
        connection,
        "SELECT t.name, t.title, t.term, coalesce(t.rationale, '') AS rationale, "
        "(SELECT count(*) FROM article_topics l WHERE l.topic = t.name AND l.left_run IS NULL) "
        "AS articles FROM topics t ORDER BY t.rowid",
    )
    return tuple(Topic(**row, href=search_path(topic=row["name"])) for row in found)


def _starts(connection: sqlite3.Connection, data: str) -> tuple[tuple[Link, str], ...]:
    free = _one(connection, "SELECT count(*) FROM articles WHERE pmcid IS NOT NULL") or 0
    return (
        (
            Link(label="Reading without a subscription", href=search_path(access="free")),
            f"{free:,} articles have their full text free in PubMed Central.",
        ),
        (
            Link(label="Writing a review", href="/about#searches"),
            "The searches word for word as they are sent to PubMed, and what they do not cover.",
        ),
        (
            Link(label="Working with the data", href=data),
            "All tables, as pages, CSV and JSON; the whole library is one SQLite file.",
        ),
        (
            Link(label="Checking our work", href=f"{data}/runs"),
            "Each harvest: what PubMed counted, what we hold, what changed, what failed.",
        ),
    )


def _select(connection: sqlite3.Connection, where: str, **values: Any) -> tuple[Brief, ...]:
    sql = f"SELECT {BRIEF_COLUMNS} FROM articles a WHERE {where} {_NEWEST}"  # noqa: S608
    return tuple(brief(row) for row in rows(connection, sql, limit=_SHOWN, **values))


def _all(one: str, many: str, count: int, *facets: tuple[str, str]) -> Link:
    """The way to all articles of a kind, newest first, with their number."""
    query = "&".join(
        [search_path(**{name + "_": value}).partition("?")[2] for name, value in facets]
        + ["sort=newest"]
    )
    label = f"All {count:,} {many}" if count > 1 else f"{count} {one}"
    return Link(label=label, href=f"/search?{query}")


def _names(names: Sequence[str]) -> str:
    """Names of ours as SQL text."""
    return ", ".join(f"'{name}'" for name in names)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _one(connection: sqlite3.Connection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None
