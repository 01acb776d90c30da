"""What harvests of the loopback service leave in the ledger, as command and pages say it."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from harvester.cli import main
from harvester.library import wording
from tests.site.conftest import Get, getter, serve
from tests.site.test_changes_page import days, listed, page
from tests.site.test_pages import words
from tests.test_harvest import Night, night, old_corpus  # noqa: F401 (a fixture)


@pytest.fixture
def harvested(night: Callable[..., Night]) -> tuple[Night, Get, dict[str, int]]:  # noqa: F811
    """A first night, one without news, one with several kinds of it."""
    library = night(old_corpus())
    corpus = library.corpus
    library.harvest()
    corpus.pass_days(1)
    library.harvest()
    corpus.pass_days(2)
    seen = {"new": corpus.add("trial"), "revised": 70_000_001, "retracted": 70_000_002}
    seen |= {"gone": 70_000_004}
    library.revise(seen["revised"], b"midazolam", b"saline")
    seen["notice"] = corpus.retract(seen["retracted"])
    corpus.delete(seen["gone"])
    library.harvest()
    return library, getter(serve(library.path)), seen


def test_each_is_found_on_its_day_under_its_kind(
    harvested: tuple[Night, Get, dict[str, int]],
) -> None:
    library, get, seen = harvested
    first, quiet, busy = [
        started[:10] for (started,) in library.rows("SELECT started FROM runs ORDER BY id")
    ]
    parts = days(page(get))
    assert "First harvest: 14 records" in words(parts[first])
    assert "Checked, nothing new." in words(parts[quiet])
    assert set(parts) == {first, quiet, busy}
    for kind, name in (
        ("added", "new"),
        ("revised", "revised"),
        ("retracted", "retracted"),
        ("withdrawn", "gone"),
    ):
        url = f"/changes?kind={kind}&from={busy}&to={busy}"
        assert (busy, seen[name]) in set(listed(get, url)), kind
    assert set(listed(get, "/changes?kind=retracted")) == {(busy, seen["retracted"])}


def test_the_command_and_the_page_say_the_same(
    harvested: tuple[Night, Get, dict[str, int]],
) -> None:
    library, get, seen = harvested
    said = CliRunner().invoke(main, ["--db", str(library.path), "changes"]).stdout
    (line,) = [
        line for line in said.splitlines() if str(seen["revised"]) in line and "revised" in line
    ]
    assert "(abstract)" in line
    assert "Revised: abstract." in words(page(get, "/changes?kind=revised"))
    history = words(page(get, f"/article/{seen['retracted']}"))
    assert wording.sentence("retracted") in history
    assert wording.sentence("retracted") in words(page(get, "/changes?kind=retracted"))
