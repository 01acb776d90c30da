"""What every reference manager is told of a record, whatever the format: titles, names, notes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harvester.exports.characters import clean
from harvester.library.holdings import Holding
from harvester.library.notices import ABOUT, CORRECTING
from harvester.pubmed.records import Author, Correction

__all__ = [
    "RETRACTED",
    "Date",
    "date_of",
    "doi_of",
    "journal_of",
    "keywords",
    "kind_of",
    "line",
    "notes",
    "page_range",
    "people",
    "pmcid_of",
    "pubmed_url",
    "status",
    "title",
]

RETRACTED = "RETRACTED"
INVENTED = "Sample data: this record is invented."
# What a list of references shows first must say it, whatever the program leaves out of the rest.
_SAID_ALREADY = re.compile(r"\W*retracted(?: article| paper)?\s*[:.\])]", re.IGNORECASE)
_BY_RULES = "found by rules in the words of the record; check before use"

# Findings told to a reference manager, with the words for them.
_TOLD = {
    "design": "Design",
    "design_flag": "Design details",
    "sample_size": "Participants",
    "population": "Population",
    "condition": "Condition",
    "drug": "Drug",
    "combination": "Combined with",
    "route": "Route",
    "comparator": "Comparator",
    "scale": "Scale",
    "outcome": "Outcome",
    "safety": "Safety",
}
# Links of a record, or from other records to it, that a reader must know.
_LINKS = {
    "RetractionIn": "Retraction notice",
    "RetractedandRepublishedIn": "Retracted, and republished in",
    "PartialRetractionIn": "Partly retracted in",
    "ExpressionOfConcernIn": "Expression of concern",
    "ErratumIn": "Correction",
    "CorrectedandRepublishedIn": "Corrected version",
    "RetractionOf": "Retracts",
    "PartialRetractionOf": "Partly retracts",
    "ExpressionOfConcernFor": "Doubts",
    "ErratumFor": "Corrects",
    "CorrectedandRepublishedFrom": "Corrected version of",
    "RetractedandRepublishedFrom": "Replaces the retracted version",
    "UpdateIn": "Newer version",
}
_FROM_THERE = {**ABOUT, "UpdateOf": "UpdateIn"}
_CORRECTED = {ABOUT[kind] for kind in CORRECTING}


@dataclass(frozen=True, slots=True)
class Date:
    """A date of which month and day may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None


def line(text: str | None) -> str:
    """The text on one line: no format may take a part of it for a field or a record of its own."""
    return " ".join(clean(text).split()) if text else ""


def title(holding: Holding) -> str:
    """The title, with what must be seen in every list before it."""
    article = holding.article
    own = line(article.title.plain)
    if own in ("", "[Not Available]."):
        vernacular = line(article.vernacular_title.plain if article.vernacular_title else None)
        own = f"[{vernacular}]" if vernacular else own or "[No title]"
    if holding.retracted and not _SAID_ALREADY.match(own):
        return f"{RETRACTED}: {own}"
    return own


def status(holding: Holding) -> tuple[str, ...]:
    """What became of the record, the gravest first: retracted, withdrawn, concern, corrected."""
    article = holding.article
    linked = {_FROM_THERE.get(link.kind) for link in holding.linked_from}
    states = {
        "retracted": holding.retracted,
        "withdrawn": holding.withdrawn is not None,
        "concern": article.concern or "ExpressionOfConcernIn" in linked,
        "corrected": article.corrected or bool(_CORRECTED & linked),
        "notice": article.retraction_notice,
    }
    return tuple(name for name, is_so in states.items() if is_so)


def notes(holding: Holding) -> tuple[str, ...]:
    """What the library knows beside PubMed's citation, a line each, what must be seen first."""
    return tuple(map(line, _notes(holding)))


