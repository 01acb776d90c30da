"""What a record says of mechanisms: only those that it is about, not those it names in passing."""

from collections.abc import Iterable

from harvester.evidence.findings import Finding
from harvester.evidence.reading import Found, Reading, best, finding

__all__ = ["mechanism"]

_ABOUT = {"title", "aims"}


def mechanism(reading: Reading, found: Found) -> Iterable[Finding]:
    """Mechanisms in the title or the aim, or in two sentences of what was done and found."""
    for rule in reading.rules("mechanism"):
        hits = reading.of("mechanism", rule.value)
        sentences = {hit.sentence.index for hit in hits}
        if len(sentences) > 1 or any(hit.sentence.part in _ABOUT for hit in hits):
            hit = best(hits)
            yield finding(rule, hit.sentence, hit.start, hit.end)
