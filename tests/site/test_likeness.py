"""What two articles have in common: told in a fixed order, weighed by how few share it."""

import math

import pytest

from harvester.site.likeness import Traits, is_near, likeness, rarity, score_of

WEIGHTS = {
    ("mesh", "Nasal Sprays"): 5.0,
    ("mesh", "Ketamine"): 1.0,
    ("substances", "esketamine"): 3.0,
    ("keywords", "remission"): 4.0,
    ("references", 7): 2.0,
}
HERE = Traits(
    pmid=1,
    mesh={"Nasal Sprays": True, "Ketamine": True, "Alone": True},
    substances={"ketamine": "Ketamine", "esketamine": "Esketamine"},
    keywords={"remission": "Remission", "nasal sprays": "Nasal sprays"},
    trials=frozenset({"NCT1"}),
    cites=frozenset({3, 7}),
    cited_by=frozenset({20, 21}),
    comments_on=frozenset({4}),
)


def kinds(other: Traits) -> dict[str, tuple[str | int, ...]]:
    return {reason.kind: reason.keys for reason in likeness(HERE, other, WEIGHTS)}


def test_nothing_in_common_is_no_reason() -> None:
    assert likeness(HERE, Traits(pmid=2, mesh={"Mice": True}), WEIGHTS) == ()


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (Traits(pmid=2, trials=frozenset({"NCT1"})), "trial"),
        (Traits(pmid=2, comments_on=frozenset({1})), "comments"),
        (Traits(pmid=4), "commented_by"),
        (Traits(pmid=2, cites=frozenset({1})), "cites"),
        (Traits(pmid=3), "cited_by"),
        (Traits(pmid=2, cites=frozenset({7})), "references"),
        (Traits(pmid=2, cited_by=frozenset({21})), "cited_together"),
        (Traits(pmid=2, mesh={"Ketamine": False}), "mesh"),
        (Traits(pmid=2, substances={"esketamine": "Esketamine"}), "substances"),
        (Traits(pmid=2, keywords={"remission": "remission"}), "keywords"),
    ],
)
def test_each_kind_of_reason(other: Traits, kind: str) -> None:
    assert [*kinds(other)] == [kind]


def test_a_thing_that_is_named_three_ways_counts_once() -> None:
    other = Traits(
        pmid=2,
        mesh={"Ketamine": True, "Nasal Sprays": False},
        substances={"ketamine": "Ketamine", "esketamine": "Esketamine"},
        keywords={"nasal sprays": "nasal sprays", "remission": "remission"},
    )
    assert kinds(other) == {
        "mesh": ("Nasal Sprays", "Ketamine"),
        "substances": ("esketamine",),
        "keywords": ("remission",),
    }


def test_a_main_point_of_both_says_more_than_of_one_and_that_more_than_of_none() -> None:
    def score(here: bool, other: bool) -> float:
        one = Traits(pmid=1, mesh={"Ketamine": here})
        return score_of(likeness(one, Traits(pmid=2, mesh={"Ketamine": other}), WEIGHTS))

    assert score(True, True) > score(True, False) == score(False, True) > score(False, False) > 0


def test_what_everybody_has_says_nothing() -> None:
    assert rarity(100, 100) == rarity(100, 0) == rarity(0, 0) == 0
    assert rarity(100, 1) == math.log(100) > rarity(100, 2)


def test_one_common_heading_is_chance_and_a_link_never_is() -> None:
    def near(other: Traits, *, held: int = 14_000) -> bool:
        return is_near(likeness(HERE, other, WEIGHTS), held)

    assert not near(Traits(pmid=2, mesh={"Ketamine": True}))
    assert near(Traits(pmid=2, mesh={"Nasal Sprays": True}))
    assert near(Traits(pmid=2, cites=frozenset({1})))
    assert near(Traits(pmid=2, mesh={"Ketamine": True}, keywords={"remission": "remission"}))
