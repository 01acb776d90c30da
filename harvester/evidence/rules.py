"""The rules: what is looked for in a record, read from the TOML files of `rules/`.

A file is a facet. What it may say is in docs/decisions/0013-findings.md; in short:

    facet = "route"              name of the facet
    label = "Route"              for people
    version = 1                  raised whenever a rule of the file changes
    parts = ["methods", ...]     where words count (passages.PARTS); all parts when absent
    opening = false              whether the opening of an unlabelled abstract counts

    [[value]]
    id = "intranasal"            the value
    label = "Intranasal"         for people
    words = ["nasal spray*"]     whole words, small or capital; a star ends an open word
    acronyms = ["IN"]            whole words, exactly so
    near = ["nasal"]             where a word of a sentence begins so (after a star: anywhere),
    patterns = ['\\bIN\\b']        these expressions are tried on it (case does not matter)
    unless = ['oral anti\\w+']    expressions; words inside what they find do not count
    unless_sentence = ['...']    no word of a sentence counts in which one of these is found
    needs_sentence = ['...']     words count only in sentences in which one of these is found
    mesh = [], substances = [], publication_types = [], keywords = []   headings that mean it
    examples = [], counterexamples = []   sentences for the tests: found, not found
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from harvester.evidence.expressions import Expression, joined
from harvester.evidence.passages import PARTS

__all__ = ["Facet", "Rule", "load_facets"]

_TEXT = frozenset(PARTS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What makes one value of a facet; expressions are compiled, headings in small letters.

    `conditional` says whether the sentence around its words matters.
    """

    facet: str
    value: str
    label: str
    version: int
    words: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    patterns: tuple[Expression, ...] = ()
    unless: tuple[Expression, ...] = ()
    unless_sentence: tuple[Expression, ...] = ()
    needs_sentence: tuple[Expression, ...] = ()
    parts: frozenset[str] = _TEXT
    opening: bool = True
    mesh: frozenset[str] = frozenset()
    substances: frozenset[str] = frozenset()
    publication_types: frozenset[str] = frozenset()
    keywords: frozenset[str] = frozenset()
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    conditional: bool = False

    @property
    def name(self) -> str:
        """As it stands in `Finding.rule`: facet, value and version."""
        return f"{self.facet}.{self.value}/{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A facet with its rules, by value, in the order of the file."""

    name: str
    label: str
    about: str
    version: int
    rules: Mapping[str, Rule]


@cache
def load_facets() -> Mapping[str, Facet]:
    """All facets of the package, by name."""
    folder = resources.files("harvester.evidence") / "rules"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    facets = (_facet(tomllib.loads((folder / name).read_text("utf-8"))) for name in files)
    return {facet.name: facet for facet in facets}


def _facet(data: Mapping[str, Any]) -> Facet:
    common = Rule(
        facet=data["facet"],
        value="",
        label="",
        version=data["version"],
        parts=frozenset(data.get("parts", _TEXT)),
        opening=data.get("opening", True),
    )
    rules = [_rule(common, value) for value in data["value"]]
    return Facet(
        name=data["facet"],
        label=data["label"],
        about=data.get("about", ""),
        version=data["version"],
        rules={rule.value: rule for rule in rules},
    )


_EXPRESSIONS = ("patterns", "unless", "unless_sentence", "needs_sentence")
_HEADINGS = ("mesh", "substances", "publication_types", "keywords")
_AS_THEY_ARE = ("words", "acronyms", "near", "examples", "counterexamples")


def _rule(common: Rule, data: Mapping[str, Any]) -> Rule:
    given: dict[str, Any] = {"value": data["id"], "label": data["label"]}
    given |= {key: tuple(data[key]) for key in _AS_THEY_ARE if key in data}
    given |= {key: joined(data[key]) for key in _EXPRESSIONS if key in data}
    given |= {key: frozenset(map(str.lower, data[key])) for key in _HEADINGS if key in data}
    if "parts" in data:
        given["parts"] = frozenset(data["parts"])
    if "opening" in data:
        given["opening"] = data["opening"]
    unknown = data.keys() - given.keys() - {"id", "label"}
    if unknown:
        raise ValueError(f"{common.facet}.{data['id']} says what no rule knows: {sorted(unknown)}")
    conditions = ("unless", "unless_sentence", "needs_sentence")
    return replace(common, **given, conditional=any(given.get(key) for key in conditions))
