"""The home page: what is in the library, what is new in it, and the ways in.

Every number on it leads to the articles behind it and is counted from the same sets as the search
page. It is made once for each state of the library (`Cache.kept`).
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from harvester.evidence.design_groups import SYNTHESES, TRIALS, DesignGroup
from harvester.library.runs import last_good_of_all
from harvester.site.brief import Brief, brief
from harvester.site.cache import Cache
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.charts import Href, Period, Series, stacked_histogram, year_table
from harvester.site.dates import long_date, moment
from harvester.site.designs import Strip, design_strips, design_table, parted
from harvester.site.follow import Follow, follow_search, follow_warnings
from harvester.site.links import Link
from harvester.site.markup import clean
from harvester.site.questions import Entry, questions_for
from harvester.site.record import BRIEF_COLUMNS, Row, rows
from harvester.site.urls import Search, write

__all__ = [
    "HomeView",
    "Selection",
    "TopicCount",
    "layers",
    "load_home",
    "numbered",
    "topic_counts",
]

_SHOWN = 3  # of each kind
_NEWEST = 5
# What a harvest can bring, in the words of the first line.
_NEWS = (
    ("retracted", "retracted"),
    ("withdrawn", "gone from PubMed"),
    ("corrected", "corrected or called in doubt"),
    ("added", "new"),
    ("left", "no longer found by a search"),
    ("returned", "found again"),
    ("revised", "revised"),
    ("indexed", "given MeSH headings"),
)
# The layers of the chart from the bottom up: the sign of their designs, and their name.
_LAYERS = (
    ("review", "Reviews"),
    ("trial", "Trials and experiments in people"),
    ("observe", "Observational studies, case reports"),
    ("lab", "Animals and laboratory"),
    ("other", "All other"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCount:
    """One of the searches that the library is made of, and the articles that it finds."""

    name: str
    title: str
    articles: int
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The newest of the `count` articles of a kind; `link` leads to all of them."""

    articles: tuple[Brief, ...]
    count: int
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
    topics: tuple[TopicCount, ...]
    questions: tuple[Entry, ...]
    strips: tuple[Strip, ...]
    strips_table: Markup
    starts: tuple[tuple[Link, str], ...]
    follows: tuple[Follow, ...]


def load_home(
    connection: sqlite3.Connection, cache: Cache, *, href: Href, data: str = "/literature"
) -> HomeView:
    """The home page; `href(first, last)` is the search for these years, `data` the tables' path."""
    catalogue = cache.held
    found = parted(catalogue, catalogue.all)
    series = layers(catalogue, found)
    heading, newest = _newest(connection, catalogue)
    return HomeView(
        articles=len(catalogue.pmids),
        chart=stacked_histogram(series, href=href),
        table=year_table(series, href=href),
        legend=tuple((layer.kind, layer.label) for layer in series),
        news=_news(connection),
        newest_heading=heading,
        newest=newest,
        trials=_selection(
            connection, catalogue, ("design", TRIALS), "randomised trial", "randomised trials"
        ),
        reviews=_selection(
            connection, catalogue, ("design", SYNTHESES), "systematic review", "systematic reviews"
        ),
        retracted=_selection(
            connection,
            catalogue,
            ("status", ("retracted",)),
            "retracted article",
            "retracted articles",
        ),
        topics=topic_counts(connection, catalogue),
        questions=questions_for(connection, cache, "patients"),
        strips=design_strips(catalogue, found, _where),
        strips_table=design_table(catalogue, found, _where),
        starts=_starts(catalogue, data),
        follows=(follow_search(Search()), follow_warnings()),
    )


def layers(catalogue: Catalogue, found: Mapping[DesignGroup, Articles]) -> tuple[Series, ...]:
    """All articles by year; `found` has each in one group."""
    counts: dict[str, Counter[int]] = {kind: Counter() for kind, _ in _LAYERS}
    for group, articles in found.items():
        counts[group.kind].update(catalogue.count_years(articles))
    return tuple(Series(kind=kind, label=label, counts=counts[kind]) for kind, label in _LAYERS)


def topic_counts(connection: sqlite3.Connection, catalogue: Catalogue) -> tuple[TopicCount, ...]:
    """The searches of the library in their order."""
    return tuple(
        TopicCount(
            name=name,
            title=clean(title),
            articles=catalogue.having("topic", (name,)).bit_count(),
            href=write(Search(chosen=(("topic", name),))),
        )
        for name, title in map(
            tuple, connection.execute("SELECT name, title FROM topics ORDER BY rowid")
        )
    )


def numbered(count: int, one: str, many: str) -> str:
    """`1 article`, `13,918 articles`."""
    return f"{count:,} {one if count == 1 else many}"


def _where(group: DesignGroup, period: Period | None) -> str | None:
    """The search for a group; for those without a design there is none."""
    if not group.designs:
        return None
    search = _of("design", group.designs)
    return write(search.years(period.first, period.last) if period else search)


