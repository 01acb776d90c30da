"""A finding in words for people, wherever it is shown."""

from collections.abc import Mapping
from typing import Any

from harvester.evidence import overrides
from harvester.evidence.labels import facet_label, value_label

__all__ = ["name_of", "participants", "standing_of"]


def name_of(facet: str, value: str, detail: Mapping[str, Any]) -> str:
    """The value: `Intranasal`, `236 randomised`, `about 40 treated`."""
    match facet:
        case "sample_size" if isinstance(n := detail.get("n"), int):
            about = "about " if detail.get("unsure") else ""
            return about + participants(n, value)
        case "dose" | "infusion_minutes" if "min" in detail and "max" in detail:
            low, high = _number(detail["min"]), _number(detail["max"])
            unit = str(detail.get("unit") or "")
            return f"{low if low == high else f'{low} to {high}'} {unit}".strip()
        case overrides.FACET if "removed" in detail:
            of, was = str(detail.get("facet") or ""), str(detail["removed"])
            return f"{facet_label(of)}: {value_label(of, was)}"
        case "registration":
            return value
    return value_label(facet, value)


def participants(n: int, basis: str | None) -> str:
    """How many, and what is counted: `236 randomised`, `1 case`."""
    if basis == "case":
        return f"{n:,} {'case' if n == 1 else 'cases'}"
    words = value_label("sample_size", basis) if basis else "participants"
    return f"{n:,} {words[:1].lower()}{words[1:]}"


def standing_of(detail: Mapping[str, Any]) -> str:
    """That something is reported as absent, which must not read as if it had happened."""
    polarity = detail.get("polarity", "present")
    if polarity == "absent":
        return "reported as absent"
    return "" if polarity == "present" else "reported, and elsewhere as absent"


def _number(number: Any) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)
