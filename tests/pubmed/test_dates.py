"""Dates: what PubMed prints beside what of it sorts, and what holds for any text."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.pubmed.dates import clock_time, iso_date, month_number, printed_date, pub_date
from harvester.pubmed.records import PubDate

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
PARTIAL = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
YEARS = st.integers(min_value=1400, max_value=2199)


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("2024", "2024"),
        ("2024 Feb", "2024-02"),
        ("2024 Feb 9", "2024-02-09"),
        ("2024 Feb 09", "2024-02-09"),
        ("2024 Jan 12", "2024-01-12"),
        ("1978 Sep-OCT", "1978-09"),
        ("1978 Mar - Apr", "1978-03"),
        ("1978 May/June", "1978-05"),
        ("2001 Mar 1-15", "2001-03-01"),
        ("2001 Aug 28-Sep 3", "2001-08-28"),
        ("2001 Apr-Jun 15", "2001-04"),
        ("1998 Dec-1999 Jan", "1998-12"),
        ("1998 Nov-1999 May", "1998-11"),
        ("1976 Jan-Dec", "1976"),
        ("1999-2000", "1999"),
        ("1976-1977 Fall", "1976"),
        ("2000 Spring", "2000"),
        ("Winter 1977", "1977"),
        ("2000 Fall-Winter", "2000"),
        ("Jul-Aug 1999", "1999-07"),
        ("2024 Feb 31", "2024-02"),
        ("2024 Feb (Suppl 3)", "2024-02"),
        ("1865", "1865"),
        ("9999 Feb", None),
        ("no date", None),
        ("12345678", None),
    ],
)
def test_a_date_in_words(printed: str, iso: str | None) -> None:
    assert printed_date(printed) == PubDate(iso=iso, printed=printed)


def test_no_date() -> None:
    assert printed_date("  ") is None
    assert pub_date(None) is None
    assert pub_date("", " ", None, "") is None
    assert iso_date(None, "Feb", "1") is None


@pytest.mark.parametrize(
    ("parts", "iso", "printed"),
    [
        (("2024", "Feb", "09", None), "2024-02-09", "2024 Feb 9"),
        (("2019", "06", None, None), "2019-06", "2019 Jun"),
        (("2019", "6", "1", None), "2019-06-01", "2019 Jun 1"),
        (("1976", None, None, "Fall"), "1976", "1976 Fall"),
        (("1976", None, None, "May-Jun"), "1976-05", "1976 May-Jun"),
        ((None, None, None, "1978 Sep-Oct"), "1978-09", "1978 Sep-Oct"),
        (("2019", "13", None, None), "2019", "2019 13"),
        (("2019", None, "7", None), "2019", "2019 7"),
        ((None, "Feb", None, None), None, "Feb"),
    ],
)
def test_a_date_in_parts(parts: tuple[str | None, ...], iso: str | None, printed: str) -> None:
    assert pub_date(*parts) == PubDate(iso=iso, printed=printed)


@given(st.dates(min_value=date(1400, 1, 1), max_value=date(2199, 12, 31)))
def test_every_day_is_read_in_every_writing(day: date) -> None:
    name = MONTHS[day.month - 1]
    iso = day.isoformat()
    for month in (name, name.upper(), str(day.month), f"{day.month:02}"):
        assert iso_date(str(day.year), month, str(day.day)) == iso
        assert iso_date(f" {day.year}\n", f" {month} ", f"{day.day:02}") == iso
    whole = pub_date(str(day.year), name, str(day.day))
    assert whole is not None
    assert printed_date(whole.printed) == whole == PubDate(iso=iso, printed=whole.printed)


@given(YEARS, st.integers(0, 11), st.integers(0, 11), st.sampled_from(["-", " - ", "/"]))
def test_a_range_begins_with_its_first_month(year: int, first: int, last: int, dash: str) -> None:
    found = printed_date(f"{year} {MONTHS[first]}{dash}{MONTHS[last]}")
    assert found is not None
    whole_year = (first, last) == (0, 11)
    assert found.iso == (str(year) if whole_year else f"{year}-{first + 1:02}")
    assert found.year == year


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_is_a_date_or_none(year: str, month: str, day: str, season: str) -> None:
    for found in (printed_date(year), pub_date(year, month, day, season)):
        if found is not None:
            assert found.printed.strip()
            assert found.iso is None or PARTIAL.fullmatch(found.iso)
    iso = iso_date(year, month, day)
    assert iso is None or PARTIAL.fullmatch(iso)


@given(st.from_regex(r"[0-9]{1,4}", fullmatch=True), st.text("0123456789A", max_size=3))
def test_a_real_day_or_less(year: str, day: str) -> None:
    iso = iso_date(year, "2", day)
    if iso is not None and len(iso) == 10:
        date.fromisoformat(iso)


@pytest.mark.parametrize(
    ("text", "number"),
    [("Sep", 9), ("SEPTEMBER", 9), ("sept", 9), ("9", 9), ("09", 9), ("12", 12), ("May", 5)],
)
def test_months(text: str, number: int) -> None:
    assert month_number(text) == number


@pytest.mark.parametrize("text", ["", "0", "13", "Fall", "1a", "½", "²", "٩", "99999999999"])
def test_what_is_no_month(text: str) -> None:
    assert month_number(text) is None


@pytest.mark.parametrize(
    ("hour", "minute", "time"),
    [("6", "0", "06:00"), ("23", "59", "23:59"), ("6", None, "06:00"), (" 7 ", " 5", "07:05")],
)
def test_times(hour: str, minute: str | None, time: str) -> None:
    assert clock_time(hour, minute) == time


@pytest.mark.parametrize(
    ("hour", "minute"), [("24", "0"), ("6", "60"), (None, "5"), ("x", "0"), ("6", "y"), ("٦", "0")]
)
def test_what_is_no_time(hour: str | None, minute: str) -> None:
    assert clock_time(hour, minute) is None
