"""What facets and their values are called for people, as the rules' files say it.

The rules themselves are not read: whoever shows findings needs no expressions.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

__all__ = ["facet_label", "facets", "value_label"]


@cache
def facets() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """The label of each facet, and those of its values by their ids."""
    folder = resources.files("harvester.evidence") / "rules"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    files = (tomllib.loads((folder / name).read_text("utf-8")) for name in names)
    return {
        data["facet"]: (data["label"], {value["id"]: value["label"] for value in data["value"]})
        for data in files
    }


def facet_label(facet: str) -> str:
    """The facet for people; the words of its id where no rule knows it."""
    return facets()[facet][0] if facet in facets() else facet.replace("_", " ").capitalize()


def value_label(facet: str, value: str) -> str:
    """The value for people; where no rule knows it (a number, an older rule), as it is."""
    known = facets()[facet][1] if facet in facets() else {}
    return known.get(value) or value.replace("_", " ")
