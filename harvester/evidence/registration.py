"""Registration numbers that the text names.

The registry is known by the number itself: abstracts mislabel registries (one prints an ACTRN
number as "ClinicalTrials.gov registration"). Numbers of the data bank list are in `trials` already;
PROSPERO registers reviews, so its numbers are findings but no trials.
"""

from collections.abc import Iterable

from harvester.evidence.findings import Finding
from harvester.evidence.reading import Found, Reading, finding
from harvester.evidence.rules import load_facets

__all__ = ["PROSPERO", "registration"]

PROSPERO = "PROSPERO"


def registration(reading: Reading, found: Found) -> Iterable[Finding]:
    """Each number once, as the registry writes it: without spaces."""
    seen = set()
    for registry, rule in load_facets()["registration"].rules.items():
        for hit in reading.of("registration", registry):
            number = hit.quote.replace(" ", "")
            if number in seen:
                continue
            seen.add(number)
            made = finding(rule, hit.sentence, hit.start, hit.end, {"registry": registry})
            yield Finding(
                facet=made.facet,
                value=number,
                rule=made.rule,
                source=made.source,
                section=made.section,
                quote=made.quote,
                start=made.start,
                detail=made.detail,
            )
