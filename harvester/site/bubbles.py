"""Counts as circles in a table: the ring is all articles, the disc randomised trials."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from harvester.site.catalogue import Articles
from harvester.site.urls import Search, write

__all__ = ["Cell", "Head", "Key", "Row", "cell", "head", "legend"]

_LARGEST = 26.0  # radius of the largest circle, px
_SMALLEST = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`radius` and `inner` are those of the ring and of the disc, in px; 0 for none."""

    column: str
    label: str
    count: int
    randomised: int
    href: str
    radius: str
    inner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A row or a column with all its articles."""

    label: str
    count: int
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    head: Head
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An entry of the legend."""

    text: str
    radius: str
    inner: str = "0"


def head(label: str, articles: Articles, search: Search) -> Head:
    """The search must find these articles."""
    return Head(label=label, count=articles.bit_count(), href=write(search))


def cell(*, row: str, column: str, counts: tuple[int, int], search: Search, largest: int) -> Cell:
    """`counts` are all articles and the randomised trials among them; `largest` sets the scale."""
    count, randomised = counts
    articles = f"{count:,} {'article' if count == 1 else 'articles'}"
    trials = f"{randomised:,} {'RCT' if randomised == 1 else 'RCTs'}" if randomised else "no RCT"
    return Cell(
        column=column,
        label=f"{row}, {column}: {articles}, {trials}",
        count=count,
        randomised=randomised,
        href=write(search),
        radius=_radius(count, largest),
        inner=_radius(randomised, largest),
    )


def _radius(count: int, largest: int) -> str:
    """Areas are in proportion; what is there is never too small to be seen."""
    if not count:
        return "0"
    return f"{max(_SMALLEST, _LARGEST * sqrt(count / largest)):.2f}"


def legend(largest: int) -> Iterator[Key]:
    """Circles of round numbers that the map has room for."""
    step = 1
    while 10 * step <= largest:
        step *= 10
    for number in dict.fromkeys((max(1, step // 10), step)):
        articles = "article" if number == 1 else "articles"
        yield Key(text=f"{number:,} {articles}", radius=_radius(number, largest or 1))
    if step > 1:
        yield Key(
            text=f"{step:,} articles, {step * 2 // 5:,} of them RCTs",
            radius=_radius(step, largest),
            inner=_radius(step * 2 // 5, largest),
        )
