"""Writes docs/reliability.md from what the rows of the matrix came to.

python -m tests.reliability.page
"""

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import ROOT
from tests.reliability.matrix import Outcome, Row, attempt, matrix

PAGE = ROOT / "docs/reliability.md"

TEMPLATE = Path(__file__).with_name("page.md")


def happened(outcome: Outcome) -> str:
    """What came of it, in words."""
    if outcome.status in ("new", "unchanged"):
        return "ridden out in the same run"
    if outcome.status == "partial":
        return "run is partial, exit 3; the difference is in problems; good the next night"
    if outcome.exit_code == 75:
        return "run ends, exit 75; nothing is marked; good the next night"
    return "run ends, exit 1, one sentence; nothing is marked; good once it is mended"


def render(outcomes: Mapping[Row, Outcome]) -> str:
    """The page; rows that differ in the utility alone are one."""
    merged: dict[tuple[str, str, str, str, int], list[str]] = {}
    for row, outcome in outcomes.items():
        often = (
            "always" if row.times is None else "once" if row.times == 1 else f"{row.times} times"
        )
        key = (row.name, row.source, often, happened(outcome), outcome.lost)
        merged.setdefault(key, []).append(row.utility)
    lines = [
        "| failure | answer of | met | known from | what happens | records lost |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (name, source, often, what, lost), utilities in merged.items():
        lines.append(f"| {name} | {', '.join(utilities)} | {often} | {source} | {what} | {lost} |")
    total = sum(outcome.lost for outcome in outcomes.values())
    lines.append(f"\n{len(outcomes)} failures tried, {total} records lost.")
    return TEMPLATE.read_text("utf-8").replace("{table}", "\n".join(lines))


def main() -> None:
    logging.disable(logging.CRITICAL)
    outcomes = {}
    for row in matrix():
        with tempfile.TemporaryDirectory() as folder:
            outcomes[row] = attempt(row, Path(folder))
    PAGE.write_text(render(outcomes), "utf-8")


if __name__ == "__main__":
    main()
