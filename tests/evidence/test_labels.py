"""What facets and values are called for people, also those that no rule of this version knows."""

from harvester.evidence.labels import facet_label, facets, value_label
from harvester.evidence.rules import load_facets


def test_every_rule_has_its_label() -> None:
    for name, facet in load_facets().items():
        assert facet_label(name) == facet.label
        for value, rule in facet.rules.items():
            assert value_label(name, value) == rule.label
    assert facets().keys() == load_facets().keys()


def test_what_no_rule_knows_is_its_id() -> None:
    assert facet_label("facet_of_tomorrow") == "Facet of tomorrow"
    assert value_label("facet_of_tomorrow", "a_value") == "a value"
    assert value_label("drug", "a_drug_of_tomorrow") == "a drug of tomorrow"
