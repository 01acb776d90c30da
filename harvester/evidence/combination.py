"""What people were given together with the drug: psychotherapy, ECT, another drug."""

from collections.abc import Iterable

from harvester.evidence.findings import Finding
from harvester.evidence.reading import Found, Reading, plain_facet

__all__ = ["combination"]


def combination(reading: Reading, found: Found) -> Iterable[Finding]:
    """What belongs to the treatment that was studied; what drug users mix is none."""
    drugs = found.get("drug", ())
    people = any(f.value == "human" for f in found.get("population", ()))
    street = any(f.detail.get("role") == "recreational" for f in drugs)
    return plain_facet(reading, "combination") if drugs and people and not street else ()
