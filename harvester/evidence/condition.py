"""What the people studied have, and how near the paper is to ketamine for depression."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set

from harvester.evidence.drug import FAMILY
from harvester.evidence.findings import Detail, Finding
from harvester.evidence.matching import Hit
from harvester.evidence.passages import Sentence
from harvester.evidence.reading import Found, Reading, best, finding, from_heading
from harvester.evidence.rules import load_facets
from harvester.evidence.study import tells_aim

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
    hits: dict[str, tuple[Hit, ...]] = {}
    for value in reading.hits["condition"]:
        of_value = _own(value, reading)
        sentences = {hit.sentence for hit in of_value}
        enough = 1 if value == "healthy" and not all(map(_control, of_value)) else _ENOUGH
        if sentences and sum(map(_weight, sentences)) >= enough:
            hits[value] = of_value
    if not _say_healthy(hits.get("healthy", ())):
        hits.pop("healthy", None)
    if all(value in _WIDE and not (value == "anxiety" and _titled(hits[value])) for value in hits):
        # Said at the beginning only, where the authors tell why they wrote.
        hits = {value: of for value in _BY_NAME if (of := _named(value, reading))} or hits
    kinds = {f.value for f in found.get("population", ())}
    kinds |= {f.value for f in found.get("design", ())}
    named = {r.value for r in reading.rules("condition") if r.value in hits or reading.heading(r)}
    titled = {value for value in hits if _titled(hits[value])}
    for rule in reading.rules("condition"):
        value = rule.value
        if value not in named or _set_aside(value, named, titled, kinds, hits):
            continue
        if value in hits:
            hit = best(hits[value])
            yield finding(rule, hit.sentence, hit.start, hit.end, _detail(value, hits[value]))
        elif heading := reading.heading(rule):
            yield from_heading(rule, *heading)


def _weight(sentence: Sentence) -> int:
    """What a word of the sentence counts; where the authors tell their aim, as in their aims."""
    part = sentence.part
    if part in ("text", "background") and tells_aim(sentence):
        return _WEIGHTS["aims"]
    return 0 if sentence.opening else _WEIGHTS.get(part, 0)


def _say_healthy(hits: Iterable[Hit]) -> bool:
    """Whether the volunteers are called healthy; those of a title are."""
    return any(hit.sentence.part == "title" or "healthy" in hit.quote.lower() for hit in hits)


def _control(hit: Hit) -> bool:
    """Whether the healthy are only those with whom people with a condition are compared."""
    return any(word in hit.quote.lower() for word in ("control", "compar"))


_USE = re.compile(r"\b(?:ab|mis)?us(?:e|ers?)\b|recreational|polydrug", re.IGNORECASE)


def _users(hits: Iterable[Hit]) -> bool:
    """Whether a title speaks of users; a retreat or a microdose can be given, too."""
    return any(hit.sentence.part == "title" and _USE.search(hit.quote) for hit in hits)


def _titled(hits: Iterable[Hit]) -> bool:
    return any(hit.sentence.part == "title" for hit in hits)


def _own(value: str, reading: Reading) -> tuple[Hit, ...]:
    """Where the authors speak of their own work; major depression apart from its resistant form."""
    if not (named := _named(value, reading)):
        return ()
    resistant = reading.of("condition", "trd") if value == "mdd" else ()
    return tuple(
        hit
        for hit in named
        if _weight(hit.sentence)
        and not any(
            hit.sentence is other.sentence and hit.start < other.end and other.start < hit.end
            for other in resistant
        )
    )


def _named(value: str, reading: Reading) -> tuple[Hit, ...]:
    """Where a condition is named; TRD is also a retinal detachment, and MDE a drug."""
    hits = reading.of("condition", value)
    short = _SHORT.get(value)
    if short and all(hit.quote == short for hit in hits):
        others = (name for name in _SPELLED if name != value)
        return hits if any(reading.of("condition", name) for name in others) else ()
    return hits


# Short forms of other things too, and what is named wherever they mean depression.
_SHORT = {"trd": "TRD", "mdd": "MDE"}
_SPELLED = ("depression", "mdd", "bipolar_depression", "trd")
# What is named beside many conditions.
_WIDE = frozenset({"anxiety", "other_mental"})
# Conditions that an opening names only when the paper is on them.
_BY_NAME = ("trd", "mdd", "bipolar_depression", "postpartum_depression", "suicidality")
# In these people were given the drug: what they took before is not what is studied.
_GIVEN = frozenset({"rct", "open_label_trial", "protocol"})
# Nor are these surveys of users.
_NOT_ASKED = _GIVEN | {"qualitative", "case_report", "case_series"}
_MOOD = frozenset({*DEPRESSION, "anxiety", "suicidality"})
_MENTAL = frozenset(
    {*_MOOD, "ptsd", "ocd", "sud", "eating_disorder"}
    | {"healthy", "schizophrenia_model", "recreational_use"}
)
# Common words: the paper's subject only alone, in the title, or said three times.
_COMMON = frozenset({"anaesthesia", "pain", "recreational_use", "mechanism", "sud", "ptsd", "ocd"})
# Of these, what is measured or told of beside whatever the title names.
_MEASURED = frozenset({"pain", "sud", "anaesthesia"})
# Beside these, low mood is something that was measured, unless the title names it.
_OTHER = frozenset({"ptsd", "ocd", "sud", "eating_disorder", "recreational_use", "pain"})


def _set_aside(
    value: str,
    named: Set[str],
    titled: Set[str],
    kinds: Set[str],
    hits: Mapping[str, Sequence[Hit]],
) -> bool:
    """Whether a named condition is not the paper's, by what else is named, and where.

    `kinds` are the population and the design.
    """
    told_often = len({hit.sentence.index for hit in hits.get(value, ())}) > 2
    if value == "animal_anaesthesia":
        return "animal" not in kinds
    if value == "recreational_use" and kinds & _GIVEN and not _users(hits.get(value, ())):
        return True
    if value in _MOOD and "recreational_use" in named and not kinds & _NOT_ASKED:
        return True  # mood is what surveys of users measure
    if value == "sud" and value not in titled and "recreational_use" in named - kinds:
        return not kinds & _GIVEN
    if value == "anaesthesia" and "human" not in kinds:
        return True
    if value == "perioperative_depression" and "postpartum_depression" in named:
        return True  # after a caesarean section
    if value == "depression" and named & set(DEPRESSION[:-1]):
        return True  # said more closely
    if value == "other_mental" and named & _MENTAL:
        # Said more closely, or what others have.
        return value not in titled or "bipolar_depression" in named
    if value in titled:
        return False
    if value in _MOOD and "healthy" in titled:
        return True
    if value in ("depression", "anxiety") and titled & (_OTHER | _MOOD):
        return True
    if value == "suicidality" and titled & _OTHER:
        return True
    if value == "suicidality" and titled & set(DEPRESSION) and not told_often:
        return True
    beside = titled if value in _MEASURED else frozenset()
    if value in _COMMON and (beside or named & (_MOOD | {"healthy", "palliative"})):
        return not told_often
    return False


# Words in a sentence on a substance use disorder that make the substance alcohol.
_ALCOHOL = ("alcohol", "drink", "aud ")


def _detail(value: str, hits: Sequence[Hit]) -> Detail:
    """For substance use disorders, of which substance."""
    if value != "sud":
        return {}
    sentence = best(hits).sentence.text.lower() + " "
    return {"substance": "alcohol" if any(word in sentence for word in _ALCOHOL) else "other"}


# --- relevance ---------------------------------------------------------------------------------

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
    drugs = [f for f in found.get("drug", ()) if f.value in FAMILY]
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
        # A drug that is only told of in passing is none that the record is about.
        named = [hit for value in FAMILY for hit in reading.of("drug", value)]
        if not named:
            return "no_drug", None
        hit = min(named, key=lambda hit: (hit.sentence.index, hit.start))
        return "incidental", finding(hit.rule, hit.sentence, hit.start, hit.end)
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
