"""What is measured: each task pairs a label set with a facet, and says what counts as right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.accuracy.labels import (
    Case,
    gold,
    psynamic,
    sample_sizes,
    study_types,
    vocabulary,
)
from benchmarks.accuracy.mapping import (
    PSYNAMIC,
    STUDY_TYPES,
    psynamic_labels,
    study_type,
    values,
)
from harvester.evidence.findings import Finding

__all__ = ["TASKS", "Task", "sample_size"]

Findings = Sequence[Finding]
Answer = tuple[frozenset[str], frozenset[str]] | None  # true and said; None: not in this task


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`bar` is what to reach by `measure`, a property of scores.Table."""

    name: str
    set: str
    facet: str
    cases: Callable[[], Iterator[Case]]
    answer: Callable[[Case, Findings], Answer]
    measure: str
    bar: float | None


def _psynamic(task: str) -> Callable[[Case, Findings], Answer]:
    def answer(case: Case, findings: Findings) -> Answer:
        if task not in case.labels:
            return None
        return frozenset(case.labels[task]), frozenset(psynamic_labels(findings, task))

    return answer


def _study_type(case: Case, findings: Findings) -> Answer:
    return frozenset({STUDY_TYPES[case.labels["study_type"]]}), frozenset({study_type(findings)})


def _listed(label: str, facet: str) -> Callable[[Case, Findings], Answer]:
    """Lists of values; those of ours that the set's readers had no word for are not judged."""

    def answer(case: Case, findings: Findings) -> Answer:
        true: Any = case.labels[label]
        said = frozenset(values(findings, facet))
        if known := vocabulary().get(label):
            said &= known
        return frozenset([true] if isinstance(true, str) else true), said

    return answer


def _design(case: Case, findings: Findings) -> Answer:
    said = values(findings, "design")[:1]
    true = case.labels["design"]
    accepted = {true, *case.labels["design_alt"]}
    return frozenset({true}), frozenset({true} if said and said[0] in accepted else said)


def sample_size(findings: Findings) -> int | None:
    """The number of people that we say took part."""
    found = [f.detail.get("n") for f in findings if f.facet == "sample_size"]
    return int(found[0]) if found and found[0] is not None else None


def _size(case: Case, findings: Findings) -> Answer:
    """The precision of `n` is how often a number that is given is right."""
    n, said = case.labels["n"], sample_size(findings)
    right = said in n if isinstance(n, frozenset) else said == n
    return (
        frozenset() if n is None else frozenset({"n"}),
        frozenset() if said is None else frozenset({"n" if right else "another n"}),
    )


def _size_given(case: Case, findings: Findings) -> Answer:
    """Of the numbers that are given as sure only, how many are right."""
    if any(f.facet == "sample_size" and f.detail.get("unsure") for f in findings):
        return None
    return None if sample_size(findings) is None else _size(case, findings)


def _ages(case: Case, findings: Findings) -> Answer:
    ages = {"adolescents", "adults", "children", "older_adults"}
    return frozenset(case.labels["age_groups"]), frozenset(values(findings, "population")) & ages


def _population(case: Case, findings: Findings) -> Answer:
    kinds = {"human", "animal", "in_vitro", "both"}
    said = frozenset(values(findings, "population")) & kinds
    if said >= {"human", "animal"}:
        said = frozenset({"both"})
    return frozenset({case.labels["population"]}), said


_BARS = {
    "study_type": ("weighted_f1", 0.871),
    "substances": ("weighted_f1", 0.871),
    "application_form": ("weighted_f1", 0.845),
    "number_of_participants": ("weighted_f1", 0.919),
    "condition": ("weighted_f1", 0.930),
    "study_control": ("weighted_f1", 0.746),
    "age_of_participants": ("weighted_f1", 0.927),
}

TASKS: tuple[Task, ...] = (
    *(
        Task(
            name=task,
            set="psynamic",
            facet=PSYNAMIC[task][0] if task in PSYNAMIC else "sample_size",
            cases=psynamic,
            answer=_psynamic(task),
            measure=measure,
            bar=bar,
        )
        for task, (measure, bar) in _BARS.items()
    ),
    Task(
        name="study_type",
        set="study-types",
        facet="design",
        cases=study_types,
        answer=_study_type,
        measure="macro_f1",
        bar=0.85,
    ),
    Task(
        name="n",
        set="sample-sizes",
        facet="sample_size",
        cases=sample_sizes,
        answer=_size,
        measure="accuracy",
        bar=None,
    ),
    Task(
        name="n_where_given",
        set="sample-sizes",
        facet="sample_size",
        cases=sample_sizes,
        answer=_size_given,
        measure="accuracy",
        bar=None,
    ),
    *(
        Task(
            name=name,
            set="gold",
            facet=facet,
            cases=gold,
            answer=answer,
            measure=measure,
            bar=bar,
        )
        for name, facet, answer, measure, bar in (
            ("drug", "drug", _listed("drug", "drug"), "micro_f1", 0.95),
            ("population", "population", _population, "accuracy", 0.95),
            ("age_groups", "population", _ages, "micro_f1", None),
            ("design", "design", _design, "accuracy", 0.85),
            ("route", "route", _listed("route", "route"), "micro_f1", 0.85),
            ("n", "sample_size", _size, "accuracy", 0.75),
            ("n_where_given", "sample_size", _size_given, "accuracy", 0.9),
            ("comparator", "comparator", _listed("comparator", "comparator"), "micro_f1", 0.8),
            ("condition", "condition", _listed("indication", "condition"), "micro_f1", None),
            ("safety", "safety", _listed("safety_topics", "safety"), "micro_f1", 0.75),
            ("scale", "scale", _listed("outcome_scales", "scale"), "micro_f1", None),
            ("schedule", "schedule", _listed("schedule", "schedule"), "micro_f1", None),
            ("relevance", "relevance", _listed("relevance", "relevance"), "accuracy", None),
        )
    ),
)
