"""Which records are retracted, as far as the library knows."""

import sqlite3

__all__ = ["retracted_pmids"]


def retracted_pmids(connection: sqlite3.Connection) -> tuple[int, ...]:
    """PMIDs of retracted records that PubMed still has, in order.

    Also of those that a notice in the library retracts before PubMed has marked the record.
    """
    rows = connection.execute(
        "SELECT pmid FROM articles WHERE withdrawn IS NULL AND (retracted OR pmid IN "
        "(SELECT other_pmid FROM corrections "
        "WHERE kind IN ('RetractionOf', 'RetractedandRepublishedFrom'))) ORDER BY pmid"
    )
    return tuple(pmid for (pmid,) in rows)
