"""How many took part, and what the number counts; nothing where the abstract does not say.

Every number of people in the record is a candidate. What is said around it, where it stands, and
whether other numbers add up to it decide which of them is the study's own; if none is good enough
there is no finding.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from harvester.evidence.findings import Detail, Finding
from harvester.evidence.numbers import NUMBER, number
from harvester.evidence.passages import Sentence
from harvester.evidence.reading import Found, Reading, finding
from harvester.evidence.rules import load_facets

__all__ = ["sample_size"]

_PEOPLE = (
    "patients?|participants?|subjects?|adults?|women|men|volunteers?|individuals?|people|persons?|"
    "adolescents?|children|veterans?|mothers?|parturients?|inpatients?|outpatients?|users?|"
    "respondents?|males?|females?|students?|controls?|cases|probands?|infants?|boys?|girls?|youths?|"
    "workers|smokers|drinkers|survivors|clients|attendees|physicians|twins|consumers|members"
)
# A number, a few words that say what kind of people, and the people.
_COUNTED = re.compile(
    rf"\b({NUMBER})\s+((?:(?!(?:of|in|with|to|had|were|was|from|years?|months?|days?|weeks?|hours?|"
    rf"minutes?|mg|percent|studies|trials|sessions|doses|infusions|sites|centers|centres|hospitals|"
    rf"countries|points?|items?)\b)[\w'’/()+-]+,?\s+){{0,6}}?)({_PEOPLE})\b",
    re.IGNORECASE,
)
_N_IS = re.compile(rf"\bn\s?(?:=|≈|:)\s?({NUMBER})", re.IGNORECASE)
_TOTAL = re.compile(
    rf"\b(?:total(?: sample)?(?: size)?|sample(?: size)?|overall|cohort) (?:of|was|is|comprised|included)"
    rf" (?:about |approximately )?({NUMBER})\b(?!\s?(?:%|years|studies|trials|articles|mg))",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"^\s?(?:%|percent|per cent)|^(?:\.\d)")
_FRACTION_BEFORE = re.compile(
    rf"(?:{NUMBER}\s?(?:/|\sof\s(?:the )?)|[<>=±.,–-]|\b(?:day|week|month|phase|grade|age|aged|item|"
    rf"stage|type|version|dsm|icd|group|cohort|panel|table|level|hour|trial|study|of these|of those|"
    rf"of whom|of which|among the|additional|remaining|other|than|every|each|another|for))\s?$",
    re.IGNORECASE,
)

# Words near a number that say what it counts; the first found names the basis.
_BASES: tuple[tuple[str, str, float], ...] = (
    (
        "planned",
        r"\bwill be|\bwill (?:enrol|recruit|includ|randomi)|\bplan(?:ned|s)? to|\baims? to (?:recruit|enrol)|target sample",
        3.0,
    ),
    ("randomized", r"randomi[sz]|randomly|\b1:1\b|assigned|allocated|underwent randomization", 4.0),
    ("enrolled", r"enrol|recruit|took part|participated|volunteered|entered", 3.0),
    (
        "included",
        r"includ|compris|consist|identified|sample|a total of|data (?:from|on)|eligible for analysis|cohort|interviewed|surveyed|completed (?:the|an|a|our) (?:\w+ )?(?:survey|questionnaire|interview)|responded",
        2.5,
    ),
    ("treated", r"treated|received|underwent|administered|were given|infusions?|\bgiven\b", 2.5),
    (
        "analysed",
        r"analy[sz]ed|evaluable|evaluated|examined|studied|assessed|tested|scanned|investigated|compared|measured|in (?:the )?(?:final|present) analysis",
        2.0,
    ),
    ("completers", r"complet", 1.5),
)
_COMPILED = tuple(
    (basis, re.compile(words, re.IGNORECASE), score) for basis, words, score in _BASES
)
_SCREENED = re.compile(
    r"screened|approached|assessed for eligibility|invited|eligible(?! for anal)|referred|contacted|"
    r"were excluded|dropped out|withdrew|lost to follow|discontinued|declined|did not complete|"
    r"responders?\b|remitters|achieved|experienced|reported|developed|relaps|remission|died|showed",
    re.IGNORECASE,
)
_SUBSET = re.compile(
    r"\b(?:of whom|of these|of those|of which|subset|subgroup|subsample|among (?:the|these|them)|"
    r"remaining|per group|in each|each group|per arm|each arm|respectively)\b",
    re.IGNORECASE,
)
_STUDIES = re.compile(
    rf"\b{NUMBER}\s+(?:[\w-]+\s+){{0,4}}(?:studies|trials|rcts|articles|reports|publications)\b",
    re.IGNORECASE,
)
_PARTS = {
    "title": 2.0,
    "methods": 2.0,
    "text": 1.0,
    "results": 1.5,
    "aims": 0.5,
    "conclusions": -1.0,
}
# Below this nothing is said.
_GOOD = -0.5
_REVIEWS = {"systematic_review", "meta_analysis", "scoping_review"}
_NOBODY = {"narrative_review", "comment", "guideline", "in_vitro", "laboratory_method"}


@dataclass(frozen=True, slots=True)
class _Candidate:
    n: int
    sentence: Sentence
    start: int
    end: int
    basis: str
    score: float


def sample_size(reading: Reading, found: Found) -> Iterable[Finding]:
    """The study's own number, with its basis in `value` and the number in `detail["n"]`."""
    designs = {f.value for f in found.get("design", ())}
    kinds = {f.value for f in found.get("population", ())}
    if designs & _NOBODY or "human" not in kinds:
        return
    rules = load_facets()["sample_size"].rules
    sentences = {
        hit.sentence.index: hit.sentence for hit in reading.of("sample_size", "randomized")
    }
    candidates = [c for s in sentences.values() for c in _in_sentence(s)]
    chosen = max(candidates, key=lambda c: (c.score, c.n), default=None)
    if chosen is None or chosen.score < _GOOD:
        if "case_report" in designs:
            yield from _one_case(found)
        return
    chosen = replace(chosen, basis=_basis(chosen.basis, designs))
    detail: Detail = {"n": chosen.n, "basis": chosen.basis}
    yield finding(rules[chosen.basis], chosen.sentence, chosen.start, chosen.end, detail)


