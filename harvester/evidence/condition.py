"""What the people studied have, and how near the paper is to ketamine for depression."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import load_facets

__all__ = ["DEPRESSION", "condition", "relevance"]

DEPRESSION = (
    "trd",
    "mdd",
    "bipolar_depression",
    "postpartum_depression",
    "perioperative_depression",
    "depression",
)
# A word counts most where the sample or the subject is named.
_WEIGHTS = {"title": 3, "aims": 2, "methods": 2, "text": 1, "results": 1, "conclusions": 1}
_ENOUGH = 2


def condition(reading: Reading, found: Found) -> Iterable[Finding]:
    """Conditions named in title, aim or methods, or in two sentences of what was done and found."""
    rules = load_facets()["condition"].rules
    hits: dict[str, tuple[Hit, ...]] = {}
    for value in rules:
        of_value = reading.of("condition", value)
        sentences = {hit.sentence for hit in of_value}
        if sum(_WEIGHTS.get(sentence.part, 0) for sentence in sentences) >= _ENOUGH:
            hits[value] = of_value
    kinds = {f.value for f in found.get("population", ())}
    for value in _kept(hits, reading, kinds):
        if value in hits:
            hit = best(hits[value])
            yield finding(rules[value], hit.sentence, hit.start, hit.end)
        elif heading := reading.heading(rules[value]):
            yield from_heading(rules[value], *heading)


def _kept(hits: Mapping[str, Sequence[Hit]], reading: Reading, kinds: set[str]) -> Iterator[str]:
    rules = load_facets()["condition"].rules
    named = {v for v in rules if v in hits or reading.heading(rules[v])}
    narrow = named & set(DEPRESSION[:-1])
    for value in rules:
        if value not in named:
            continue
        if value == "depression" and narrow:
            continue  # said more closely
        if value == "mdd" and "trd" in named and not _titled(hits.get("mdd", ())):
            continue
        if value in ("anaesthesia", "pain", "healthy", "recreational_use") and not _told(
            hits.get(value, ()), named
        ):
            continue
        if value == "animal_anaesthesia" and "animal" not in kinds:
            continue
        if value == "anaesthesia" and "human" not in kinds:
            continue
        if value == "mechanism" and (len(named) > 1 and not _titled(hits.get(value, ()))):
            continue
        yield value


def _titled(hits: Iterable[Hit]) -> bool:
    return any(hit.sentence.part == "title" for hit in hits)


def _told(hits: Sequence[Hit], named: set[str]) -> bool:
    """Whether a common word is the paper's subject: alone, in the title, or said three times."""
    others = named & set(DEPRESSION)
    return not others or _titled(hits) or len({hit.sentence.index for hit in hits}) > 2


# --- relevance ---------------------------------------------------------------------------------

_FAMILY = {"ketamine", "esketamine", "arketamine", "norketamine", "hydroxynorketamine"}
_NEAR = {
    "anxiety",
    "ptsd",
    "sud",
    "eating_disorder",
    "healthy",
    "mechanism",
    "palliative",
    "schizophrenia_model",
}


def relevance(reading: Reading, found: Found) -> Iterable[Finding]:
    """How near the record is to ketamine for depression or suicidality; each record has one."""
    drugs = [f for f in found.get("drug", ()) if f.value in _FAMILY]
    conditions = found.get("condition", ())
    value, because = _relevance(reading, drugs, conditions)
    rule = load_facets()["relevance"].rules[value]
    yield Finding(
        facet="relevance",
        value=value,
        rule=rule.name,
        source=because.source if because else "title",
        section=because.section if because else None,
        quote=because.quote if because else reading.article.title.plain,
        start=because.start if because else 0,
    )


def _relevance(
    reading: Reading, drugs: Sequence[Finding], conditions: Sequence[Finding]
) -> tuple[str, Finding | None]:
    if not drugs:
        return "no_drug", None
    depressed = [c for c in conditions if c.value in (*DEPRESSION, "suicidality")]
    if not _about(reading, drugs):
        return "incidental", drugs[0]
    if depressed:
        return "core", depressed[0]
    near = [c for c in conditions if c.value in _NEAR]
    return ("related", near[0]) if near else ("not_depression", drugs[0])


def _about(reading: Reading, drugs: Sequence[Finding]) -> bool:
    """Whether the drug is named in the title, or in three sentences."""
    sentences = set()
    for drug in drugs:
        for hit in reading.of("drug", drug.value):
            if hit.sentence.part == "title":
                return True
            sentences.add(hit.sentence.index)
    return len(sentences) > 2 or any(drug.source == "mesh" for drug in drugs)
