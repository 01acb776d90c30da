"""The whole sentence around the words that a finding rests on, from the library's own text."""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harvester.evidence.outcome import told
from harvester.evidence.passages import split_sentences
from harvester.evidence.reading import Reading, read_record
from harvester.pubmed.records import AbstractSection, Article, Text
from harvester.site.record import Row, rows

__all__ = ["Said", "said", "sentence_at", "telling"]

_FINDINGS = (
    "SELECT f.pmid, f.facet, f.value, f.source, f.section, f.start, f.rule, f.detail, a.abstract "
    "FROM findings f JOIN articles a ON a.pmid = f.pmid "
    "WHERE f.source IN ('title', 'abstract') AND f.start IS NOT NULL AND a.abstract IS NOT NULL "
    "AND f.pmid IN (SELECT value FROM json_each(:pmids)) "
    "AND f.facet || ':' || f.value IN (SELECT value FROM json_each(:wanted)) "
    "ORDER BY f.pmid, f.position"
)


# What a result is told with: a share, a measured change, an effect. A mere number may be anything.
_FIGURE = re.compile(
    r"\d\s?(?:%|percent|per cent|mm\s?Hg|points\b)|\d+ (?:of|out of|/) (?:the )?\d|"
    r"\b(?:(?-i:OR|RR|HR|SMD|NNT|NNHs?)|odds ratio|hazard ratio|effect size)\b[^.;]{0,30}\d|"
    r"\b[dg] ?= ?-?\.?\d",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d+[- ](?:min|hour|day|week|month|year)", re.IGNORECASE)
# Of these a time is the result, and of these the number itself.
_TIMED = {"relapse", "time_to_effect"}
_MEASURED = {"dose", "infusion_minutes"}
_RESULTS = re.compile(
    r"\b(?:results?|findings|outcomes?|conclusions?):|\bwe found\b", re.IGNORECASE
)
_LONGEST = 600  # characters; some abstracts are one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of an abstract, with the finding that it is shown for.

    `figures` is the sentence on the same thing that has the most telling numbers, if any has.
    """

    facet: str
    value: str
    rule: str
    section: str | None
    sentence: str
    figures: str
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
    own = row["source"] == "abstract"
    sentence = sentence_at(row["abstract"], row["start"], row["section"]) if own else ""
    figures = telling(row["abstract"], row["facet"], row["value"])
    if row["facet"] in _MEASURED:
        figures = _without_label(sentence)
    if sentence or figures:
        yield Said(
            facet=row["facet"],
            value=row["value"],
            rule=row["rule"],
            section=row["section"],
            sentence=sentence,
            figures=figures,
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


def telling(text: str, facet: str, value: str) -> str:
    """The sentence of an abstract that says most of this value in numbers; empty if none does.

    Only sentences count in which the value's rule finds its words: what does not make a finding is
    not quoted for one.
    """
    reading = _read(text)
    hits = told(reading, value) if facet == "outcome" else reading.of(facet, value)
    best, most = "", 0
    results = _RESULTS.search(text)
    for sentence in dict.fromkeys(hit.sentence.text for hit in hits):
        timed = value in _TIMED and _TIME.search(sentence)
        figure = _FIGURE.search(sentence)
        if len(sentence) > _LONGEST or not (timed or figure):
            continue
        after = results is not None and text.find(sentence) >= results.start()
        score = 1 + bool(figure) + 2 * after
        if score > most:
            best, most = _without_label(sentence), score
    return best


@lru_cache(maxsize=256)
def _read(text: str) -> Reading:
    """An abstract as the rules read it; each line is a section, with its label before it."""
    sections = tuple(AbstractSection(text=Text(plain=line)) for line in text.split("\n") if line)
    return read_record(Article(pmid=0, title=Text(plain=""), abstract=sections))


def _without_label(sentence: str) -> str:
    """`RESULTS: The rise was ...` without its first word."""
    return re.sub(r"^[A-Z][A-Z /&]{3,40}: ", "", sentence)
