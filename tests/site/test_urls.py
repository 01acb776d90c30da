"""The address is the whole state, and no address is wrong."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.site.facets import FACETS
from harvester.site.measures import MEASURES
from harvester.site.urls import SORTS, Search, pairs, read, toggling, write, years_of

values = st.text(min_size=1, max_size=40).map(str.strip).filter(bool)
years = st.none() | st.integers(0, 9999)
searches = st.builds(
    lambda q, chosen, limits, sort, page, exact: read(
        write(Search(q=q, exact=exact, first=limits[0], last=limits[1], page=page)).partition("?")[
            2
        ]
        + "".join(f"&{name}={value}" for name, value in chosen)
        + (f"&sort={sort}" if sort else "")
    ),
    st.text(max_size=40),
    st.lists(st.tuples(st.sampled_from(list(FACETS)), st.text("ab é", max_size=4)), max_size=6),
    st.tuples(years, years),
    st.none() | st.sampled_from([*SORTS, "nonsense"]),
    st.integers(1, 200_000),
    st.booleans(),
)


def query(address: str) -> str:
    return address.partition("?")[2]


@given(
    q=values,
    chosen=st.lists(st.tuples(st.sampled_from(list(FACETS)), values), max_size=8, unique=True),
    first=years,
)
def test_what_is_written_is_read(q: str, chosen: list[tuple[str, str]], first: int | None) -> None:
    search = Search(q=q, first=first)
    for facet, value in chosen:
        search = search.toggled(facet, value)
    assert read(query(write(search))) == search
    assert read(query(write(search.at(3)))) == search.at(3)
    assert set(search.chosen) == set(chosen)


@given(searches)
def test_reading_and_writing_again_changes_nothing(search: Search) -> None:
    again = read(query(write(search)))
    assert again == search
    assert write(again) == write(search)


@given(st.text(), st.binary(max_size=60))
def test_any_query_string_is_a_search(text: str, raw: bytes) -> None:
    for query_string in (text, raw.decode("latin-1"), f"q={text}&page={text}&from={text}"):
        search = read(query_string)
        assert read(query(write(search))) == search


@given(searches, st.sampled_from(list(FACETS)), values)
def test_addresses_that_share_much_are_those_written_one_by_one(
    search: Search, facet: str, value: str
) -> None:
    assert toggling(search, facet)(value) == write(search.toggled(facet, value))
    for name, held in search.chosen:
        assert toggling(search, name)(held) == write(search.toggled(name, held))
    assert years_of(search)(1999, 2026) == write(search.years(1999, 2026))


def test_a_value_is_chosen_and_taken_back() -> None:
    search = Search(q="x", page=4).toggled("mesh", "Humans")
    assert write(search) == "/search?q=x&mesh=Humans"
    assert search.toggled("mesh", "Humans") == Search(q="x")
    both = search.toggled("type", "Review").toggled("mesh", "Mice")
    assert both.values("mesh") == ("Humans", "Mice")
    assert both.without("mesh").chosen == (("type", "Review"),)
    assert both.words_only() == Search(q="x")
    exact = both.with_synonyms(False).years(2001, None)
    assert exact.words_only() == exact.bare() == Search(q="x", exact=True)
    assert exact.toggled("mesh", "Mice").exact
    assert exact.at(2).with_synonyms(True) == both.years(2001, None)


@pytest.mark.parametrize(
    ("query_string", "written"),
    [
        ("unknown=1&q=a", "/search?q=a"),
        ("sort=nonsense", "/search"),
        ("sort=newest", "/search"),
        ("q=a&sort=newest", "/search?q=a&sort=newest"),
        ("q=a&sort=relevance", "/search?q=a"),
        ("q=a&sort=cited", "/search?q=a&sort=cited"),
        ("q=a&exact=1&mesh=b", "/search?q=a&exact=1&mesh=b"),
        ("exact=1", "/search"),
        ("q=a&exact=yes", "/search?q=a"),
        ("page=0", "/search"),
        ("page=-3", "/search"),
        ("page=99999999999999999999", "/search"),
        ("page=2&page=5", "/search?page=2"),
        ("from=abc&to=", "/search"),
        ("from=2024&to=2020", "/search?from=2020&to=2024"),
        ("from=20245", "/search"),
        ("mesh=&mesh=a&mesh=a", "/search?mesh=a"),
        ("n_from=100", "/search?n_from=100"),
        ("n_from=100&n_to=20&from=2001", "/search?from=2001&n_from=20&n_to=100"),
        ("n_from=-1&n_to=1e9", "/search"),
        ("n_to=99999999999", "/search"),
        ("n_from=0", "/search?n_from=0"),
        ("dose_from=.5&dose_to=0,75", "/search?dose_to=0.75"),
        ("dose_to=0.504&dose_from=0.5000", "/search?dose_from=0.5&dose_to=0.5"),
        ("minutes_from=40&n_from=7", "/search?n_from=7&minutes_from=40"),
        ("dose_from=%00&dose_to=٣", "/search"),
        ("q=%00%FF", "/search?q=%00%EF%BF%BD"),
    ],
)
def test_what_makes_no_sense_is_passed_over(query_string: str, written: str) -> None:
    assert write(read(query_string)) == written


@given(
    st.sampled_from(list(MEASURES)),
    st.none() | st.integers(0, 10**6),
    st.none() | st.integers(0, 10**6),
)
def test_a_range_is_written_and_read(name: str, low: int | None, high: int | None) -> None:
    search = Search(q="x", page=3).between(name, low, high)
    again = read(query(write(search)))
    ends = [end for end in (low, high) if end is not None]
    turned = (min(ends), max(ends)) if len(ends) == 2 else (low, high)
    assert again.range_of(name) == turned
    assert again.filtered == bool(ends)
    assert again.between(name, None, None) == Search(q="x")


def test_parameters_have_one_order_and_an_end() -> None:
    search = read("page=2&to=2020&mesh=b&drug=a&q=x&sort=oldest&from=2001")
    names = [name for name, _ in parse_qsl(query(write(search)))]
    assert names == ["q", "drug", "mesh", "from", "to", "sort", "page"]
    assert len(read("&".join(f"mesh={n}" for n in range(1000))).chosen) == 50
    assert len(read("q=" + "x" * 10_000).q) == 2_000
    assert pairs(Search()) == []
