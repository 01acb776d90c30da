"""PubMed's dates: what is printed, and what of it is a date that sorts (ISO, perhaps partial).

A record's PubDate is a year with an optional month and day or season, or a MedlineDate, which is
free text ("1978 Sep-Oct", "1998 Dec-1999 Jan", "Spring 2001"). Of a range, the beginning counts;
a season has no month, because it is another one in each hemisphere.
Source: MEDLINE/PubMed data element descriptions, DP; https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

import re
from datetime import date
from functools import lru_cache

from harvester.pubmed.records import PubDate

__all__ = ["clock_time", "iso_date", "month_number", "printed_date", "pub_date"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}

# The years of print that PubMed can hold; a page or volume number is no year.
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|2[01]\d\d)(?!\d)", re.ASCII)
_WORD = re.compile(r"[A-Za-z]+|\d+", re.ASCII)


def month_number(text: str) -> int | None:
    """The month that "Sep", "SEPTEMBER", "9" or "09" names."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        number = int(text[:4])
        return number if 1 <= number <= 12 else None
    return _NUMBER.get(text[:3].lower()) if text[:3].isalpha() else None


def iso_date(year: str | None, month: str | None = None, day: str | None = None) -> str | None:
    """`YYYY-MM-DD`, or as much of it as makes a real date; None without a year."""
    if not year or not _YEAR.fullmatch(year.strip()):
        return None
    iso = year.strip()
    number = month_number(month) if month else None
    if number is None:
        return iso
    iso = f"{iso}-{number:02}"
    if not day or not re.fullmatch(r"[0-9]{1,2}", day.strip()):
        return iso
    try:
        return date(int(iso[:4]), number, int(day)).isoformat()
    except ValueError:
        return iso


def clock_time(hour: str | None, minute: str | None = None) -> str | None:
    """`HH:MM`, or None when that is no time of day."""
    if not hour or not re.fullmatch(r"[0-9]{1,2}", hour.strip()):
        return None
    minute = minute.strip() if minute else "0"
    if not re.fullmatch(r"[0-9]{1,2}", minute) or int(hour) > 23 or int(minute) > 59:
        return None
    return f"{int(hour):02}:{int(minute):02}"


@lru_cache(maxsize=4096)
def pub_date(
    year: str | None, month: str | None = None, day: str | None = None, season: str | None = None
) -> PubDate | None:
    """A PubDate of elements; `printed` as PubMed prints it ("2021 Jun 3", "1976 Fall").

    Numeric months (PMID 31418831) are printed by name. None when there is nothing at all.
    """
    name = month.strip() if month else ""
    number = month_number(name) if name else None
    if number is not None and name.isdecimal():
        name = _MONTHS[number - 1]
    number_of_day = day.strip() if day else ""
    if number_of_day.isascii() and number_of_day.isdecimal():
        number_of_day = number_of_day.lstrip("0")
    parts = ((year or "").strip(), (season or "").strip(), name, number_of_day)
    printed = " ".join(part for part in parts if part)
    if season and not month:
        return printed_date(printed)
    return PubDate(iso=iso_date(year, month, day), printed=printed) if printed else None


@lru_cache(maxsize=4096)
def printed_date(text: str) -> PubDate | None:
    """A date in words: a MedlineDate, or DP of the MEDLINE format.

    "2000 Spring" -> 2000, "1978 Sep-Oct" -> 1978-09, "1998 Dec-1999 Jan" -> 1998-12,
    "2001 Mar 1-15" -> 2001-03-01, "Jul-Aug 1999" -> 1999-07, "1999-2000" -> 1999.
    """
    printed = " ".join(text.split())
    if not printed:
        return None
    found = _YEAR.search(printed)
    if found is None:
        return PubDate(iso=None, printed=printed)
    # What belongs to the first year stands behind it; in "Jul-Aug 1999" it stands before.
    words = _WORD.findall(printed[found.end() :])
    if not words or _YEAR.fullmatch(words[0]):
        words = _WORD.findall(printed[: found.start()])
    month = words[0] if words and words[0].isalpha() else None
    if month and [word[:3].lower() for word in words[:2]] == ["jan", "dec"]:
        month = None  # January to December: the whole year
    day = words[1] if month and len(words) > 1 and words[1].isdecimal() else None
    return PubDate(iso=iso_date(found[1], month, day), printed=printed)
