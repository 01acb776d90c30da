"""Articles related to one, each with the reasons: found by what is rare, weighed by `likeness`.

Two steps, so that it takes milliseconds in a library of any size. Who shares anything is collected
from the newest articles of each heading, substance, keyword and cited paper, the rarest first; then
the best of them are compared with this article in everything. What the page lists elsewhere, its
notices and other versions, is never among them; nor is any notice, which is no study.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from harvester.site.brief import Brief, brief
from harvester.site.likeness import KINDS, Key, Reason, Traits, is_near, likeness, rarity, score_of
from harvester.site.markup import clean
from harvester.site.places import CHECK_TAGS, many
from harvester.site.record import BRIEF_COLUMNS, rows

__all__ = ["Because", "Related", "load_related"]

_SHOWN = 12
_NAMED = 4  # things of a reason that are named; more than one more are counted

_NEWEST = 400  # articles looked at for one shared thing
_READ = 6_000  # and for all of one kind together
_COMPARED = 80
_REFERENCES = 1_000  # of this article
_CITING = 200  # articles here whose reference lists are read for "cited together"
_LINK = 9  # points of a candidate that is linked with this article

# Who has a thing: the table, and its column of the thing's number, by kind.
_HOLDERS = {
    "mesh": ("article_mesh", "mesh_id"),
    "substances": ("article_substances", "substance_id"),
    "keywords": ("article_keywords", "keyword_id"),
    "references": ("citations", "cited_pmid"),
}
_IDS = {
    "mesh": "SELECT id FROM mesh_terms WHERE name IN (SELECT value FROM json_each(:names))",
    "substances": "SELECT id FROM substances WHERE name IN (SELECT value FROM json_each(:names))",
    "keywords": "SELECT id FROM keywords WHERE keyword IN (SELECT value FROM json_each(:names))",
}
_TRAITS = {
    "mesh": "SELECT l.pmid, t.name, l.major FROM article_mesh l "
    "JOIN mesh_terms t ON t.id = l.mesh_id WHERE l.pmid IN (SELECT value FROM json_each(:pmids))",
    "substances": "SELECT l.pmid, s.name FROM article_substances l "
    "JOIN substances s ON s.id = l.substance_id "
    "WHERE l.pmid IN (SELECT value FROM json_each(:pmids))",
    "keywords": "SELECT l.pmid, k.keyword AS name FROM article_keywords l "
    "JOIN keywords k ON k.id = l.keyword_id WHERE l.pmid IN (SELECT value FROM json_each(:pmids))",
    "trials": "SELECT pmid, trial_id AS key FROM article_trials "
    "WHERE pmid IN (SELECT value FROM json_each(:pmids))",
    "cites": "SELECT pmid, cited_pmid AS key FROM citations "
    "WHERE pmid IN (SELECT value FROM json_each(:pmids)) AND cited_pmid IS NOT NULL UNION ALL "
    "SELECT pmid, other_pmid FROM corrections WHERE kind = 'Cites' AND other_pmid IS NOT NULL "
    "AND pmid IN (SELECT value FROM json_each(:pmids))",
    "comments_on": "SELECT pmid, other_pmid AS key FROM corrections WHERE kind = 'CommentOn' "
    "AND pmid IN (SELECT value FROM json_each(:pmids)) AND other_pmid IS NOT NULL UNION "
    "SELECT other_pmid, pmid FROM corrections WHERE kind = 'CommentIn' "
    "AND other_pmid IN (SELECT value FROM json_each(:pmids))",
}
# Of the others only what this article has too: reading all that 80 articles cite takes longer than
# everything else. The plus keeps SQLite from one look into an index for each pair.
_SHARED = {
    **_TRAITS,
    "mesh": "SELECT l.pmid, t.name, l.major FROM article_mesh l "
    "JOIN mesh_terms t ON t.id = l.mesh_id WHERE l.pmid IN (SELECT value FROM json_each(:pmids)) "
    "AND +l.mesh_id IN "
    "(SELECT id FROM mesh_terms WHERE name IN (SELECT value FROM json_each(:mesh)))",
    "cites": "SELECT pmid, cited_pmid AS key FROM citations "
    "WHERE cited_pmid IN (SELECT value FROM json_each(:cites)) "
    "AND +pmid IN (SELECT value FROM json_each(:pmids)) UNION ALL "
    "SELECT pmid, other_pmid FROM corrections WHERE kind = 'Cites' "
    "AND other_pmid IN (SELECT value FROM json_each(:cites)) "
    "AND +pmid IN (SELECT value FROM json_each(:pmids))",
}
_CITED_BY = (
    "SELECT pmid FROM citations WHERE cited_pmid = :pmid UNION SELECT pmid FROM corrections "
    "WHERE other_pmid = :pmid AND kind = 'Cites' ORDER BY 1 DESC LIMIT :most"
)
_CITED_WITH = (
    "SELECT c.cited_pmid AS key, c.pmid FROM citations c JOIN articles a ON a.pmid = c.cited_pmid "
    "WHERE c.pmid IN (SELECT value FROM json_each(:pmids))"
)
_HELD = "SELECT pmid FROM articles WHERE pmid IN (SELECT value FROM json_each(:pmids))"
_SAME_TRIAL = (
    "SELECT l.pmid FROM article_trials o JOIN article_trials l ON l.trial_id = o.trial_id "
    "WHERE o.pmid = :pmid ORDER BY l.pmid DESC LIMIT :most"
)
_LINKED = (
    "SELECT other_pmid AS pmid, kind FROM corrections WHERE pmid = :pmid "
    "AND other_pmid IS NOT NULL "
    "UNION SELECT pmid, kind FROM corrections WHERE other_pmid = :pmid"
)
_BRIEFS = (
    f"SELECT {BRIEF_COLUMNS} FROM articles a "  # noqa: S608 (constants)
    "WHERE a.pmid IN (SELECT value FROM json_each(:pmids))"
)
_STUDIES = (
    "SELECT a.pmid, a.year FROM articles a WHERE a.pmid IN (SELECT value FROM json_each(:pmids)) "
    "AND NOT a.retraction_notice AND NOT EXISTS (SELECT 1 FROM article_publication_types p "
    "JOIN publication_types t ON t.id = p.publication_type_id WHERE p.pmid = a.pmid "
    "AND t.name IN ('Published Erratum', 'Expression of Concern', 'Retraction Notice'))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """A reason in words; `kind` is one of `likeness.KINDS`, `values` name all that is shared."""

    kind: str
    says: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """An article of the library; `score` orders those of one page and means nothing else."""

    article: Brief
    score: float
    reasons: tuple[Because, ...]


def load_related(connection: sqlite3.Connection, pmid: int) -> tuple[Related, ...]:
    """The articles most like this one, the nearest first, at most twelve."""
    cited_by = [row["pmid"] for row in rows(connection, _CITED_BY, pmid=pmid, most=_CITING)]
    own = _read(connection, _TRAITS, [pmid])
    here = _traits(own, [pmid], {pmid: frozenset(cited_by)})[pmid]
    held = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    weights, sharing = _things(connection, here, held)
    together = _cited_together(connection, cited_by)
    for other, citing in together.items():
        sharing[other] += len(citing)
    linked = rows(connection, _LINKED, pmid=pmid)
    talk = {row["pmid"] for row in linked if row["kind"] in ("CommentOn", "CommentIn", "Cites")}
    same = {row["pmid"] for row in rows(connection, _SAME_TRIAL, pmid=pmid, most=_COMPARED)}
    cited = {row["pmid"] for row in rows(connection, _HELD, pmids=json.dumps([*here.cites]))}
    for other in talk | same | cited | {*cited_by[:_COMPARED]}:
        sharing[other] += _LINK
    elsewhere = {row["pmid"] for row in linked} - talk | {pmid}
    points = {other: n for other, n in sharing.items() if other not in elsewhere}
    years = _best(connection, points)
    lacking = [kind for kind in ("substances", "keywords", "trials") if not getattr(here, kind)]
    asked: dict[str, list[Any]] = {"mesh": [*here.mesh], "cites": [*here.cites, pmid]}
    shared = _read(connection, _SHARED, years, without=lacking, **asked)
    others = _traits(shared, years, together)
    compared = ((other, likeness(here, others[other], weights)) for other in years)
    near = [(other, reasons) for other, reasons in compared if is_near(reasons, held)]
    near.sort(key=lambda c: (-score_of(c[1]), -(years[c[0]] or 0), -c[0]))
    shown = near[:_SHOWN]
    listed = json.dumps([other for other, _ in shown])
    briefs = {row["pmid"]: brief(row) for row in rows(connection, _BRIEFS, pmids=listed)}
    return tuple(_related(briefs[other], reasons, here) for other, reasons in shown)


def _read(
    connection: sqlite3.Connection,
    traits: Mapping[str, str],
    pmids: Collection[int],
    *,
    without: Collection[str] = (),
    **shared: Any,
) -> dict[str, Iterable[Any]]:
    """The rows of each kind but some: as they come, there can be thousands."""
    asked = {name: json.dumps(things) for name, things in shared.items()}
    asked["pmids"] = json.dumps([*pmids])
    return {
        kind: connection.execute(sql, asked) for kind, sql in traits.items() if kind not in without
    }


def _traits(
    read: Mapping[str, Iterable[Any]],
    pmids: Collection[int],
    cited_by: Mapping[int, frozenset[int]],
) -> dict[int, Traits]:
    """What is compared of each of these records, from the rows of each kind."""
    mesh: dict[int, dict[str, bool]] = {pmid: {} for pmid in pmids}
    for of, name, major in read["mesh"]:
        if name not in CHECK_TAGS:
            mesh[of][name] = mesh[of].get(name, False) or bool(major)
    printed: dict[str, dict[int, dict[str, str]]] = {}
    for kind in ("substances", "keywords"):
        printed[kind] = {pmid: {} for pmid in pmids}
        for of, name in read.get(kind, ()):
            printed[kind][of].setdefault(name.casefold(), name)
    tied: dict[str, dict[int, set[Any]]] = {}
    for kind in ("trials", "cites", "comments_on"):
        tied[kind] = {pmid: set() for pmid in pmids}
        for of, key in read.get(kind, ()):
            tied[kind][of].add(key)
    return {
        pmid: Traits(
            pmid=pmid,
            mesh=mesh[pmid],
            substances=printed["substances"][pmid],
            keywords=printed["keywords"][pmid],
            trials=frozenset(tied["trials"][pmid]),
            cites=frozenset(tied["cites"][pmid] - {pmid}),
            comments_on=frozenset(tied["comments_on"][pmid]),
            cited_by=cited_by.get(pmid, frozenset()),
        )
        for pmid in pmids
    }


def _things(
    connection: sqlite3.Connection, here: Traits, held: int
) -> tuple[dict[tuple[str, Key], float], defaultdict[int, float]]:
    """The weight of each thing this article has, and of those that share some, the points."""
    weights: dict[tuple[str, Key], float] = {}
    points: defaultdict[int, float] = defaultdict(float)
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: there are thousands
    for kind, things in (
        ("mesh", {name: [name] for name in here.mesh}),
        ("substances", {key: [name] for key, name in here.substances.items()}),
        ("keywords", {key: _spellings(name) for key, name in here.keywords.items()}),
        ("references", {cited: [] for cited in sorted(here.cites)[:_REFERENCES]}),
    ):
        holders = {key: _numbers(connection, kind, key, names) for key, names in things.items()}
        every = _counts(connection, kind, [n for numbers in holders.values() for n in numbers])
        counts = {key: sum(every.get(n, 0) for n in ids) for key, ids in holders.items()}
        weights |= {(kind, key): rarity(held, n) for key, n in counts.items() if n > 1}
        table, column = _HOLDERS[kind]
        newest = f"SELECT pmid FROM {table} WHERE {column} = ? ORDER BY pmid DESC LIMIT {_NEWEST}"  # noqa: S608
        left = _READ
        for key in sorted(holders, key=lambda k: counts[k]):
            weight = weights.get((kind, key), 0)
            if not weight or left <= 0:
                continue
            for number in holders[key]:
                found = cursor.execute(newest, [number]).fetchall()
                left -= len(found)
                for (pmid,) in found:
                    points[pmid] += weight
    return weights, points


def _spellings(keyword: str) -> list[str]:
    """Authors write a keyword with capitals, or without."""
    every = (keyword, keyword.lower(), keyword.capitalize(), keyword.title(), keyword.upper())
    return list(dict.fromkeys(every))


def _numbers(
    connection: sqlite3.Connection, kind: str, key: Key, names: Collection[str]
) -> list[int]:
    """The numbers under which the library has a thing."""
    if isinstance(key, int):
        return [key]
    return [row["id"] for row in rows(connection, _IDS[kind], names=json.dumps([*names]))]


def _counts(connection: sqlite3.Connection, kind: str, numbers: Collection[int]) -> dict[int, int]:
    """How many articles have each of these things."""
    table, column = _HOLDERS[kind]
    sql = (
        f"SELECT {column}, count(*) FROM {table} "  # noqa: S608 (constants)
        f"WHERE {column} IN (SELECT value FROM json_each(?)) GROUP BY {column}"
    )
    return dict(map(tuple, connection.execute(sql, [json.dumps(numbers)])))


def _cited_together(
    connection: sqlite3.Connection, citing: Collection[int]
) -> dict[int, frozenset[int]]:
    """Articles here that these also cite, each with those of them that do."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for row in rows(connection, _CITED_WITH, pmids=json.dumps([*citing])):
        found[row["key"]].add(row["pmid"])
    return {key: frozenset(pmids) for key, pmids in found.items()}


