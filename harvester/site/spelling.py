"""Words of the library that look like a word which nobody wrote."""

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Vocabulary", "closest", "read_vocabulary", "vocabulary_of"]

_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """In how many texts each word is; `by_length` has the letters of each (`_letters`) with it."""

    counts: Mapping[str, int]
    by_length: Mapping[int, tuple[tuple[int, str], ...]]


def vocabulary_of(counts: Mapping[str, int]) -> Vocabulary:
    """The words, in how many texts each is, ready to be looked through."""
    by_length: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for word in counts:
        by_length[len(word)].append((_letters(word), word))
    return Vocabulary(counts=counts, by_length={n: tuple(held) for n, held in by_length.items()})


def read_vocabulary(connection: sqlite3.Connection) -> Vocabulary:
    """Words of titles, keywords and MeSH headings, and in how many texts they are."""
    counted: Counter[str] = Counter()
    texts = connection.execute(
        "SELECT title FROM articles UNION ALL SELECT keyword FROM keywords "
        "UNION ALL SELECT name FROM mesh_terms"
    )
    for (text,) in map(tuple, texts):
        counted.update(set(_WORD.findall(text.lower())))
    return vocabulary_of(counted)


def closest(word: str, vocabulary: Vocabulary) -> str | None:
    """The word that differs least in its letters, the most frequent of several."""
    if len(word) < 4 or word in vocabulary.counts:
        return None
    most = 1 if len(word) < 6 else 2
    letters = _letters(word)
    best: tuple[int, int, str] | None = None
    for length in range(len(word) - most, len(word) + most + 1):
        for others, other in vocabulary.by_length.get(length, ()):
            if (letters ^ others).bit_count() > 2 * most:
                continue
            difference = distance(word, other)
            if difference <= most:
                found = (difference, -vocabulary.counts[other], other)
                best = min(best, found) if best else found
    return best[2] if best else None


def _letters(word: str) -> int:
    """Which letters it has, one bit each: most words are told apart by that alone."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 31)
    return found


def distance(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one):
        row = [i + 1]
        for j, b in enumerate(other):
            cost = min(last[j] + (a != b), last[j + 1] + 1, row[j] + 1)
            if i and j and a == other[j - 1] and b == one[i - 1]:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
