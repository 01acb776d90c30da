import pytest

from harvester.site.dates import (
    first_published,
    is_after,
    long_date,
    moment,
    printed_date,
    source_date,
    when,
)


@pytest.mark.parametrize(
    ("iso", "long", "printed"),
    [
        ("2025", "2025", "2025"),
        ("2025-02", "February 2025", "2025 Feb"),
        ("2025-02-04", "4 February 2025", "2025 Feb 4"),
        ("2025-99", "2025", "2025"),
    ],
)
def test_partial_dates_stay_partial(iso: str, long: str, printed: str) -> None:
    assert long_date(iso) == long
    assert printed_date(iso) == printed


def test_moments_and_prepositions() -> None:
    assert moment("2026-11-21T03:14:07Z") == "21 November 2026, 03:14 UTC"
    assert when("2025-02-04") == "on 4 February 2025"
    assert when("2025-02") == "in February 2025"


@pytest.mark.parametrize(
    ("source", "iso"),
    [
        ("Biosci Rep. 2020 Mar 27;40(3):,", "2020-03-27"),
        ("Hum Immunol. 2001 Oct;62(10):1063", "2001-10"),
        ("Sample J. 2019 Jul-Aug;1:2", "2019-07"),
        ("Sample J. 2019;1:2001", "2019"),
        ("Sample J. 40(3):1", None),
    ],
)
def test_the_date_of_a_source(source: str, iso: str | None) -> None:
    assert source_date(source) == iso


@pytest.mark.parametrize(
    ("date", "expected"),
    [("2025-03-05", True), ("2025-03-03", False), ("2025-04", True), ("2024", False)],
)
def test_before_or_after_a_day(date: str, expected: bool) -> None:
    assert is_after(date, "2025-03-04") is expected


@pytest.mark.parametrize("date", ["2025-03-04", "2025-03", "2025", None])
def test_dates_that_cannot_tell(date: str | None) -> None:
    assert is_after(date, "2025-03-04") is None


def test_an_article_is_as_old_as_its_first_date() -> None:
    both = {"published": "2025-03", "published_online": "2024-12-20"}
    assert first_published(both) == "2024-12-20"
    assert first_published(dict.fromkeys(both)) is None
