"""A registered trial: every article here that gives its number, by what kind of article it is."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harvester.site.cache import Cache
from harvester.site.follow import Follow, follow_search
from harvester.site.links import Link, phrase, registry_link, trial_path
from harvester.site.markup import clean
from harvester.site.places import Unknown
from harvester.site.record import rows
from harvester.site.registered import paper_kind
from harvester.site.results import Result, read_results
from harvester.site.search import identifier
from harvester.site.selection import listed_exports
from harvester.site.urls import Search

__all__ = ["Paper", "Part", "TrialPage", "load_trial"]

_TRIAL = "SELECT id, registry FROM trials WHERE id = :key"
_SPELLED = "SELECT id FROM trials WHERE id = :key COLLATE NOCASE AND id <> :key"
_ARTICLES = (
    "SELECT l.pmid, l.source, a.title, a.design, EXISTS (SELECT 1 FROM findings f "
    "WHERE f.pmid = a.pmid AND f.facet = 'design_flag' "
    "AND f.value = 'secondary_analysis') AS later "
    "FROM article_trials l JOIN articles a ON a.pmid = l.pmid "
    "WHERE l.trial_id = :key ORDER BY a.published, a.pmid"
)
_QUOTES = "SELECT pmid, quote FROM findings WHERE facet = 'registration' AND value = :key"
_NUMBERS = (
    "SELECT l.pmid, t.id, t.registry FROM article_trials l JOIN trials t ON t.id = l.trial_id "
    "WHERE l.pmid IN (SELECT value FROM json_each(:pmids)) AND t.id <> :key ORDER BY t.id"
)
_TYPES = (
    "SELECT l.pmid, t.name FROM article_publication_types l "
    "JOIN publication_types t ON t.id = l.publication_type_id "
    "WHERE l.pmid IN (SELECT value FROM json_each(:pmids))"
)
# Articles that are tied to one of these by PubMed, from whichever side.
_LINKED = (
    "SELECT a.pmid, min(c.kind) AS kind FROM articles a JOIN ("
    "SELECT c.pmid AS pmid, c.kind AS kind FROM corrections c "
    "WHERE c.other_pmid IN (SELECT value FROM json_each(:pmids)) "
    "AND c.kind IN (SELECT value FROM json_each(:on)) UNION ALL "
    "SELECT c.other_pmid, c.kind FROM corrections c "
    "WHERE c.pmid IN (SELECT value FROM json_each(:pmids)) "
    "AND c.kind IN (SELECT value FROM json_each(:in))) c ON c.pmid = a.pmid "
    "WHERE a.pmid NOT IN (SELECT value FROM json_each(:pmids)) "
    "GROUP BY a.pmid ORDER BY a.published, a.pmid"
)
_LINKS = (
    *("CommentOn", "ErratumFor", "RetractionOf", "PartialRetractionOf"),
    *("ExpressionOfConcernFor", "UpdateOf"),
)
_LINKS_BACK = (
    *("CommentIn", "ErratumIn", "RetractionIn", "PartialRetractionIn"),
    *("ExpressionOfConcernIn", "UpdateIn"),
)

# Words with which authors themselves set a report apart from the first one.
_LATER = re.compile(
    r"\b(?:secondary|post[- ]hoc|exploratory|subgroup|sub-?analys[ei]s|sub-?study|ancillary|pooled|"
    r"re-?analys[ei]s|follow[- ]?up|long[- ]term|extension|predictors?|moderators?|mediators?)\b",
    re.IGNORECASE,
)
# In the order of the page: key, heading, and what puts an article there. What an article is, its
# design says, or NLM's publication types.
_PARTS = (
    ("protocol", "Protocol", "It says how the study is to be done."),
    ("results", "Reports of results", "Each reports a study in people."),
    (
        "later",
        "Secondary analyses and follow-up",
        "Each says of itself that it is a later or partial look.",
    ),
    ("other", "Other articles that give the number", "What kind of article they are is not known."),
    ("review", "Reviews that give the number", ""),
    ("comment", "Comments and notices", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """`found` says where the number stands, in which words; `others` are its other numbers."""

    result: Result
    found: str
    quote: str | None
    others: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    key: str
    heading: str
    why: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPage:
    """`reported`: whether an article here reports a study and is not retracted."""

    number: str
    registry: str
    registered: Link
    total: int
    retracted: int
    reported: bool
    parts: tuple[Part, ...]
    linked: tuple[Paper, ...]
    others: tuple[Link, ...]
    exports: tuple[Link, ...]
    follow: Follow | None


def load_trial(connection: sqlite3.Connection, cache: Cache, key: str) -> TrialPage | str:
    """The trial with this number, or the path of the number as it is written; raises `Unknown`."""
    catalogue = cache.held
    trial = rows(connection, _TRIAL, key=key)
    held = rows(connection, _ARTICLES, key=key)
    if not trial or not held:
        spelled = rows(connection, _SPELLED, key=key.strip())
        if spelled:
            return trial_path(spelled[0]["id"])
        raise Unknown("No article here gives this trial number", phrase(clean(key)))
    pmids = [r["pmid"] for r in held]
    asked = json.dumps(pmids)
    types: dict[int, set[str]] = {}
    for r in rows(connection, _TYPES, pmids=asked):
        types.setdefault(r["pmid"], set()).add(r["name"])
    numbers: dict[int, list[Link]] = {}
    for r in rows(connection, _NUMBERS, pmids=asked, key=key):
        link = Link(label=clean(r["id"]), href=trial_path(r["id"]))
        numbers.setdefault(r["pmid"], []).append(link)
    quotes = {r["pmid"]: clean(r["quote"] or "") for r in rows(connection, _QUOTES, key=key)}
    results = {r.brief.pmid: r for r in read_results(connection, pmids, None, catalogue.cited)}
    papers: dict[str, list[Paper]] = {}
    for r in held:
        pmid = r["pmid"]
        part = paper_kind(r["design"] or "", types.get(pmid, ()))
        if part == "results" and (r["later"] or _LATER.search(r["title"])):
            part = "later"
        paper = Paper(
            result=results[pmid],
            found=_found(r["source"]),
            quote=quotes.get(pmid) if r["source"] == "abstract" else None,
            others=tuple(numbers.get(pmid, ())),
        )
        papers.setdefault(part, []).append(paper)
    registry = clean(trial[0]["registry"])
    return TrialPage(
        number=clean(key),
        registry=registry,
        registered=registry_link(key, registry),
        total=len(pmids),
        retracted=sum(_is_retracted(result) for result in results.values()),
        reported=any(
            not _is_retracted(paper.result)
            for part in ("results", "later")
            for paper in papers.get(part, ())
        ),
        parts=tuple(
            Part(key=name, heading=heading, why=why, papers=tuple(papers[name]))
            for name, heading, why in _PARTS
            if name in papers
        ),
        linked=tuple(_linked(connection, asked, catalogue.cited)),
        others=tuple({link.href: link for links in numbers.values() for link in links}.values()),
        exports=listed_exports(
            connection,
            cache,
            Search(q=key if identifier(key) else phrase(key)).sorted_by("newest"),
            catalogue.articles(pmids),
        ),
        follow=_follow(key),
    )


def _follow(number: str) -> Follow | None:
    """Its articles as they come in, where the search takes the number for what it is."""
    if (identifier(number) or ("",))[0] != "trial":
        return None
    return follow_search(Search(q=number), title=f"New articles of the trial {clean(number)}")


def _found(source: str) -> str:
    return "in its abstract" if source == "abstract" else "in PubMed’s list of data banks"


def _is_retracted(result: Result) -> bool:
    return result.brief.status is not None and result.brief.status.state == "retracted"


def _linked(
    connection: sqlite3.Connection, pmids: str, cited: Mapping[int, int]
) -> Iterator[Paper]:
    """Comments on the articles, and notices about them, that do not give the number themselves."""
    links = {"on": json.dumps(_LINKS), "in": json.dumps(_LINKS_BACK)}
    found = [r["pmid"] for r in rows(connection, _LINKED, pmids=pmids, **links)]
    for result in read_results(connection, found, None, cited):
        yield Paper(result=result, found="", quote=None, others=())
