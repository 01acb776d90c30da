"""The about page: what the library holds, and from when."""

import sqlite3
from dataclasses import dataclass

from harvester import __version__
from harvester.site.catalogue import Catalogue
from harvester.site.frame import load_frame
from harvester.site.home import TopicCount, topic_counts

__all__ = ["AboutView", "load_about"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutView:
    """`searches` pairs what can be typed with what it finds."""

    articles: int
    retracted: int
    first_year: int | None
    last_year: int | None
    freshness: str
    sample: bool
    version: str
    topics: tuple[TopicCount, ...]
    searches: tuple[tuple[str, str], ...]


# What can be typed, as in `site.terms`; each is shown as a link that does it.
_SEARCHES = (
    ("ketamine suicidal", "both words, in any order and any common ending"),
    ('"blood pressure"', "these words together"),
    ("antidepress*", "every word that begins so"),
    ("relapse -rat", "the first word without the second"),
    ("spray OR lozenge", "either of them; OR in capitals"),
    ("TRD", "its other names too, such as refractory depression; the page says which"),
    ('"TRD"', "in quotes, with a star or after a minus sign: without other names"),
    ("author:zarate", "an author"),
    ("title:maintenance", "a word of the title"),
    ("journal:lancet", "words of a journal’s name"),
    ('mesh:"Depressive Disorder, Treatment-Resistant"', "a MeSH heading"),
    ("16894061", "a PMID, a DOI or the number of a trial leads straight to its article"),
)


def load_about(connection: sqlite3.Connection, catalogue: Catalogue) -> AboutView:
    """The about page; counts are those of the search page."""
    frame = load_frame(connection)
    years = list(catalogue.years)
    return AboutView(
        articles=len(catalogue.pmids),
        retracted=catalogue.having("status", ("retracted",)).bit_count(),
        first_year=years[0] if years else None,
        last_year=years[-1] if years else None,
        freshness=frame.freshness,
        sample=frame.sample,
        version=__version__,
        topics=topic_counts(connection, catalogue),
        searches=_SEARCHES,
    )