def _basis(basis: str, designs: set[str]) -> str:
    if designs & _REVIEWS:
        return "participants_in_included_studies"
    if "protocol" in designs:
        return "planned"
    return "cases" if designs & {"case_series", "case_report"} else basis


def _one_case(found: Found) -> Iterator[Finding]:
    design = found["design"][0]
    rule = load_facets()["sample_size"].rules["case"]
    yield replace(
        design, facet="sample_size", value="case", rule=rule.name, detail={"n": 1, "basis": "case"}
    )


def _in_sentence(sentence: Sentence) -> Iterator[_Candidate]:
    text = sentence.text
    counted = list(_counted(text))
    arms = [(m.start(), m.end(), number(m[1])) for m in _N_IS.finditer(text)]
    for start, end, n in counted:
        basis, score = _around(sentence, start, end)
        around = [a for a in arms if a[2] is not None]
        if len(around) > 1 and sum(a[2] or 0 for a in around) == n:
            score += 3
        parts = [c[2] for c in counted if c[0] > start]
        if len(parts) > 1 and sum(parts[:2]) == n:
            score += 2
        yield _Candidate(n, sentence, start, end, basis, score)
    yield from _groups(sentence, counted)
    yield from _arms(sentence, [(a, b, n) for a, b, n in arms if n is not None], counted)


def _counted(text: str) -> Iterator[tuple[int, int, int]]:
    seen = set()
    for match in (*_COUNTED.finditer(text), *_TOTAL.finditer(text)):
        n = number(match[1])
        if n is None or match.start(1) in seen:
            continue
        before, after = text[max(0, match.start(1) - 24) : match.start(1)], text[match.end(1) :]
        if _PERCENT.match(after) or _FRACTION_BEFORE.search(before):
            continue
        if 1900 <= n <= 2100 and re.search(r"\b(?:in|since|until|to|and|from|between) $", before):
            continue
        seen.add(match.start(1))
        yield match.start(1), match.end(), n


def _around(sentence: Sentence, start: int, end: int) -> tuple[str, float]:
    """What the words around a number say that it counts, and how likely it is the study's own."""
    text = sentence.text
    near = text[max(0, start - 70) : end + 110]
    score = _PARTS.get(sentence.part, 0.0)
    basis = "included"
    for name, words, worth in _COMPILED:
        if words.search(near):
            basis, score = name, score + worth
            break
    if text[max(0, start - 12) : start].lower().endswith("total of "):
        score += 2
    if start < 3:
        score += 1
    if _SCREENED.search(text[end : end + 60]) or _SCREENED.search(text[max(0, start - 30) : start]):
        score -= 4
    if _SUBSET.search(text[max(0, start - 40) : end + 40]):
        score -= 3
    if _STUDIES.search(text):
        score += 1
    # Later sentences of the results tell of parts.
    return basis, score - 0.15 * sentence.index


def _groups(sentence: Sentence, counted: Sequence[tuple[int, int, int]]) -> Iterator[_Candidate]:
    """Groups side by side: 19 users and 21 controls are 40 people."""
    for first, second in pairwise(counted):
        between = sentence.text[first[1] : second[0]]
        if re.fullmatch(
            r"[^.;]{0,60}?(?:,| and| versus| vs\.?| compared (?:with|to)| with| or)+\s*"
            r"(?:(?:a|the|an)\s)?(?:\w+\s)?(?:of\s)?",
            between,
        ) and _other_kind(sentence.text, first, second):
            basis, score = _around(sentence, first[0], first[1])
            total = first[2] + second[2]
            yield _Candidate(total, sentence, first[0], second[1], basis, score + 0.5)


def _other_kind(text: str, first: tuple[int, int, int], second: tuple[int, int, int]) -> bool:
    """Whether the second group stands beside the first, not within it."""
    one, other = text[first[0] : first[1]].lower(), text[second[0] : second[1]].lower()
    sexes = r"\b(?:wo)?men\b|\b(?:fe)?males?\b|boys|girls"
    if re.search(sexes, other) and not re.search(sexes, one):
        return False
    return "control" in other or "user" in other or ("patient" in one) != ("patient" in other)


def _arms(
    sentence: Sentence,
    arms: Sequence[tuple[int, int, int]],
    counted: Sequence[tuple[int, int, int]],
) -> Iterator[_Candidate]:
    if not arms:
        return
    start, end = arms[0][0], arms[-1][1]
    basis, score = _around(sentence, start, end)
    if len(arms) == 1:
        yield _Candidate(arms[0][2], sentence, arms[0][0], arms[0][1], basis, score - 0.5)
    elif not any(c[2] >= sum(n for *_, n in arms) for c in counted):
        total = (
            arms[0][2] if arms[0][2] == sum(n for *_, n in arms[1:]) else sum(n for *_, n in arms)
        )
        yield _Candidate(total, sentence, start, end, basis, score + 0.5)
