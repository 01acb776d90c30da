"""Words of the library that look like a word which nobody wrote."""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping

__all__ = ["closest", "read_vocabulary"]

_WORD = re.compile(r"[^\W\d_]{4,}")


def read_vocabulary(connection: sqlite3.Connection) -> Mapping[str, int]:
    """Words of titles, keywords and MeSH headings, and in how many texts they are."""
    counted: Counter[str] = Counter()
    texts = connection.execute(
        "SELECT title FROM articles UNION ALL SELECT keyword FROM keywords "
        "UNION ALL SELECT name FROM mesh_terms"
    )
    for (text,) in map(tuple, texts):
        counted.update(set(_WORD.findall(text.lower())))
    return counted


def closest(word: str, vocabulary: Mapping[str, int]) -> str | None:
    """The word that differs least in its letters, the most frequent of several."""
    if len(word) < 4 or word in vocabulary:
        return None
    most = 1 if len(word) < 6 else 2
    letters = _letters(word)
    best: tuple[int, int, str] | None = None
    for other, count in vocabulary.items():
        if abs(len(other) - len(word)) > most:
            continue
        if (letters ^ _letters(other)).bit_count() > 2 * most:
            continue
        difference = distance(word, other)
        if difference <= most and (best is None or (difference, -count, other) < best):
            best = (difference, -count, other)
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
