"""What a notice says of the record it is about, before PubMed has marked that record itself."""

import sqlite3
from collections.abc import Sequence

__all__ = ["ABOUT", "CORRECTING", "DOUBTING", "RETRACTING", "noticed", "retracted_pmids"]

# Links (RefType) of a notice to that record, by what becomes of it.
RETRACTING = ("RetractionOf", "RetractedandRepublishedFrom")
DOUBTING = ("ExpressionOfConcernFor",)
CORRECTING = ("ErratumFor", "CorrectedandRepublishedFrom", "PartialRetractionOf")

# The same links, and the one that the record itself should have.
ABOUT = {
    "RetractionOf": "RetractionIn",
    "RetractedandRepublishedFrom": "RetractedandRepublishedIn",
    "PartialRetractionOf": "PartialRetractionIn",
    "ExpressionOfConcernFor": "ExpressionOfConcernIn",
    "ErratumFor": "ErratumIn",
    "CorrectedandRepublishedFrom": "CorrectedandRepublishedIn",
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
