"""Where the words of the rules stand in a record: one pass for all words of all rules.

An Aho-Corasick automaton finds every literal at once; only where one is found are a rule's own
conditions tried. So the cost grows with what a record says, hardly with the number of rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from harvester.evidence.passages import Passages, Sentence
from harvester.evidence.rules import Facet, Rule, load_facets

__all__ = ["Hit", "Hits", "find_hits"]

Hits = Mapping[str, Mapping[str, tuple["Hit", ...]]]


@dataclass(frozen=True, slots=True)
class Hit:
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

    `whole` asks for the beginning of a word before it, `closed` for the end of one behind it.
    """

    rule: Rule
    key: tuple[str, str]
    whole: bool
    closed: bool
    near: bool = False
    exact: str | None = None


@dataclass(frozen=True, slots=True)
class _Scanner:
    automaton: AhoCorasick
    meanings: tuple[tuple[_Literal, ...], ...]


@cache
def _scanner() -> _Scanner:
    return _build(load_facets().values())


def _build(facets: Iterable[Facet]) -> _Scanner:
    meanings: dict[str, list[_Literal]] = {}

    def add(text: str, literal: _Literal) -> None:
        meanings.setdefault(text.lower(), []).append(literal)

    for facet in facets:
        for rule in facet.rules.values():
            key = (rule.facet, rule.value)
            for word in rule.words:
                add(word.rstrip("*"), _Literal(rule, key, True, not word.endswith("*")))
            for word in rule.acronyms:
                add(word, _Literal(rule, key, True, True, exact=word))
            for word in rule.near:
                add(word.lstrip("*"), _Literal(rule, key, word[0].isalnum(), False, near=True))
    return _Scanner(AhoCorasick(list(meanings)), tuple(map(tuple, meanings.values())))


def find_hits(passages: Passages) -> Hits:
    """By facet and value, all places that count, in the order of the text."""
    if not passages.sentences:
        return {}
    scanner, meanings = _scanner(), _scanner().meanings
    folded, sentences, starts = passages.folded, passages.sentences, passages.starts
    length, last = len(folded), len(sentences) - 1
    found: dict[str, dict[str, list[Hit]]] = {}
    tried: set[tuple[tuple[str, str], int]] = set()
    refused: dict[tuple[tuple[str, str], int], _Refused] = {}
    index = 0
    for number, start, end in scanner.automaton.find_matches_as_indexes(folded, overlapping=True):
        left = start == 0 or not folded[start - 1].isalnum()
        right = end == length or not folded[end].isalnum()
        # Matches come by their end, so the sentence is this one, or one beside it.
        while index < last and start >= starts[index + 1]:
            index += 1
        while start < starts[index]:
            index -= 1
        sentence = sentences[index]
        place = start - starts[index]
        for rule, value, whole, closed, near, exact in meanings[number]:
            if (whole and not left) or (closed and not right):
                continue
            if sentence.part not in rule.parts or (sentence.opening and not rule.opening):
                continue
            key = (value, index)
            spans: Iterable[Span]
            if near:
                if key in tried:
                    continue
                tried.add(key)
                spans = _patterns(rule, sentence)
            else:
                stop = place + end - start
                if exact and sentence.plain[place:stop] != exact:
                    continue
                if not closed:
                    stop = _end_of_word(sentence.text, stop)
                spans = ((place, stop),)
            for span in spans:
                if rule.conditional:
                    if key not in refused:
                        refused[key] = _refused(rule, sentence.plain)
                    if _is_refused(span, refused[key]):
                        continue
                hits = found.setdefault(rule.facet, {}).setdefault(rule.value, [])
                hits.append(Hit(rule, sentence, *span))
    return {
        facet: {value: tuple(hits) for value, hits in values.items()}
        for facet, values in found.items()
    }


Span = tuple[int, int]
# What of a sentence does not count for a rule: all of it, or these stretches.
_Refused = bool | tuple[Span, ...]


def _patterns(rule: Rule, sentence: Sentence) -> Iterator[Span]:
    for pattern in rule.patterns:
        for match in pattern.finditer(sentence.plain):
            if match.end() > match.start():
                yield match.span()


def _end_of_word(text: str, place: int) -> int:
    while place < len(text) and text[place].isalnum():
        place += 1
    return place


def _refused(rule: Rule, text: str) -> _Refused:
    if any(expression.search(text) for expression in rule.unless_sentence):
        return True
    if rule.needs_sentence and not any(e.search(text) for e in rule.needs_sentence):
        return True
    return tuple(m.span() for expression in rule.unless for m in expression.finditer(text))


def _is_refused(span: Span, refused: _Refused) -> bool:
    if isinstance(refused, bool):
        return refused
    return any(start <= span[0] and span[1] <= end for start, end in refused)