def _of(facet: str, values: Sequence[str]) -> Search:
    return Search(chosen=tuple((facet, value) for value in values))


def _news(connection: sqlite3.Connection) -> News | None:
    good = last_good_of_all(connection)
    if not good:
        return None
    # By record and kind, as the page of changes lists them.
    counts = dict(
        map(
            tuple,
            connection.execute(
                "SELECT kind, count(DISTINCT pmid) FROM changes WHERE run_id = ? GROUP BY kind",
                (good["id"],),
            ),
        )
    )
    links = tuple(
        Link(
            label=f"{count:,} {_were(count)} {word}",
            href=f"/changes?kind={kind}&run={good['id']}",
        )
        for kind, word in _NEWS
        if (count := counts.get(kind, 0))
    )
    return News(
        when=moment(good["finished"]),
        reported=good["reported"],
        held=good["held"],
        links=links,
    )


def _newest(connection: sqlite3.Connection, catalogue: Catalogue) -> tuple[str, Selection]:
    """What the last run that added articles added, unless it was the first."""
    everything = Link(
        label=_all_of(len(catalogue.pmids), "article", "articles"), href="/search?sort=newest"
    )
    first, last = connection.execute(
        "SELECT (SELECT min(run_id) FROM changes WHERE kind = 'added'), "
        "(SELECT max(run_id) FROM changes WHERE kind = 'added')"
    ).fetchone()
    if last is not None and last != first:
        added = connection.execute(
            "SELECT pmid FROM changes WHERE kind = 'added' AND run_id = ?", (last,)
        )
        articles = catalogue.articles(pmid for (pmid,) in added)
        (started,) = connection.execute("SELECT started FROM runs WHERE id = ?", (last,)).fetchone()
        if articles:
            count = articles.bit_count()
            new = Link(
                label=_all_of(count, "new article", "new articles"),
                href=f"/changes?kind=added&run={last}",
            )
            newest = _briefs(connection, catalogue, articles, _NEWEST)
            return f"New on {long_date(started[:10])}", Selection(
                articles=newest, count=count, link=new
            )
    return "Newest articles", Selection(
        articles=_briefs(connection, catalogue, catalogue.all, _NEWEST),
        count=len(catalogue.pmids),
        link=everything,
    )


def _selection(
    connection: sqlite3.Connection,
    catalogue: Catalogue,
    kind: tuple[str, Sequence[str]],
    one: str,
    many: str,
) -> Selection:
    """The newest with any of these values of a facet."""
    articles = catalogue.having(*kind)
    return Selection(
        articles=_briefs(connection, catalogue, articles),
        count=articles.bit_count(),
        link=Link(
            label=_all_of(articles.bit_count(), one, many),
            href=write(_of(*kind).sorted_by("newest")),
        ),
    )


def _briefs(
    connection: sqlite3.Connection, catalogue: Catalogue, articles: Articles, most: int = _SHOWN
) -> tuple[Brief, ...]:
    """The newest of a set."""
    pmids = list(islice(catalogue.newest(articles), most))
    found = {row["pmid"]: row for row in _rows_of(connection, pmids)}
    return tuple(brief(found[pmid]) for pmid in pmids if pmid in found)


def _rows_of(connection: sqlite3.Connection, pmids: Iterable[int]) -> Iterable[Row]:
    sql = f"SELECT {BRIEF_COLUMNS} FROM articles a WHERE a.pmid = :pmid"  # noqa: S608
    for pmid in pmids:
        yield from rows(connection, sql, pmid=pmid)


def _starts(catalogue: Catalogue, data: str) -> tuple[tuple[Link, str], ...]:
    free = catalogue.having("access", ("free",)).bit_count()
    return (
        (
            Link(label="Reading for yourself or someone close", href="/about#reading"),
            "What an abstract can tell and what it cannot, and where to turn in a crisis.",
        ),
        (
            Link(label="Reading without a subscription", href="/search?access=free"),
            f"{numbered(free, 'article has its', 'articles have their')} full text free in PubMed "
            "Central.",
        ),
        (
            Link(label="Writing a systematic review", href="/methods#strategy"),
            "The searches word for word, PubMed’s reading of them, every run, and a search "
            "appendix by PRISMA-S.",
        ),
        (
            Link(label="Seeing the gaps", href="/map"),
            "What has been studied in whom, and what nobody here has published on. Also doses, "
            "times, sizes and harms, counted.",
        ),
        (
            Link(label="Planning a trial", href="/trials"),
            "All registered trials that articles here name, each with its papers, and the "
            "protocols that still wait for results.",
        ),
        (
            Link(label="Working with the data", href=data),
            "All tables, as pages, CSV and JSON; the whole library is one SQLite file.",
        ),
    )


def _all_of(count: int, one: str, many: str) -> str:
    return f"All {count:,} {many}" if count > 1 else f"{count} {one}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
