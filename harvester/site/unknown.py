"""Values that a search asks for and that no article can have: a slip, of which people are told.

Facets are closed where we know all of their values: those of our rules, and those of the library's
searches. What MeSH headings or journals there are, only PubMed knows.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from harvester.site.catalogue import Catalogue
from harvester.site.facets import FACETS, Facet
from harvester.site.links import Link
from harvester.site.urls import Search, write

__all__ = ["Slip", "Unknown", "slips", "unknown_values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """`values` are those that the facet has; `meant` is the one that looks the same."""

    facet: Facet
    value: str
    values: tuple[str, ...]
    meant: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An unknown value on the page: `meant` is the search with the one that looks the same."""

    says: str
    meant: Link | None
    every: Link


def unknown_values(
    connection: sqlite3.Connection, catalogue: Catalogue, search: Search
) -> Iterator[Unknown]:
    """The chosen values that closed facets do not have, in the order of the address."""
    for name, value in search.chosen:
        facet = FACETS[name]
        # What an older rule found is in the library, whatever the rules are today.
        if value in catalogue.values.get(name, {}) or not (values := _values(connection, facet)):
            continue
        if value not in values:
            asked = value.casefold()
            alike = (v for v in values if asked in (v.casefold(), facet.say(v).casefold()))
            yield Unknown(facet=facet, value=value, values=values, meant=next(alike, None))


def slips(connection: sqlite3.Connection, catalogue: Catalogue, search: Search) -> tuple[Slip, ...]:
    """What the page says of values that there are not, so that none is passed over in silence."""
    found = []
    for unknown in unknown_values(connection, catalogue, search):
        facet, other = unknown.facet, search.toggled(unknown.facet.name, unknown.value)
        meant = None
        if unknown.meant:
            right = other if unknown.meant in other.values(facet.name) else None
            href = write(right or other.toggled(facet.name, unknown.meant))
            meant = Link(label=facet.say(unknown.meant), href=href)
        says = f"The filter {facet.label} has no value “{unknown.value}”: no article can match it."
        every = Link(label="All its values", href=write(other, f"{search.path}/{facet.name}"))
        found.append(Slip(says=says, meant=meant, every=every))
    return tuple(found)


def _values(connection: sqlite3.Connection, facet: Facet) -> tuple[str, ...]:
    if facet.labels is None:
        return facet.known
    return tuple(value for value, _ in map(tuple, connection.execute(facet.labels)))
