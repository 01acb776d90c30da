"""What the results say of effect: sentences to quote, never numbers to pool.

Only papers that report on people have them; what an animal paper or a comment says of "response"
is something else.
"""

from collections.abc import Iterable

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, finding

__all__ = ["outcome"]

_SILENT = {"comment", "protocol", "preclinical_in_vivo", "in_vitro", "laboratory_method"}
# Results say it with numbers; a conclusion repeats, a title promises.
_ORDER = {"results": 0, "text": 1, "conclusions": 2, "title": 3}


def outcome(reading: Reading, found: Found) -> Iterable[Finding]:
    """Each kind of outcome once, in the words of the results where these have it."""
    kinds = {f.value for f in found.get("population", ())}
    designs = {f.value for f in found.get("design", ())}
    if "human" not in kinds or designs & _SILENT:
        return
    for rule in reading.rules("outcome"):
        hits = reading.of("outcome", rule.value)
        if hits:
            hit = min(hits, key=_place)
            yield finding(rule, hit.sentence, hit.start, hit.end)


def _place(hit: Hit) -> tuple[int, int, int]:
    return (_ORDER.get(hit.sentence.part, 9), hit.sentence.index, hit.start)
