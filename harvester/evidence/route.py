"""By which route the drug was given.

An infusion, a bolus, or a dose given over minutes is taken for an intravenous one where people had
it and no route is named; the finding is then marked as implied. Reviews name the routes of others:
theirs are those of the title, and those that a systematic review found. What drug users swallow is
no route of a study's drug.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import load_facets

__all__ = ["route"]

_IMPLIED = ("infus", "bolus")
_REVIEWS = frozenset({"systematic_review", "meta_analysis", "scoping_review", "narrative_review"})
_NO_STUDY = frozenset({"narrative_review", "comment", "guideline"})
# Forms in which a drug is also bought on the street.
_PILLS = ("capsule", "tablet", "ingest")


def route(reading: Reading, found: Found) -> Iterable[Finding]:
    """Each route with the words for it; for a review, those of its title first."""
    designs = {f.value for f in found.get("design", ())}
    kinds = {f.value for f in found.get("population", ())}
    street = any(f.detail.get("role") == "recreational" for f in found.get("drug", ()))
    if not found.get("drug"):
        return
    explicit: dict[str, list[Hit]] = {}
    implied: list[Hit] = []
    for value in load_facets()["route"].rules:
        for hit in reading.of("route", value):
            if designs & _NO_STUDY and hit.sentence.part != "title":
                continue
            words = hit.quote.lower()
            if words.startswith(_IMPLIED):
                implied.append(hit)
            elif not (street and words.startswith(_PILLS)):
                explicit.setdefault(value, []).append(hit)
    review = bool(designs & _REVIEWS)
    for value, rule in load_facets()["route"].rules.items():
        if hits := explicit.get(value):
            hit = _title(hits) or best(hits) if review else best(hits)
            yield finding(rule, hit.sentence, hit.start, hit.end)
        elif heading := reading.heading(rule):
            yield from_heading(rule, *heading)
        elif value == "iv" and implied and not explicit and not review and "human" in kinds:
            hit = best(implied)
            yield finding(rule, hit.sentence, hit.start, hit.end, {"implied": True})
        elif value == "iv" and not explicit and not review and "human" in kinds:
            # What is given over minutes runs into a vein.
            for time in found.get("infusion_minutes", ()):
                yield replace(
                    time, facet=rule.facet, value=value, rule=rule.name, detail={"implied": True}
                )


def _title(hits: Sequence[Hit]) -> Hit | None:
    return next((hit for hit in hits if hit.sentence.part == "title"), None)
