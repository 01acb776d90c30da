"""Charts: the same numbers in the bars, their names, their links and the table."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from harvester.site.charts import (
    Period,
    Series,
    stacked_histogram,
    year_histogram,
    year_periods,
    year_table,
)

years = st.dictionaries(st.integers(1850, 2030), st.integers(1, 5000), min_size=1, max_size=60)


def href(first: int, last: int) -> str:
    return f"/search?from={first}&to={last}"


def drawings(html: Markup) -> tuple[ElementTree.Element, ElementTree.Element]:
    """The chart by year and the one in periods."""
    each, some = ElementTree.fromstring(f"<x>{html}</x>")  # noqa: S314 (our own)
    assert (each.get("class"), some.get("class")) == ("each-year", "periods")
    return each[0], some[0]


def percent(text: str | None) -> float:
    assert text is not None
    return float(text.removesuffix("%"))


@given(counts=years)
def test_bars_count_every_article_once(counts: dict[int, int]) -> None:
    for svg in drawings(year_histogram(counts, href=href)):
        links = svg.findall("a")
        told = [
            re.fullmatch(r"([\d to]+): ([\d,]+) articles?", a.get("aria-label", "")) for a in links
        ]
        assert sum(int(m.group(2).replace(",", "")) for m in told if m) == sum(counts.values())
        for link, match in zip(links, told, strict=True):
            assert match
            first, _, last = match.group(1).partition(" to ")
            assert link.get("href") == href(int(first), int(last or first))
            assert link.findtext("title") == link.get("aria-label")


@given(counts=years)
def test_bars_stay_inside_and_targets_are_wide(counts: dict[int, int]) -> None:
    each, some = drawings(year_histogram(counts, href=href))
    assert len(each.findall("a")) <= 28
    assert len(some.findall("a")) <= 5
    for svg in (each, some):
        for rect in svg.iter("rect"):
            assert percent(rect.get("x")) + percent(rect.get("width")) <= 100.01
            assert float(rect.get("y", "-1")) >= 0
            assert 0 < float(rect.get("height", "0")) <= float(svg.get("height", "0"))


@given(first=st.integers(1800, 2030), span=st.integers(0, 200))
def test_periods_cover_each_year_once(first: int, span: int) -> None:
    periods = year_periods(first, first + span)
    covered = [year for p in periods for year in range(p.first, p.last + 1)]
    assert covered == list(range(first, first + span + 1))
    assert len(periods) <= 5


def test_a_year_without_articles_is_a_gap() -> None:
    each, _ = drawings(year_histogram({2001: 4, 2004: 2}, href=href))
    assert [a.get("aria-label") for a in each.findall("a")] == [
        "2001: 4 articles",
        "2004: 2 articles",
    ]
    bars = [r for r in each.iter("rect") if r.get("class") == "bar"]
    assert percent(bars[1].get("x")) > 75


def test_bars_outside_the_chosen_years_are_marked() -> None:
    each, _ = drawings(year_histogram({2001: 4, 2002: 2}, href=href, chosen=(2002, None)))
    states = [r.get("class") for r in each.iter("rect") if r.get("class") != "hit"]
    assert states == ["bar outside", "bar"]


def test_old_years_share_one_bar_that_does_not_flatten_the_others() -> None:
    counts = dict.fromkeys(range(1990, 2027), 10) | {1900: 500}
    each, _ = drawings(year_histogram(counts, href=href))
    first, second = each.findall("a")[:2]
    assert first.get("aria-label") == "1900 to 1999: 600 articles"
    height = {r.get("class"): float(r.get("height", "0")) for r in second.iter("rect")}
    assert height["bar"] > height["hit"] * 0.8


def test_layers_add_up_and_are_told_apart() -> None:
    series = (
        Series(kind="review", label="Reviews", counts={2020: 3}),
        Series(kind="other", label="Others", counts={2020: 1, 2021: 2}),
    )
    each, _ = drawings(stacked_histogram(series, href=href))
    assert [a.get("aria-label") for a in each.findall("a")] == [
        "2020: 4 articles",
        "2021: 2 articles",
    ]
    kinds = [r.get("data-kind") for r in each.iter("rect") if r.get("data-kind")]
    assert kinds == ["review", "other", "other"]
    table = ElementTree.fromstring(str(year_table(series, href=href)))  # noqa: S314 (our own)
    rows = [[("".join(cell.itertext())) for cell in row] for row in table.iter("tr")]
    assert rows == [
        ["Year", "Reviews", "Others", "All"],
        ["2021", "0", "2", "2"],
        ["2020", "3", "1", "4"],
    ]


def test_nothing_from_outside_gets_into_the_drawing() -> None:
    html = year_histogram({2020: 1}, href=lambda *_: '"><script>')
    table = year_table([Series(kind="", label="<b>", counts={2020: 1})], href=lambda *_: '"><b>')
    assert "<script" not in html + table
    assert "<b>" not in table
    assert "style" not in html


def test_no_articles_no_chart() -> None:
    assert year_histogram({}, href=href) == ""
    assert stacked_histogram([Series(kind="x", label="x", counts={})], href=href) == ""


def test_names_of_periods() -> None:
    assert Period(first=2019, last=2019).label == "2019"
    assert Period(first=2015, last=2019).label == "2015–19"
    assert Period(first=1865, last=2009, open=True).label == "to 2009"
    assert Period(first=1865, last=2009, open=True).name == "1865 to 2009"
