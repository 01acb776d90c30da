"""The signpost: which evidence question is about the words of a search.

The questions' own words are kept in memory as the text index keeps them, by stem; so a search for
"suicidal" is shown the way to the question on thoughts of suicide. One question at most, and none
where only words are asked for that many questions have.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from harvester.evidence.questions import Question, load_questions
from harvester.site.links import Link, question_path
from harvester.site.small_words import SMALL_WORDS
from harvester.site.stems import stems, words
from harvester.site.terms import Node, leaves, parse

__all__ = ["question_about"]

# A word of more questions than this does not tell them apart.
_MOST_QUESTIONS = 3
_MOST_WORDS = 12  # of a search; a strategy of many lines asks more than one question
# Words of the questions that a search has for other reasons. Addiction is treated with ketamine
# and made by it: two questions.
_VAGUE = frozenset(
    """
    addiction adding addition adults animals antidepressant asked assessments attention attractive
    back benefits better body care case cells change closely cohorts come common compared conditions
    cut daily day decades depression design difference direct drugs effect evidence exhausted
    experiments experts explain fast feel find fully gained growing growth guidance health healthy
    hearing help hours idea improvement increasingly interviews keep ketamine larger last later
    lived long low medication mental minutes months names new notice options particularly patients
    people placebo plan popular post provider quickly registers report research resistant resolve
    reviews risks saline seeing severe short speaks step stops studies surveys talking therapy time
    tissue traditional treatment trials understood usual valuable volunteers watched weight whatever
    work world years
    """.split()
)
# The name and the question say best what a page is about, the claim that it looks into least.
_PLAIN, _PART, _CLAIM = 4, 2, 1


@dataclass(frozen=True, slots=True)
class _Index:
    """Weights by stem and question; beginnings of words that a question searches for."""

    by_stem: dict[str, dict[str, float]]
    beginnings: tuple[tuple[str, str], ...]


def question_about(node: Node | None) -> Link | None:
    """The question that most of the words are about; of two, the first in the list of all."""
    asked = tuple(_asked(node))
    if not asked or len(asked) > _MOST_WORDS:
        return None
    index = _index()
    found: defaultdict[str, float] = defaultdict(float)
    for stem in dict.fromkeys(stems(asked)):
        for question, weight in index.by_stem.get(stem, {}).items():
            found[question] += weight
    for beginning, question in index.beginnings:
        if any(word.startswith(beginning) for word in asked):
            found[question] += _PART
    if not found:
        return None
    questions = load_questions()
    best = max(questions, key=lambda question: found.get(question, 0))
    return Link(label=questions[best].question, href=question_path(best))


def _asked(node: Node | None) -> Iterator[str]:
    for term in leaves(node):
        if term.field in (None, "title", "mesh"):
            yield from (word for word in term.words if _telling(word))


def _telling(word: str) -> bool:
    return word not in SMALL_WORDS and len(word) > 2


@cache
def _index() -> _Index:
    weights: defaultdict[str, dict[str, float]] = defaultdict(dict)
    beginnings = []
    vague = set(stems(_VAGUE))
    for question in load_questions().values():
        for text, weight in _texts(question):
            (whole,) = words([text])
            telling = set(stems(filter(_telling, whole))) - vague
            for stem in telling:
                held = weights[stem]
                held[question.id] = held.get(question.id, 0) + weight / len(telling)
        beginnings += [(word, question.id) for word in _beginnings(question)]
    kept = {stem: held for stem, held in weights.items() if len(held) <= _MOST_QUESTIONS}
    return _Index(kept, tuple(beginnings))


def _texts(question: Question) -> Iterable[tuple[str, int]]:
    yield question.name, _PLAIN
    yield question.question, _PLAIN
    yield question.claim, _CLAIM
    for panel in question.panels:
        yield panel.title, _PART


def _beginnings(question: Question) -> Iterable[str]:
    """The beginnings of words that its searches ask for: `pregnan*`."""
    for panel in question.panels:
        for term in leaves(parse(panel.q).node):
            if term.prefix and len(term.words) == 1 and _telling(term.words[0]):
                yield term.words[0]
