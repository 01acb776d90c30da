"""Ranges of numbers on the search page: their fields, and those in force."""

from collections.abc import Iterator
from dataclasses import dataclass

from harvester.site.catalogue import Catalogue
from harvester.site.links import Link
from harvester.site.measures import MEASURES
from harvester.site.urls import Search, write

__all__ = ["RangeView", "range_chips", "range_views", "said"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeView:
    """A measure with what its two fields show."""

    name: str
    label: str
    unit: str
    low: str
    high: str

    @property
    def chosen(self) -> bool:
        return bool(self.low or self.high)


def range_views(search: Search, catalogue: Catalogue) -> Iterator[RangeView]:
    """The measures of which the library has numbers, and those in force."""
    for name, measure in MEASURES.items():
        low, high = search.range_of(name)
        held = catalogue.measures.get(name)
        if (held and held.places) or low is not None or high is not None:
            yield RangeView(
                name=name,
                label=measure.label,
                unit=measure.unit,
                low="" if low is None else measure.say(low),
                high="" if high is None else measure.say(high),
            )


def range_chips(search: Search) -> Iterator[Link]:
    """The ranges in force, each a link that takes it away."""
    for name, low, high in search.ranges:
        label = f"{MEASURES[name].label}: {said(name, low, high)}"
        yield Link(label=label, href=write(search.between(name, None, None)))


def said(name: str, low: int | None, high: int | None) -> str:
    """The range in words: `0.5 mg/kg`, `100 or more`, `up to 40 minutes`."""
    measure = MEASURES[name]
    unit = "" if name == "n" else f" {measure.unit}"
    if low is None:
        return f"up to {measure.say(high or 0)}{unit}"
    if high is None:
        return f"{measure.say(low)}{unit} or more"
    span = measure.say(low) if low == high else f"{measure.say(low)} to {measure.say(high)}"
    return span + unit
