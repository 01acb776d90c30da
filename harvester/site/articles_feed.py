"""The newest articles of a search, or of an evidence page, as a feed.

An article is an entry once, by the time it came into the library. That one was retracted, doubted,
corrected or taken out of PubMed since is an entry of its own: a reader that has shown the article
already would not show it again.
"""

import json
import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from harvester.evidence.questions import Question
from harvester.exports.feed import Entry, Feed, tag
from harvester.library.notices import BY_FLAG
from harvester.site.cache import Cache
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.facets import FACETS
from harvester.site.feed_parts import MOST, NAME, change_entry, headed, last_look, sample_mark
from harvester.site.follow import ATOM, JSON, Follow, follow_question, follow_search
from harvester.site.ledger import Key, read_changes
from harvester.site.links import article_path, pubmed_url, question_path
from harvester.site.question_panels import rule_of
from harvester.site.record import Row, rows
from harvester.site.results import Result, read_results
from harvester.site.search_page import chips
from harvester.site.urls import Search, write

__all__ = ["load_question_feed", "load_search_feed"]

# What those who know an article already must be told.
_GRAVE = "('retracted', 'withdrawn', 'corrected')"
_EVENTS = (
    "SELECT c.pmid, c.run_id AS run, r.started AS at FROM changes c "  # noqa: S608 (constants)
    f"JOIN runs r ON r.id = c.run_id WHERE c.kind IN {_GRAVE} "
    "GROUP BY c.run_id, c.pmid ORDER BY at DESC, run DESC, c.pmid DESC"
)
_TOLD = (
    "SELECT c.pmid, max(r.started) AS at FROM changes c "  # noqa: S608 (constants)
    f"JOIN runs r ON r.id = c.run_id WHERE c.kind IN {_GRAVE} "
    "AND c.pmid IN (SELECT value FROM json_each(:pmids)) GROUP BY c.pmid"
)
# Where a notice that came later is the only word of it: PubMed has not marked the article itself.
_NOTICED = (
    "SELECT n.other_pmid AS pmid, n.pmid AS notice, n.kind, r.started AS at FROM corrections n "  # noqa: S608
    "JOIN articles m ON m.pmid = n.pmid JOIN runs r ON r.id = m.first_run "
    "JOIN articles a ON a.pmid = n.other_pmid WHERE m.first_run > coalesce(a.first_run, 0) AND ("
    + " OR ".join(
        f"NOT a.{flag} AND n.kind IN ({', '.join(map(repr, kinds))})"
        for flag, kinds in BY_FLAG.items()
    )
    + ") ORDER BY r.started DESC, n.other_pmid DESC, n.pmid DESC"
)
# State and words, by the notice's link.
_SAID = {
    kind: (flag, FACETS["status"].say(flag)) for flag, kinds in BY_FLAG.items() for kind in kinds
}
_CAME = "coalesce(r.started, a.first_seen)"
_SINCE = (
    f"SELECT a.pmid, {_CAME} AS at FROM articles a "  # noqa: S608 (constants)
    "LEFT JOIN runs r ON r.id = a.first_run "
    "WHERE a.pmid IN (SELECT value FROM json_each(:pmids))"
)
_BY_COMING = (
    "SELECT a.pmid FROM articles a LEFT JOIN runs r ON r.id = a.first_run "  # noqa: S608
    f"ORDER BY {_CAME} DESC, a.entered DESC, a.pmid DESC"
)


def load_search_feed(
    connection: sqlite3.Connection, cache: Cache, search: Search, *, root: str, form: str = ATOM
) -> Feed:
    """The feed of what a search finds, whatever its order; `root` is the site's whole address."""
    asked = replace(search, sort=None, page=1)
    return _feed(
        connection,
        cache,
        (asked,),
        follow=follow_search(asked, [chip.label for chip in chips(asked, cache.held)]),
        about="Articles of this search by the time they came into the library, the newest first; "
        "and retractions, corrections and concerns among them.",
        page=write(asked),
        root=root,
        form=form,
    )


def load_question_feed(
    connection: sqlite3.Connection, cache: Cache, question: Question, *, root: str, form: str = ATOM
) -> Feed:
    """The feed of the articles that an evidence page counts."""
    return _feed(
        connection,
        cache,
        tuple(map(rule_of, question.panels)),
        follow=follow_question(question.id, f"New articles: {question.question}"),
        about="Articles that this page counts by the time they came into the library, the newest "
        "first; and retractions, corrections and concerns among them. No answer to the question.",
        page=question_path(question.id),
        root=root,
        form=form,
    )


