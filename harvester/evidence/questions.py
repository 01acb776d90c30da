"""The evidence questions: their texts, sources and searches, read from `questions.toml`.

A rule is a search that the site can show: values of one facet are alternatives, facets narrow each
other, and words may be asked for. What the file may say stands at its top.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from harvester.evidence.labels import facets

__all__ = [
    "GROUPS",
    "Choices",
    "Fact",
    "Grid",
    "Panel",
    "Question",
    "Sourced",
    "load_questions",
    "read_questions",
]

Choices = tuple[tuple[str, str], ...]

# For whom a page is meant first, in the order of the list of all questions.
GROUPS = ("patients", "clinicians", "researchers")
_EVERY = "*"  # all values of a facet
# What panels ask for beside their own rule: those with the base, and those without it.
_Bases = Mapping[bool, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """A sentence of ours with the articles that it rests on, and the ids of the facts."""

    text: str
    pmids: tuple[int, ...]
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What an authority has decided: where, and when that was so."""

    place: str
    date: str
    text: str
    source: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A search, as words `q` and pairs of facet and value; its `title` and what to know of it.

    `least` are pairs of a measure and the least that its number must be.
    """

    title: str
    q: str
    chosen: Choices
    least: Choices
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Values of two facets, counted against each other."""

    rows: tuple[str, tuple[str, ...]]
    columns: tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its plain answer; `quotes` are facets and values."""

    id: str
    group: str
    name: str
    claim: str
    question: str
    written: date
    answer: tuple[Sourced, ...]
    detail: tuple[Sourced, ...]
    unknown: tuple[str, ...]
    facts: tuple[Fact, ...]
    quotes: Choices
    must_appear: tuple[int, ...]
    related: tuple[str, ...]
    panels: tuple[Panel, ...]
    grid: Grid | None
    crisis: bool

    @property
    def number(self) -> int:
        return int(self.id[1:])


@cache
def load_questions() -> Mapping[str, Question]:
    """The questions of the package by id, in the order of the file."""
    path = resources.files("harvester.evidence") / "questions.toml"
    return read_questions(path.read_text("utf-8"))


def read_questions(text: str) -> Mapping[str, Question]:
    """Questions as TOML; ValueError for what no question may say."""
    data = tomllib.loads(text)
    bases = {True: data["base"], False: data["wide"]}
    questions = (_question(item, data["written"], bases) for item in data["question"])
    return {question.id: question for question in questions}


def _question(data: Mapping[str, Any], written: date, bases: _Bases) -> Question:
    unknown = data.keys() - _KEYS
    if unknown or data["group"] not in GROUPS:
        raise ValueError(f"question {data['id']}: {sorted(unknown) or data['group']}")
    return Question(
        id=data["id"],
        group=data["group"],
        name=data["name"],
        claim=data["claim"],
        question=data["question"],
        written=data.get("written", written),
        answer=_sourced(data["answer"]),
        detail=_sourced(data["detail"]),
        unknown=tuple(data["unknown"]),
        facts=tuple(Fact(**fact) for fact in data.get("fact", ())),
        quotes=tuple(_pair(text) for text in data["quotes"]),
        must_appear=tuple(data["must_appear"]),
        related=tuple(data["related"]),
        panels=tuple(_panel(panel, bases) for panel in data["panel"]),
        grid=_grid(data["grid"]) if "grid" in data else None,
        crisis=data["group"] == "patients" or data.get("crisis", False),
    )


_KEYS = {
    *("id", "group", "name", "claim", "question", "written", "answer", "detail", "unknown"),
    *("fact", "quotes", "must_appear", "related", "panel", "grid", "crisis"),
}


def _sourced(sentences: Sequence[Sequence[Any]]) -> tuple[Sourced, ...]:
    return tuple(
        Sourced(
            text=text,
            pmids=tuple(source for source in sources if isinstance(source, int)),
            facts=tuple(source for source in sources if isinstance(source, str)),
        )
        for text, *sources in sentences
    )


def _pair(text: str) -> tuple[str, str]:
    facet, _, value = text.partition(":")
    return facet, value


def _panel(data: Mapping[str, Any], bases: _Bases) -> Panel:
    unknown = data.keys() - {"title", "about", "q", "rule", "base", "least"}
    if unknown:
        raise ValueError(f"panel {data['title']}: {sorted(unknown)}")
    rule = {**bases[data.get("base", True)], **data.get("rule", {})}
    return Panel(
        title=data["title"],
        q=data.get("q", ""),
        chosen=tuple(
            (facet, value) for facet, values in rule.items() for value in _values(facet, values)
        ),
        least=tuple(data.get("least", {}).items()),
        about=data.get("about", ""),
    )


def _values(facet: str, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(facets()[facet][1]) if list(values) == [_EVERY] else tuple(values)


def _grid(data: Mapping[str, Any]) -> Grid:
    (rows,), (columns,) = data["rows"].items(), data["columns"].items()
    return Grid(rows=(rows[0], tuple(rows[1])), columns=(columns[0], tuple(columns[1])))
