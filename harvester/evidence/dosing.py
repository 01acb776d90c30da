"""How much of the drug was given, and over how many minutes.

An abstract also tells the doses of midazolam, propofol or naltrexone: a dose counts for the drug
that stands with it ("ketamine (0.5 mg/kg)", "0.5 mg/kg of ketamine"), and without one for the only
drug that the record is about. Doses for animals are left out where people were studied, too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harvester.evidence.expressions import compiled
from harvester.evidence.findings import Detail, Finding
from harvester.evidence.matching import Hit
from harvester.evidence.numbers import number
from harvester.evidence.passages import Sentence
from harvester.evidence.reading import Found, Reading, finding
from harvester.evidence.rules import Rule, load_facets

__all__ = ["dose", "infusion_minutes"]

_NO_STUDY = frozenset({"narrative_review", "comment", "guideline"})
_BEST = {"methods": 0, "text": 1, "aims": 2, "title": 3, "results": 4, "conclusions": 5}


@dataclass(frozen=True, slots=True)
class _Name:
    """A drug's name in a sentence; `drug` is None for drugs that the record is not about."""

    drug: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Dose:
    """Amounts of one drug, with the words that say so."""

    rule: Rule
    sentence: Sentence
    start: int
    end: int
    drug: str
    amounts: tuple[float, ...]
    unit: str

    @property
    def rank(self) -> tuple[int, int, int]:
        """Less is better to show."""
        return _BEST.get(self.sentence.part, 9), self.sentence.index, self.start


def dose(reading: Reading, found: Found) -> Iterable[Finding]:
    """For each kind of dose: the smallest and largest of the drug whose dose is told best."""
    if {f.value for f in found.get("design", ())} & _NO_STUDY:
        return
    drugs = [f.value for f in found.get("drug", ())]
    animals = {h.sentence.index for h in reading.of("population", "animal")}
    people = {h.sentence.index for h in reading.of("population", "human")}
    both = {f.value for f in found.get("population", ())} >= {"human", "animal"}
    rates = {(hit.sentence.index, hit.start) for hit in reading.of("dose", "rate")}
    for rule in load_facets()["dose"].rules.values():
        hits = [
            hit
            for hit in reading.of("dose", rule.value)
            if not (both and hit.sentence.index in animals - people)
            and (rule.value == "rate" or (hit.sentence.index, hit.start) not in rates)
        ]
        doses = [dose for hit in hits if (dose := _dose(reading, hit, drugs))]
        if not doses:
            continue
        shown = min(doses, key=lambda dose: dose.rank)
        same = [d for d in doses if d.drug == shown.drug and d.unit == shown.unit]
        amounts = sorted({amount for dose in same for amount in dose.amounts})
        detail: Detail = {
            "min": amounts[0],
            "max": amounts[-1],
            "unit": shown.unit,
            "drug": shown.drug,
        }
        if len(amounts) > 2:  # of several groups, say; `min` and `max` alone would hide them
            detail = {**detail, "amounts": " ".join(f"{amount:g}" for amount in amounts)}
        yield finding(rule, shown.sentence, shown.start, shown.end, detail)


# --- whose dose ----------------------------------------------------------------------------------

_NAMED_DRUGS = frozenset(
    {"placebo", "vehicle", "midazolam", "quetiapine", "aripiprazole", "lithium", "escitalopram",
     "venlafaxine", "fluoxetine", "other_antidepressant", "fentanyl", "remifentanil", "morphine",
     "diphenhydramine", "amphetamine", "benzodiazepine", "propofol", "other_anaesthetic",
     "other_drug", "ascorbic_acid"}
)  # fmt: skip
_OTHERS = compiled(
    r"\b(?:xylazine|medetomidine|naloxone|rocuronium|succinylcholine|suxamethonium|ketanserin|"
    r"rapamycin|NBQX|LPS|insulin|glycopyrrolate|[a-z]{4,}(?:caine|curium|barbital|setron|zepam))\b"
)
# What may stand between a dose and the name after it, and between a name and the dose after it.
_BEFORE_NAME = re.compile(
    r"[\s)]{0,2}(?:\(?(?:i\.?v\.?|i\.?m\.?|i\.?p\.?|s\.?c\.?)\)?,?\s)?(?:(?:of|dose|doses|body|weight|"
    r"single|intravenous|intranasal|intramuscular|subcutaneous|oral|racemic|sublingual|bolus|"
    r"infusion|subanesthetic|sub-anesthetic|nasal|spray|hydrochloride|rac|IV|IM|SC|IN)[\s-]){0,6}$",
    re.IGNORECASE,
)
_NEAR = 30
_PAUSE = re.compile(r"[,;:]|\.\s")


def _dose(reading: Reading, hit: Hit, drugs: Sequence[str]) -> _Dose | None:
    text = hit.sentence.plain
    read = _read(text[hit.start : hit.end])
    if read is None:
        return None
    name = _owner(text, hit, list(_names(reading, hit.sentence, drugs)))
    if name is not None:
        if name.drug is None:
            return None
        return _Dose(hit.rule, hit.sentence, *_words(text, hit, name), name.drug, *read)
    if len(drugs) != 1 or hit.rule.value == "fixed":
        return None
    return _Dose(hit.rule, hit.sentence, hit.start, hit.end, drugs[0], *read)


