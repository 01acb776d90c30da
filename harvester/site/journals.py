"""A journal, by its number in NLM's catalogue, with its articles."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from harvester.site.catalogue import Catalogue
from harvester.site.links import Link, journal_path, phrase
from harvester.site.markup import clean
from harvester.site.places import Item, Place, Unknown, exact_search, kinds, topics
from harvester.site.places import Row as Facts
from harvester.site.record import Row, rows
from harvester.site.urls import Search

__all__ = ["load_journal"]

_JOURNAL = "SELECT * FROM journals WHERE nlm_id = :key"
_ARTICLES = "SELECT pmid, journal, issn FROM articles WHERE journal_id = :key"
# Other ways to name one: as citations do, or by ISSN.
_NAMED = (
    "SELECT nlm_id FROM journals WHERE lower(:key) IN "
    "(lower(medline_ta), lower(abbreviation), lower(title), lower(issn_linking)) LIMIT 2"
)
_OTHERS = (
    "SELECT DISTINCT journal_id AS nlm_id FROM articles "
    "WHERE journal = :title AND journal_id <> :key ORDER BY 1"
)
_ISSN = re.compile(r"\d{4}-\d{3}[\dX]")


def load_journal(connection: sqlite3.Connection, catalogue: Catalogue, key: str) -> Place | str:
    """The journal with this number, or the path of the one with this name; raises `Unknown`."""
    held = rows(connection, _ARTICLES, key=key)
    articles = catalogue.articles(r["pmid"] for r in held)
    if not articles:
        named = rows(connection, _NAMED, key=key)
        if len(named) == 1 and named[0]["nlm_id"] != key:
            return journal_path(named[0]["nlm_id"])
        raise Unknown("This journal is not here", phrase(clean(key), field="journal"))
    journal = rows(connection, _JOURNAL, key=key)[0]
    title = held[0]["journal"] or journal["title"]
    path = journal_path(key)
    others = rows(connection, _OTHERS, title=title, key=key)
    facts = (
        Facts(label="Cited as", items=tuple(_cited_as(title, journal))),
        Facts(label="ISSN", items=tuple(_issns(journal, held))),
        Facts(
            label="Country",
            items=(Item(text=clean(journal["country"])),) if journal["country"] else (),
        ),
        Facts(
            label="Also numbered",
            items=tuple(Item(text=o["nlm_id"], href=journal_path(o["nlm_id"])) for o in others),
        ),
        kinds(catalogue, articles, path),
        topics(catalogue, articles, path),
    )
    return Place(
        kind="Journal",
        noun="journal",
        mark=f"NLM {clean(key)}",
        title=clean(title),
        articles=articles,
        same=Search().toggled("journal", title),
        notes=tuple(_notes(len(others))),
        rows=tuple(fact for fact in facts if fact.items),
        actions=tuple(
            link
            for link in (
                exact_search(catalogue, "journal", title, articles),
                Link(label="NLM Catalog", href=_catalog(key), external=True),
            )
            if link
        ),
    )


def _notes(others: int) -> Iterator[str]:
    yield "Only what this library’s searches find in the journal, not all that it has published."
    if others:
        yield "NLM has given this title more than one number; each has its page."


def _cited_as(title: str, journal: Row) -> Iterator[Item]:
    names = (journal["abbreviation"], journal["medline_ta"], journal["title"])
    for name in dict.fromkeys(clean(name) for name in names if name):
        if name != clean(title):
            yield Item(text=name)


def _issns(journal: Row, held: Sequence[Row]) -> Iterator[Item]:
    linking = journal["issn_linking"]
    for issn in sorted({i for i in (linking, *(r["issn"] for r in held)) if i}):
        known = _ISSN.fullmatch(issn)
        yield Item(
            text=clean(issn),
            href=f"https://portal.issn.org/resource/ISSN/{issn}" if known else None,
            external=True,
            note="linking" if issn == linking else "",
        )


def _catalog(nlm_id: str) -> str:
    return "https://www.ncbi.nlm.nih.gov/nlmcatalog/?" + urlencode({"term": f"{nlm_id}[nlmid]"})
