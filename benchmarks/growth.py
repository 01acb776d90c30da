"""How load time, search and size grow with the number of records, and a chart of it."""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from math import log10
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.libraries import ROOT
from benchmarks.loading import clear, load_command
from benchmarks.pages import words
from benchmarks.records import ABOUT, file_of
from benchmarks.results import Result, kept
from benchmarks.runs import run
from benchmarks.servers import Client, ours

__all__ = ["measure", "measure_million"]

SIZES = (1_000, 13_921, 100_000)
MILLION = 1_000_000

CHART = ROOT / "docs/growth.svg"
_ASKED = 12  # searches of each size; the median is taken


def measure(folder: Path) -> Result:
    """A load of each size, and searches in the library that it made."""
    points = [_point(folder, records) for records in SIZES]
    million = _points(kept(folder, "growth-1000000"))[-1:]
    CHART.write_text("\n".join(_chart([*points, *million])) + "\n")
    return _result(points, picture=True)


def measure_million(folder: Path) -> Result:
    """The same for a million: some 20 GB of room, and most of an hour."""
    points = [_point(folder, MILLION)]
    before = _points(kept(folder, "growth"))
    if before:
        CHART.write_text("\n".join(_chart([*before, *points])) + "\n")
    return _result([*before[-1:], *points])


def _result(points: Sequence[dict[str, float]], *, picture: bool = False) -> Result:
    figures = {
        f"{key}_{point['records']:.0f}": value for point in points for key, value in point.items()
    }
    return Result(figures=figures, lines=[*(_PICTURE if picture else ()), *_lines(points)])


def _points(result: Result | None) -> list[dict[str, float]]:
    """The points as they were measured, from what is kept of them: the last of each size."""
    points: dict[int, dict[str, float]] = {}
    for name, value in (result.figures if result else {}).items():
        key, _, records = name.rpartition("_")
        points.setdefault(int(records), {})[key] = value
    return [points[records] for records in sorted(points)]


def _point(folder: Path, records: int) -> dict[str, float]:
    print(f"Loading {records:,} ...", file=sys.stderr)
    path = folder / f"grown-{records}.db"
    clear(path)
    loaded = run(load_command(path, file_of(folder, records)))
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        _, common = words(connection, records, Random(0))  # noqa: S311 (no secret)
    with ours(path) as server:
        client = Client(server)
        plain = [client.get("/search").cpu for _ in range(_ASKED)]
        word = [client.get(f"/search?q={common[n % len(common)]}").cpu for n in range(_ASKED)]
        client.close()
    return {
        "records": records,
        "load": loaded.least,
        "cpu": loaded.cpu,
        "memory": loaded.memory / 1e6,
        "largest": loaded.largest / 1e6,
        "search": median(word) * 1000,
        "plain": median(plain) * 1000,
        "size": path.stat().st_size / 1e6,
    }


_CURVES = (
    ("load", "load", "s", "load, s (at least, 2 processors)"),
    ("search", "search", "ms", "search page, a word in a third of all, CPU ms"),
    ("plain", "plain", "ms", "search page without words, CPU ms"),
    ("size", "size", "MB", "file, MB"),
)


_PICTURE = (
    "![Load time, search time and file size against the number of records](growth.svg)",
    "",
)


def _lines(points: Sequence[dict[str, float]]) -> Iterator[str]:
    yield from (
        f"{ABOUT[0].upper()}{ABOUT[1:]}.",
        "",
        "| records | load, CPU s | load, s at least | records/s "
        "| memory MB, all processes / the largest "
        "| search page without words, CPU ms | a word in a third of all, CPU ms | file MB |",
        "|---|---|---|---|---|---|---|---|",
    )
    for point in points:
        rate = point["records"] / point["load"] if point["load"] else 0
        yield (
            f"| {point['records']:,.0f} | {point['cpu']:.1f} | {point['load']:.1f} | {rate:,.0f} "
            f"| {point['memory']:,.0f} / {point['largest']:,.0f} "
            f"| {point['plain']:.1f} | {point['search']:.1f} | {point['size']:,.0f} |"
        )
    if len(points) > 1:
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
        "straight line."
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
