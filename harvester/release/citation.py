"""`CITATION.cff`: how to cite a release (Citation File Format 1.2.0)."""

from typing import Any

import yaml

from harvester import __version__
from harvester.release.terms import described_as, load_terms

__all__ = ["citation_file"]


def citation_file(
    *, version: str, day: str, records: int, pmids_sha256: str, harvested: bool
) -> str:
    """The file as YAML: a dataset of that version, known by the hash of its list of PMIDs."""
    terms = load_terms()
    citation: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": (
            "Cite this release when you used its numbers or its selection of records; cite an "
            "article itself for what it says."
        ),
        "type": "dataset",
        "title": terms.title,
        "version": version,
        "date-released": day,
        "authors": [{"name": "The Living Library"}],
        "abstract": f"{described_as(harvested=harvested)} This release holds {records:,} records.",
        "keywords": ["PubMed", "ketamine", "esketamine", "treatment-resistant depression"],
        "license-url": terms.license_url,
        "identifiers": [
            {
                "type": "other",
                "value": f"sha256:{pmids_sha256}",
                "description": "SHA-256 of pmids.txt, the sorted list of its PMIDs",
            }
        ],
        "references": [
            {
                "type": "database",
                "title": "PubMed",
                "authors": [{"name": "U.S. National Library of Medicine"}],
                "url": terms.source_url,
            },
            {
                "type": "software",
                "title": "The Living Library",
                "authors": [{"name": "The ketamine library's maintainers"}],
                "version": __version__,
            },
        ],
    }
    return yaml.safe_dump(citation, sort_keys=False, allow_unicode=True, width=100)