def _words(text: str, hit: Hit, name: _Name) -> tuple[int, int]:
    """From where to where the words go that are shown: the dose, with the name where it is near."""
    start, end = min(name.start, hit.start), max(name.end, hit.end)
    between = text[name.end : hit.start] or text[hit.end : name.start]
    if len(between) > _NEAR or _PAUSE.search(between):
        return hit.start, hit.end
    end += text[end : end + 1] == ")" and "(" in text[start:end]
    start -= text[start - 1 : start] == "(" and ")" in text[start:end]
    return start, end


def _names(reading: Reading, sentence: Sentence, drugs: Sequence[str]) -> Iterator[_Name]:
    for value, hits in reading.hits["drug"].items():
        for hit in hits:
            if hit.sentence.index == sentence.index:
                yield _Name(value if value in drugs else None, hit.start, hit.end)
    for value in _NAMED_DRUGS:
        for hit in reading.of("comparator", value):
            if hit.sentence.index == sentence.index:
                yield _Name(None, hit.start, hit.end)
    for match in _OTHERS.finditer(sentence.searched):
        yield _Name(None, *match.span())


def _owner(text: str, hit: Hit, names: Sequence[_Name]) -> _Name | None:
    """The name that the dose belongs to; None where the sentence names no drug."""
    after = min(
        (name for name in names if name.start >= hit.end), key=lambda n: n.start, default=None
    )
    if after and _BEFORE_NAME.match(text[hit.end : after.start]):
        return after
    before = max(
        (name for name in names if name.end <= hit.start), key=lambda n: n.end, default=None
    )
    return before or after


# --- how much ------------------------------------------------------------------------------------

_AMOUNT = re.compile(r"\d+[.·]\d+|[.·]\d+|\d+")
_UNIT = re.compile(r"(?<=[\d\s-])(?:mg|milligram|m?cg|[µμu]g|microg)", re.IGNORECASE)
_PER_TIME = re.compile(r"\b(h|hr|hour|min|minute)s?\b(?: ?\(?[-−–‐]1\)?)?$", re.IGNORECASE)
_TOO_MUCH = 5000.0


def _read(quote: str) -> tuple[tuple[float, ...], str] | None:
    """The amounts and the unit: "0.25, 0.5 and 1 mg/kg" gives (0.25, 0.5, 1.0) and mg/kg."""
    units = list(_UNIT.finditer(quote))
    if not units:
        return None
    unit = units[-1]
    amounts = tuple(
        float(text.replace("·", ".")) for text in _AMOUNT.findall(quote[: unit.start()])
    )
    if not amounts or max(amounts) > _TOO_MUCH or min(amounts) <= 0:
        return None
    small = unit[0].lower()
    name = "mg" if small.startswith(("mg", "milli")) else "µg"
    rest = quote[unit.end() :].lower()
    if "k" in rest:
        name += "/kg"
        if per := _PER_TIME.search(quote):
            name += "/min" if per[1].lower().startswith("m") else "/h"
    return amounts, name


# --- how long ------------------------------------------------------------------------------------

_TIME = re.compile(
    r"(?P<first>\d+|one|two|five|ten|fifteen|twenty|thirty|forty|fifty|sixty)"
    r"(?:\s?(?:-|–|to|or)\s?(?P<last>\d+))?[-\s‐]?(?P<unit>min|h)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s?(?:\w+ )?(?:after|post|later|before|prior|following|of recovery|period after)",
    re.IGNORECASE,
)
# Before the time: that the drug was given over it. Hours are told of much else.
_GIVEN = compiled(r"infus|bolus|administ|receiv|given|inject|mg|ketamine|I\.?V\b")
_INFUSED = compiled(r"infus")
_LEAD = 90
_MINUTES_OF_AN_HOUR = 60
_LONGEST = 14 * 24 * _MINUTES_OF_AN_HOUR


def infusion_minutes(reading: Reading, found: Found) -> Iterable[Finding]:
    """The shortest and longest infusion of the drug, in minutes."""
    if not found.get("drug") or {f.value for f in found.get("design", ())} & _NO_STUDY:
        return
    rule = load_facets()["infusion_minutes"].rules["minutes"]
    times: list[tuple[Hit, int, int]] = []
    for hit in reading.of("infusion_minutes", "minutes"):
        text = hit.sentence.plain
        minutes = _minutes(text[hit.start : hit.end])
        if minutes is None or _AFTER.match(text, hit.end):
            continue
        said = _INFUSED if minutes[0] >= _MINUTES_OF_AN_HOUR else _GIVEN
        if said.search(text[max(0, hit.start - _LEAD) : hit.end]):
            times.append((hit, *minutes))
    if not times:
        return
    shown = min(times, key=lambda t: (_BEST.get(t[0].sentence.part, 9), t[0].sentence.index))[0]
    detail: Detail = {
        "min": min(t[1] for t in times),
        "max": max(t[2] for t in times),
        "unit": "min",
    }
    yield finding(rule, shown.sentence, shown.start, shown.end, detail)


def _minutes(quote: str) -> tuple[int, int] | None:
    time = _TIME.search(quote)
    if time is None:
        return None
    first = number(time["first"])
    last = number(time["last"]) if time["last"] else first
    if first is None or last is None:
        return None
    factor = _MINUTES_OF_AN_HOUR if time["unit"].lower() == "h" else 1
    least, most = sorted((first * factor, last * factor))
    return (least, most) if least > 0 and most <= _LONGEST else None
