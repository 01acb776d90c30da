"""What the pages of authors, journals, headings and substances have in common.

A place is a set of articles with a name and an address that stays: what is said about it comes
first, then the articles, with the filters of a search (`listing`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harvester.site.catalogue import Articles, Catalogue
from harvester.site.facets import FACETS
from harvester.site.links import Link
from harvester.site.publication import telling_type
from harvester.site.urls import Search, write

__all__ = [
    "CHECK_TAGS",
    "Item",
    "Place",
    "Row",
    "Unknown",
    "exact_search",
    "frequent",
    "kinds",
    "many",
    "row",
    "topics",
]

_SHOWN = 10
# What NLM's indexers look for in every record ("check tags"): who was studied, not what about.
CHECK_TAGS = frozenset(
    (
        *("Humans", "Animals", "Male", "Female", "Pregnancy"),
        *("Infant, Newborn", "Infant", "Child, Preschool", "Child", "Adolescent"),
        *("Young Adult", "Adult", "Middle Aged", "Aged", "Aged, 80 and over"),
        *("Mice", "Rats", "Rabbits", "Dogs", "Cats", "Cattle", "Cricetinae", "Guinea Pigs"),
        *("Chick Embryo", "History, 20th Century", "History, 21st Century"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something said of a place; what `href` leads to has `count` articles."""

    text: str
    href: str | None = None
    external: bool = False
    count: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Items of one kind; those `folded` are shown on demand. `lines`: each is a line of its own."""

    label: str
    items: tuple[Item, ...]
    folded: tuple[Item, ...] = ()
    lines: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`kind`, `noun` and `mark` say what it is, `notes` what to know before counting on it.

    `same` is the search that should find the same articles; it may find more.
    """

    kind: str
    noun: str
    mark: str
    title: str
    articles: Articles
    notes: tuple[str, ...]
    rows: tuple[Row, ...]
    actions: tuple[Link, ...]
    same: Search | None = None
    index: bool = True


class Unknown(LookupError):
    """The library has no article there; `words` may find what was meant."""

    def __init__(self, title: str, words: str) -> None:
        super().__init__(title)
        self.title = title
        self.words = words


def row(label: str, items: Iterable[Item], *, shown: int = _SHOWN, lines: bool = False) -> Row:
    """A row that unfolds when there are many more items than are shown; one more is shown too."""
    every = tuple(items)
    cut = shown if len(every) > shown + 1 else len(every)
    return Row(label=label, items=every[:cut], folded=every[cut:], lines=lines)


def many(count: int, one: str, several: str) -> str:
    """`1 article`, `1,234 articles`."""
    return f"{count:,} {one if count == 1 else several}"


def frequent(
    catalogue: Catalogue,
    facet: str,
    articles: Articles,
    path: str,
    *,
    skip: frozenset[str] = frozenset(),
    most: int = _SHOWN,
) -> Iterator[Item]:
    """The values that most of the articles have, each a link to those of them that have it.

    A value of one article says nothing about several, and one article needs no summary.
    """
    held = articles.bit_count()
    if held == 1:
        return
    counts = catalogue.counts(facet, articles)
    labels = catalogue.labels[facet]
    least = 1 if held == 2 else 2
    shown = (v for v, count in counts.items() if count >= least and v not in skip)
    order = sorted(shown, key=lambda v: (-counts[v], v))
    for value in order[:most]:
        yield Item(
            text=labels.get(value) or FACETS[facet].say(value),
            href=write(Search(path=path).toggled(facet, value)),
            count=counts[value],
        )


def topics(
    catalogue: Catalogue,
    articles: Articles,
    path: str,
    *,
    label: str = "About (MeSH)",
    skip: frozenset[str] = frozenset(),
) -> Row:
    """The headings that most of the articles have, without check tags."""
    items = frequent(catalogue, "mesh", articles, path, skip=CHECK_TAGS | skip)
    return Row(label=label, items=tuple(items))


def kinds(catalogue: Catalogue, articles: Articles, path: str) -> Row:
    """The publication types that say something about an article, with their numbers."""
    silent = frozenset(v for v in catalogue.values.get("type", ()) if telling_type((v,)) is None)
    items = frequent(catalogue, "type", articles, path, skip=silent)
    return Row(label="Kinds", items=tuple(items))


def exact_search(catalogue: Catalogue, facet: str, value: str, articles: Articles) -> Link | None:
    """The search that finds these articles and no other, if the facet's value does."""
    if catalogue.having(facet, [value]) != articles:
        return None
    return Link(label="Search with words among these", href=write(Search().toggled(facet, value)))
