"""The whole sentence around the words that a finding rests on, from the library's own text."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harvester.evidence.passages import split_sentences
from harvester.site.record import Row, rows

__all__ = ["Said", "said", "sentence_at"]

_FINDINGS = (
    "SELECT f.pmid, f.facet, f.value, f.section, f.start, f.rule, f.detail, a.abstract "
    "FROM findings f JOIN articles a ON a.pmid = f.pmid "
    "WHERE f.source = 'abstract' AND f.start IS NOT NULL "
    "AND f.pmid IN (SELECT value FROM json_each(:pmids)) "
    "AND f.facet || ':' || f.value IN (SELECT value FROM json_each(:wanted)) "
    "ORDER BY f.pmid, f.position"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of an abstract, with the finding that it is shown for."""

    facet: str
    value: str
    rule: str
    section: str | None
    sentence: str
    absent: bool


def said(
    connection: sqlite3.Connection, pmids: Sequence[int], wanted: Sequence[tuple[str, str]]
) -> dict[int, tuple[Said, ...]]:
    """By PMID what the abstracts say of these facets and values."""
    if not pmids or not wanted:
        return {}
    found: dict[int, list[Said]] = {}
    asked = json.dumps([f"{facet}:{value}" for facet, value in wanted])
    for row in rows(connection, _FINDINGS, pmids=json.dumps(list(pmids)), wanted=asked):
        found.setdefault(row["pmid"], []).extend(_said(row))
    return {pmid: tuple(sentences) for pmid, sentences in found.items()}


def _said(row: Row) -> Iterator[Said]:
    sentence = sentence_at(row["abstract"] or "", row["start"], row["section"])
    if sentence:
        yield Said(
            facet=row["facet"],
            value=row["value"],
            rule=row["rule"],
            section=row["section"],
            sentence=sentence,
            absent=json.loads(row["detail"] or "{}").get("polarity") == "absent",
        )


def sentence_at(text: str, place: int, label: str | None = None) -> str:
    """The sentence of an abstract with the character at `place`, without the part's `label`."""
    first = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    line = text[first : end if end >= 0 else len(text)]
    if label and line.startswith(f"{label}: "):
        first += len(label) + 2
        line = line[len(label) + 2 :]
    return next(
        (
            sentence
            for start, sentence in split_sentences(line)
            if first + start <= place < first + start + len(sentence)
        ),
        "",
    )
