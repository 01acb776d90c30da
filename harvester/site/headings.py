"""A MeSH heading, also with one qualifier or as a main point, or a substance."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from harvester.site.catalogue import Catalogue
from harvester.site.links import Link, mesh_path, phrase, substance_path
from harvester.site.markup import clean
from harvester.site.places import Item, Place, Unknown, exact_search, kinds, many, row, topics
from harvester.site.places import Row as Facts
from harvester.site.record import Row, rows
from harvester.site.urls import Search

__all__ = ["MAIN_POINT", "load_heading", "load_substance"]

MAIN_POINT = "/main-point"  # follows the address of a heading

_UI = re.compile(r"([DC]\d{6,9})(Q\d{6})?")
_HEADING = "SELECT id, name, kind, ui, type FROM mesh_terms WHERE {} = :key"
_SUBSTANCE = "SELECT id, name, ui, registry_number FROM substances WHERE {} = :key"
_INDEXED = (
    "SELECT pmid, major, qualifiers, qualifier_uis FROM article_mesh "
    "WHERE mesh_id IN (SELECT id FROM mesh_terms WHERE {} = :key)"
)
_NAMED = (
    "SELECT pmid FROM article_substances "
    "WHERE substance_id IN (SELECT id FROM substances WHERE {} = :key)"
)
_TOGETHER = "Often together with"
_CLASSES = {"Disease": "disease", "Protocol": "protocol", "Organism": "organism"}
_LATE = "NLM adds headings months after publication, or never: the newest articles may lack it."


def load_heading(
    connection: sqlite3.Connection, catalogue: Catalogue, key: str, *, main: bool = False
) -> Place | str:
    """The heading with this identifier, or the path of the one with this name; raises `Unknown`.

    `main`: only where it, or a qualifier with it, is a main point of the article.
    """
    ui = _UI.fullmatch(key)
    heading, qualifier = (ui[1], ui[2]) if ui else (key, None)
    column = "ui" if ui else "name"
    terms = rows(connection, _HEADING.format(column), key=heading)
    if not ui and terms and _UI.fullmatch(terms[0]["ui"] or ""):
        return mesh_path(terms[0]["ui"]) + (MAIN_POINT if main else "")
    indexed = rows(connection, _INDEXED.format(column), key=heading)
    qualified = _qualifiers(indexed)
    here = [r for r in indexed if not qualifier or qualifier in _split(r["qualifier_uis"])]
    majors = [r for r in here if _is_main(r, qualifier)]
    articles = catalogue.articles(r["pmid"] for r in (majors if main else here))
    if not terms or not articles:
        raise Unknown("No article here has this heading", _words(terms, key))
    name = terms[0]["name"]
    path = mesh_path(key) + (MAIN_POINT if main else "")
    title = name if not qualifier else f"{name}/{qualified[qualifier][0]}"
    names = frozenset(term["name"] for term in terms)
    alone = mesh_path(heading) if qualifier or main else None
    facts = (
        Facts(label="All articles with it", items=(_all(catalogue, name, alone, indexed),))
        if alone
        else None,
        None if main else _main_points(catalogue, path, majors),
        None if qualifier else row("With qualifiers", _pairs(catalogue, heading, qualified, ui)),
        Facts(
            label="Also named", items=tuple(Item(text=clean(term["name"])) for term in terms[1:])
        ),
        _as_substance(connection, heading),
        topics(catalogue, articles, path, label=_TOGETHER, skip=names),
        kinds(catalogue, articles, path),
    )
    return Place(
        noun="heading",
        kind=_kind(terms[0]) + (", as a main point" if main else ""),
        mark=key if ui else "",
        title=clean(title),
        articles=articles,
        same=Search().toggled("mesh", name),
        notes=(_LATE,),
        rows=tuple(fact for fact in facts if fact and fact.items),
        actions=tuple(
            link
            for link in (exact_search(catalogue, "mesh", name, articles), _browser(heading, ui))
            if link
        ),
    )


def load_substance(connection: sqlite3.Connection, catalogue: Catalogue, key: str) -> Place | str:
    """The substance with this identifier, or the path of the one with this name; raises `Unknown`.

    Substances are what the record's chemical list names (Chemical); many are MeSH headings too.
    """
    ui = _UI.fullmatch(key)
    column = "ui" if ui else "name"
    terms = rows(connection, _SUBSTANCE.format(column), key=key)
    if not ui and terms and _UI.fullmatch(terms[0]["ui"] or ""):
        return substance_path(terms[0]["ui"])
    articles = catalogue.articles(
        r["pmid"] for r in rows(connection, _NAMED.format(column), key=key)
    )
    if not articles:
        raise Unknown("No article here has this substance", _words(terms, key))
    path = substance_path(key)
    names = frozenset(term["name"] for term in terms)
    facts = (
        Facts(
            label="Also named", items=tuple(Item(text=clean(term["name"])) for term in terms[1:])
        ),
        Facts(label="Registry number", items=tuple(_numbers(terms))),
        _as_heading(connection, key),
        topics(catalogue, articles, path, label=_TOGETHER, skip=names),
        kinds(catalogue, articles, path),
    )
    return Place(
        kind="Substance",
        noun="substance",
        mark=key if ui else "",
        title=clean(terms[0]["name"]),
        articles=articles,
        notes=("From the records’ lists of chemicals, which NLM fills months after publication.",),
        rows=tuple(fact for fact in facts if fact and fact.items),
        actions=tuple(link for link in (_browser(key, ui),) if link),
    )


def _qualifiers(indexed: Sequence[Row]) -> dict[str, tuple[str, list[int], list[int]]]:
    """By identifier (or name, where it has none): name, PMIDs, PMIDs where it is a main point."""
    found: dict[str, tuple[str, list[int], list[int]]] = {}
    for record in indexed:
        names, uis = _split(record["qualifiers"]), _split(record["qualifier_uis"])
        for place, starred in enumerate(names):
            name = starred.removesuffix("*")
            ui = uis[place] if place < len(uis) and uis[place] else name
            _, pmids, majors = found.setdefault(ui, (name, [], []))
            pmids.append(record["pmid"])
            if starred != name:
                majors.append(record["pmid"])
    return found


def _split(joined: str | None) -> list[str]:
    return joined.split("; ") if joined else []


def _is_main(record: Row, qualifier: str | None) -> bool:
    if not qualifier:
        return bool(record["major"])
    place = _split(record["qualifier_uis"]).index(qualifier)
    return _split(record["qualifiers"])[place].endswith("*")


def _all(catalogue: Catalogue, name: str, path: str | None, indexed: Sequence[Row]) -> Item:
    count = catalogue.articles(r["pmid"] for r in indexed).bit_count()
    return Item(text=clean(name), href=path, count=count)


def _main_points(catalogue: Catalogue, path: str, majors: Sequence[Row]) -> Facts:
    count = catalogue.articles(r["pmid"] for r in majors).bit_count()
    text = f"{many(count, 'article', 'articles')} with NLM’s star on it"
    item = Item(text=text, href=path + MAIN_POINT if count else None)
    return Facts(label="As a main point", items=(item,))


def _pairs(
    catalogue: Catalogue,
    heading: str,
    qualified: dict[str, tuple[str, list[int], list[int]]],
    ui: object,
) -> Iterator[Item]:
    """Each qualifier with its articles, and in how many of them it has the star."""
    counts = Counter({key: len(set(pmids)) for key, (_, pmids, _) in qualified.items()})
    for key, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        name, pmids, majors = qualified[key]
        linked = bool(ui) and key != name
        yield Item(
            text=clean(name),
            href=mesh_path(heading + key) if linked else None,
            count=catalogue.articles(pmids).bit_count(),
            note=f"{len(set(majors)):,} as main point" if majors else "",
        )


def _kind(term: Row) -> str:
    if term["kind"] != "supplementary":
        return "MeSH heading"
    kind = _CLASSES.get(term["type"] or "", "")
    return f"MeSH supplementary concept{f' ({kind})' if kind else ''}"


def _numbers(terms: Sequence[Row]) -> Iterator[Item]:
    for number in dict.fromkeys(term["registry_number"] for term in terms):
        if number and number != "0":
            kind = "UNII" if re.fullmatch(r"[0-9A-Z]{10}", number) else ""
            kind = "CAS" if re.fullmatch(r"\d{2,7}-\d\d-\d", number) else kind
            yield Item(text=clean(number), note=kind)


def _as_substance(connection: sqlite3.Connection, ui: str) -> Facts | None:
    found = rows(connection, _SUBSTANCE.format("ui"), key=ui)
    if not found:
        return None
    item = Item(text=clean(found[0]["name"]), href=substance_path(ui))
    return Facts(label="As a substance", items=(item,))


def _as_heading(connection: sqlite3.Connection, ui: str) -> Facts | None:
    found = rows(connection, _HEADING.format("ui"), key=ui)
    if not found:
        return None
    return Facts(
        label="As a heading", items=(Item(text=clean(found[0]["name"]), href=mesh_path(ui)),)
    )


def _words(terms: Sequence[Row], key: str) -> str:
    return phrase(clean(terms[0]["name"] if terms else key), field="mesh" if terms else None)


def _browser(heading: str, ui: object) -> Link | None:
    if not ui:
        return None
    href = f"https://meshb.nlm.nih.gov/record/ui?ui={quote(heading)}"
    return Link(label="MeSH Browser", href=href, external=True)
