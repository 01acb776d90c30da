"""How many animals were studied, where the abstract says it of all of them."""

import re
from collections.abc import Iterator

from harvester.evidence.findings import Detail, Finding
from harvester.evidence.numbers import Number, find_numbers
from harvester.evidence.passages import Sentence
from harvester.evidence.reading import Reading, finding
from harvester.evidence.rules import load_facets

__all__ = ["animals"]

_KINDS = (
    r"rats|mice|sheep|ewes|lambs|dogs|beagles|cats|pigs|piglets|swine|rabbits|horses|ponies|"
    r"foals|goats|calves|cows|monkeys|macaques|baboons|marmosets|primates|chicks|chickens|hens|"
    r"gerbils|hamsters|ferrets|pigeons|zebrafish|animals"
)
# Words that do not stand between a number and the animals whom it counts.
_NEVER = (
    r"of|in|with|to|had|have|has|were|was|are|is|from|years?|months?|days?|weeks?|hours?|hrs?|h|min|"
    r"minutes?|mg|kg|mcg|µg|μg|ml|g|percent|doses|groups?|times|sessions?|injections?|that|which|"
    r"after|or|before|by|per|for|on|at|as|than|cells?|neurons?|slices|experiments|strains|litters"
)
_COUNTED = re.compile(
    rf"[ \u00a0](?:(?!(?:{_NEVER}|model)\b|\d)[^\s;:]+[ \u00a0]){{0,6}}?(?:{_KINDS})\b"
    r"(?! (?:per|in each|each|were used per|in every)\b|/)"
)
_EACH = re.compile(
    r"\b(?:each|per|every|another|other|remaining|additional|of whom|of the|day|week|age|model)"
    r"[ (,]*$"
)
_PARTS = frozenset({"title", "methods", "text"})
_FEW = 4  # fewer are kinds of animals, or some of them


def animals(reading: Reading) -> Iterator[Finding]:
    """The one number of animals told, or the one that the others add up to; else nothing."""
    told = list(_counts(reading))
    numbers = [number.value for _, number, _ in told]
    whole = {n for n in numbers if 2 * n == sum(set(numbers))} if len(set(numbers)) > 2 else None
    right = whole if whole is not None else set(numbers)
    if len(right) != 1:
        return
    sentence, number, end = next(one for one in told if one[1].value in right)
    rule = load_facets()["sample_size"].rules["animals"]
    detail: Detail = {"n": number.value, "basis": "animals"}
    yield finding(rule, sentence, number.start, end, detail)


def _counts(reading: Reading) -> Iterator[tuple[Sentence, Number, int]]:
    """Each number of animals with its sentence and where its words end."""
    for sentence in reading.passages.sentences:
        if sentence.part not in _PARTS or sentence.opening:
            continue
        text = sentence.plain.lower()
        if len(text) != len(sentence.text):
            continue
        for number in sorted(find_numbers(text)):
            match = _COUNTED.match(text, number.end)
            if number.value >= _FEW and match and not _EACH.search(text[: number.start]):
                yield sentence, number, match.end()
