"""What a notice says of the record it is about, before PubMed has marked that record itself."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

__all__ = [
    "ABOUT",
    "BY_FLAG",
    "CORRECTING",
    "DOUBTING",
    "NOTICES",
    "RETRACTING",
    "noticed",
    "notices_about",
    "retracted_pmids",
]

# Links (RefType) of a notice to that record, by what becomes of it.
RETRACTING = ("RetractionOf", "RetractedandRepublishedFrom")
DOUBTING = ("ExpressionOfConcernFor",)
CORRECTING = ("ErratumFor", "CorrectedandRepublishedFrom", "PartialRetractionOf")

# The same, by the column of `articles` that says so once PubMed has marked the record.
BY_FLAG = {"retracted": RETRACTING, "concern": DOUBTING, "corrected": CORRECTING}

# The same links, and the one that the record itself should have.
ABOUT = {
    "RetractionOf": "RetractionIn",
    "RetractedandRepublishedFrom": "RetractedandRepublishedIn",
    "PartialRetractionOf": "PartialRetractionIn",
    "ExpressionOfConcernFor": "ExpressionOfConcernIn",
    "ErratumFor": "ErratumIn",
    "CorrectedandRepublishedFrom": "CorrectedandRepublishedIn",
}

# What such a notice is called where the record it is about names it.
NOTICES = {
    "RetractionIn": "Retraction notice",
    "RetractedandRepublishedIn": "Retracted, and republished as",
    "PartialRetractionIn": "Partly retracted by",
    "ExpressionOfConcernIn": "Expression of concern",
    "ErratumIn": "Correction",
    "CorrectedandRepublishedIn": "Corrected version",
}


def noticed(kinds: Sequence[str]) -> str:
    """SQL: a notice with such a link is about the article `a`."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        "EXISTS (SELECT 1 FROM corrections n "  # noqa: S608 (our kinds)
        f"WHERE n.other_pmid = a.pmid AND n.kind IN ({listed}))"
    )


def retracted_pmids(connection: sqlite3.Connection) -> tuple[int, ...]:
    """PMIDs of retracted records that PubMed still has, in order.

    Also of those that a notice in the library retracts before PubMed has marked the record.
    """
    rows = connection.execute(
        "SELECT a.pmid FROM articles a WHERE a.withdrawn IS NULL "  # noqa: S608 (our kinds)
        f"AND (a.retracted OR {noticed(RETRACTING)}) ORDER BY a.pmid"
    )
    return tuple(pmid for (pmid,) in rows)


def notices_about(
    connection: sqlite3.Connection, pmids: Iterable[int]
) -> dict[int, tuple[tuple[str, int], ...]]:
    """The notices about these records, link and PMID, from whichever side they are linked."""
    found: dict[int, dict[tuple[str, int], None]] = {}
    listed = {"pmids": json.dumps(sorted(pmids))}
    own = connection.execute(
        "SELECT pmid, kind, other_pmid FROM corrections WHERE other_pmid IS NOT NULL "
        "AND pmid IN (SELECT value FROM json_each(:pmids)) ORDER BY pmid, position",
        listed,
    )
    of_others = connection.execute(
        "SELECT other_pmid, kind, pmid FROM corrections "
        "WHERE other_pmid IN (SELECT value FROM json_each(:pmids)) ORDER BY other_pmid, pmid",
        listed,
    )
    pairs = [*own, *((pmid, ABOUT.get(kind, ""), notice) for pmid, kind, notice in of_others)]
    for pmid, kind, notice in pairs:
        if kind in ABOUT.values():
            found.setdefault(pmid, {})[kind, notice] = None
    return {pmid: tuple(links) for pmid, links in found.items()}
