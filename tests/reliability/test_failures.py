"""The failure matrix, row by row; and the page made of it."""

from pathlib import Path

import pytest

from tests.reliability.matrix import Outcome, Row, attempt, matrix
from tests.reliability.page import PAGE, happened, render

ROWS = tuple(matrix())
OUTCOMES: dict[Row, Outcome] = {}


def named(row: Row) -> str:
    return f"{row.name}, {row.utility}, {row.times or 'always'}"


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=named)
def test_nothing_is_lost(row: Row, tmp_path: Path) -> None:
    outcome = OUTCOMES[row] = attempt(row, tmp_path)
    assert outcome.lost == 0
    assert outcome.marked == 0
    if outcome.exit_code:
        assert outcome.said.endswith("."), outcome.said
        assert "Traceback" not in outcome.said
    else:
        assert outcome.status == "new"
    if row.times is not None and "api_key" not in row.name.replace(" ", "_"):
        assert outcome.exit_code in (0, 1, 3), "what passes by itself is ridden out"


@pytest.mark.slow
def test_the_page_is_fresh() -> None:
    if len(OUTCOMES) < len(ROWS):
        pytest.skip("the page is compared when the whole matrix ran")
    assert PAGE.read_text("utf-8") == render(OUTCOMES)


def test_the_page_names_every_row() -> None:
    text = PAGE.read_text("utf-8")
    for row in ROWS:
        assert f"| {row.name} | " in text, row.name
    assert f"{len(ROWS)} failures tried, 0 records lost." in text


def test_outcomes_in_words() -> None:
    def said(status: str, exit_code: int) -> str:
        return happened(Outcome(status=status, exit_code=exit_code, said="", marked=0, lost=0))

    assert said("new", 0) == "ridden out in the same run"
    assert "exit 75" in said("failed", 75)
    assert "exit 1" in said("failed", 1)
    assert "exit 3" in said("partial", 3)
