"""Numbers that articles can be filtered by from and to: participants, doses, minutes.

An article is found when one of its numbers lies in the range; a range that an article gives itself
("0.1 to 1.0 mg/kg") is found wherever it reaches. Numbers are kept as integers: 0.5 mg/kg are 50
hundredths, so that the edges of a range are exact.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["MEASURES", "Measure", "Spans", "spans_of"]

_MOST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`sql` gives PMID, least and greatest number; `places` is how many decimals are kept.

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

    def keep(self, number: float) -> int:
        """A number of the library, rounded as it is kept."""
        return min(self._kept(Decimal(str(number))), _MOST)

    def say(self, kept: int) -> str:
        """The number as in an address: `0.5`, `40`."""
        return f"{Decimal(kept).scaleb(-self.places).normalize():f}"

    def _kept(self, number: Decimal) -> int:
        return int(number.scaleb(self.places).quantize(Decimal(1), ROUND_HALF_UP))


_FAMILY = ("ketamine", "esketamine", "arketamine", "norketamine", "hydroxynorketamine")


def _finding(facet: str, unit: str | None = None) -> str:
    """Numbers of a facet in its findings' `detail`; doses are those of ketamine and relatives."""
    only = f" AND json_extract(detail, '$.unit') = '{unit}'" if unit else ""
    if facet == "dose":
        only += f" AND coalesce(json_extract(detail, '$.drug'), 'ketamine') IN {_FAMILY}"
    return (
        "SELECT pmid, least, coalesce(most, least) FROM ("  # noqa: S608 (our names)
        "SELECT pmid, json_extract(detail, '$.min') AS least, "
        "json_extract(detail, '$.max') AS most "
        f"FROM findings WHERE facet = '{facet}'{only}) WHERE least > 0"
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
            sql="SELECT pmid, sample_size, sample_size FROM articles WHERE sample_size > 0",
        ),
        Measure(name="dose", label="Dose", unit="mg/kg", places=2, sql=_finding("dose", "mg/kg")),
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
class Spans:
    """The numbers of a measure: from `lows` to `highs` at the places of articles, by `lows`."""

    lows: "array[int]"
    highs: "array[int]"
    places: "array[int]"

    def within(self, low: int | None, high: int | None) -> Iterator[int]:
        """The places of articles with a number in the range; an article may come twice."""
        first = 0
        last = len(self.lows) if high is None else bisect_right(self.lows, high)
        if low is not None and self.lows == self.highs:
            first = bisect_left(self.lows, low)
        least = 0 if low is None else low
        return (self.places[n] for n in range(first, last) if self.highs[n] >= least)


def spans_of(
    measure: Measure, rows: Iterable[tuple[int, float, float]], places: Mapping[int, int]
) -> Spans:
    """The spans of rows of `measure.sql`."""
    found = sorted(
        (*sorted((measure.keep(least), measure.keep(most))), places[pmid])
        for pmid, least, most in rows
        if pmid in places
    )
    return Spans(
        lows=array("q", (low for low, _, _ in found)),
        highs=array("q", (high for _, high, _ in found)),
        places=array("L", (place for _, _, place in found)),
    )
