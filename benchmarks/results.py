"""What a part found, kept until the document is written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["Result", "keep", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Figures by name, for the table of goals and the charts, and a section of Markdown."""

    figures: dict[str, float]
    lines: Sequence[str]
    date: str = ""


def keep(folder: Path, part: str, result: Result) -> None:
    place = folder / "results" / f"{part}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "figures": result.figures,
        "lines": list(result.lines),
    }
    place.write_text(json.dumps(found, indent=1))


def kept(folder: Path, part: str) -> Result | None:
    """What the part found when it last ran, if it did."""
    place = folder / "results" / f"{part}.json"
    return Result(**json.loads(place.read_text())) if place.exists() else None
