"""The gap map: two facets against each other, each cell a search, and empty cells shown as gaps.

Counted from the sets of the catalogue. The base, which all cells share, is part of every search
behind a cell, so that a count is always the number of articles on the page that it leads to.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from harvester.evidence.rules import load_facets
from harvester.site.bubbles import Head, Key, Row, cell, head, legend
from harvester.site.cache import Cache
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.facets import FACETS
from harvester.site.links import Link
from harvester.site.urls import Search
from harvester.site.urls import read as read_search

__all__ = [
    "AXES",
    "BASE",
    "MAPS",
    "Axis",
    "GapMap",
    "MapAddress",
    "load_map",
    "read_map",
    "write_map",
]

_COLUMNS = 9  # that fit beside each other on a page
_ROWS = 12
_RESEARCH = ("record", "research")
_RETRACTED = ("record", "retracted")
_GONE = ("record", "withdrawn")
_PEOPLE = ("population", "human")
_NEAR = (("relevance", "core"), ("relevance", "related"))
_RANDOMISED = ("design", "rct")
# Research on ketamine for depression, or close to it, in people; retracted articles are left out,
# and those that PubMed has no more.
BASE = Search()
for _pair in (*_NEAR, _PEOPLE, _RESEARCH):
    BASE = BASE.toggled(*_pair)

Value = tuple[str, str]  # facet and value


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What rows or columns can be: facets, or the named values of them.

    `first` values are shown where not all fit, however few articles have them: gaps among these
    are what people look for.
    """

    name: str
    label: str
    facets: Mapping[str, tuple[str, ...] | None]
    first: tuple[str, ...] = ()


