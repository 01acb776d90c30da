"""Numbers that articles can be filtered by from and to: participants, doses, minutes.

An article is found when one of the numbers that it names lies in the range; of a range that it
gives itself ("0.1 to 1.0 mg/kg") these are the two ends. Numbers are kept as integers: 0.5 mg/kg
are 50 hundredths, so that the edges of a range are exact.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from harvester.evidence.drug import FAMILY

__all__ = ["MEASURES", "Measure", "Points", "points_of"]

_MOST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`sql` gives PMID and numbers, spaces between; `places` is how many decimals are kept.

    The URL's parameters are `<name>_from` and `<name>_to`.
    """

    name: str
    label: str
    unit: str
    places: int
    sql: str

    def read(self, text: str | None) -> int | None:
        """What somebody typed, in the last decimal place that is kept; None if it is no number."""
        if not text or not re.fullmatch(r"[0-9]{1,9}(?:[.,][0-9]{1,6})?", text):
            return None
        return min(self._kept(Decimal(text.replace(",", "."))), _MOST)

    def keep(self, number: str) -> int:
        """A number of the library, rounded as it is kept."""
        return min(self._kept(Decimal(number)), _MOST)

    def say(self, kept: int) -> str:
        """The number as in an address: `0.5`, `40`."""
        return f"{Decimal(kept).scaleb(-self.places).normalize():f}"

    def _kept(self, number: Decimal) -> int:
        return int(number.scaleb(self.places).quantize(Decimal(1), ROUND_HALF_UP))


def _finding(facet: str, unit: str | None = None) -> str:
    """Numbers of a facet in its findings' `detail`; doses are those of ketamine and relatives."""
    only = f" AND json_extract(detail, '$.unit') = '{unit}'" if unit else ""
    if facet == "dose":
        only += f" AND coalesce(json_extract(detail, '$.drug'), 'ketamine') IN {FAMILY}"
    return (
        "SELECT pmid, coalesce(json_extract(detail, '$.amounts'), "  # noqa: S608 (our names)
        "json_extract(detail, '$.min') || ' ' || "
        "coalesce(json_extract(detail, '$.max'), json_extract(detail, '$.min'))) AS numbers "
        f"FROM findings WHERE facet = '{facet}'{only} AND numbers IS NOT NULL"
    )


MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            name="n",
            label="Participants",
            unit="people",
            places=0,
            # The number that lists and pages of articles show.
            sql="SELECT pmid, sample_size FROM articles WHERE sample_size > 0",
        ),
        Measure(
            name="dose",
            label="Ketamine dose",
            unit="mg/kg",
            places=2,
            sql=_finding("dose", "mg/kg"),
        ),
        Measure(
            name="minutes",
            label="Infusion time",
            unit="minutes",
            places=0,
            sql=_finding("infusion_minutes"),
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The numbers of a measure, in their order, and the places of the articles that give them."""

    numbers: "array[int]"
    places: "array[int]"

    def within(self, low: int | None, high: int | None) -> "array[int]":
        """The places of articles with a number in the range; an article may come twice."""
        first = 0 if low is None else bisect_left(self.numbers, low)
        last = len(self.numbers) if high is None else bisect_right(self.numbers, high)
        return self.places[first:last]


def points_of(
    measure: Measure, rows: Iterable[tuple[int, str | int]], places: Mapping[int, int]
) -> Points:
    """The points of rows of `measure.sql`."""
    found = sorted(
        {
            (measure.keep(number), places[pmid])
            for pmid, numbers in rows
            if pmid in places
            for number in str(numbers).split()
        }
    )
    return Points(
        numbers=array("q", (number for number, _ in found)),
        places=array("L", (place for _, place in found)),
    )
