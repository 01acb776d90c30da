"""Small multiples: one strip of bars for each kind of publication, all on one scale."""

from collections.abc import Mapping

from markupsafe import Markup

__all__ = ["year_strip"]

_TOP = 2  # px above the bars
_HEIGHT = 44
_FOOT = 18  # px below the axis, for the years
_GAP = 0.2  # of a bar's column


def year_strip(
    counts: Mapping[int, int], *, kind: str, name: str, span: tuple[int, int], top: int
) -> Markup:
    """Articles by year from `span[0]` to `span[1]`; `top` is the most that any strip has."""
    first, last = span
    column = 100 / (last - first + 1)
    base = _TOP + _HEIGHT
    bars = []
    for year in range(first, last + 1):
        count = counts.get(year, 0)
        if count:
            tall = max(1.0, count * _HEIGHT / max(top, 1))
            left = (year - first + _GAP / 2) * column
            bars.append(
                Markup(
                    '<rect data-kind="{}" x="{:.2f}%" y="{:.2f}" width="{:.2f}%" height="{:.2f}"/>'
                ).format(kind, left, base - tall, column * (1 - _GAP), tall)
            )
    within = sum(count for year, count in counts.items() if first <= year <= last)
    label = f"{name} by year, {first} to {last}: {within:,} in all"
    if within:
        most = max(counts.get(year, 0) for year in range(first, last + 1))
        label += f", at most {most:,} in one year"
    ends = Markup(
        '<text x="0" y="{0}">{1}</text><text x="100%" y="{0}" text-anchor="end">{2}</text>'
    ).format(base + 15, first, last)
    return Markup(
        '<svg height="{}" role="img" aria-label="{}">{}'
        '<line class="axis" x1="0" x2="100%" y1="{}" y2="{}"/>{}</svg>'
    ).format(base + _FOOT, label, Markup("").join(bars), base, base, ends)
