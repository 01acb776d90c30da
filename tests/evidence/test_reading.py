"""Which rules a record has something for."""

from harvester.evidence.reading import read_record
from harvester.evidence.rules import load_facets
from harvester.pubmed.records import MeshHeading
from tests.evidence.records import record


def test_rules_are_those_with_words_or_headings_in_the_order_of_the_file() -> None:
    rules = load_facets()["drug"].rules
    heading = next(name for rule in rules.values() for name in rule.mesh)
    reading = read_record(
        record("Esketamine beside ketamine", mesh=(MeshHeading(name=heading.capitalize()),))
    )
    found = [rule.value for rule in reading.rules("drug")]
    assert found == [v for v in rules if reading.of("drug", v) or reading.heading(rules[v])]
    assert {"ketamine", "esketamine"} <= set(found)
    assert len(found) < len(rules)