def _feed(
    connection: sqlite3.Connection,
    cache: Cache,
    searches: Sequence[Search],
    *,
    follow: Follow,
    about: str,
    page: str,
    root: str,
    form: str,
) -> Feed:
    catalogue, mark = cache.held, sample_mark(connection)
    articles = watched = 0
    for search in searches:
        articles |= cache.articles(connection, search)
        # Once it is retracted, an article is no longer among those of a search for research only.
        watched |= cache.articles(connection, search.without("record").without("status"))
    entries = [
        *_articles(connection, cache, articles, root, mark),
        *_events(connection, catalogue, watched | articles, root, mark),
    ]
    entries.sort(key=_moment, reverse=True)  # stable: what came together stays in its order
    newest = tuple(entries[:MOST])
    return Feed(
        id=tag(page.removeprefix("/")),
        title=mark + follow.title,
        subtitle="Every record and number here is invented." if mark else about,
        updated=max((entry.updated for entry in newest), default=last_look(connection)),
        author=NAME,
        self_href=root + {ATOM: follow.atom, JSON: follow.json}[form],
        href=root + page,
        entries=newest,
    )


def _moment(entry: Entry) -> str:
    return entry.published or entry.updated


def _articles(
    connection: sqlite3.Connection, cache: Cache, articles: Articles, root: str, mark: str
) -> Iterator[Entry]:
    """The articles that came last, each once."""
    catalogue = cache.held
    order = cache.kept(connection, "came", lambda: _by_coming(connection))
    flags, places = catalogue.flags(articles), catalogue.places
    pmids = list(islice((p for p in order if p in places and flags[places[p]]), MOST))
    listed = json.dumps(pmids)
    came = {row["pmid"]: row["at"] for row in rows(connection, _SINCE, pmids=listed)}
    told = {row["pmid"]: row["at"] for row in reversed(rows(connection, _NOTICED))}
    for row in rows(connection, _TOLD, pmids=listed):
        told[row["pmid"]] = max(row["at"], told.get(row["pmid"], ""))
    for result in read_results(connection, pmids, None, catalogue.cited):
        at = came[result.brief.pmid]
        yield _entry(result, at, max(at, told.get(result.brief.pmid, "")), root, mark)


def _by_coming(connection: sqlite3.Connection) -> "array[int]":
    """All PMIDs, the last that came into the library first; of one run the newest at PubMed."""
    return array("q", (pmid for (pmid,) in map(tuple, connection.execute(_BY_COMING))))


def _entry(result: Result, at: str, updated: str, root: str, mark: str) -> Entry:
    item = result.brief
    title = str(item.title.striptags())
    kind = [(item.kind, item.label)] if item.label else []
    status = [(item.status.state, item.status.label)] if item.status else []
    return Entry(
        id=tag(f"article/{item.pmid}"),
        title=mark + (headed(item.status.label, title) if item.status else title),
        published=at,
        updated=updated,
        href=root + article_path(item.pmid),
        elsewhere=pubmed_url(item.pmid),
        summary=_summary(result),
        categories=(*status, *kind),
    )


def _summary(result: Result) -> str:
    """What it is, in the order in which readers ask; then how its abstract begins."""
    item = result.brief
    names = ", ".join(item.authors[:3]) + (", et al" if len(item.authors) > 3 else "")
    parts = (
        item.status.label if item.status else "",
        item.label or "Design not found",
        result.size or "",
        names,
        item.source or "",
        str(item.year) if item.year else "",
        f"PMID {item.pmid}",
        str(result.snippet.striptags()) if result.snippet else "",
        "" if result.has_abstract else "No abstract in PubMed",
    )
    return " ".join(
        part if part.endswith((".", "…", "?", "!")) else f"{part}." for part in parts if part
    )


def _events(
    connection: sqlite3.Connection, catalogue: Catalogue, watched: Articles, root: str, mark: str
) -> Iterator[Entry]:
    """The last retractions, corrections and the like among the articles."""
    flags, places = catalogue.flags(watched), catalogue.places

    def among(sql: str) -> list[Row]:
        found = (r for r in rows(connection, sql) if r["pmid"] in places)
        return list(islice((r for r in found if flags[places[r["pmid"]]]), MOST))

    newest: dict[Key, str] = {(row["run"], row["pmid"]): row["at"] for row in among(_EVENTS)}
    for change in read_changes(connection, list(newest)):
        yield change_entry(change, newest[change.run, change.pmid], root, mark)
    noticed = among(_NOTICED)
    pmids = list(dict.fromkeys(row["pmid"] for row in noticed))
    results = {r.brief.pmid: r for r in read_results(connection, pmids, None, catalogue.cited)}
    entries = [_notice_entry(row, results[row["pmid"]], root, mark) for row in noticed]
    yield from {entry.id: entry for entry in entries}.values()


def _notice_entry(row: Row, result: Result, root: str, mark: str) -> Entry:
    """What a notice says of an article that PubMed has not marked yet."""
    state, label = _SAID[row["kind"]]
    item = result.brief
    title = str(item.title.striptags())
    if item.status and item.status.label != label:
        title = headed(item.status.label, title)
    return Entry(
        id=tag(f"notice/{row['notice']}/{item.pmid}/{state}"),
        title=mark + headed(label, title),
        updated=row["at"],
        href=root + article_path(item.pmid),
        elsewhere=pubmed_url(item.pmid),
        summary=f"A notice that came into this library says so: PMID {row['notice']}. PubMed has "
        f"not marked the article itself yet. {_summary(result)}",
        categories=((state, label),),
    )
