"""The measured accuracy on the methods page is that of the file which travels with the program."""

import json
from importlib import resources

from harvester.site.accuracy import load_accuracy
from tests.site.conftest import Get


def published() -> dict[str, list[dict[str, object]]]:
    text = (resources.files("harvester.evidence") / "accuracy.json").read_text("utf-8")
    data: dict[str, list[dict[str, object]]] = json.loads(text)
    return data


def test_every_task_is_shown_once_with_its_figures() -> None:
    shown = [row for group in load_accuracy().sets for row in group.measured]
    assert len(shown) == len(published()["tasks"]) > 20
    assert sorted(row.reached for row in shown) == sorted(
        t["reached"] for t in published()["tasks"]
    )


def test_what_misses_its_bar_says_so(get: Get) -> None:
    page = get("/methods").text
    assert 'id="accuracy"' in page
    missed = sum(row.below for group in load_accuracy().sets for row in group.measured)
    assert page.count("not reached") == missed


def test_every_value_has_its_figures_on_a_page_of_its_own(get: Get) -> None:
    page = get("/methods/accuracy").text
    assert 'href="/methods/accuracy"' in get("/methods").text
    values = sum(len(t["values"]) for t in published()["tasks"])  # type: ignore[arg-type]
    assert page.count('data-label="Cases"') == values
