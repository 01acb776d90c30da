"""What the drug was compared with, in studies that compare.

Placebo, groups of people and doses name themselves as comparators. A drug or a treatment does not:
it counts where the words around it compare ("versus", "or", "... group", "an active placebo"), so
that background drugs, premedication and rescue treatment do not. Placebo that comes before the
drug, against another drug before it, is a comparison of its own; an active placebo is none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harvester.evidence.expressions import Expression, compiled
from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding
from harvester.evidence.rules import load_facets

__all__ = ["comparator"]

_BY_ITSELF = frozenset(
    {"placebo", "vehicle", "psychotherapy", "treatment_as_usual", "waitlist", "control_group",
     "head_to_head", "dose_comparison", "placebo_pretreatment", "none"}
)  # fmt: skip
# What they compare is told of others.
_NO_COMPARISON = frozenset(
    {"narrative_review", "comment", "guideline", "scoping_review", "case_report", "case_series",
     "economic", "registry_analysis", "laboratory_method"}
)  # fmt: skip
_REVIEWS = frozenset({"systematic_review", "meta_analysis"})
_TRIALS = frozenset({"rct", "protocol", "human_experimental"})

# The words of a name before its last one; none of them begins another phrase.
_NAME = r"((?:[\w.%/()μµ+-]+\s){0,4})"
_OTHER_PHRASE = frozenset("during in for before after under and or at who by while when".split())
_COMPARED = compiled(
    r"\b(?:versus|vs\.?|than|against|relative to|superior to|inferior to|"
    r"superiority (?:of \w+ )?(?:to|over)|noninferior(?:ity)? to|non-inferior(?:ity)? to|"
    rf"compar\w+ (?:[\w,-]+ ){{0,6}}?(?:with|to|and|against))\s{_NAME}$"
)
_CALLED_SO = compiled(
    r"\b(?:(?:active|psychoactive|psycho-active)[ -](?:placebo|control|comparator)\w*[^.;]{0,50}|"
    r"(?:reference|control|comparator) (?:drug|compound|treatment)s?[^.;]{0,30}|"
    r"control (?:group|arm|subjects)\b[^.;,]{0,20} (?:received?|given|had)\b[^.;,]{0,35})$"
)
_AS_COMPARATOR = re.compile(
    r"\s?(?:\([^)]{0,40}\)\s?|\d[\d.]* ?mg(?: ?/ ?kg)?)?(?:[-‐]controlled|"
    r"(?:\w+ )?(?:groups?|arms?|conditions?|controls?)\b(?! (?:of|group))|"
    r",? ?\(?(?:\w+ ){0,3}(?:as )?(?:an? |the )?(?:psycho-?)?(?:active )?"
    r"(?:placebo|control|comparator)\b|,? (?:versus|vs\.?|compared (?:with|to))\s)",
    re.IGNORECASE,
)
# After the drug itself, and in a trial, "or" and "and" name another arm.
_OR = compiled(rf"\b(?:or|either)\s{_NAME}$")
_AND = compiled(rf"\band\s{_NAME}$")
_NEAR = 90
# Drugs that people in trials of another drug are often on: only compared where it is said so.
_COMMON = frozenset({"other_drug", "other_antidepressant", "morphine", "lithium", "benzodiazepine"})
# Not compared but taken besides.
_BESIDES = compiled(
    r"(?:without|maintained on|receiving|stable|premedicat\w+|rescue|induced with|induction with|"
    r"an(?:a)?esthesia with|failed|plus|resistan\w+ to|such as|including|prior|previous|during|"
    r"undergoing|respon\w+ to|non-?responders? to|in addition to|under|in an|adjuvant to|"
    r"before|after|addicted to|dependent on)\s(?:[\w-]+,?\s){0,2}$"
)
_PLACEBO_ARM = re.compile(
    r"\b(?:or|and|versus|vs\.?|than|with|to|saline|inactive|matching|of)\s(?:\w+\s){0,2}placebo|"
    r"placebo (?:groups?|arm|condition|infusion|nasal|spray|session)|saline",
    re.IGNORECASE,
)
# What leads to the words that name a comparator, and is not shown.
_LEAD = re.compile(
    r"(?:and|or|to|with|than|from|between|versus|vs\.?|compared (?:with|to))\s(?!$)", re.IGNORECASE
)
_OTHER_PEOPLE = ("healthy", "non-us", "nonus", "match", "naive", "naïve")


def comparator(reading: Reading, found: Found) -> Iterable[Finding]:
    """Each comparator with the words that name it; none where nothing was compared."""
    designs = {f.value for f in found.get("design", ())}
    drugs = found.get("drug", ())
    if designs & _NO_COMPARISON:
        return
    seen = _Seen(
        reading,
        frozenset(drug.value for drug in drugs),
        review=bool(designs & _REVIEWS),
        trial=bool(designs & _TRIALS),
        street=any(drug.detail.get("role") == "recreational" for drug in drugs),
    )
    compared = _compared(seen)
    kinds = {f.value for f in found.get("population", ())}
    _settle(compared, animals="animal" in kinds and "human" not in kinds)
    if any(f.value == "ect" for f in found.get("combination", ())):
        compared.pop("ect", None)  # it is what the drug was given for or with
    for value, rule in load_facets()["comparator"].rules.items():
        if hits := compared.get(value):
            hit = best(hits)
            lead = _LEAD.match(hit.quote)
            yield finding(rule, hit.sentence, hit.start + (lead.end() if lead else 0), hit.end)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A record with what its other findings say of it."""

    reading: Reading
    drugs: frozenset[str]
    review: bool
    trial: bool
    street: bool


