"""What the results say of effect: sentences to quote, never numbers to pool.

Only papers that report on people have them; what an animal paper or a comment says of "response"
is something else.
"""

import re
from collections.abc import Iterable, Sequence

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, finding

__all__ = ["outcome", "told"]

_SILENT = {"comment", "protocol", "preclinical_in_vivo", "in_vitro", "laboratory_method"}
# Results say it with numbers; a conclusion repeats, a title promises.
_ORDER = {"results": 0, "text": 1, "conclusions": 2, "title": 3}
# What a part of a sentence says of no difference is not said of the others.
_CLAUSE = re.compile(r"[;:]|,? (?:but|however|although|though|whereas|while|except|yet)\b", re.I)


def outcome(reading: Reading, found: Found) -> Iterable[Finding]:
    """Each kind of outcome once, in the words of the results where these have it."""
    kinds = {f.value for f in found.get("population", ())}
    designs = {f.value for f in found.get("design", ())}
    if "human" not in kinds or designs & _SILENT:
        return
    for rule in reading.rules("outcome"):
        if hits := told(reading, rule.value):
            hit = min(hits, key=_place)
            yield finding(rule, hit.sentence, hit.start, hit.end)


def told(reading: Reading, value: str) -> Sequence[Hit]:
    """Where an outcome is told; a time at which nothing differed is no time to effect."""
    hits = reading.of("outcome", value)
    if value != "time_to_effect" or not hits:
        return hits
    nothing = reading.of("outcome", "no_difference")
    return [hit for hit in hits if not any(_together(hit, other) for other in nothing)]


def _together(one: Hit, other: Hit) -> bool:
    """Whether they stand in the same clause."""
    if one.sentence is not other.sentence:
        return False
    first, last = sorted((one, other), key=lambda hit: hit.start)
    return not _CLAUSE.search(one.sentence.text[first.end : last.start])


def _place(hit: Hit) -> tuple[int, int, int]:
    return (_ORDER.get(hit.sentence.part, 9), hit.sentence.index, hit.start)
