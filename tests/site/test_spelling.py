"""Putting a misspelled word right."""

import sqlite3

import pytest

from harvester.site.spelling import closest, distance, read_vocabulary, vocabulary_of

WORDS = {"ketamine": 90, "esketamine": 40, "ketamines": 2, "dose": 9, "does": 30, "mood": 5}


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [
        ("ketamine", "ketamine", 0),
        ("ketamnie", "ketamine", 1),
        ("ketmine", "ketamine", 1),
        ("kettamine", "ketamine", 1),
        ("katamine", "ketamine", 1),
        ("ketanime", "ketamine", 2),
        ("", "abc", 3),
    ],
)
def test_distance(one: str, other: str, letters: int) -> None:
    assert distance(one, other) == distance(other, one) == letters


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("ketamnie", "ketamine"),
        ("eksetamine", "esketamine"),
        ("ketamine", None),
        ("dosse", "dose"),
        ("ket", None),
        ("psilocybin", None),
    ],
)
def test_closest(word: str, meant: str | None) -> None:
    assert closest(word, vocabulary_of(WORDS)) == meant


def test_vocabulary(connection: sqlite3.Connection) -> None:
    vocabulary = read_vocabulary(connection).counts
    assert vocabulary["dissociation"] == 1
    assert vocabulary["depression"] > 50
    assert "of" not in vocabulary