AXES: Mapping[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis(
            name="condition",
            label="Condition",
            facets={"condition": None},
            first=(
                *("trd", "mdd", "bipolar_depression", "depression", "suicidality"),
                *("postpartum_depression", "perioperative_depression"),
                *("anxiety", "ptsd", "ocd", "sud", "eating_disorder"),
            ),
        ),
        Axis(name="population", label="Population", facets={"population": None}),
        Axis(name="drug", label="Drug", facets={"drug": None}),
        Axis(name="route", label="Route", facets={"route": None}),
        Axis(name="schedule", label="Schedule", facets={"schedule": None}),
        Axis(name="comparator", label="Comparator", facets={"comparator": None}),
        Axis(
            name="outcome",
            label="Outcomes and harms",
            facets={"outcome": ("response", "remission", "relapse"), "safety": None},
            first=(
                *("response", "remission", "relapse"),
                *("dissociation", "psychotomimetic", "blood_pressure"),
                *("urinary", "cognition", "abuse_dependence"),
            ),
        ),
        Axis(name="scale", label="Rating scale", facets={"scale": None}),
        Axis(name="mechanism", label="Mechanism", facets={"mechanism": None}),
    )
}
# Rows and columns that belong together, in words; the first is shown when nothing is asked for.
MAPS = (
    ("condition", "outcome", "Conditions and harms"),
    ("condition", "scale", "Conditions and rating scales"),
    ("condition", "route", "Conditions and routes"),
    ("comparator", "condition", "Comparators and conditions"),
    ("mechanism", "population", "Mechanisms and populations"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapAddress:
    """The state of the page: names of axes, years, whether retracted articles are counted."""

    rows: str = MAPS[0][0]
    columns: str = MAPS[0][1]
    first: int | None = None
    last: int | None = None
    retracted: bool = False
    all: bool = False


def read_map(query_string: str) -> MapAddress:
    """Read any query string; what makes no sense is passed over."""
    years = read_search(query_string)  # which also knows how many parameters are too many
    given = dict(reversed(parse_qsl(query_string[:2_000])))
    rows = given.get("rows", "")
    rows = rows if rows in AXES else MAPS[0][0]
    columns = given.get("columns", "")
    if columns not in AXES or columns == rows:
        # The usual partner of these rows.
        pairs = [{a, b} - {rows} for a, b, _ in MAPS if rows in (a, b)]
        columns = min(pairs[0]) if pairs else MAPS[0][0]
    return MapAddress(
        rows=rows,
        columns=columns,
        first=years.first,
        last=years.last,
        retracted=given.get("retracted") == "1",
        all=given.get("all") == "1",
    )


def write_map(address: MapAddress) -> str:
    """The address of the page; what is as usual is left out."""
    usual = MapAddress()
    pairs = [("rows", address.rows), ("columns", address.columns)]
    if (address.rows, address.columns) == (usual.rows, usual.columns):
        pairs = []
    pairs += [
        (name, str(year))
        for name, year in (("from", address.first), ("to", address.last))
        if year is not None
    ]
    pairs += [("retracted", "1")] if address.retracted else []
    pairs += [("all", "1")] if address.all else []
    return f"/map?{urlencode(pairs)}" if pairs else "/map"


@dataclass(frozen=True, slots=True, kw_only=True)
class GapMap:
    """`base` leads to all articles that are counted, `retracted` to those that are only counted if
    asked for, `gone` to those that PubMed has no more.

    `absent` are values that none of them has. `hidden` rows and columns are shown by `everything`.
    """

    address: MapAddress
    rows: Axis
    columns: Axis
    maps: tuple[tuple[Link, bool], ...]
    base: Head
    people_only: bool
    retracted: Head | None
    gone: Head | None
    other_way: str
    turned: str
    columns_shown: tuple[Head, ...]
    hidden: tuple[tuple[str, tuple[Head, ...]], ...]
    everything: str
    table: tuple[Row, ...]
    gaps: int
    absent: tuple[tuple[str, tuple[Head, ...]], ...]
    legend: tuple[Key, ...]


def load_map(connection: sqlite3.Connection, cache: Cache, address: MapAddress) -> GapMap:
    """The map for the address, from the catalogue that the cache holds."""
    catalogue = cache.held
    rows, columns = AXES[address.rows], AXES[address.columns]
    base = _base(address, rows, columns)
    counted = cache.articles(connection, base)
    row_values = _values(catalogue, rows, counted)
    column_values = _values(catalogue, columns, counted)
    down = _shown(rows, row_values, None if address.all else _ROWS)
    across = _shown(columns, column_values, None if address.all else _COLUMNS)
    randomised = catalogue.having(*_one(_RANDOMISED))
    counts = {
        (row, column): (
            (both := row_values[row] & column_values[column]).bit_count(),
            (both & randomised).bit_count(),
        )
        for row in down
        for column in across
    }
    largest = max((count for count, _ in counts.values()), default=0)
    return GapMap(
        address=address,
        rows=rows,
        columns=columns,
        maps=tuple(_maps(address)),
        base=head("articles", counted, base),
        people_only=_PEOPLE in base.chosen,
        retracted=_left_out(connection, cache, base, _RETRACTED),
        gone=_left_out(connection, cache, base, _GONE),
        other_way=write_map(replace(address, retracted=not address.retracted)),
        turned=write_map(replace(address, rows=address.columns, columns=address.rows)),
        columns_shown=tuple(_heads(catalogue, across, column_values, base)),
        hidden=tuple(
            (what, tuple(_heads(catalogue, left, values, base)))
            for what, values, shown in (
                ("rows", row_values, down),
                ("columns", column_values, across),
            )
            if (left := [value for value in values if values[value] and value not in shown])
        ),
        everything=write_map(replace(address, all=True)),
        table=tuple(
            Row(
                head=of_row,
                cells=tuple(
                    cell(
                        row=of_row.label,
                        column=_label(catalogue, column),
                        counts=counts[row, column],
                        search=base.toggled(*row).toggled(*column),
                        largest=largest,
                    )
                    for column in across
                ),
            )
            for row, of_row in zip(down, _heads(catalogue, down, row_values, base), strict=True)
        ),
        gaps=sum(not count for count, _ in counts.values()),
        absent=tuple(
            (axis.label, tuple(_elsewhere(catalogue, values)))
            for axis, values in ((rows, row_values), (columns, column_values))
            if not all(values.values())
        ),
        legend=tuple(legend(largest)),
    )


def _base(address: MapAddress, rows: Axis, columns: Axis) -> Search:
    """What all cells share; nothing of a facet that is an axis, as its values are alternatives."""
    chosen = [*_NEAR, _PEOPLE, _RESEARCH]
    chosen += [_RETRACTED] if address.retracted else []
    search = Search(first=address.first, last=address.last)
    for facet, value in chosen:
        if facet not in rows.facets and facet not in columns.facets:
            search = search.toggled(facet, value)
    return search


def _left_out(
    connection: sqlite3.Connection, cache: Cache, base: Search, kind: Value
) -> Head | None:
    """The same of this kind of record alone; None when there is none."""
    asked = base.without(kind[0]).toggled(*kind)
    found = cache.articles(connection, asked)
    return head(kind[1], found, asked) if found else None


def _one(value: Value) -> tuple[str, tuple[str]]:
    return value[0], (value[1],)


def _values(catalogue: Catalogue, axis: Axis, counted: Articles) -> dict[Value, Articles]:
    """The values of an axis with their articles: in the order of the rules, then what else is."""
    found: dict[Value, Articles] = {}
    for facet, only in axis.facets.items():
        rules = load_facets().get(facet)
        known = only or (tuple(rules.rules) if rules else ())
        held = () if only else sorted(catalogue.values.get(facet, ()))
        for value in dict.fromkeys((*known, *held)):
            found[facet, value] = catalogue.having(facet, (value,)) & counted
    return found


def _shown(axis: Axis, values: Mapping[Value, Articles], most: int | None) -> list[Value]:
    """Those that some article has; when there are too many, the `first` and the largest."""
    held = [value for value in values if values[value]]
    wanted = sorted(held, key=lambda v: (v[1] not in axis.first, -values[v].bit_count()))
    kept = set(wanted[:most])
    return [value for value in held if value in kept]


def _label(catalogue: Catalogue, value: Value) -> str:
    facet, name = value
    return catalogue.labels.get(facet, {}).get(name) or FACETS[facet].say(name)


def _heads(
    catalogue: Catalogue, values: Sequence[Value], held: Mapping[Value, Articles], base: Search
) -> Iterator[Head]:
    for value in values:
        yield head(_label(catalogue, value), held[value], base.toggled(*value))


def _elsewhere(catalogue: Catalogue, values: Mapping[Value, Articles]) -> Iterator[Head]:
    """Values that none of the counted articles has, with what the whole library has of them."""
    for value, held in values.items():
        if not held:
            everywhere = catalogue.having(*_one(value))
            yield head(_label(catalogue, value), everywhere, Search().toggled(*value))


def _maps(address: MapAddress) -> Iterator[tuple[Link, bool]]:
    for rows, columns, label in MAPS:
        href = write_map(replace(address, rows=rows, columns=columns, all=False))
        yield Link(label=label, href=href), (rows, columns) == (address.rows, address.columns)