def _best(connection: sqlite3.Connection, points: Mapping[int, float]) -> dict[int, int | None]:
    """Of the candidates those that are studies and here, as many as are to be compared.

    Each with its year, the best first, of equals the newest.
    """
    newest = sorted(points, reverse=True)
    order = sorted(newest, key=points.__getitem__, reverse=True)
    found: dict[int, int | None] = {}
    # Few are left out, so that the second look is seldom needed.
    for start in (0, _COMPARED):
        asked = order[start : start + _COMPARED] if len(found) < _COMPARED else []
        studies = connection.execute(_STUDIES, {"pmids": json.dumps(asked)}) if asked else ()
        years = dict(map(tuple, studies))
        found |= {pmid: years[pmid] for pmid in asked if pmid in years}
    return dict(islice(found.items(), _COMPARED))


def _related(article: Brief, reasons: Iterable[Reason], here: Traits) -> Related:
    told = sorted(reasons, key=lambda reason: KINDS.index(reason.kind))
    score = round(score_of(told), 1)
    return Related(article=article, score=score, reasons=tuple(_because(r, here) for r in told))


def _because(reason: Reason, here: Traits) -> Because:
    printed = {"substances": here.substances, "keywords": here.keywords}.get(reason.kind, {})
    values = tuple(clean(printed.get(str(key), str(key))) for key in reason.keys)
    n = len(values)
    match reason.kind:
        case "trial":
            says = f"same trial, {_list(values)}"
        case "comments":
            says = "comments on this article"
        case "commented_by":
            says = "this article comments on it"
        case "cites":
            says = "cites this article"
        case "cited_by":
            says = "cited by this article"
        case "references":
            says = f"both cite {many(n, 'paper', 'papers')}"
        case "cited_together":
            says = f"cited together by {many(n, 'article', 'articles')} here"
        case "mesh":
            says = _shares("MeSH heading", values)
        case kind:
            says = _shares(kind.removesuffix("s"), values)
    return Because(kind=reason.kind, says=says, values=values)


def _shares(thing: str, values: Collection[str]) -> str:
    if len(values) == 1:
        return f"shares the {thing} {_list(values)}"
    return f"shares {len(values)} {thing}s: {_list(values)}"


def _list(values: Collection[str]) -> str:
    more = len(values) - _NAMED
    if more <= 1:
        return "; ".join(values)
    return f"{'; '.join([*values][:_NAMED])} and {more} more"
