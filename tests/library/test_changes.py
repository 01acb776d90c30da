"""What a run should do: pure decisions."""

from dataclasses import replace

import pytest

from harvester.library.changes import Held, compare, decide, plan
from harvester.pubmed.records import Correction, HistoryDate, PublicationType, Text
from tests.library.articles import article

HELD = Held(content_hash="h1", version=1, revised="2024-06-01", withdrawn=False)


def test_a_record_not_held_is_added() -> None:
    verdict = decide(None, article(), "h1")
    assert verdict.outcome == "added"
    assert [change.kind for change in verdict.changes] == ["added"]


def test_the_same_content_writes_nothing() -> None:
    verdict = decide(HELD, article(), "h1")
    assert verdict.outcome == "unchanged"
    assert not verdict.store
    assert verdict.changes == ()


def test_a_revision_names_what_changed() -> None:
    old = article()
    new = replace(old, title=Text(plain="Another title"), status="MEDLINE")
    verdict = decide(HELD, new, "h2", old=old)
    (change,) = verdict.changes
    assert (change.kind, change.fields) == ("revised", ("title", "status"))
    assert (change.old_hash, change.new_hash) == ("h1", "h2")


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"publication_types": (PublicationType(name="Retracted Publication"),)}, "retracted"),
        ({"corrections": (Correction(kind="RetractionIn"),)}, "retracted"),
        ({"corrections": (Correction(kind="ErratumIn", pmid=1),)}, "corrected"),
        ({"corrections": (Correction(kind="ExpressionOfConcernIn", pmid=1),)}, "corrected"),
    ],
)
def test_what_people_wait_for_is_a_kind_of_its_own(parts: dict, kind: str) -> None:
    old = article()
    verdict = decide(HELD, replace(old, **parts), "h2", old=old)
    assert [change.kind for change in verdict.changes] == ["revised", kind]


def test_a_partial_retraction_is_told_of_a_record_that_had_a_correction() -> None:
    erratum = Correction(kind="ErratumIn", pmid=1)
    partly = Correction(kind="PartialRetractionIn", pmid=2)
    old = article(corrections=(erratum,))
    verdict = decide(HELD, replace(old, corrections=(erratum, partly)), "h2", old=old)
    assert [change.kind for change in verdict.changes] == ["revised", "corrected"]
    verdict = decide(HELD, replace(old, title=Text(plain="Other")), "h2", old=old)
    assert [change.kind for change in verdict.changes] == ["revised"]


def test_mesh_indexing_is_a_kind_of_its_own() -> None:
    new = article()
    old = replace(new, mesh=())
    verdict = decide(HELD, new, "h2", old=old)
    assert [change.kind for change in verdict.changes] == ["revised", "indexed"]


def test_a_retraction_notice_is_not_retracted() -> None:
    old = article()
    notice = replace(old, corrections=(Correction(kind="RetractionOf", pmid=1),))
    assert notice.retraction_notice
    assert not notice.retracted


def test_a_withdrawn_record_returns() -> None:
    held = replace(HELD, withdrawn=True)
    assert [c.kind for c in decide(held, article(), "h1").changes] == ["returned"]
    kinds = [c.kind for c in decide(held, article(), "h2", old=article()).changes]
    assert kinds == ["revised", "returned"]


def test_a_file_brings_nothing_back_that_was_withdrawn() -> None:
    held = replace(HELD, withdrawn=True, revised="2026-03-01")
    same, newer = (
        article(dates=(HistoryDate(kind="revised", iso=day),))
        for day in ("2026-03-01", "2026-03-02")
    )
    assert decide(held, None, "h1", from_file=True).outcome == "unchanged"
    assert decide(held, same, "h2", from_file=True).outcome == "unchanged"
    kinds = [c.kind for c in decide(held, newer, "h2", old=same, from_file=True).changes]
    assert kinds == ["revised", "returned"]


def test_an_older_file_never_replaces_a_newer_record() -> None:
    older = article(dates=(HistoryDate(kind="revised", iso="2020-01-01"),))
    assert decide(HELD, older, "h2", from_file=True).outcome == "unchanged"
    assert decide(HELD, older, "h2").outcome == "revised", "PubMed itself is always right"


def test_an_earlier_version_in_a_file_changes_nothing() -> None:
    held = replace(HELD, version=3)
    assert decide(held, article(version=2), "h2", from_file=True).outcome == "unchanged"
    assert decide(held, article(version=4), "h2", from_file=True).outcome == "revised"


def test_compare_names_parts_in_order() -> None:
    assert compare(article(), article()) == ()
    assert compare(article(), article(title=Text(plain="x"), mesh=())) == ("title", "mesh")


def test_plan_asks_for_what_is_new_and_what_was_revised() -> None:
    assert plan(reported=[1, 2, 3, 4], held=[1, 2, 9], revised=[2, 8]) == (4, 3, 2)


def test_plan_tries_again_what_could_not_be_read() -> None:
    assert plan(reported=[1, 2], held=[1, 2], retry=[2, 7]) == (2,)


def test_plan_full_asks_for_all() -> None:
    assert plan(reported=[1, 2], held=[1, 2], full=True) == (2, 1)
