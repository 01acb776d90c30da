"""A star finds every word that a person sees begin so, though the index keeps stems."""

import random
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.library.schema import FTS_TOKENIZER
from harvester.pubmed.parse import read_record
from harvester.pubmed.split import split_stream
from harvester.site.stems import beginning, stems, words

WORDS = (
    "dissociate dissociation dissociative dissociated dissociable psychosis psychoses psychotic "
    "psychology psychological basal base based basic balance hypotension hypotensive hypotonia "
    "remission remitted remitting remits anxiety anxious anxiolytic relation relations relational "
    "organize organization organism generalised generalized generalizability university universe "
    "universal ketamine ketamines esketamine suicidality suicidal suicide suicides happy happiness "
    "respond response responder responsive resistance resistant surprising impeded therapies "
    "therapeutic infusions infused neuroplasticity neuroplastic 5ht2a h2o ca1"
).split()


def found(start: str, word: str) -> bool:
    """Whether FTS5, asked for `beginning`, finds a text that has the word."""
    fixed = [way for way, longer in beginning(start) if not longer]
    stem = stems([word])[0]
    return stem in stems(fixed) or any(
        stem.startswith(way) for way, longer in beginning(start) if longer
    )


@pytest.mark.parametrize("word", WORDS)
def test_every_beginning_of_a_word_finds_it(word: str) -> None:
    for end in range(2, len(word) + 1):
        assert found(word[:end], word), word[:end]


@given(
    st.text("abcdefghilmnoprstuvyz", min_size=3, max_size=12),
    st.sampled_from(
        "s es ed ing ion ions ation ational ive ively ly al able ability ness ity ies er".split()
    ),
)
def test_every_beginning_of_an_invented_word_finds_it(root: str, ending: str) -> None:
    word = root + ending
    for end in range(2, len(word) + 1):
        assert found(word[:end], word), word[:end]


@pytest.mark.parametrize(
    ("start", "other"),
    [("psychos", "psychology"), ("bas", "balance"), ("catal", "cat"), ("suicid", "suitable")],
)
def test_words_that_begin_otherwise_are_not_found(start: str, other: str) -> None:
    assert not found(start, other)


def test_fts5_reads_the_ways_as_they_are_meant() -> None:
    memory = sqlite3.connect(":memory:")
    memory.execute(f"CREATE VIRTUAL TABLE t USING fts5 (text, tokenize='{FTS_TOKENIZER}')")
    memory.executemany("INSERT INTO t VALUES (?)", [(word,) for word in WORDS])
    for start in ("dissociat", "psychos", "bas", "remi", "univers", "surpris", "imped", "5ht"):
        ways = beginning(start)
        match = " OR ".join(f'"{way}"{" *" if longer else ""}' for way, longer in ways)
        rows = memory.execute("SELECT text FROM t WHERE t MATCH ?", (match,))
        hits = {text for (text,) in rows}
        assert hits >= {word for word in WORDS if word.startswith(start)}
        # Besides them only words with a stem in common, as everywhere in the index.
        wanted = {stems([word])[0] for word in hits if word.startswith(start)}
        assert {stems([word])[0] for word in hits} == wanted
    memory.close()


def test_accents_and_capitals_do_not_matter() -> None:
    assert words(["Généralisée, 5-HT₂A", "", "…", "Ⅻ α-synuclein"]) == [
        ("generalisee", "5", "ht₂a"),
        (),
        (),
        words(["Ⅻ α-synuclein"])[0],
    ]


def vocabulary(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        with file.open("rb") as stream:
            for piece in split_stream(stream):
                if piece.kind != "delete":
                    article, _ = read_record(piece.data)
                    yield from re.findall(
                        r"\w+", f"{article.title.plain} {article.abstract_text or ''}"
                    )


@pytest.mark.slow
def test_nothing_of_the_real_vocabulary_is_missed(shared_data: Path) -> None:
    seen = sorted(set(vocabulary([shared_data / "pubmed/oddities.xml"])))
    every = sorted({word for found in words(seen) for word in found})
    assert len(every) > 3_000
    for word in random.Random(1).sample(every, 1_000):  # noqa: S311 (no secret)
        for end in range(3, len(word) + 1):
            assert found(word[:end], word), (word[:end], word)
