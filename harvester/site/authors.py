"""An author: the articles of a name as PubMed prints it, or of an ORCID iD."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from harvester.site.catalogue import Catalogue
from harvester.site.links import Link, author_path, orcid_url, phrase, search_path
from harvester.site.markup import clean
from harvester.site.places import Item, Place, Unknown, frequent, kinds, many, row, topics
from harvester.site.places import Row as Facts
from harvester.site.record import Row, rows
from harvester.site.urls import Search

__all__ = ["is_orcid", "load_author"]

_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_COLUMNS = (
    "SELECT l.pmid, n.name, n.collective, l.fore_name, l.last_name, l.suffix, l.orcid, "
    "l.affiliation, a.year FROM authors n JOIN article_authors l ON l.author_id = n.id "
    "JOIN articles a ON a.pmid = l.pmid WHERE l.valid = 1 AND "
)
_BY_NAME = f"{_COLUMNS} n.name = :key ORDER BY a.published DESC, l.pmid DESC"
_BY_ORCID = f"{_COLUMNS} l.orcid = :key ORDER BY a.published DESC, l.pmid DESC"
_WITH = (
    "SELECT n.name, count(DISTINCT l.pmid) AS articles FROM article_authors l "
    "JOIN authors n ON n.id = l.author_id WHERE l.valid = 1 "
    "AND l.pmid IN (SELECT value FROM json_each(:pmids)) "
    "AND n.name NOT IN (SELECT value FROM json_each(:names)) "
    "GROUP BY n.name ORDER BY articles DESC, n.name LIMIT 40"
)
# An address to write to is nobody's institution, and no reader's business here.
_MAIL = re.compile(r"\s*(?:Electronic address:\s*)?[^\s;,()<>]+@[^\s;,()<>]+\w\.?")

_SHARED = (
    "PubMed knows an author by the printed name. Several people can share it, and one person can "
    "be printed in several ways."
)
_BY_ID = (
    "These are the articles whose record gives this ORCID iD. The person’s other articles, printed "
    "without it, are not among them; now and then a publisher gives an iD to the wrong author."
)
_GROUP = "A group, as it is printed. PubMed does not join different spellings of its name."


def is_orcid(key: str) -> bool:
    return _ORCID.fullmatch(key) is not None


def load_author(connection: sqlite3.Connection, catalogue: Catalogue, key: str) -> Place:
    """The author with this printed name or ORCID iD; raises `Unknown`."""
    by_id = is_orcid(key)
    found = rows(connection, _BY_ORCID if by_id else _BY_NAME, key=key)
    articles = catalogue.articles(r["pmid"] for r in found)
    if not articles:
        raise Unknown("This author is not here", phrase(clean(key), field="author"))
    names = Counter(r["name"] for r in found)
    name = names.most_common(1)[0][0]
    path = author_path(key)
    facts = (
        *_identity(found, names, by_id=by_id),
        row("Affiliations, as printed", _affiliations(found), shown=2, lines=True),
        row("Written with", _coauthors(connection, found, names)),
        topics(catalogue, articles, path),
        kinds(catalogue, articles, path),
        Facts(
            label="Journals",
            items=tuple(frequent(catalogue, "journal", articles, path, most=6)),
        ),
    )
    return Place(
        kind="Group of authors" if found[0]["collective"] else "Author",
        noun="author" if by_id else "name",
        mark=f"ORCID {key}" if by_id else "",
        title=clean(name),
        articles=articles,
        same=Search(q=_search(name)),
        notes=tuple(_notes(found, by_id=by_id)),
        rows=tuple(fact for fact in facts if fact.items),
        actions=tuple(_actions(key, name, by_id=by_id)),
        # A page that may join several people under one name is not for search engines.
        index=False,
    )


def _notes(found: Sequence[Row], *, by_id: bool) -> Iterator[str]:
    if by_id:
        yield _BY_ID
    elif found[0]["collective"]:
        yield _GROUP
    else:
        yield _SHARED
        orcids = {r["orcid"] for r in found if r["orcid"]}
        if len(orcids) > 1:
            yield f"{len(orcids)} ORCID iDs go with this name here: most likely as many people."


def _identity(found: Sequence[Row], names: Counter[str], *, by_id: bool) -> Iterator[Facts]:
    """The names in full, and how they are joined to iDs or to printed names."""
    if by_id:
        yield row(
            "Printed as",
            (Item(text=clean(n), href=author_path(n), note=_in(c)) for n, c in names.most_common()),
        )
    full = Counter(_full(r) for r in found if r["fore_name"])
    yield row("In full", (Item(text=text) for text, _ in full.most_common()), shown=4)
    if not by_id:
        orcids = Counter(r["orcid"] for r in found if r["orcid"] and is_orcid(r["orcid"]))
        yield row(
            "ORCID iDs",
            (Item(text=o, href=author_path(o), note=_in(c)) for o, c in orcids.most_common()),
            shown=5,
        )


def _in(count: int) -> str:
    return f"in {many(count, 'article', 'articles')}"


def _full(author: Row) -> str:
    parts = (author["fore_name"], author["last_name"], author["suffix"])
    return clean(" ".join(part for part in parts if part))


def _affiliations(found: Sequence[Row]) -> Iterator[Item]:
    """Each with its years, the latest first."""
    years: dict[str, set[int]] = {}
    for author in found:
        for line in (author["affiliation"] or "").split("\n"):
            text = _MAIL.sub("", clean(line)).strip(" .;,")
            if text:
                years.setdefault(text, set()).update({author["year"]} - {None})
    for text, when in years.items():
        first, last = min(when, default=None), max(when, default=None)
        yield Item(text=text, note=f"{first}" if first == last else f"{first} to {last}")


def _coauthors(
    connection: sqlite3.Connection, found: Sequence[Row], names: Counter[str]
) -> Iterator[Item]:
    pmids = json.dumps(sorted({r["pmid"] for r in found}))
    for other in rows(connection, _WITH, pmids=pmids, names=json.dumps(list(names))):
        yield Item(
            text=clean(other["name"]),
            href=author_path(other["name"]),
            note=_in(other["articles"]),
        )


def _search(name: str) -> str:
    return phrase(clean(name), field="author")


def _actions(key: str, name: str, *, by_id: bool) -> Iterator[Link]:
    words = _search(name)
    yield Link(label=f"Search for {words}", href=search_path(words))
    if by_id:
        yield Link(label="ORCID", href=orcid_url(key), external=True)
    term = f"{key}[auid]" if by_id else f"{name}[au]"
    query = urlencode({"term": term})
    yield Link(label="PubMed", href=f"https://pubmed.ncbi.nlm.nih.gov/?{query}", external=True)
