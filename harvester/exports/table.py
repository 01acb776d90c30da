"""A record as one row: the columns of CSV and Parquet, each with its type and meaning."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from harvester.exports.reference import (
    date_of,
    doi_of,
    line,
    notes,
    people,
    pmcid_of,
    pubmed_url,
    status,
)
from harvester.exports.reference import title as shown_title
from harvester.library.holdings import Holding

__all__ = ["COLUMNS", "Column", "found", "joined"]

# Findings by the names that the API gives them.
_LISTS = {
    "design_details": "design_flag",
    "populations": "population",
    "conditions": "condition",
    "drugs": "drug",
    "routes": "route",
    "comparators": "comparator",
    "scales": "scale",
    "outcomes": "outcome",
    "harms": "safety",
    "mechanisms": "mechanism",
    "relevance": "relevance",
}


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is str, int or bool; `of` gives the value, None where there is none."""

    type: type
    about: str
    of: Callable[[Holding], Any]


def found(holding: Holding) -> dict[str, Any]:
    """The findings as values, without what is reported as absent."""
    return {
        "design": holding.design,
        "sample_size": holding.sample_size,
        "sample_size_basis": _basis(holding),
        **{name: list(_values(holding, facet)) for name, facet in _LISTS.items()},
    }


def _basis(holding: Holding) -> str | None:
    """What the number of participants counts, where there is one."""
    return None if holding.sample_size is None else next(_values(holding, "sample_size"), None)


def _values(holding: Holding, facet: str) -> Iterator[str]:
    seen = (
        f.value
        for f in holding.findings
        if f.facet == facet and f.detail.get("polarity") != "absent"
    )
    return iter(dict.fromkeys(seen))


def joined(values: Iterable[str | None]) -> str | None:
    """Several values in one cell, `; ` between them and nowhere else."""
    return "; ".join(text.replace(";", ",") for text in map(line, values) if text) or None


def _text(of: Callable[[Holding], str | None]) -> Callable[[Holding], str | None]:
    return lambda holding: line(of(holding)) or None


def _list(facet: str) -> Callable[[Holding], str | None]:
    return lambda holding: joined(_values(holding, facet))


# What screening tools look for has the names that they look for (title, abstract, authors,
# keywords, year, doi, url: ASReview). The standing stands before the title.
COLUMNS: dict[str, Column] = {
    "pmid": Column(int, "PubMed's number of the record", lambda h: h.article.pmid),
    "status": Column(
        str,
        "retracted, withdrawn, concern, corrected, notice; empty: nothing known",
        lambda h: joined(status(h)),
    ),
    "title": Column(str, "Title; of a retracted article after RETRACTED:", shown_title),
    "abstract": Column(
        str, "PubMed's abstract on one line", _text(lambda h: h.article.abstract_text)
    ),
    "authors": Column(
        str, "Names as PubMed prints them", lambda h: joined(a.name for a in people(h))
    ),
    "keywords": Column(
        str,
        "The authors' keywords",
        lambda h: joined(k.text.plain for k in h.article.keywords),
    ),
    "mesh": Column(
        str,
        "MeSH headings, qualifiers after /",
        lambda h: joined(
            "/".join((m.name, *(q.name for q in m.qualifiers))) for m in h.article.mesh
        ),
    ),
    "year": Column(int, "Year of publication", lambda h: d.year if (d := date_of(h)) else None),
    "published": Column(
        str,
        "Date of publication, ISO, may be partial",
        lambda h: h.article.published.iso if h.article.published else None,
    ),
    "journal": Column(
        str,
        "Journal, or book",
        _text(
            lambda h: (
                h.article.journal.title
                if h.article.journal
                else h.article.book.title.plain
                if h.article.book
                else None
            )
        ),
    ),
    "journal_abbreviation": Column(
        str,
        "Journal as cited",
        _text(lambda h: h.article.journal.abbreviation if h.article.journal else None),
    ),
    "issn": Column(
        str, "ISSN", _text(lambda h: h.article.journal.issn if h.article.journal else None)
    ),
    "volume": Column(str, "Volume", _text(lambda h: h.article.volume)),
    "issue": Column(str, "Issue", _text(lambda h: h.article.issue)),
    "pages": Column(str, "Pages or article number", _text(lambda h: h.article.pages)),
    "doi": Column(str, "DOI", lambda h: doi_of(h) or None),
    "pmcid": Column(str, "PubMed Central id: free full text", lambda h: pmcid_of(h) or None),
    "url": Column(str, "The record at PubMed", pubmed_url),
    "language": Column(str, "Languages, ISO 639-2", lambda h: joined(h.article.languages)),
    "publication_types": Column(
        str,
        "PubMed's publication types",
        lambda h: joined(kind.name for kind in h.article.publication_types),
    ),
    "retracted": Column(bool, "Whether it was retracted", lambda h: h.retracted),
    "design": Column(str, "Study design, by rule", lambda h: h.design),
    "sample_size": Column(
        int, "Number of participants, by rule, where sure", lambda h: h.sample_size
    ),
    "sample_size_basis": Column(str, "What that number counts", _basis),
    **{
        name: Column(str, f"Findings: {name.replace('_', ' ')}, by rule", _list(facet))
        for name, facet in _LISTS.items()
    },
    "trials": Column(
        str, "Registered trials it names", lambda h: joined(trial.id for trial in h.trials)
    ),
    "topics": Column(str, "Saved searches that find it", lambda h: joined(h.topics)),
    "entered": Column(str, "Day on which PubMed added it", lambda h: h.article.date("entrez")),
    "notes": Column(
        str, "All that a reader must know, in words", lambda h: " | ".join(notes(h)) or None
    ),
}
