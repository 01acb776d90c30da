"""The groups of study designs, counted and drawn over the years."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harvester.evidence.design_groups import GROUPS, UNKNOWN, DesignGroup
from harvester.site.catalogue import Articles, Catalogue
from harvester.site.charts import Period, year_periods
from harvester.site.strips import year_strip

__all__ = ["Strip", "design_strips", "design_table", "parted"]

_YEARS = 30  # of a strip, the last of them the newest year


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One group over the years; `href` is None where no search finds just these articles."""

    kind: str
    name: str
    count: int
    href: str | None
    chart: Markup


Where = Callable[[DesignGroup, Period | None], str | None]


def parted(catalogue: Catalogue, articles: Articles) -> dict[DesignGroup, Articles]:
    """The articles by group, each in one; groups without any are left out."""
    found = {group: catalogue.having("design", group.designs) & articles for group in GROUPS}
    rest = articles
    for held in found.values():
        rest &= ~held
    found[UNKNOWN] = rest
    return {group: held for group, held in found.items() if held}


def design_strips(
    catalogue: Catalogue, found: Mapping[DesignGroup, Articles], where: Where
) -> tuple[Strip, ...]:
    """Small charts on one scale; `where(group, years)` is the search for them."""
    counts = {group: catalogue.count_years(held) for group, held in found.items()}
    years = [year for by_year in counts.values() for year in by_year]
    if not years:
        return ()
    span = (max(min(years), max(years) - _YEARS + 1), max(years))
    # One scale for all, or a few would look like many.
    top = max(n for by_year in counts.values() for year, n in by_year.items() if year >= span[0])
    return tuple(
        Strip(
            kind=group.kind,
            name=group.name,
            count=found[group].bit_count(),
            href=where(group, None),
            chart=year_strip(by_year, kind=group.kind, name=group.name, span=span, top=top),
        )
        for group, by_year in counts.items()
    )


def design_table(
    catalogue: Catalogue, found: Mapping[DesignGroup, Articles], where: Where
) -> Markup:
    """The same numbers, in periods; each is a link to its articles."""
    counts = {group: catalogue.count_years(held) for group, held in found.items()}
    years = [year for by_year in counts.values() for year in by_year]
    if not years:
        return Markup("")
    periods = year_periods(min(years), max(years))
    heads = [period.label for period in periods]
    head = Markup("").join(
        Markup('<th scope="col" class="number">{}</th>').format(name) for name in (*heads, "All")
    )
    rows = []
    for group, by_year in counts.items():
        cells = [(period.label, period.of(by_year), where(group, period)) for period in periods]
        cells.append(("All", found[group].bit_count(), where(group, None)))
        rows.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(group.name, _cells(cells)))
    return Markup(
        '<table class="stack"><thead><tr><th scope="col">Design</th>{}</tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(head, Markup("").join(rows))


def _cells(cells: Sequence[tuple[str, int, str | None]]) -> Markup:
    return Markup("").join(
        Markup('<td class="number" data-label="{}">{}</td>').format(
            label,
            Markup('<a href="{}">{:,}</a>').format(href, count)
            if href and count
            else Markup("{:,}").format(count),
        )
        for label, count, href in cells
    )
