"""How load time, search and size grow with the number of records, and a chart of it."""

from collections.abc import Iterator, Sequence
from math import log10
from pathlib import Path

from benchmarks.libraries import ROOT, make
from benchmarks.loading import SIZES, grown, load
from benchmarks.pages import kinds
from benchmarks.results import Result, kept
from benchmarks.servers import Client, ours

__all__ = ["measure"]

CHART = ROOT / "docs/growth.svg"
_ASKED = 12  # searches of each size; the median is taken
_KINDS = ("search, no words", "search, a word in a third of all")


def measure(folder: Path) -> Result:
    points = [_point(folder, records) for records in SIZES]
    CHART.write_text("\n".join(_chart(points)) + "\n")
    return Result(figures={}, lines=list(_lines(points)))


def _point(folder: Path, records: int) -> dict[str, float]:
    loading = kept(folder, "loading")
    path = grown(folder, records)
    if not path.exists():
        load(folder, records)
    library = make(folder, records)
    with ours(library.path) as server:
        client = Client(server)
        asked = [kind for kind in kinds(library.path) if kind.name in _KINDS]
        cpu = {
            kind.name: sorted(client.get(kind.ours(n)).cpu for n in range(_ASKED + 1))[_ASKED // 2]
            for kind in asked
        }
        client.close()
    return {
        "records": records,
        "load": loading.figures[f"least_{records}"] if loading else 0.0,
        "search": cpu[_KINDS[1]] * 1000,
        "plain": cpu[_KINDS[0]] * 1000,
        "size": path.stat().st_size / 1e6,
        "memory": server.memory() / 1e6,
    }


_CURVES = (
    ("load", "load", "s", "load, s (at least, 2 processors)"),
    ("search", "search", "ms", "search page, a word in a third of all, CPU ms"),
    ("plain", "plain", "ms", "search page without words, CPU ms"),
    ("size", "size", "MB", "file, MB"),
)


def _lines(points: Sequence[dict[str, float]]) -> Iterator[str]:
    yield from (
        "![Load time, search time and file size against the number of records](growth.svg)",
        "",
        "| records | load s (at least) | records/s | search page without words, CPU ms "
        "| a word in a third of all, CPU ms | file MB |",
        "|---|---|---|---|---|---|",
    )
    for point in points:
        rate = point["records"] / point["load"] if point["load"] else 0
        yield (
            f"| {point['records']:,.0f} | {point['load']:.1f} | {rate:,.0f} | {point['plain']:.1f} "
            f"| {point['search']:.1f} | {point['size']:,.0f} |"
        )
    yield from ("", _sentence(points))


def _sentence(points: Sequence[dict[str, float]]) -> str:
    """Where a curve leaves the straight line: cost a record, against the size before."""
    small, large = points[-2], points[-1]
    times = large["records"] / small["records"]

    def steep(key: str) -> str:
        return f"{large[key] / small[key]:.1f} times" if small[key] else "not measured"

    return (
        f"From {small['records']:,.0f} to {large['records']:,.0f} records, {times:.1f} times as "
        f"many, a load takes {steep('load')} as long, the file is {steep('size')} as large, the "
        f"page without words takes {steep('plain')} and a search for a word in a third of all "
        f"{steep('search')} the processor time. What is more than {times:.1f} times has left the "
        "straight line. A million records were not measured here."
    )


# -- the chart -------------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 640, 360, 60, 40
_COLOURS = ("#0b5394", "#a64d00", "#38761d", "#674ea7")
_DASHES = ("", "6 3", "2 3", "10 3 2 3")


def _chart(points: Sequence[dict[str, float]]) -> Iterator[str]:
    """Both axes logarithmic: a straight line at 45 degrees is growth in step with the records."""
    low = min(p[key] for p in points for key, *_ in _CURVES if p[key])
    high = max(p[key] for p in points for key, *_ in _CURVES)
    first, last = log10(points[0]["records"]), log10(points[-1]["records"])
    bottom, top = log10(low), log10(high)

    def x(records: float) -> float:
        return _LEFT + (log10(records) - first) / (last - first) * (_WIDTH - _LEFT - 20)

    def y(value: float) -> float:
        share = (log10(value) - bottom) / (top - bottom)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - 20)

    legend = 20 * len(_CURVES)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT + legend + 10}" '
        'role="img" aria-labelledby="title" font-family="sans-serif" font-size="12">'
    )
    yield "<title id='title'>Load time, search time and file size by number of records</title>"
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT + legend + 10}" fill="#fff"/>'
    for point in points:
        at = x(point["records"])
        yield f'<path d="M{at:.1f} 20V{_HEIGHT - _BOTTOM}" stroke="#ddd"/>'
        yield (
            f'<text x="{at:.1f}" y="{_HEIGHT - 20}" text-anchor="middle">'
            f"{point['records']:,.0f}</text>"
        )
    for power in range(int(bottom) - 1, int(top) + 1):
        if bottom <= power <= top:
            at = y(10**power)
            yield f'<path d="M{_LEFT} {at:.1f}H{_WIDTH - 20}" stroke="#ddd"/>'
            yield f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{10**power:,g}</text>'
    for n, (key, _, _, name) in enumerate(_CURVES):
        places = [(x(p["records"]), y(p[key])) for p in points if p[key]]
        path = "L".join(f"{a:.1f} {b:.1f}" for a, b in places)
        stroke = f'stroke="{_COLOURS[n]}" stroke-width="2" stroke-dasharray="{_DASHES[n]}"'
        yield f'<path d="M{path}" fill="none" {stroke}/>'
        at = _HEIGHT + 20 * n
        yield f'<path d="M{_LEFT} {at}h40" fill="none" {stroke}/>'
        yield f'<text x="{_LEFT + 50}" y="{at + 4}">{name}</text>'
    yield "</svg>"
