"""Authors, editors and study groups of a record, as the page shows them."""

import json
from dataclasses import dataclass

from harvester.site.links import Link, author_path, orcid_url
from harvester.site.markup import clean
from harvester.site.record import Record, Row

__all__ = ["Group", "Person", "authors", "editors", "groups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`name` as PubMed prints it, `full_name` as the person does; a group has one name."""

    name: str
    full_name: str
    href: str
    orcid: Link | None = None
    affiliations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A study group and those of its members that PubMed names: `count`, not all may be shown."""

    name: str
    count: int
    members: tuple[Person, ...]


def authors(record: Record) -> tuple[Person, ...]:
    """Authors in order, without forms of a name that an erratum has replaced."""
    return tuple(_person(a) for a in record.authors if a["role"] != "editor" and a["valid"])


def editors(record: Record) -> tuple[Person, ...]:
    """Editors of the book."""
    return tuple(_person(a) for a in record.authors if a["role"] == "editor" and a["valid"])


def groups(record: Record, *, most: int | None = None) -> tuple[Group, ...]:
    """Members by list, each under the name of its group where PubMed says which."""
    names = [clean(a["name"]) for a in record.authors if a["collective"]]
    lists: dict[str, list[Person]] = {}
    for member in record.investigators:
        if member["valid"]:
            lists.setdefault(member["list_id"] or "", []).append(_person(member))
    return tuple(
        Group(
            name=_group_name(key, names, only=len(lists) == 1),
            count=len(members),
            members=tuple(members[:most]),
        )
        for key, members in lists.items()
    )


def _group_name(key: str, names: list[str], *, only: bool) -> str:
    if key.isdigit() and 1 <= int(key) <= len(names):
        return names[int(key) - 1]
    return names[0] if only and len(names) == 1 else "Study group"


def _person(row: Row) -> Person:
    name = clean(row["name"])
    parts = (row["fore_name"] or row["initials"], row["last_name"], row["suffix"])
    notes = []
    if row.get("equal_contribution"):
        notes.append("contributed equally")
    identifiers = json.loads(row.get("identifiers") or "[]")
    notes.extend(f"{source} {value}" for source, value in identifiers if source != "ORCID")
    orcid = row["orcid"]
    return Person(
        name=name,
        full_name=clean(" ".join(part for part in parts if part)) or name,
        href=author_path(row["name"]),
        orcid=Link(label=clean(orcid), href=orcid_url(orcid), external=True) if orcid else None,
        affiliations=tuple(clean(row["affiliation"]).split("\n")) if row["affiliation"] else (),
        notes=tuple(clean(note) for note in notes),
    )
