"""Whether the drug was given once, repeatedly, or to keep an effect, and how often.

In a crossover each drug may be given once though there are two infusions. "An infusion" and a
challenge of volunteers are one dose unless the abstract says otherwise, and marked as implied. A
review's schedule is that of its title; who uses a drug on the street has none.
"""

import re
from collections.abc import Iterable, Sequence

from harvester.evidence.expressions import compiled
from harvester.evidence.findings import Detail, Finding
from harvester.evidence.matching import Hit
from harvester.evidence.numbers import number
from harvester.evidence.reading import Found, Reading, best, finding
from harvester.evidence.rules import load_facets

__all__ = ["schedule"]

_REVIEWS = frozenset(
    {"systematic_review", "meta_analysis", "scoping_review", "narrative_review", "comment",
     "guideline", "pharmacovigilance", "survey", "registry_analysis"}
)  # fmt: skip
# More than a length of time, which a trial of one dose has, too.
_STRONG = compiled(
    r"infusions|doses|repeat|serial|multiple|weekly|course|induction|twice|thrice|times|treatments|"
    r"sessions|injections|administrations|chronic|prolonged|daily"
)
# Characters: words so far apart belong to different things.
_LONGEST = 100
_SINGULAR = re.compile(r"an?\s", re.IGNORECASE)
_MOST = 40  # doses of one person; more are the doses of all
_COUNT = compiled(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|twelve|\d{1,2})[- ](?:[\w./µμ]+[- ]){0,4}?"
    r"(?:infusions|doses|injections|administrations|treatments|sessions|applications)\b"
)
# "10 µg doses": how much, not how many.
_MUCH = re.compile(r"\w+[- ](?:[mµμ]?g|[mµμ]?l|mcg)\b", re.IGNORECASE)


def schedule(reading: Reading, found: Found) -> Iterable[Finding]:
    """Single, repeated, maintenance: each with the words that say so."""
    if not found.get("drug"):
        return
    review = bool({f.value for f in found.get("design", ())} & _REVIEWS)
    roles = {f.detail.get("role") for f in found["drug"]}
    only_title = review or "recreational" in roles
    places = {
        value: [
            hit
            for hit in reading.of("schedule", value)
            if (hit.sentence.part == "title" or not only_title) and hit.end - hit.start < _LONGEST
        ]
        for value in load_facets()["schedule"].rules
    }
    places["single"], implied = _told(places["single"])
    single, repeated = places["single"], places["repeated"]
    if _settled_by(repeated) and not _settled_by(single):
        places["single"] = []
    elif _settled_by(single) and not any(_STRONG.search(hit.quote) for hit in repeated):
        places["repeated"] = []
    for value, rule in load_facets()["schedule"].rules.items():
        if hits := places[value]:
            hit = best(hits)
            yield finding(rule, hit.sentence, hit.start, hit.end, _doses(value, hits))
    if not any(places.values()) and not review:
        if "challenge" in roles:
            implied += reading.of("drug_role", "challenge")
        if implied:
            hit = best(implied)
            rule = load_facets()["schedule"].rules["single"]
            yield finding(rule, hit.sentence, hit.start, hit.end, {"implied": True})


def _told(hits: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """The places that tell of a single dose, and those that speak of "an infusion" only."""
    implied = [hit for hit in hits if _SINGULAR.match(hit.quote) and "single" not in hit.quote]
    return [hit for hit in hits if hit not in implied], implied


def _settled_by(hits: Sequence[Hit]) -> bool:
    """Whether the title, the aims or the methods say so."""
    return any(hit.sentence.part in ("title", "aims", "methods", "text") for hit in hits)


def _doses(value: str, hits: Sequence[Hit]) -> Detail:
    """The number of doses, where a sentence on a repeated schedule tells one."""
    if value == "single":
        return {"doses": 1}
    for hit in sorted(hits, key=lambda hit: hit.sentence.part != "methods"):
        for count in _COUNT.finditer(hit.sentence.plain):
            n = None if _MUCH.match(count[0]) else number(count[1])
            if n and 1 < n <= _MOST:
                return {"doses": n}
    return {}
