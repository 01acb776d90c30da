"""Where words are found, and where they do not count."""

import pytest

from harvester.evidence import matching
from harvester.evidence.expressions import compiled
from harvester.evidence.matching import find_hits
from harvester.evidence.passages import read_passages
from harvester.evidence.rules import Facet, Rule
from tests.evidence.records import record

RULE = Rule(
    facet="tea",
    value="green",
    label="Green",
    version=1,
    words=("green tea*", "matcha"),
    acronyms=("GT",),
    near=("leaf", "*brew"),
    patterns=(compiled(r"leaf \d+"), compiled(r"\w*brewed \d+")),
    unless=(compiled("no matcha"),),
    unless_sentence=(compiled("coffee"),),
    parts=frozenset({"methods"}),
    conditional=True,
)


@pytest.fixture(autouse=True)
def only_tea(monkeypatch: pytest.MonkeyPatch) -> None:
    facet = Facet(name="tea", label="Tea", about="", version=1, rules={"green": RULE})
    scanner = matching._build([facet])
    monkeypatch.setattr(matching, "_scanner", lambda: scanner)


def quotes(text: str, label: str = "METHODS") -> list[str]:
    hits = find_hits(read_passages(record("Title", (label, text))))["tea"]
    return [hit.quote for hit in hits.get("green", ())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Green teas and matcha.", ["Green teas", "matcha"]),
        ("Evergreen tea, matchas.", []),
        ("GT and gt.", ["GT"]),
        ("Leaf 12 was best.", ["Leaf 12"]),
        ("The cloverleaf 12 was best.", []),
        ("It was homebrewed 3 times.", ["homebrewed 3"]),
        ("There was no matcha, but matcha came.", ["matcha"]),
        ("Coffee and matcha. Matcha alone.", ["Matcha"]),
        ("", []),
    ],
)
def test_words_count_where_the_rule_says(text: str, expected: list[str]) -> None:
    assert quotes(text) == expected


def test_conditions_are_tried_only_when_the_facet_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []
    refused = matching._refused
    monkeypatch.setattr(
        matching, "_refused", lambda rule, one: tried.append(rule.value) or refused(rule, one)
    )
    hits = find_hits(read_passages(record("Title", ("METHODS", "Matcha was given."))))
    assert tried == []
    assert hits["tea"] is hits["tea"]
    assert tried == ["green"]
    assert hits["coffee"] == {}


def test_words_of_other_parts_do_not_count() -> None:
    assert quotes("Matcha was given.", "CONCLUSIONS") == []
