"""The rules are sound, and find in their own examples what they should, and nothing else."""

from collections.abc import Iterator

import pytest

from harvester.evidence.matching import find_hits
from harvester.evidence.passages import PARTS, read_passages
from harvester.evidence.rules import Rule, load_facets
from tests.evidence.records import record

RULES = [rule for facet in load_facets().values() for rule in facet.rules.values()]


def sentences(kind: str) -> Iterator[object]:
    for rule in RULES:
        for text in getattr(rule, kind):
            yield pytest.param(rule, text, id=f"{rule.facet}.{rule.value}: {text}")


def finds(rule: Rule, text: str) -> bool:
    label = next(
        (part.upper() for part in ("methods", "results", "aims") if part in rule.parts), None
    )
    article = record("Title", (label, text)) if label else record(text)
    return rule.value in find_hits(read_passages(article))[rule.facet]


@pytest.mark.parametrize(("rule", "text"), [*sentences("examples")])
def test_an_example_is_found(rule: Rule, text: str) -> None:
    assert finds(rule, text)


@pytest.mark.parametrize(("rule", "text"), [*sentences("counterexamples")])
def test_a_counterexample_is_not_found(rule: Rule, text: str) -> None:
    assert not finds(rule, text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_complete(rule: Rule) -> None:
    assert rule.parts <= set(PARTS)
    assert bool(rule.patterns) == bool(rule.near), "patterns are tried near words only"
    if rule.words or rule.acronyms or rule.patterns:
        assert rule.examples, "a rule for text shows a sentence that it is for"
