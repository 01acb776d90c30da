"""How often the findings are right, as measured beside people's reading (`make accuracy`)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from harvester.evidence.rules import load_facets
from harvester.site.dates import long_date

__all__ = ["Accuracy", "Measured", "Score", "load_accuracy"]

# The label sets, and the measures, in words.
_SETS = {
    "psynamic": "PsyNamic: abstracts on ketamine and psychedelics, read by trained annotators",
    "study-types": "StudyTypeTeller: abstracts of neurology and psychiatry",
    "sample-sizes": "PICO corpus: abstracts of randomised trials that give a number",
    "gold": "Records on ketamine and look-alikes, read one by one for this project",
}
_MEASURES = {
    "weighted_f1": "F1, weighted by cases",
    "macro_f1": "F1, mean of the values",
    "micro_f1": "F1, all values together",
    "accuracy": "share that is right",
}
_BARS = {
    "psynamic": "the best of six language models that were trained on this set",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Of one value, between 0 and 1."""

    value: str
    cases: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One facet against one set; `bar` is what it should reach, `against` whose figure that is."""

    facet: str
    task: str
    abstracts: int
    measure: str
    reached: float
    bar: float | None
    scores: tuple[Score, ...]

    @property
    def below(self) -> bool:
        return self.bar is not None and self.reached < self.bar


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSet:
    name: str
    against: str | None
    measured: tuple[Measured, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """`day` is when it was measured, with the rules that this program has."""

    day: str
    sets: tuple[LabelSet, ...]


@cache
def load_accuracy() -> Accuracy:
    """The scores that travel with the program."""
    text = (resources.files("harvester.evidence") / "accuracy.json").read_text("utf-8")
    data = json.loads(text)
    return Accuracy(
        day=long_date(data["measured"]),
        sets=tuple(
            LabelSet(
                name=name,
                against=_BARS.get(key),
                measured=tuple(_measured(t) for t in data["tasks"] if t["set"] == key),
            )
            for key, name in _SETS.items()
        ),
    )


def _measured(task: Mapping[str, Any]) -> Measured:
    facet = load_facets().get(task["facet"])
    return Measured(
        facet=facet.label if facet else task["facet"].replace("_", " ").capitalize(),
        task=task["task"].replace("_", " "),
        abstracts=task["abstracts"],
        measure=_MEASURES[task["measure"]],
        reached=task["reached"],
        bar=task["bar"],
        scores=tuple(_scores(task["values"])),
    )


def _scores(values: list[Mapping[str, Any]]) -> Iterator[Score]:
    for value in values:
        yield Score(
            value=str(value["value"]).replace("_", " "),
            cases=value["cases"],
            precision=value["precision"],
            recall=value["recall"],
            f1=value["f1"],
        )
