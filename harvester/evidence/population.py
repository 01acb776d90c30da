"""Whom or what was studied: people, animals, cells; and people of which age.

What the authors write of their own sample decides; NLM's check tags (MeSH Humans, Animals) decide
where the words leave it open. Words of the background count nowhere: human papers begin with mice.
"""

from collections.abc import Iterable, Iterator, Sequence

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import load_facets

__all__ = ["population"]

KINDS = ("human", "animal", "in_vitro")
AGES = ("adolescents", "children", "adults", "older_adults")
_CHECK_TAGS = {"human": "Humans", "animal": "Animals"}

# What a word of a part says about the sample: much in methods and title, little in a conclusion.
_WEIGHTS = {"methods": 3.0, "title": 4.0, "results": 2.0, "aims": 2.0, "text": 1.0}
# The share of the weights at which a kind counts as studied beside the heaviest one.
_BESIDE = 0.45


def population(reading: Reading, found: Found) -> Iterable[Finding]:
    """Kinds studied, then ages where people were."""
    kinds = list(_kinds(reading))
    yield from kinds
    if any(kind.value == "human" for kind in kinds):
        yield from _ages(reading)


def _kinds(reading: Reading) -> Iterator[Finding]:
    rules = load_facets()["population"].rules
    hits = {kind: _own(reading.of("population", kind)) for kind in KINDS}
    tags = {kind: reading.has_mesh(tag) for kind, tag in _CHECK_TAGS.items()}
    weights = {kind: _weight(hits[kind]) for kind in KINDS}
    heaviest = max(weights.values())
    if not heaviest and not any(tags.values()):
        yield from _implied(reading)
        return
    for kind in KINDS:
        other = any(tags[tag] for tag in tags if tag != kind)
        said = heaviest and weights[kind] >= heaviest * _BESIDE
        if tags.get(kind) and (said or not other or not heaviest):
            said = True
        elif kind in tags and other and not tags[kind] and weights[kind] < heaviest:
            said = False
        if not said:
            continue
        if hits[kind]:
            hit = best(hits[kind])
            yield finding(rules[kind], hit.sentence, hit.start, hit.end)
        elif tags.get(kind):
            yield from_heading(rules[kind], "mesh", _CHECK_TAGS[kind])


# Where nobody is named: disorders of people, and what is done with people alone.
_IMPLY = (
    *(("condition", value) for value in ("trd", "mdd", "bipolar_depression", "depression", "ptsd")),
    *(("condition", value) for value in ("suicidality", "ocd", "sud", "healthy", "palliative")),
    *(("design", value) for value in ("rct", "open_label_trial", "human_experimental", "survey")),
)


def _implied(reading: Reading) -> Iterator[Finding]:
    rule = load_facets()["population"].rules["human"]
    for facet, value in _IMPLY:
        if hits := reading.of(facet, value):
            hit = best(hits)
            yield finding(rule, hit.sentence, hit.start, hit.end)
            return


def _own(hits: Sequence[Hit]) -> list[Hit]:
    """Words of the authors' own work; an opening's and a conclusion's only when there are none."""
    own = [hit for hit in hits if hit.sentence.part in _WEIGHTS and not hit.sentence.opening]
    return own or list(hits)


def _weight(hits: Iterable[Hit]) -> float:
    """The weight of the sentences with such words; many words in one sentence say no more."""
    sentences = {hit.sentence for hit in hits}
    return sum(_WEIGHTS.get(s.part, 0.25) * (0.2 if s.opening else 1.0) for s in sentences)


def _ages(reading: Reading) -> Iterator[Finding]:
    """The ages of the sample; an aim, which may speak of other ages, counts when alone.

    NLM's headings count where no word tells an age: adults "aged 18" are Adolescent there, and one
    of 81 years makes a study of Aged.
    """
    rules = load_facets()["population"].rules
    hits = {age: reading.of("population", age) for age in AGES}
    own = {age: tuple(h for h in of if h.sentence.part != "aims") for age, of in hits.items()}
    if any(own.values()):
        hits = own
    for age in AGES:
        if hits[age]:
            hit = best(hits[age])
            yield finding(rules[age], hit.sentence, hit.start, hit.end)
        elif not any(hits.values()) and (heading := reading.heading(rules[age])):
            yield from_heading(rules[age], *heading)