def _notes(holding: Holding) -> Iterator[str]:
    article = holding.article
    if holding.retracted:
        yield f"{RETRACTED} ARTICLE: do not rely on it."
    if article.retraction_notice:
        yield "Retraction notice, not a study."
    if holding.withdrawn:
        yield "PubMed no longer has this record."
    yield from _links(holding)
    if holding.invented:
        yield INVENTED
    found = [
        f"{label}: {'; '.join(words)}"
        for facet, label in _TOLD.items()
        if (words := holding.said(facet))
    ]
    if found:
        yield f"{'. '.join(found)}. ({_BY_RULES})"
    if types := "; ".join(kind.name for kind in article.publication_types):
        yield f"Publication types: {types}"
    for trial in holding.trials:
        yield f"Trial registration: {trial.id} ({trial.registry})"
    if pmcid := pmcid_of(holding):
        yield f"Free full text: {pmcid}"


def _links(holding: Holding) -> Iterator[str]:
    known = set()
    for link in holding.article.corrections:
        if link.kind in _LINKS:
            known.add((link.kind, link.pmid))
            yield f"{_LINKS[link.kind]}: {_place(link)}"
    for link in holding.linked_from:
        kind = _FROM_THERE.get(link.kind)
        if kind and (kind, link.pmid) not in known:
            known.add((kind, link.pmid))
            yield f"{_LINKS[kind]}: PMID {link.pmid}"


def _place(link: Correction) -> str:
    parts = (f"PMID {link.pmid}" if link.pmid else None, link.source)
    return ". ".join(part for part in parts if part) or "not linked in PubMed"


def keywords(holding: Holding) -> tuple[str, ...]:
    """What becomes a tag: the standing, the design, MeSH with qualifiers, the authors' keywords."""
    article = holding.article
    found = [
        *(RETRACTED for _ in range(holding.retracted)),
        *(f"Design: {design}" for design in holding.said("design")),
        *("/".join((m.name, *(q.name for q in m.qualifiers))) for m in article.mesh),
        *(keyword.text.plain for keyword in article.keywords),
    ]
    return tuple(dict.fromkeys(text for text in map(line, found) if text))


def people(holding: Holding, role: str = "author") -> tuple[Author, ...]:
    """Authors or editors in order, without names that an erratum has replaced."""
    return tuple(a for a in holding.article.authors if a.role == role and a.valid and line(a.name))


def kind_of(holding: Holding) -> str:
    """article, preprint, book or chapter."""
    article = holding.article
    if article.book:
        return "book" if article.book.title.plain == article.title.plain else "chapter"
    preprint = any(kind.name == "Preprint" for kind in article.publication_types)
    return "preprint" if preprint else "article"


def journal_of(holding: Holding) -> tuple[str, str]:
    """Where it appeared, in full, and as it is cited; of a chapter the book."""
    article = holding.article
    if article.book:
        return (line(article.book.title.plain), "") if kind_of(holding) == "chapter" else ("", "")
    if article.journal is None:
        return "", ""
    return line(article.journal.title), line(
        article.journal.abbreviation or article.journal.medline_ta
    )


def date_of(holding: Holding) -> Date | None:
    """When it was published, as far as it is known."""
    published = holding.article.published
    if published is None or published.iso is None:
        return None
    return Date(*map(int, published.iso.split("-")))


def page_range(pages: str | None) -> tuple[str, str]:
    """First and last page, the last in full: `428-38` is 428 and 438, `e1234` has no last one."""
    found = line(pages).split(",")[0].split(";")[0].strip()
    first, _, last = (part.strip() for part in found.partition("-"))
    if last and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return first, last


def doi_of(holding: Holding) -> str:
    """The DOI, without spaces; some records call another number so (PMID 36820854)."""
    named = (i.value for i in holding.article.ids if i.kind == "doi" and i.valid)
    found = ("".join(line(value).split()) for value in named)
    return next((doi for doi in found if doi.startswith("10.")), "")


def pmcid_of(holding: Holding) -> str:
    """The id at PubMed Central, without the version that some records name (`PMC6892423.2`)."""
    return line(holding.article.id("pmc")).partition(".")[0]


def pubmed_url(holding: Holding) -> str:
    """The record at PubMed: the address that outlives this library."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{holding.article.pmid}/"
