"""What a record is about, in the words of NLM's indexers and of its authors."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from harvester.site.dates import long_date
from harvester.site.links import Link, mesh_path, phrase, search_path, substance_path
from harvester.site.markup import clean, inline
from harvester.site.record import Record, Row

__all__ = ["Heading", "Keywords", "Term", "headings", "indexed", "keywords", "substances"]

_METHODS = {"Automated": "by NLM’s program", "Curated": "by NLM’s program, checked by a person"}
# Keyword lists by Owner (NLM, MEDLINE/PubMed Data Element Descriptions).
_OWNERS = {
    "NOTNLM": "Keywords of the authors",
    "NLM": "Keywords of NLM",
    "NASA": "Keywords of NASA",
    "PIP": "Keywords of the Population Information Program",
    "KIE": "Keywords of the Kennedy Institute of Ethics",
    "HHS": "Keywords of the US Department of Health and Human Services",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A heading, qualifier, substance or keyword; `main` is NLM's star: a main point."""

    link: Link
    main: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A MeSH heading with its qualifiers; it is a main point if any part of it has the star."""

    term: Term
    qualifiers: tuple[Term, ...]

    @property
    def main(self) -> bool:
        return self.term.main or any(qualifier.main for qualifier in self.qualifiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keywords:
    """The keywords of one maker; `label` names it."""

    label: str
    terms: tuple[Term, ...]


def headings(record: Record) -> Iterator[Heading]:
    """MeSH headings in PubMed's order, each leading to its articles, alone or as qualified."""
    for row in record.mesh:
        key = row["ui"] or row["name"]
        supplementary = "supplementary concept" if row["kind"] == "supplementary" else ""
        yield Heading(
            term=Term(
                link=Link(label=clean(row["name"]), href=mesh_path(key)),
                main=bool(row["descriptor_major"]),
                note=supplementary,
            ),
            qualifiers=tuple(_qualifiers(row)),
        )


def _qualifiers(row: Row) -> Iterator[Term]:
    names, uis = ((row[key] or "").split("; ") for key in ("qualifiers", "qualifier_uis"))
    for name, ui in zip_longest(names, uis, fillvalue=""):
        if name:
            key = row["ui"] + ui if row["ui"] and ui else row["ui"] or row["name"]
            label = clean(name.removesuffix("*"))
            yield Term(link=Link(label=label, href=mesh_path(key)), main=name.endswith("*"))


def indexed(article: Row) -> str:
    """Who assigned the headings, and when; or why there are none."""
    if not article["mesh"]:
        return "NLM has assigned no MeSH headings. It does so months after publication, or never."
    how = _METHODS.get(article["indexing_method"] or "", "by NLM")
    since = f" on {long_date(article['mesh_date'])}" if article["mesh_date"] else ""
    return f"Assigned {how}{since}."


def substances(record: Record) -> Iterator[Term]:
    """Substances with their registry numbers."""
    for row in record.substances:
        path = substance_path(row["ui"] or row["name"])
        yield Term(
            link=Link(label=clean(row["name"]), href=path), note=_registered(row["registry_number"])
        )


def _registered(number: str | None) -> str:
    """The number with its registry: CAS, Enzyme Commission, or FDA's UNII."""
    if not number or number == "0":
        return ""
    if number.startswith("EC "):
        return clean(number)
    return clean(f"{'CAS' if '-' in number else 'UNII'} {number}")


def keywords(record: Record) -> tuple[Keywords, ...]:
    """Keywords by their makers, in PubMed's order."""
    lists: dict[str, list[Term]] = {}
    for row in record.keywords:
        text = row["keyword"]
        link = Link(label=inline(text, row["markup"]), href=search_path(phrase(text)))
        owner = row["owner"] or "NOTNLM"
        # Publishers give every keyword the star, or none: only that of indexers says something.
        main = bool(row["major"]) and owner != "NOTNLM"
        lists.setdefault(owner, []).append(Term(link=link, main=main))
    return tuple(
        Keywords(label=_OWNERS.get(owner) or clean(f"Keywords ({owner})"), terms=tuple(terms))
        for owner, terms in lists.items()
    )
