"""What drugs a record is about, and what each was: treatment, anaesthetic, challenge, ...

A drug of the title is what a record is about; one that the authors' own part names is, too, unless
it is only told as an ingredient of another, or once beside another. MeSH says "Ketamine" of all
forms, and headings and keywords name neighbours of a subject, so that they count only where the
text names no drug.
"""

from collections.abc import Iterable, Mapping, Sequence

from harvester.evidence.findings import Detail, Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import load_facets

__all__ = ["FAMILY", "drug"]

FAMILY = ("ketamine", "esketamine", "arketamine", "norketamine", "hydroxynorketamine")
# Words for all of them at once say nothing where one is named.
_CLASS = "psychedelics"
# The first is contained in, or the source of, the second.
_PART_OF = {"dmt": "ayahuasca", "psychedelic_mushrooms": "psilocybin", "phencyclidine": "ketamine"}
_OWN = frozenset({"methods", "aims", "results", "text"})
# Sentences: so often a drug of the background is a subject; so often one beside the title's is.
_OFTEN = 3
_TWICE = 2
# Papers about many drugs name each of them once.
_OF_MANY_DRUGS = frozenset(
    {"survey", "cross_sectional", "epidemiology", "systematic_review", "meta_analysis",
     "scoping_review", "narrative_review", "registry_analysis", "cohort_prospective"}
)  # fmt: skip
_FORMS = frozenset({"esketamine", "arketamine"})
_Places = Mapping[str, Sequence[Hit]]


def drug(reading: Reading, found: Found) -> Iterable[Finding]:
    """Each drug that the record is about, with its role."""
    rules = load_facets()["drug"].rules
    named = {
        rule.value: hits
        for rule in reading.rules("drug")
        if (hits := reading.of("drug", rule.value))
    }
    many = any(f.value in _OF_MANY_DRUGS for f in found.get("design", ()))
    about = _about(named, many=many)
    for value, rule in rules.items():
        if value in about:
            hit = best(about[value])
            role = _role(reading, about[value])
            yield finding(rule, hit.sentence, hit.start, hit.end, role)
        elif not named and (heading := reading.heading(rule)):
            yield from_heading(rule, *heading)


def _about(named: _Places, *, many: bool) -> _Places:
    """Of the drugs named, those that the record is about."""
    about = {value: hits for value, hits in named.items() if _is_subject(hits)}
    if not about and named:
        most = max(len(_sentences(hits)) for hits in named.values())
        about = {v: hits for v, hits in named.items() if len(_sentences(hits)) == most}
    return {v: hits for v, hits in about.items() if not _is_aside(v, about, many=many)}


def _sentences(hits: Iterable[Hit]) -> set[int]:
    return {hit.sentence.index for hit in hits}


def _in_title(hits: Iterable[Hit]) -> bool:
    return any(hit.sentence.part == "title" for hit in hits)


def _own(hits: Iterable[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.sentence.part in _OWN and not hit.sentence.opening]


def _is_subject(hits: Sequence[Hit]) -> bool:
    return _in_title(hits) or bool(_own(hits)) or len(_sentences(hits)) >= _OFTEN


def _is_aside(value: str, about: _Places, *, many: bool) -> bool:
    """Whether the drug is only named beside another one that the record is about."""
    if value == _CLASS:
        return len(about) > 1
    if _in_title(about[value]):
        return False
    if _PART_OF.get(value) in about:
        return True
    titled = {v for v, hits in about.items() if v not in (value, _CLASS) and _in_title(hits)}
    if not titled or many or value in _FORMS:
        return bool(value == "ketamine" and titled & _FORMS and len(_own_of(value, about)) < _TWICE)
    return len(_own_of(value, about)) < _TWICE


def _own_of(value: str, about: _Places) -> set[int]:
    return _sentences(_own(about[value]))


def _role(reading: Reading, hits: Sequence[Hit]) -> Detail:
    """The first role whose words stand in the drug's own sentences."""
    own = _sentences(_own(hits)) | {h.sentence.index for h in hits if h.sentence.part == "title"}
    for value in load_facets()["drug_role"].rules:
        if any(hit.sentence.index in own for hit in reading.of("drug_role", value)):
            return {"role": value}
    return {}
