"""From a record to its findings: every facet in turn."""

from collections.abc import Callable, Iterable

from harvester.evidence.combination import combination
from harvester.evidence.comparator import comparator
from harvester.evidence.condition import condition, relevance
from harvester.evidence.design import design
from harvester.evidence.design_flag import design_flag
from harvester.evidence.dosing import dose, infusion_minutes
from harvester.evidence.drug import drug
from harvester.evidence.findings import Finding
from harvester.evidence.funding import funding
from harvester.evidence.mechanism import mechanism
from harvester.evidence.outcome import outcome
from harvester.evidence.population import population
from harvester.evidence.reading import Found, Reading, plain_facet, read_record
from harvester.evidence.registration import registration
from harvester.evidence.route import route
from harvester.evidence.safety import safety
from harvester.evidence.sample_size import sample_size
from harvester.evidence.schedule import schedule
from harvester.pubmed.records import Article

__all__ = ["findings_of"]

Step = Callable[[Reading, Found], Iterable[Finding]]


def _plain(facet: str) -> Step:
    return lambda reading, found: plain_facet(reading, facet)


# In this order, as later facets rest on earlier ones.
_STEPS: tuple[tuple[str, Step], ...] = (
    ("population", population),
    ("design", design),
    ("design_flag", design_flag),
    ("sample_size", sample_size),
    ("drug", drug),
    ("condition", condition),
    ("relevance", relevance),
    ("infusion_minutes", infusion_minutes),
    ("route", route),
    ("dose", dose),
    ("schedule", schedule),
    ("combination", combination),
    ("comparator", comparator),
    ("scale", _plain("scale")),
    ("mechanism", mechanism),
    ("safety", safety),
    ("outcome", outcome),
    ("registration", registration),
    ("funding", funding),
)


def findings_of(article: Article) -> tuple[Finding, ...]:
    """All findings of the record, facet by facet. Pure: the same record, the same findings.

    The notice of a retraction repeats the words of a study and is none: it has its design only.
    """
    reading = read_record(article)
    found: dict[str, tuple[Finding, ...]] = {}
    for facet, step in _STEPS:
        found[facet] = tuple(step(reading, found))
    if article.retraction_notice:
        return found["design"]
    return tuple(finding for findings in found.values() for finding in findings)
