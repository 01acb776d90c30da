"""Where the words of the rules stand in a record: one pass for all words of all rules.

An Aho-Corasick automaton finds every literal at once; only where one is found are a rule's own
conditions tried, and only when its facet is asked for. So the cost grows with what a record says,
hardly with the number of rules.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from harvester.evidence.passages import Passages, Sentence
from harvester.evidence.rules import Facet, Rule, load_facets

__all__ = ["Hit", "Hits", "find_hits"]


class Hit(NamedTuple):
    """Words of a rule, from `start` to `end` of the sentence's text."""

    rule: Rule
    sentence: Sentence
    start: int
    end: int

    @property
    def quote(self) -> str:
        return self.sentence.text[self.start : self.end]


class _Literal(NamedTuple):
    """What a literal of the automaton means: a word of a rule, or a reason to try its patterns.

    `closed` asks for the end of a word behind it, `exact` for these very capitals.
    """

    rule: Rule
    closed: bool
    near: bool = False
    exact: str | None = None


@dataclass(frozen=True, slots=True)
class _Scanner:
    """The automaton, and by number what its literals mean, as far as words begin and end there.

    `meanings[number][begins][ends]` are the literal's meanings at a place where a word begins
    before it or not, and one ends behind it or not.
    """

    automaton: AhoCorasick
    meanings: tuple[tuple[tuple[tuple[_Literal, ...], ...], ...], ...]


@cache
def _scanner() -> _Scanner:
    return _build(load_facets().values())


def _build(facets: Iterable[Facet]) -> _Scanner:
    meanings: dict[str, list[tuple[bool, _Literal]]] = {}

    def add(text: str, literal: _Literal, *, whole: bool = True) -> None:
        meanings.setdefault(text.lower(), []).append((whole, literal))

    for facet in facets:
        for rule in facet.rules.values():
            for word in rule.words:
                add(word.rstrip("*"), _Literal(rule, not word.endswith("*")))
            for word in rule.acronyms:
                add(word, _Literal(rule, True, exact=word))
            for word in rule.near:
                add(word.lstrip("*"), _Literal(rule, False, near=True), whole=word[0].isalnum())
    return _Scanner(
        AhoCorasick(list(meanings)),
        tuple(
            tuple(
                tuple(
                    tuple(lit for whole, lit in of if begins >= whole and ends >= lit.closed)
                    for ends in (False, True)
                )
                for begins in (False, True)
            )
            for of in meanings.values()
        ),
    )


# Where a literal stands: the sentence, from where to where in it, and what the literal means.
_Place = tuple[Sentence, int, int, _Literal]
_Places = Mapping[str, Mapping[Rule, Sequence[_Place]]]


class Hits(dict[str, Mapping[str, tuple[Hit, ...]]]):
    """By facet and value, all places that count, in the order of the text.

    `hits["route"]` tries the conditions of that facet's rules when it is first asked for.
    """

    def __init__(self, places: _Places) -> None:
        self._places = places

    def __missing__(self, facet: str) -> Mapping[str, tuple[Hit, ...]]:
        places = self._places.get(facet, {})
        self[facet] = {
            rule.value: hits for rule, of in places.items() if (hits := tuple(_hits(rule, of)))
        }
        return self[facet]


def find_hits(passages: Passages) -> Hits:
    """Look for all words of all rules."""
    places: defaultdict[str, defaultdict[Rule, list[_Place]]]
    places = defaultdict(lambda: defaultdict(list))
    scanner = _scanner()
    meanings = scanner.meanings
    folded, sentences, starts = passages.folded, passages.sentences, passages.starts
    for number, start, end in scanner.automaton.find_matches_as_indexes(folded, overlapping=True):
        # A line ends the text, and so comes "before" its beginning, too.
        begins = not folded[start - 1].isalnum()
        ends = not folded[end].isalnum()
        literals = meanings[number][begins][ends]
        if not literals:
            continue
        index = bisect_right(starts, start) - 1
        sentence, left = sentences[index], starts[index]
        for literal in literals:
            rule = literal.rule
            if sentence.part in rule.parts and (rule.opening or not sentence.opening):
                places[rule.facet][rule].append((sentence, start - left, end - left, literal))
    return Hits(places)


Span = tuple[int, int]
# What of a sentence does not count for a rule: all of it, or these stretches.
_Refused = bool | tuple[Span, ...]


def _hits(rule: Rule, places: Iterable[_Place]) -> Iterator[Hit]:
    tried: set[int] = set()
    refused: dict[int, _Refused] = {}
    for sentence, start, end, literal in places:
        spans: Iterable[Span]
        index = sentence.index
        if literal.near:
            if index in tried:
                continue
            tried.add(index)
            spans = _patterns(rule, sentence)
        else:
            if literal.exact and sentence.plain[start:end] != literal.exact:
                continue
            spans = ((start, end if literal.closed else _end_of_word(sentence.text, end)),)
        for span in spans:
            if rule.conditional:
                if index not in refused:
                    refused[index] = _refused(rule, sentence)
                if _is_refused(span, refused[index]):
                    continue
            yield Hit(rule, sentence, *span)


def _patterns(rule: Rule, sentence: Sentence) -> Iterator[Span]:
    for pattern in rule.patterns:
        for match in pattern.finditer(sentence.searched):
            span = match.span()
            if span[1] > span[0]:
                yield span


def _end_of_word(text: str, place: int) -> int:
    while place < len(text) and text[place].isalnum():
        place += 1
    return place


def _refused(rule: Rule, sentence: Sentence) -> _Refused:
    text = sentence.searched
    for expression in rule.unless_sentence:
        if expression.search(text):
            return True
    if rule.needs_sentence and not any(e.search(text) for e in rule.needs_sentence):
        return True
    return tuple([m.span() for expression in rule.unless for m in expression.finditer(text)])


def _is_refused(span: Span, refused: _Refused) -> bool:
    if isinstance(refused, bool):
        return refused
    for start, end in refused:  # noqa: SIM110 (a generator costs twice as much)
        if start <= span[0] and span[1] <= end:
            return True
    return False
