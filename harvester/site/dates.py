"""Dates as people read them. Input is ISO, a whole date or only a year or a month."""

import re
from collections.abc import Mapping
from typing import Any

__all__ = [
    "first_published",
    "is_after",
    "long_date",
    "moment",
    "printed_date",
    "source_date",
    "when",
]

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SHORT = "|".join(month[:3] for month in _MONTHS)
_IN_SOURCE = re.compile(rf"\b((?:19|20)\d\d)(?: ({_SHORT})\w*(?: (\d{{1,2}})\b)?)?")


def long_date(iso: str) -> str:
    """`2025-02-14` as `14 February 2025`."""
    return " ".join(reversed(_parts(iso, letters=None)))


def printed_date(iso: str) -> str:
    """`2025-02-14` as PubMed prints it, `2025 Feb 14`."""
    return " ".join(_parts(iso, letters=3))


def moment(utc: str) -> str:
    """`2026-11-21T03:14:07Z` as `21 November 2026, 03:14 UTC`."""
    date, _, time = utc.partition("T")
    return f"{long_date(date)}, {time[:5]} UTC" if time else long_date(date)


def when(iso: str) -> str:
    """`on 14 February 2025`, `in February 2025`, `in 2025`."""
    return f"{'on' if iso.count('-') == 2 else 'in'} {long_date(iso)}"


def first_published(article: Mapping[str, Any]) -> str | None:
    """The earlier of an article's dates, in print and online."""
    dates = [article[key][:10] for key in ("published", "published_online") if article[key]]
    return min(dates, default=None)


def is_after(date: str | None, day: str) -> bool | None:
    """Whether a date is after that day; None where they are not exact enough to tell."""
    if date is None:
        return None
    known = min(len(date), len(day))
    return None if date[:known] == day[:known] else date[:known] > day[:known]


def source_date(source: str) -> str | None:
    """The date in a citation such as `Sample J. 2019 Sep 23;14(9):12`, ISO."""
    found = _IN_SOURCE.search(source)
    if not found:
        return None
    year, month, day = found.groups()
    numbers = [year]
    if month:
        position = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(month))
        numbers.append(f"{position:02d}")
    if day:
        numbers.append(f"{int(day):02d}")
    return "-".join(numbers)


def _parts(iso: str, *, letters: int | None) -> list[str]:
    year, *rest = iso[:10].split("-")
    parts = [year]
    if rest and rest[0].isdigit() and 1 <= int(rest[0]) <= 12:
        parts.append(_MONTHS[int(rest[0]) - 1][:letters])
        parts.extend(day.lstrip("0") for day in rest[1:2])
    return parts
