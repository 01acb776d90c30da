"""Charts as SVG made on the server, each with the same numbers as a table beside it.

The SVG has no viewBox: `x` and `width` are percentages, `y` and `height` pixels. So bars stretch
with the page and letters keep their size. No style, no script: colours come from the stylesheet.
Each chart is made twice, by year and in periods; the stylesheet shows the one whose bars are wide
enough to be hit with a finger (24 px).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

__all__ = ["Period", "Series", "stacked_histogram", "year_histogram", "year_periods", "year_table"]

Href = Callable[[int, int], str]

_YEARS = 28  # bars of the wide chart: 24 px each in 42rem
_PERIODS = 5  # bars of the narrow chart: their names stay apart in 288 px
_GAP = 0.18  # of a bar's column
_TOP = 18  # px above the bars, for the scale
_FOOT = 20  # px below the axis, for the years


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The years of one bar. `open` periods hold all that is older than the other bars."""

    first: int
    last: int
    open: bool = False

    @property
    def label(self) -> str:
        """The name below the axis, short."""
        if self.open:
            return f"to {self.last}"
        if self.first == self.last:
            return str(self.first)
        return f"{self.first}–{self.last % 100:02d}"

    @property
    def name(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"

    def of(self, counts: Mapping[int, int]) -> int:
        """How many of the counted things lie in this period."""
        return sum(n for year, n in counts.items() if self.first <= year <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One layer of a stacked chart; `kind` sets its colour (`data-kind` in the stylesheet)."""

    kind: str
    label: str
    counts: Mapping[int, int]


def year_histogram(
    counts: Mapping[int, int],
    *,
    href: Href,
    chosen: tuple[int | None, int | None] = (None, None),
) -> Markup:
    """Articles by year as linked bars; years without articles are gaps.

    `counts` is year to number, `href(first, last)` the page behind a bar. Bars outside `chosen`
    (from, to) are drawn as such.
    """
    layer = Series(kind="", label="Articles", counts=counts)
    return _both((layer,), href=href, chosen=chosen, height=72)


def stacked_histogram(series: Sequence[Series], *, href: Href) -> Markup:
    """Articles by year in layers, the first series lowest; each column is one link."""
    return _both(series, href=href, chosen=(None, None), height=116)


def year_table(series: Sequence[Series], *, href: Href) -> Markup:
    """The numbers of a chart, newest year first; the total of a year links to its articles."""
    years = sorted({year for layer in series for year in layer.counts}, reverse=True)
    layers = series if len(series) > 1 else ()
    total = "All" if layers else series[0].label
    names = [*(layer.label for layer in layers), total]
    head = Markup("").join(
        Markup('<th scope="col" class="number">{}</th>').format(name) for name in names
    )
    rows = []
    for year in years:
        counts = [layer.counts.get(year, 0) for layer in series]
        cells = [f"{count:,}" for count in counts] if layers else []
        cells.append(f'<a href="{escape(href(year, year))}">{sum(counts):,}</a>')
        told = "".join(
            f'<td class="number" data-label="{escape(name)}">{cell}</td>'
            for name, cell in zip(names, cells, strict=True)
        )
        rows.append(f'<tr><th scope="row">{year}</th>{told}</tr>')
    return Markup(
        '<table class="{}"><thead><tr><th scope="col">Year</th>{}</tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format("stack" if layers else "years-table", head, _made("".join(rows)))


def year_periods(first: int, last: int, *, most: int = _PERIODS) -> tuple[Period, ...]:
    """The years in at most `most` periods of 1, 2 or 5 calendar years, older ones in one."""
    years = last - first + 1
    length = 1 if years <= most else 2 if years <= 2 * most else 5
    starts = range(last - last % length, first - length, -length)
    bins = [Period(first=max(s, first), last=min(s + length - 1, last)) for s in starts[:most]]
    if len(starts) > most:
        bins[-1] = Period(first=first, last=bins[-1].last, open=True)
    return tuple(reversed(bins))


def _each_year(first: int, last: int) -> tuple[Period, ...]:
    oldest = max(first, last - _YEARS + 1)
    years = [Period(first=year, last=year) for year in range(oldest, last + 1)]
    if oldest > first:
        years[0] = Period(first=first, last=oldest, open=True)
    return tuple(years)


def _both(
    series: Sequence[Series], *, href: Href, chosen: tuple[int | None, int | None], height: int
) -> Markup:
    years = {year for layer in series for year, count in layer.counts.items() if count}
    if not years:
        return Markup("")
    first, last = min(years), max(years)
    each = _svg(_each_year(first, last), series, href=href, chosen=chosen, height=height)
    some = _svg(year_periods(first, last), series, href=href, chosen=chosen, height=height)
    group = Markup('<div class="{}" role="group" aria-label="Articles by {}">{}</div>')
    return group.format("each-year", "year", each) + group.format("periods", "period", some)


def _svg(
    bars: Sequence[Period],
    series: Sequence[Series],
    *,
    href: Href,
    chosen: tuple[int | None, int | None],
    height: int,
) -> Markup:
    totals = [sum(bar.of(layer.counts) for layer in series) for bar in bars]
    # An open period may hold many years: it never sets the scale of the others.
    closed = [total for bar, total in zip(bars, totals, strict=True) if not bar.open]
    top = _round_up(max(closed, default=0) or max(totals))
    column = 100 / len(bars)
    base = _TOP + height
    yearly = all(bar.first == bar.last or bar.open for bar in bars)
    # The number at half the scale stands at the left, where high bars would hide it.
    halved = all(2 * total < top for total in totals[:2])
    parts = [_scale(top, base, height, yearly=yearly, halved=halved)]
    for n, (bar, total) in enumerate(zip(bars, totals, strict=True)):
        if total:
            # What is taller than the scale (an open period) is cut there; its number is told.
            scale = height / max(top, total)
            name = f"{bar.name}: {total:,} {'article' if total == 1 else 'articles'}"
            layers = _bar(bar, series, at=(n * column, column, base), scale=scale, chosen=chosen)
            parts.append(
                _made(
                    f'<a href="{escape(href(bar.first, bar.last))}" aria-label="{name}">'
                    f'<title>{name}</title><rect class="hit" x="{_percent(n * column)}" '
                    f'y="{_TOP}" width="{_percent(column)}" height="{height}"/>{layers}</a>'
                )
            )
    parts.append(Markup('<line class="axis" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(base))
    parts.extend(_labels(bars, column, base + 15))
    return Markup('<svg height="{}">{}</svg>').format(base + _FOOT, Markup("").join(parts))


def _bar(
    bar: Period,
    series: Sequence[Series],
    *,
    at: tuple[float, float, float],
    scale: float,
    chosen: tuple[int | None, int | None],
) -> str:
    """The layers of one bar, from the axis up."""
    state = ("open " if bar.open else "") + ("bar" if _inside(bar, chosen) else "bar outside")
    left, width, top = at
    rects = []
    for layer in series:
        count = bar.of(layer.counts)
        if not count:
            continue
        tall = max(1.0, count * scale)
        top -= tall
        # A hair of the ground stays between two layers, so that they part without colour.
        seam = 0.8 if len(series) > 1 and tall > 3 else 0.0
        kind = f' data-kind="{escape(layer.kind)}"' if layer.kind else ""
        rects.append(
            f'<rect class="{state}"{kind} x="{_percent(left + width * _GAP / 2)}" '
            f'y="{_pixels(top + seam)}" width="{_percent(width * (1 - _GAP))}" '
            f'height="{_pixels(tall - seam)}"/>'
        )
    return "".join(rects)


def _made(html: str) -> Markup:
    """HTML of numbers and escaped text. `Markup.format` takes ten times as long as an f-string."""
    return Markup(html)  # noqa: S704


def _scale(top: int, base: float, height: float, *, yearly: bool, halved: bool) -> Markup:
    """A line at the top of the scale, and one at its half, with their numbers."""
    unit = "articles a year" if yearly else "articles"
    lines = [(base - height, f"{top:,} {unit}")]
    if halved and top % 2 == 0 and height > 100:
        lines.append((base - height / 2, f"{top // 2:,}"))
    return Markup("").join(
        Markup(
            '<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"/><text x="0" y="{1}">{2}</text>'
        ).format(_pixels(y), _pixels(y - 5), text)
        for y, text in lines
    )


def _labels(bars: Sequence[Period], column: float, y: float) -> list[Markup]:
    """Names below the axis: all of them when few, else the open period and each fifth year."""
    few = len(bars) <= 8
    labels = []
    for n, bar in enumerate(bars):
        if not few and not bar.open and (bar.first % 5 or (bars[0].open and n < 3)):
            continue
        middle, anchor = (n + 0.5) * column, "middle"
        if not few and middle < 4:
            middle, anchor = 0.0, "start"
        elif not few and middle > 97:
            middle, anchor = 100.0, "end"
        labels.append(
            Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
                _percent(middle), _pixels(y), anchor, bar.label
            )
        )
    return labels


def _inside(bar: Period, chosen: tuple[int | None, int | None]) -> bool:
    first, last = chosen
    return (first is None or bar.last >= first) and (last is None or bar.first <= last)


def _round_up(number: int) -> int:
    """The least of 1 to 10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100, 120, ... that is enough."""
    if number <= 10:
        return number
    step = 1
    while number > 100 * step:
        step *= 10
    return next(n * step for n in (12, 16, 20, 24, 30, 40, 50, 60, 80, 100) if number <= n * step)


def _percent(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".") + "%"


def _pixels(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
