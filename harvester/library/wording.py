"""The words of the ledger: what happened to a record, as people read it."""

from collections.abc import Iterable

__all__ = ["KINDS", "counted", "label", "parts", "sentence"]

# Every kind of change, what people must know first at the top, with its name on a label.
KINDS = {
    "retracted": "Retracted",
    "withdrawn": "No longer in PubMed",
    "corrected": "Correction or concern",
    "added": "New",
    "returned": "Found again",
    "left": "No longer found",
    "revised": "Revised",
    "indexed": "Indexed",
}

# Parts of a record (fields of `records.Article`).
_PARTS = {
    "abstract": "abstract",
    "authors": "authors",
    "authors_complete": "authors",
    "book": "book",
    "cited_medium": "print or internet",
    "citation_subsets": "journal subsets",
    "coi_statement": "conflict of interest",
    "corrections": "links to corrections and comments",
    "data_banks": "trial and data bank numbers",
    "dates": "dates",
    "grants": "grants",
    "grants_complete": "grants",
    "ids": "identifiers",
    "indexing_method": "way of indexing",
    "investigators": "members of study groups",
    "issue": "issue",
    "journal": "journal",
    "keywords": "keywords",
    "languages": "languages",
    "mesh": "MeSH headings",
    "other": "notes",
    "owner": "who keeps the record",
    "pages": "pages",
    "publication_model": "way of publication",
    "publication_status": "status of publication",
    "publication_types": "publication types",
    "published": "date of publication",
    "references": "references",
    "status": "PubMed’s processing status",
    "substances": "substances",
    "title": "title",
    "vernacular_title": "title in the original language",
    "version": "version",
    "volume": "volume",
}


def label(kind: str) -> str:
    """The kind in a word or two; one that is unknown as it is."""
    return KINDS.get(kind, kind.capitalize())


def counted(kind: str, n: int) -> str:
    """How many of the kind: `1 retracted`, `2 corrections or concerns`."""
    name = label(kind)
    if kind == "corrected" and n != 1:
        name = "Corrections or concerns"
    return f"{n:,} {name[0].lower()}{name[1:]}"


def parts(fields: Iterable[str]) -> tuple[str, ...]:
    """The names of the parts that changed, each once; the dates, which always do, only alone."""
    names = list(fields)
    told = [name for name in names if name != "dates"] or names
    return tuple(dict.fromkeys(_PARTS.get(name, name) for name in told))


def sentence(kind: str, fields: Iterable[str] = (), topic: str | None = None) -> str:
    """What happened, as a sentence; `topic` is the search that found, or no longer found it."""
    search = f" “{topic}”" if topic else ""
    match kind:
        case "added":
            return "First seen."
        case "revised":
            changed = parts(fields)
            if changed == ("dates",):
                return "Touched by PubMed; only its dates differ."
            return f"Revised: {', '.join(changed)}." if changed else "Revised."
        case "retracted":
            return "Retracted: PubMed now marks it so."
        case "corrected":
            return "A correction or an expression of concern was linked."
        case "indexed":
            return "MeSH headings were assigned."
        case "left":
            return f"No longer found by the search{search}."
        case "returned":
            return f"Found again{' by the search' + search if search else ' in PubMed'}."
        case "withdrawn":
            return "PubMed no longer has it."
        case _:
            return f"{label(kind)}."
