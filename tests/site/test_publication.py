"""The one word that says what kind of publication a record is."""

import pytest

from harvester.evidence.rules import load_facets
from harvester.site.facets import FACETS
from harvester.site.publication import badge

RANDOMISED = "Randomised controlled trial"


@pytest.mark.parametrize(
    ("design", "types", "says"),
    [
        ("rct", ["Journal Article"], ("trial", RANDOMISED)),
        ("rct", ["Randomized Controlled Trial"], ("trial", RANDOMISED)),
        (None, ["Randomized Controlled Trial"], ("trial", "Randomized Controlled Trial")),
        ("preclinical_in_vivo", ["Journal Article"], ("lab", "Animal study")),
        ("economic", ["Journal Article"], ("other", "Economic evaluation")),
        ("comment", ["Letter", "Comment"], ("other", "Letter")),
        # What is not yet, or no longer, a finished study never looks like one.
        ("rct", ["Preprint"], ("other", f"Preprint, not peer reviewed: r{RANDOMISED[1:]}")),
        (None, ["Preprint"], ("other", "Preprint")),
        ("rct", ["Published Erratum"], ("other", "Published Erratum")),
        ("rct", ["Retraction of Publication"], None),
        (None, ["Journal Article"], None),
    ],
)
def test_the_badge_of_a_record(
    design: str | None, types: list[str], says: tuple[str, str] | None
) -> None:
    assert badge(design, types) == says


def test_every_value_of_a_finding_has_words_for_people() -> None:
    for name, facet in load_facets().items():
        if name in FACETS:
            for value, rule in facet.rules.items():
                assert FACETS[name].say(value) == rule.label
    assert FACETS["design"].say("not_known_yet") == "not known yet"