def _compared(seen: _Seen) -> dict[str, list[Hit]]:
    """The places that name a comparator, by value."""
    compared: dict[str, list[Hit]] = {}
    for rule in seen.reading.rules("comparator"):
        of = seen.reading.of("comparator", rule.value)
        if hits := [hit for hit in of if _counts(hit, seen)]:
            compared[rule.value] = hits
    return compared


def _counts(hit: Hit, seen: _Seen) -> bool:
    value = hit.rule.value
    before = hit.sentence.text[max(0, hit.start - _NEAR) : hit.start]
    if seen.review:
        # A review tells of many studies; what it compares itself, it says so.
        named = value not in _BY_ITSELF or value in ("placebo", "head_to_head")
        return named and _leads_to(_COMPARED, before)
    if value in _BY_ITSELF:
        return True
    if seen.street or _BESIDES.search(before):
        return False
    if _leads_to(_COMPARED, before) or _CALLED_SO.search(before):
        return True
    if _AS_COMPARATOR.match(hit.sentence.text, hit.end):
        return True
    if value in _COMMON or not _drug_before(hit, seen):
        return False
    return _leads_to(_OR, before) or (seen.trial and _leads_to(_AND, before))


def _leads_to(comparison: Expression, before: str) -> bool:
    """Whether the text ends with words of comparison, or with these and the beginning of a name."""
    match = comparison.search(before)
    return match is not None and _OTHER_PHRASE.isdisjoint(match[1].lower().split())


def _drug_before(hit: Hit, seen: _Seen) -> bool:
    """Whether the drug itself stands shortly before."""
    return any(
        drug.sentence.index == hit.sentence.index and 0 <= hit.start - drug.end <= _NEAR
        for value in seen.drugs
        for drug in seen.reading.of("drug", value)
    )


def _settle(compared: dict[str, list[Hit]], *, animals: bool) -> None:
    """Take away what another comparator explains."""
    placebo = compared.get("placebo", [])
    if animals and placebo and all(hit.quote.lower() == "saline" for hit in placebo):
        compared.setdefault("vehicle", []).extend(compared.pop("placebo"))
    if "placebo_pretreatment" in compared:
        compared.pop("placebo", None)
    if "midazolam" in compared and not _has_placebo_arm(compared.get("placebo", ())):
        compared.pop("placebo", None)
    others = compared.keys() - {"control_group", "none"}
    if others and "control_group" in compared:
        # Elsewhere the control group is the arm that had the comparator.
        compared["control_group"] = [h for h in compared["control_group"] if _is_other_people(h)]
    if others or compared.get("control_group"):
        compared.pop("none", None)


def _has_placebo_arm(hits: Sequence[Hit]) -> bool:
    return any(
        _PLACEBO_ARM.search(hit.sentence.text, max(0, hit.start - 30), hit.end + 12) for hit in hits
    )


def _is_other_people(hit: Hit) -> bool:
    return any(words in hit.quote.lower() for words in _OTHER_PEOPLE)
