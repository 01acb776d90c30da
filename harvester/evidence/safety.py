"""Harms that a record reports on, each present, absent or mixed.

That a harm did not happen is information: "no case of cystitis" is found with the polarity
`absent`, and is never counted as an event. NegEx's idea (PMID 12123149): a word that denies reaches
forward through its clause, and a few words reach back.
"""

import re
from collections.abc import Iterable

from harvester.evidence.findings import Finding
from harvester.evidence.matching import Hit
from harvester.evidence.reading import Found, Reading, best, finding

__all__ = ["denied", "safety"]

_BEFORE = re.compile(
    r"\b(?:no|not|without|never|neither|nor|none|absence of|lack of|lacked|free of|devoid of|"
    r"fail(?:ed|s)? to|denied|absent|rather than|did not|does not|do not|cannot|nearly no)\b"
    r"(?!\s+(?:only|significant(?:ly)? different))",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[^,;.:]{0,40}?\b(?:(?:was|were|is|are) (?:not|nearly absent|absent|never)|"
    r"did not (?:occur|differ|change|develop|appear|worsen|increase|emerge)|"
    r"(?:was|were) (?:un(?:changed|affected|altered)))\b",
    re.IGNORECASE,
)
# A denial ends where another clause begins.
_CLAUSE = re.compile(r"[;:]|,? (?:but|however|although|though|whereas|while|except|yet)\b", re.I)
_FAR = 120  # characters


def safety(reading: Reading, found: Found) -> Iterable[Finding]:
    """Each topic once; the words shown are those of the polarity told, events first."""
    for rule in reading.rules("safety"):
        hits = reading.of("safety", rule.value)
        if not hits:
            continue
        absent = [hit for hit in hits if denied(hit)]
        present = [hit for hit in hits if hit not in absent]
        polarity = "mixed" if absent and present else "absent" if absent else "present"
        hit = best(present or absent)
        yield finding(rule, hit.sentence, hit.start, hit.end, {"polarity": polarity})


def denied(hit: Hit) -> bool:
    """Whether the sentence says that it did not happen."""
    text = hit.sentence.text
    before = text[max(0, hit.start - _FAR) : hit.start]
    if _BEFORE.search(before) and _BEFORE.search(_CLAUSE.split(before)[-1]):
        return True
    return bool(_AFTER.match(text, hit.end))
